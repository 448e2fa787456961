"""How the simulated cloud answers: envelope, refusals, and strict reading of credentials, queries and JSON bodies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from hmac import compare_digest
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from theta_tui.sandbox.world import World

T = TypeVar("T")

FORBIDDEN = "You are not allowed to perform this action"


class Refused(Exception):
    """Raised anywhere in a handler: the answer becomes `refusal(status, message)`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Answer(JSONResponse):
    """A JSON answer in which decimals are written as numbers."""

    def render(self, content: Any) -> bytes:
        """The body as UTF-8 JSON."""
        return json.dumps(content, default=_number, ensure_ascii=False, separators=(",", ":")).encode()


def envelope(body: Any) -> Answer:
    """The standard success answer (wire 1.4)."""
    return Answer({"status": "success", "body": body})


def refusal(status: int, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """The cloud's own error answer (wire 1.4)."""
    return Answer({"status": "error", "message": message}, status_code=status, headers=headers)


def storage_error(status: int, code: str, message: str) -> Response:
    """The file store is not the API: it answers XML, as Google Cloud Storage does."""
    page = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Response(page, status, media_type="application/xml")


def need_bearer(request: Request, *tokens: str) -> None:
    """Refuse with 401 unless the request carries one of these bearer tokens."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not _known(given, tokens):
        raise Refused(401, "Unauthorized")


def need_project_key(request: Request, world: World) -> None:
    """Refuse with 401 unless the request carries the project key in `x-api-key`."""
    if not _known(request.headers.get("x-api-key", ""), (world.keys.project_api_key,)):
        raise Refused(401, "Unauthorized")


def need_service_account(request: Request, world: World) -> None:
    """Refuse with 401 unless the request carries id and secret of the video service account."""
    given = (request.headers.get("x-tva-sa-id", ""), request.headers.get("x-tva-sa-secret", ""))
    if not (_known(given[0], (world.keys.video_sa_id,)) and _known(given[1], (world.keys.video_sa_secret,))):
        raise Refused(401, "Unauthorized")


def need_own_account(request: Request, world: World) -> None:
    """Refuse as `need_service_account` does, and with 403 if the path names another account."""
    need_service_account(request, world)
    if request.path_params["account"] != world.keys.video_sa_id:
        raise Refused(403, FORBIDDEN)


def need_own_project(world: World, project_id: str) -> None:
    """Refuse with 403 if the key does not belong to this project."""
    if project_id != world.project_id:
        raise Refused(403, FORBIDDEN)


def read_query(request: Request, *, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()) -> dict[str, str]:
    """The query by name, last value wins. Refuses with 400 a missing name and one that does not belong here."""
    for name in required:
        if not request.query_params.get(name):
            raise Refused(400, f"Missing required parameter: {name}")
    for name in request.query_params:
        if name not in required and name not in optional:
            raise Refused(400, f"Unknown parameter: {name}")
    return dict(request.query_params)


def whole_number(query: Mapping[str, str], name: str, default: int, *, least: int = 0, most: int = 1000) -> int:
    """An integer of the query within bounds, or the default when absent. Refuses with 400 otherwise."""
    text = query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise Refused(400, f"Invalid parameter: {name}")
    return int(text)


async def read_json(request: Request) -> dict[str, Any]:
    """The JSON object of the body. Refuses with 400 a wrong content type, bad JSON and anything but an object."""
    if "json" not in request.headers.get("content-type", ""):
        raise Refused(400, "Content-Type must be application/json")
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise Refused(400, "Request body is not valid JSON") from error
    if not isinstance(body, dict):
        raise Refused(400, "Request body must be a JSON object")
    return body


def need(body: Mapping[str, Any], name: str, kind: type[T]) -> T:
    """A field that must be there, of this type and not empty. Refuses with 400 otherwise."""
    if body.get(name) in (None, ""):
        raise Refused(400, f"Missing required field: {name}")
    found = may(body, name, kind)
    if found is None:
        raise Refused(400, f"Missing required field: {name}")
    return found


def may(body: Mapping[str, Any], name: str, kind: type[T]) -> T | None:
    """A field that may be absent or null, else of this type. Refuses with 400 otherwise."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise Refused(400, f"Invalid field: {name}")
    return value


def _known(given: str, secrets: tuple[str, ...]) -> bool:
    return any(compare_digest(given.strip().encode(), secret.encode()) for secret in secrets)


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} cannot be answered as JSON")
