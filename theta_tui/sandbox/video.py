"""The video API of the simulated cloud: uploads and videos, VD-1 to VD-6 (wire 10); livestreams are next door.

Scenario `video_error` (option `message`): the next video breaks half-way. VD-7 is a guess and is not served.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from theta_tui.sandbox import livestreams
from theta_tui.sandbox.answers import (
    Refused,
    envelope,
    may,
    need_own_account,
    need_service_account,
    read_json,
    read_query,
    storage_error,
    whole_number,
)
from theta_tui.sandbox.footage import MOST_UPLOAD_BYTES, RESOLUTIONS, Video, make_video, open_slot, slots, videos
from theta_tui.sandbox.world import World

_CENTS_PER_RESOLUTION: Final = Decimal("1.5")
_CHAINS: Final = (361, 365, 1, 5)
_PAGING: Final = ("page", "number")
_CREDENTIALS: Final = ("authorization", "x-api-key", "x-tva-sa-id", "x-tva-sa-secret")
_FIELDS: Final = {
    "source_upload_id": str,
    "source_uri": str,
    "playback_policy": str,
    "resolutions": list,
    "use_drm": bool,
    "drm_rules": list,
    "nft_collection": str,
    "metadata": dict,
    "file_name": str,
}


def routes(world: World) -> list[Route]:
    """The routes of the domain, most particular first."""
    studio = _Studio(world)
    return [
        Route("/upload", studio.open_slot, methods=["POST"]),
        Route("/upload/video/{slot_id}", studio.upload, methods=["PUT"]),
        Route("/video", studio.create, methods=["POST"]),
        Route("/video/{account}/list", studio.show_all, methods=["GET"]),
        Route("/video/{account}/search", studio.search, methods=["GET"]),
        Route("/video/{video_id}", studio.show, methods=["GET"]),
        *livestreams.routes(world),
    ]


class _Studio:
    def __init__(self, world: World) -> None:
        self.world = world

    async def open_slot(self, request: Request) -> Response:
        """VD-1."""
        need_service_account(request, self.world)
        if await request.body() and await read_json(request):
            raise Refused(400, "Request body must be empty")
        return envelope({"uploads": [open_slot(self.world).describe(self.world)]})

    async def upload(self, request: Request) -> Response:
        """VD-2: bytes into a slot; the signature in the URL is the only credential."""
        if any(name in request.headers for name in _CREDENTIALS):
            return storage_error(400, "InvalidArgument", "Credentials and a signed URL exclude each other.")
        slot = slots(self.world).get(request.path_params["slot_id"])
        if slot is None or not slot.is_open_for(self.world, request.query_params):
            return storage_error(403, "AccessDenied", "The signed URL is unknown, wrong or has expired.")
        if request.headers.get("content-type") != "application/octet-stream":
            return storage_error(403, "SignatureDoesNotMatch", "The content type is not the one that was signed.")
        size, digest = 0, hashlib.sha256()
        async for chunk in request.stream():
            size += len(chunk)
            digest.update(chunk)
            if size > MOST_UPLOAD_BYTES:
                return storage_error(413, "EntityTooLarge", "The upload is larger than 10 GB.")
        slot.size, slot.sha256 = size, digest.hexdigest()
        self.world.counts["uploads"] += 1
        return Response(status_code=200)

    async def create(self, request: Request) -> Response:
        """VD-3."""
        need_service_account(request, self.world)
        order = _read_order(await read_json(request))
        slot_id = order.get("source_upload_id")
        slot = slots(self.world).get(slot_id or "")
        if slot_id and slot is None:
            raise Refused(404, "Upload not found")
        if slot is not None and not slot.size:
            raise Refused(400, "Nothing has been uploaded to source_upload_id")
        if self.world.balance_cents <= 0:
            raise Refused(402, "Insufficient balance")
        video = make_video(self.world, order)
        broken = self.world.faults.take("video_error", request.method, request.url.path)
        video.failure = broken.option("message", "Transcoding failed: the codec is not supported") if broken else None
        self.world.charge(_CENTS_PER_RESOLUTION * len(video.resolutions), f"video {video.id}")
        self.world.counts["videos"] += 1
        return self._answer([video])

    async def show(self, request: Request) -> Response:
        """VD-4."""
        need_service_account(request, self.world)
        read_query(request)
        video = videos(self.world).get(request.path_params["video_id"])
        if video is None:
            raise Refused(404, "Video not found")
        return self._answer([video])

    async def show_all(self, request: Request) -> Response:
        """VD-5: the newest first, pages from 1."""
        need_own_account(request, self.world)
        return self._page(read_query(request, optional=_PAGING), self._newest())

    async def search(self, request: Request) -> Response:
        """VD-6: whatever is neither paging nor operator is a key of the metadata, or the file name."""
        need_own_account(request, self.world)
        query = dict(request.query_params)
        operator = query.pop("operator", "and")
        if operator not in ("and", "or"):
            raise Refused(400, "Invalid parameter: operator")
        wanted = {name: value for name, value in query.items() if name not in _PAGING}
        found = [video for video in self._newest() if video.answers(wanted, every=operator == "and")]
        return self._page(query, found)

    def _newest(self) -> list[Video]:
        return sorted(videos(self.world).values(), key=lambda video: video.created, reverse=True)

    def _page(self, query: Mapping[str, str], found: list[Video]) -> Response:
        page, number = whole_number(query, "page", 1, least=1), whole_number(query, "number", 100, least=1)
        return self._answer(found[(page - 1) * number : page * number])

    def _answer(self, found: list[Video]) -> Response:
        return envelope({"videos": [video.describe(self.world) for video in found]})


def _read_order(body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of wire 10.2. Raises Refused, 400, for what is missing or wrong."""
    unknown = sorted(set(body) - set(_FIELDS))
    if unknown:
        raise Refused(400, f"Unknown field: {unknown[0]}")
    order: dict[str, Any] = {name: may(body, name, kind) for name, kind in _FIELDS.items()}
    if bool(order["source_upload_id"]) == bool(order["source_uri"]):
        raise Refused(400, "Exactly one of source_upload_id and source_uri is required")
    uri = urlsplit(order["source_uri"] or "https://none.example")
    wrong = {
        "source_uri": uri.scheme not in ("http", "https") or not uri.hostname,
        "playback_policy": order["playback_policy"] not in (None, "public"),
        "resolutions": order["resolutions"] is not None and not _are_resolutions(order["resolutions"]),
        "drm_rules": not all(map(_is_rule, order["drm_rules"] or [])),
        "use_drm": bool(order["drm_rules"]) and not order["use_drm"],
    }
    for name, is_wrong in wrong.items():
        if is_wrong:
            raise Refused(400, f"Invalid field: {name}")
    return {name: value for name, value in order.items() if value is not None}


def _are_resolutions(values: list[Any]) -> bool:
    return bool(values) and all(type(value) is int and value in RESOLUTIONS for value in values)


def _is_rule(rule: object) -> bool:
    if not isinstance(rule, dict) or set(rule) != {"chain_id", "nft_collection"}:
        return False
    return rule["chain_id"] in _CHAINS and isinstance(rule["nft_collection"], str) and bool(rule["nft_collection"])
