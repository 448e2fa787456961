"""The on-demand model API of the simulated cloud: OD-1 to OD-10 and the finished files (wire 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from theta_tui.sandbox import catalogue, media
from theta_tui.sandbox.answers import (
    Refused,
    envelope,
    may,
    need,
    need_bearer,
    need_own_project,
    read_json,
    read_query,
    storage_error,
    whole_number,
)
from theta_tui.sandbox.chats import BadChat, check
from theta_tui.sandbox.inputs import file_fields, inputs_of, prediction_of, variant_of, webhook_of
from theta_tui.sandbox.jobs import Desk, Job, desk
from theta_tui.sandbox.service_object import Service
from theta_tui.sandbox.speech import chat_response
from theta_tui.sandbox.storage import MOST_UPLOAD_BYTES
from theta_tui.sandbox.turn import Spoken
from theta_tui.sandbox.utterance import SPEAKERS
from theta_tui.sandbox.world import World

_MOST_WAIT = 60


def routes(world: World) -> list[Route]:
    """The routes, most particular first (the precedence of wire 2.1)."""
    api = _OnDemand(world)
    job, slots = "/infer_request/{alias}", "input_presigned_urls"
    return [
        Route("/service/list", api.list_services, methods=["GET"]),
        Route("/service/{alias}", api.one_service, methods=["GET"]),
        Route("/infer_request/chat/completions", api.chat, methods=["POST"]),
        Route(f"{job}/{slots}", api.open_slots, methods=["POST"]),
        Route(f"{job}/{{prediction}}/{slots}", api.open_slots, methods=["POST"]),
        Route("/infer_request/{project_id}/list", api.list_jobs, methods=["GET"]),
        Route("/infer_request/{job_id}", api.one_job, methods=["GET"]),
        Route(f"{job}/{{prediction}}", api.create_job, methods=["POST"]),
        Route(job, api.create_job, methods=["POST"]),
        Route("/upload/{slot_id}", api.upload, methods=["PUT"]),
        Route("/output/{path:path}", api.download, methods=["GET"]),
    ]


class _OnDemand:
    """The handlers over one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def _desk(self) -> Desk:
        return desk(self._world)

    async def list_services(self, request: Request) -> Response:
        """OD-1: the catalogue, for everybody."""
        query = read_query(request, optional=("expand", "page", "number"))
        page, number = whole_number(query, "page", 0), whole_number(query, "number", 100, least=1)
        services = [_shown(service, query) for service in catalogue.listed()]
        part = services[page * number : (page + 1) * number]
        return envelope({"services": part, "pagination": {"page": page, "number": number, "total": len(services)}})

    async def one_service(self, request: Request) -> Response:
        """OD-2: one service by id or alias."""
        self._need_token(request)
        query = read_query(request, optional=("expand",))
        return envelope({"services": [_shown(_service(request), query)]})

    async def create_job(self, request: Request) -> Response:
        """OD-3 and OD-4: create an infer request; a language model streams unless told not to."""
        self._need_token(request)
        service = _service(request)
        query = read_query(request, optional=("wait", "prediction"))
        body = await read_json(request)
        wait = _wait(query, body)
        name = prediction_of(service, request.path_params.get("prediction") or query.get("prediction"))
        prediction = service["predictions"][name]
        more = {"variant": variant_of(prediction, body), "webhook": webhook_of(body)}
        inputs = inputs_of(prediction, body)
        speaks = service["alias"] in SPEAKERS
        if speaks:
            _check_chat(service, inputs)
        self._need_money()
        self._desk.count(service)
        job = self._desk.open(service, name, inputs, **more)
        if speaks and inputs.get("stream") is not False:
            self._desk.process(job)
            return self._speak(service, {**inputs, "stream": True}, job, request)
        return await self._run(job, wait, request)

    async def chat(self, request: Request) -> Response:
        """OD-5: OpenAI-compatible chat. Quotas are counted for OD-3 only, where answers speak of them."""
        self._need_token(request)
        body = await read_json(request)
        service = catalogue.find(need(body, "model", str))
        if service is None or body["model"] not in SPEAKERS:
            raise Refused(404, "service not found")
        self._need_money()
        return self._speak(service, body, None, request)

    async def one_job(self, request: Request) -> Response:
        """OD-6: the state and result of an infer request."""
        self._need_token(request)
        read_query(request)
        job = self._desk.find(request.path_params["job_id"])
        if job is None:
            raise Refused(404, "infer request not found")
        return envelope({"infer_requests": [job.shown]})

    async def list_jobs(self, request: Request) -> Response:
        """OD-7: a project's infer requests, the newest first."""
        self._need_token(request)
        need_own_project(self._world, request.path_params["project_id"])
        query = read_query(request, optional=("page", "number"))
        page, number = whole_number(query, "page", 0), whole_number(query, "number", 100, least=1)
        jobs = [job.shown for job in self._desk.newest()]
        return envelope({"infer_requests": jobs[page * number : (page + 1) * number]})

    async def open_slots(self, request: Request) -> Response:
        """OD-8 and OD-9: presigned upload slots, in both documented shapes at once."""
        self._need_token(request)
        service = _service(request)
        read_query(request)
        name = prediction_of(service, request.path_params.get("prediction"))
        fields = file_fields(service["predictions"][name], await read_json(request))
        opened = {field: self._desk.storage.open_slot(field) for field in fields}
        live = {field: {"presigned_url": url, "filename": filename} for field, (url, filename) in opened.items()}
        typed = {field: {"upload_url": url, "filename": filename} for field, (url, filename) in opened.items()}
        fault = self._world.faults.take("presigned_shape", "POST", request.url.path)
        shapes = {"field": live, "urls": {"urls": typed}}
        return envelope(shapes.get(fault.option("shape"), live) if fault else {**live, "urls": typed})

    async def upload(self, request: Request) -> Response:
        """OD-10: bytes into a slot; the signature in the URL is the only credential."""
        if "authorization" in request.headers:
            return storage_error(400, "InvalidArgument", "Authorization header and a signed URL exclude each other.")
        slot = self._desk.storage.writable(request.path_params["slot_id"], request.query_params)
        if slot is None:
            return storage_error(403, "AccessDenied", "The signed URL is unknown, wrong or has expired.")
        data = bytearray()
        async for chunk in request.stream():
            data += chunk
            if len(data) > MOST_UPLOAD_BYTES:
                return storage_error(413, "EntityTooLarge", "The upload is larger than 50 MB.")
        self._desk.storage.write(slot, bytes(data))
        return Response(status_code=200)

    async def download(self, request: Request) -> Response:
        """A finished file, for everybody who knows its address."""
        data = self._desk.storage.output(request.path_params["path"])
        if data is None:
            return storage_error(404, "NoSuchKey", "The file does not exist.")
        return Response(data, media_type=media.content_type(data)[0])

    def _need_token(self, request: Request) -> None:
        need_bearer(request, self._world.keys.ondemand_token)

    def _need_money(self) -> None:
        if self._world.balance_cents <= 0:
            raise Refused(402, "Insufficient credit balance")

    def _speak(self, service: Service, body: dict[str, Any], job: Job | None, request: Request) -> Response:
        """Answer a chat. What was said is settled on its job; a chat of OD-5 gets one when it has ended."""
        own = self._desk

        def settle(spoken: Spoken) -> None:
            inputs = {name: value for name, value in body.items() if name != "model"}
            own.settle_spoken(job or own.open(service, "completions", inputs), spoken)

        speaker = SPEAKERS[service["alias"]]
        return chat_response(self._world, body, model=speaker, on_usage=settle, path=request.url.path)

    async def _run(self, job: Job, wait: int, request: Request) -> Response:
        at_once = dict(job.shown)
        await self._desk.start(job, request.url.path)
        await self._desk.wait(job, wait)
        shown = job.shown if wait else at_once
        return envelope({"infer_requests": [shown], "model_quotas": self._desk.quotas(job.service)})


def _service(request: Request) -> Service:
    service = catalogue.find(request.path_params["alias"])
    if service is None:
        raise Refused(404, "service not found")
    return service


def _shown(service: Service, query: Mapping[str, str]) -> Service:
    if query.get("expand", "template_id") != "template_id":
        raise Refused(400, "Invalid parameter: expand")
    return catalogue.expanded(service) if "expand" in query else service


def _wait(query: Mapping[str, str], body: Mapping[str, Any]) -> int:
    """Seconds to hold the call: of the query, else of the body, else none (wire 2.4 knows no default)."""
    given = may(body, "wait", int)
    if given is not None and not 0 <= given <= _MOST_WAIT:
        raise Refused(400, "Invalid field: wait")
    return whole_number(query, "wait", given or 0, most=_MOST_WAIT)


def _check_chat(service: Service, inputs: Mapping[str, Any]) -> None:
    try:
        check(inputs, SPEAKERS[service["alias"]])
    except BadChat as error:
        raise Refused(400, str(error)) from error
