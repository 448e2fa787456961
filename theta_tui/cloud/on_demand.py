"""On-demand models (wire 2): the catalogue, inference, chat, jobs and upload slots.

Knows routes, defaults and per-model rules; not how requests are sent, approved or paid for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from theta_tui.change import (
    FREE,
    After,
    Change,
    Cost,
    Effect,
    Family,
    JsonBody,
    Request,
    Spent,
    StreamChange,
    Target,
    query_of,
)
from theta_tui.cloud import timeouts
from theta_tui.cloud.answers import listing, read_as, read_one
from theta_tui.cloud.catalogue import KNOWN_MODELS, built_in_services
from theta_tui.cloud.chat import chat_fold, check_answer, spent_on, whole_answer, worst_tokens
from theta_tui.command import Account, Cloud, mutation, query
from theta_tui.errors import CloudError, EmptyOutput, JobFailed, UsageError
from theta_tui.shapes.base import only
from theta_tui.shapes.chat import ChatAnswer, ChatEvent
from theta_tui.shapes.chat_models import MOST_TOKENS, OTHER_ROUTE, ROUTES, TEMPERATURE, TOP_P, ChatRoute
from theta_tui.shapes.on_demand import (
    ChatParams,
    InferParams,
    Job,
    JobList,
    JobRef,
    JobsOf,
    PollParams,
    PollResult,
    Service,
    ServiceFilter,
    ServiceList,
    ServiceRef,
    SlotParams,
    UploadSlots,
)

CATALOGUE_SECONDS = 60.0
"""How long a live list is good enough to know and price a service by."""

LIST = Request("GET", Family.ONDEMAND, ("service", "list"), query_of(expand="template_id"), public=True)


class OnDemand(Cloud):
    """Models by the call."""

    prefix = "theta.ondemand"
    domain = "on_demand"
    needs = (Family.ONDEMAND,)

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._seen: tuple[float, ServiceList] | None = None

    @query(aliases=("list_services",), needs=())
    async def list_services(self, params: ServiceFilter) -> ServiceList:
        """List the public services with inputs, variants and prices.

        OD-1, public. When the live list cannot be had, the built-in catalogue answers, tagged `catalog`, with the
        reason (wire 2.2).
        """
        found = await self._catalogue()
        chosen = [service for service in found.services if service.fault or params.category in (None, service.category)]
        ordered = sorted(chosen, key=lambda service: (service.rank is None, service.rank or 0, service.alias))
        return found.model_copy(update={"services": tuple(ordered)})

    @query()
    async def get_service(self, params: ServiceRef) -> Service:
        """Show one service with all its predictions (OD-2)."""
        reply = await self.account.read(Request("GET", Family.ONDEMAND, ("service", params.service)))
        return read_one(lambda value: Service.read(only(value, "services")), reply)

    @mutation(Effect.METERED, aliases=("infer",))
    async def infer(self, params: InferParams) -> Change[Job]:
        """Run a model once: image, audio, vision, video or text.

        OD-3. `wait` is held by the cloud up to 60 s; a job that is still running then is followed with
        `theta.ondemand.pollUntilDone`.
        """
        service = await self._known(params.service, unchecked=params.allow_unknown_service)
        inputs = dict(params.input)
        if "messages" in inputs:
            inputs.setdefault("stream", False)
        wait = int(timeouts.clamp(30 if params.wait is None else params.wait, 0, 60))
        body = {"input": inputs, **_present(variant=params.variant, webhook=params.webhook)}
        request = self._submit(
            params.service,
            query_of(wait=wait, prediction=params.prediction),
            body,
            timeouts.submit_seconds(params.service, inputs, wait, self.account.request_timeout()),
        )
        return Change(
            summary=f"Run {params.service} once",
            effect=Effect.METERED,
            requests=(request,),
            read=lambda reply: Job.answered(reply.value),
            cost=infer_cost(params.service, service, params.prediction, inputs),
            target=Target("service", params.service, params.service),
            spent=lambda job: None if job.spent_usd is None else Spent(job.spent_usd),
            identify=lambda job: job.id,
            verify=check_job,
        )

    @mutation(Effect.METERED)
    async def chat(self, params: ChatParams) -> StreamChange[ChatEvent, ChatAnswer]:
        """Chat with a model; each model is asked on its own route with its own defaults.

        OD-3 or OD-5 by wire 2.14, defaults and clamps by wire 14.2. Raises EmptyOutput for an empty completion.
        """
        service = await self._known(params.service, unchecked=params.allow_unknown_service)
        route = ROUTES.get(params.service, OTHER_ROUTE)
        settings = chat_settings(params, route)
        requests = self._chat_requests(params, route, settings)
        price = service.price() if service and service.source == "live" else None
        tokens = worst_tokens(params.messages, settings["max_tokens"])
        fold = chat_fold(params.service, price, prompt_bytes=tokens[0])
        return StreamChange(
            summary=f"Ask {params.service} for up to {settings['max_tokens']} tokens",
            effect=Effect.METERED,
            requests=requests,
            read=lambda reply: whole_answer(fold(), reply),
            fold=fold,
            cost=Cost(
                usd=price.of_tokens(*tokens) if price else None,
                source="live catalogue" if price and price.output_usd is not None else "unknown",
                item=f"service/{params.service}",
                tokens=tokens,
            ),
            target=Target("service", params.service, params.service),
            spent=spent_on,
            identify=lambda answer: answer.request_id or "",
            verify=check_answer,
        )

    @query(aliases=("get_request_status",))
    async def status(self, params: JobRef) -> Job:
        """Look at an infer request once (OD-6)."""
        job = read_one(Job.of, await self.account.read(_job_request(params.request_id)))
        self._learn(job)
        return job

    @query("listRequests")
    async def list_jobs(self, params: JobsOf) -> JobList:
        """List the infer requests of a project (OD-7)."""
        path = ("infer_request", self.account.project_id(params.project_id), "list")
        found = read_as(JobList.of, await self.account.read(Request("GET", Family.ONDEMAND, path)))
        self._learn(*found.requests)
        return found

    @query()
    async def poll_until_done(self, params: PollParams) -> PollResult:
        """Follow an infer request until it is over; a time-out does not cancel the job (wire 15.1)."""
        interval, limit, attempts = timeouts.poll_limits(params.interval_ms, params.timeout_ms, params.max_attempts)
        started, job = time.monotonic(), Job(id=params.request_id)
        for attempt in range(1, attempts + 1):
            job = await self.status(JobRef(request_id=params.request_id))
            seconds = time.monotonic() - started
            if job.is_over:
                return PollResult(terminal_state=job.state, attempts=attempt, seconds=seconds, request=job)
            if seconds + interval > limit:
                return PollResult(terminal_state="timeout", attempts=attempt, seconds=seconds, request=job)
            await asyncio.sleep(interval)
        return PollResult(
            terminal_state="max-attempts", attempts=attempts, seconds=time.monotonic() - started, request=job
        )

    @mutation(Effect.CREATE, aliases=("get_upload_url",))
    async def input_presigned_urls(self, params: SlotParams) -> Change[UploadSlots]:
        """Get presigned URLs to upload the file inputs of a service to (OD-8, OD-9; free as far as known)."""
        path = ["infer_request", params.service, *([params.prediction] if params.prediction else [])]
        request = Request(
            "POST",
            Family.ONDEMAND,
            (*path, "input_presigned_urls"),
            body=JsonBody({"input_fields": list(params.input_fields)}),
        )
        return Change(
            summary=f"Open {len(params.input_fields)} upload slot(s) for {params.service}",
            effect=Effect.CREATE,
            requests=(request,),
            read=lambda reply: _opened(reply.value),
            cost=FREE,
            target=Target("service", params.service, params.service),
        )

    def _learn(self, *jobs: Job) -> None:
        """Have the journal learn what jobs came to: their first answers may have been too early to say."""
        self.account.learn_costs({job.id: job.spent_usd for job in jobs if job.id and job.spent_usd is not None})

    async def _catalogue(self) -> ServiceList:
        try:
            found = listing(await self.account.read(LIST), "services")
        except CloudError as error:
            return ServiceList(
                services=built_in_services(),
                source="catalog",
                warning="The live list cannot be had; these entries are built in and may be stale.",
                fallback_reason=f"{error.kind}: {error.message}",
            )
        services = tuple(Service.read(item) for item in found)
        live = ServiceList(services=tuple(item for item in services if item.state in ("", "public")))
        self._seen = (time.monotonic(), live)
        return live

    async def _known(self, alias: str, *, unchecked: bool) -> Service | None:
        if self._seen and time.monotonic() - self._seen[0] < CATALOGUE_SECONDS:
            catalogue = self._seen[1]
        else:
            catalogue = await self._catalogue()
        service = catalogue.find(alias)
        if service is None and not unchecked and (catalogue.source == "live" or alias not in KNOWN_MODELS):
            raise UsageError(
                f"Unknown service {alias!r}: not in the {catalogue.source} list.",
                hint=f"Known: {', '.join(sorted(item.alias for item in catalogue.callable))}. "
                "allowUnknownService=true sends it all the same.",
            )
        return service

    def _chat_requests(self, params: ChatParams, route: ChatRoute, settings: dict[str, Any]) -> tuple[Request, ...]:
        job, openai = self._job_chat(params, route, settings), self._openai_chat(params, settings)
        if params.service in KNOWN_MODELS or params.variant or params.prediction:
            return (job,) if route.first == "job" or params.variant or params.prediction else (openai,)
        return (openai, _after(job, After.MISSING))

    def _job_chat(self, params: ChatParams, route: ChatRoute, settings: dict[str, Any]) -> Request:
        wait = int(timeouts.clamp(route.wait if params.wait is None else params.wait, 0, 60))
        inputs = {"messages": [message.as_json() for message in params.messages], **settings, **params.extra_input}
        for name, value in route.extra:
            inputs.setdefault(name, value)
        variant = params.variant or route.variant
        return self._submit(
            params.service,
            query_of(prediction=params.prediction or "completions", wait=wait),
            {"input": inputs, **_present(variant=variant, webhook=params.webhook)},
            timeouts.STREAM_SECONDS if settings["stream"] else max(timeouts.CHAT_SECONDS, wait + 60.0),
        )

    def _openai_chat(self, params: ChatParams, settings: dict[str, Any]) -> Request:
        body = {
            "model": params.service,
            "messages": [message.as_json() for message in params.messages],
            **settings,
            **_present(tools=list(params.tools) if params.tools else None, tool_choice=params.tool_choice),
            **params.extra_input,
        }
        return Request(
            "POST",
            Family.ONDEMAND,
            ("infer_request", "chat", "completions"),
            body=JsonBody(body),
            deadline=timeouts.STREAM_SECONDS if settings["stream"] else timeouts.CHAT_SECONDS,
            first_byte=timeouts.first_token_seconds(params.service, KNOWN_MODELS),
        )

    def _submit(
        self, service: str, query: tuple[tuple[str, str], ...], body: dict[str, Any], seconds: float
    ) -> Request:
        return Request(
            "POST",
            Family.ONDEMAND,
            ("infer_request", service),
            query,
            JsonBody(body),
            deadline=seconds,
            first_byte=timeouts.first_token_seconds(service, KNOWN_MODELS),
        )


def chat_settings(params: ChatParams, route: ChatRoute) -> dict[str, Any]:
    """Apply the defaults and clamps of wire 14.2."""
    return {
        "max_tokens": int(timeouts.clamp(params.max_tokens or route.max_tokens, 1, MOST_TOKENS)),
        "temperature": timeouts.clamp(TEMPERATURE if params.temperature is None else params.temperature, 0, 2),
        "top_p": timeouts.clamp(TOP_P if params.top_p is None else params.top_p, 0, 1),
        "stream": route.stream if params.stream is None else params.stream,
        **_present(reasoning_effort=params.reasoning_effort or route.reasoning_effort),
    }


def _present(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _after(request: Request, answer: After) -> Request:
    fields = {name: getattr(request, name) for name in Request.__slots__}
    return Request(**{**fields, "only_after": answer})


def _opened(value: object) -> UploadSlots:
    """Read upload slots; ValueError for an answer without any."""
    slots = UploadSlots.of(value)
    if not any(slot.presigned_url for slot in slots.slots):
        raise ValueError("no slot")
    return slots


def _job_request(request_id: str) -> Request:
    return Request("GET", Family.ONDEMAND, ("infer_request", request_id))


def infer_cost(alias: str, service: Service | None, prediction: str | None, inputs: dict[str, Any]) -> Cost:
    """Price one run: per call where the catalogue counts calls; unknown where it counts units that we cannot know."""
    item = f"service/{alias}"
    price = service.price(prediction) if service and service.source == "live" else None
    if price is None or price.output_usd is None:
        return Cost(item=item)
    if "messages" in inputs:
        tokens = (len(str(inputs["messages"]).encode()), int(inputs.get("max_tokens") or 500))
        return Cost(usd=price.of_tokens(*tokens), source="live catalogue", item=item, tokens=tokens)
    if price.is_per_token:
        return Cost(item=item, note="The catalogue counts units that are known only afterwards.")
    return Cost(usd=price.of_tokens(1, 1), source="live catalogue", item=item)


def check_job(job: Job) -> None:
    """Raise JobFailed for a failed job and EmptyOutput for success without output (wire 2.9)."""
    if job.is_over and job.state != "success":
        raise JobFailed(f"The job ended as {job.state}: {job.failure or 'no reason given'}", request_id=job.id)
    outputs = job.output.values() if isinstance(job.output, Mapping) else (job.output,)
    empty = all(value in (None, "") for value in outputs)
    if job.state == "success" and empty:
        raise EmptyOutput("The job succeeded with an empty output.", request_id=job.id)
