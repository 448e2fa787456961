"""The endpoints of deployments (DI-1 to DI-3), under `/endpoint/{suffix}`: the ingress in front, the model behind.

They warm up by the simulated clock (wire 9.3). A call costs nothing; the machine costs money by time.
"""

from __future__ import annotations

import base64
import binascii
import json
from hmac import compare_digest
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from theta_tui.sandbox.machines import Machine
from theta_tui.sandbox.speech import chat_response
from theta_tui.sandbox.turn import Spoken
from theta_tui.sandbox.utterance import Speaker
from theta_tui.sandbox.world import World

_CHALLENGE: Final = {"www-authenticate": 'Basic realm="Authentication Required"'}
_PHRASES: Final = {
    401: "401 Authorization Required",
    404: "404 Not Found",
    500: "500 Internal Server Error",
    502: "502 Bad Gateway",
    503: "503 Service Temporarily Unavailable",
}
_GRADIO_VERSION: Final = "3.41.2"
_GRADIO_PARTS: Final = ("image", "textbox", "slider", "slider", "button", "image")


def routes(world: World) -> list[Route]:
    """The routes of every endpoint there is or will be."""
    ingress = _Ingress(world)
    return [
        Route("/endpoint/{suffix}/v1/models", ingress.models),
        Route("/endpoint/{suffix}/v1/chat/completions", ingress.chat, methods=["POST"]),
        Route("/endpoint/{suffix}/config", ingress.config),
        Route("/endpoint/{suffix}/{rest:path}", ingress.other, methods=["GET", "POST", "PUT", "DELETE"]),
    ]


class _Ingress:
    def __init__(self, world: World) -> None:
        self.world = world

    async def models(self, request: Request) -> Response:
        """DI-1."""
        machine = self._reach(request, "openai")
        if isinstance(machine, Response):
            return machine
        return JSONResponse({"object": "list", "data": [_model(machine)]})

    async def chat(self, request: Request) -> Response:
        """DI-2."""
        machine = self._reach(request, "openai")
        if isinstance(machine, Response):
            return machine
        try:
            body = json.loads(await request.body())
        except ValueError:
            return _openai_error(400, "The request body is not valid JSON")
        if not isinstance(body, dict) or not isinstance(body.get("model"), str):
            return _openai_error(400, "Missing required parameter: model")
        if body["model"] != machine.template.model:
            return _openai_error(404, f"The model `{body['model']}` does not exist.")
        self.world.counts["endpoint_chats"] += 1
        return chat_response(
            self.world, body, model=_speaker(machine.template.model), on_usage=self._note_usage, path=request.url.path
        )

    async def config(self, request: Request) -> Response:
        """DI-3."""
        machine = self._reach(request, "gradio")
        if isinstance(machine, Response):
            return machine
        components = [{"id": number, "type": part, "props": {}} for number, part in enumerate(_GRADIO_PARTS, 1)]
        dependency = {"targets": [5], "inputs": [1, 2, 3, 4], "outputs": [6], "api_name": "predict", "queue": True}
        return JSONResponse(
            {
                "version": _GRADIO_VERSION,
                "mode": "blocks",
                "title": machine.template.name,
                "enable_queue": True,
                "components": components,
                "dependencies": [dependency],
            }
        )

    async def other(self, request: Request) -> Response:
        """Any other path: the page of what runs there, or what its server says to a path it does not know."""
        machine = self._reach(request)
        if isinstance(machine, Response):
            return machine
        if request.path_params["rest"] or machine.template.kind == "openai":
            return JSONResponse({"detail": "Not Found"}, 404)
        return HTMLResponse(f"<!DOCTYPE html><title>{machine.template.name}</title><h1>{machine.template.name}</h1>")

    def _reach(self, request: Request, kind: str | None = None) -> Machine | Response:
        """The machine if the call gets through to it and it is of this kind; else what is answered in its place."""
        machine = self.world.deployments.get(request.path_params["suffix"])
        status = machine.probe_status(self.world.clock.elapsed()) if machine else 404
        if machine is None or status == 404:
            return _page(404)
        # The ingress asks for credentials before it looks for a backend, so a 502 proves that they are right.
        if machine.auth_username and not _opens(request, machine):
            return _page(401)
        if status != 200:
            return _page(status)
        if kind not in (None, machine.template.kind):
            return JSONResponse({"detail": "Not Found"}, 404)
        return machine

    def _note_usage(self, spoken: Spoken) -> None:
        self.world.counts["endpoint_tokens"] += spoken.completion_tokens


def _opens(request: Request, machine: Machine) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        pair = base64.b64decode(given, validate=True)
    except binascii.Error:
        return False
    return scheme.lower() == "basic" and compare_digest(
        pair, f"{machine.auth_username}:{machine.auth_password}".encode()
    )


def _page(status: int) -> Response:
    phrase = _PHRASES[status]
    page = f"<html><head><title>{phrase}</title></head><body><center><h1>{phrase}</h1></center></body></html>"
    return HTMLResponse(page, status, _CHALLENGE if status == 401 else None)


def _model(machine: Machine) -> dict[str, Any]:
    return {"id": machine.template.model, "object": "model", "created": 1748736000, "owned_by": "vllm"}


def _speaker(model: str) -> Speaker:
    thinks = {"openai/gpt-oss-20b": "reasoning", "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B": "reasoning_content"}
    return Speaker(model, thinks.get(model), sees="gemma-3" in model)


def _openai_error(status: int, message: str) -> Response:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": status}
    return JSONResponse({"error": error}, status)
