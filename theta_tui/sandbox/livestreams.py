"""Livestreams and ingest nodes of the simulated video service: VD-8 to VD-13 (wire 10.4).

Scenario `encoder` (option `seconds`, 5): after the next selection somebody begins to send, so many simulated seconds
later; too late, more than five minutes, and the stream stays off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from theta_tui.sandbox.answers import (
    FORBIDDEN,
    Refused,
    envelope,
    may,
    need,
    need_own_account,
    need_service_account,
    read_json,
    read_query,
)
from theta_tui.sandbox.footage import moment
from theta_tui.sandbox.world import World

MOST_STREAMS: Final = 3
SELECTION_SECONDS: Final = 300.0
INGESTORS: Final[tuple[dict[str, Any], ...]] = tuple(
    {"id": "ingestor_" + name.ljust(25, "0"), "ip": ip, "stakes": stakes, "geo": geo}
    for name, ip, stakes, geo in (
        ("sandboxnear", "203.0.113.10", 250000, "us-west"),
        ("sandboxmiddle", "203.0.113.77", 120000, "us-east"),
        ("sandboxfar", "198.51.100.5", 480000, "eu-west"),
    )
)
"""The ingest nodes, nearest first."""


@dataclass
class Stream:
    """A livestream: the node selected for it, since when, and when somebody began to send (simulated seconds)."""

    id: str
    name: str
    key: str
    changed: float
    ingestor: str | None = None
    selected: float = 0.0
    sending: float | None = None

    def select(self, ingestor: str, at: float, sending: float | None) -> None:
        """Take a node; somebody may begin to send later."""
        self.ingestor, self.selected, self.sending, self.changed = ingestor, at, sending, at

    def is_on(self, at: float) -> bool:
        """Whether it is live: a node is selected and the sender came before the selection lapsed."""
        in_time = self.sending is not None and self.sending - self.selected <= SELECTION_SECONDS
        return self.ingestor is not None and in_time and self.sending is not None and self.sending <= at

    def describe(self, world: World) -> dict[str, Any]:
        """The object of wire 10.4."""
        return {
            "id": self.id,
            "name": self.name,
            "status": "on" if self.is_on(world.clock.elapsed()) else "off",
            "playback_uri": f"https://live.thetavideoapi.com/hls/{self.id}/master.m3u8",
            "player_uri": f"https://player.thetavideoapi.com/stream/{self.id}",
            "update_time": moment(world, self.changed),
        }


def streams(world: World) -> dict[str, Stream]:
    """The livestreams of a world, by id."""
    return cast(dict[str, Stream], world.records["video"].setdefault("streams", {}))


def make_stream(world: World, name: str) -> Stream:
    """A new livestream, off."""
    stream = Stream(world.ids.make("stream_"), name, f"live_{world.ids.characters(32)}", world.clock.elapsed())
    streams(world)[stream.id] = stream
    return stream


def routes(world: World) -> list[Route]:
    """The routes of livestreams."""
    booth = _Booth(world)
    return [
        Route("/stream", booth.create, methods=["POST"]),
        Route("/stream/{stream_id}", booth.show, methods=["GET"]),
        Route("/service_account/{account}/streams", booth.show_all, methods=["GET"]),
        Route("/ingestor/filter", booth.ingestors, methods=["GET"]),
        Route("/ingestor/{ingestor_id}/select", booth.select, methods=["PUT"]),
        Route("/ingestor/{ingestor_id}/unselect", booth.unselect, methods=["PUT"]),
    ]


class _Booth:
    def __init__(self, world: World) -> None:
        self.world = world

    async def create(self, request: Request) -> Response:
        """VD-8."""
        need_service_account(request, self.world)
        body = await read_json(request)
        if set(body) - {"name"}:
            raise Refused(400, f"Unknown field: {sorted(set(body) - {'name'})[0]}")
        name, count = need(body, "name", str), len(streams(self.world))
        if count >= MOST_STREAMS:
            raise Refused(400, f"Live stream limit reached - you already have {count}/{MOST_STREAMS} streams")
        self.world.counts["streams"] += 1
        return envelope(make_stream(self.world, name).describe(self.world))

    async def show(self, request: Request) -> Response:
        """VD-9."""
        need_service_account(request, self.world)
        read_query(request)
        return envelope(self._stream(request.path_params["stream_id"]).describe(self.world))

    async def show_all(self, request: Request) -> Response:
        """VD-10."""
        need_own_account(request, self.world)
        status = read_query(request, optional=("status",)).get("status")
        if status not in (None, "on", "off"):
            raise Refused(400, "Invalid parameter: status")
        shown = [stream.describe(self.world) for stream in streams(self.world).values()]
        return envelope({"streams": [one for one in shown if status in (None, one["status"])]})

    async def ingestors(self, request: Request) -> Response:
        """VD-11."""
        need_service_account(request, self.world)
        read_query(request)
        return envelope({"ingestors": list(INGESTORS)})

    async def select(self, request: Request) -> Response:
        """VD-12."""
        need_service_account(request, self.world)
        body = await read_json(request)
        wanted = may(body, "tva_stream", str)
        if not wanted:
            raise Refused(403, FORBIDDEN)
        ingestor, stream = self._ingestor(request), self._stream(wanted)
        at = self.world.clock.elapsed()
        comes = self.world.faults.take("encoder", request.method, request.url.path)
        stream.select(ingestor["id"], at, at + float(comes.option("seconds", 5)) if comes else None)
        return envelope({"stream_server": f"rtmp://{ingestor['ip']}/live", "stream_key": stream.key})

    async def unselect(self, request: Request) -> Response:
        """VD-13."""
        need_service_account(request, self.world)
        if await read_json(request):
            raise Refused(400, "Request body must be empty")
        ingestor = self._ingestor(request)
        for stream in streams(self.world).values():
            if stream.ingestor == ingestor["id"]:
                stream.ingestor, stream.sending, stream.changed = None, None, self.world.clock.elapsed()
        return envelope({})

    def _stream(self, stream_id: str) -> Stream:
        stream = streams(self.world).get(stream_id)
        if stream is None:
            raise Refused(404, "Stream not found")
        return stream

    def _ingestor(self, request: Request) -> dict[str, Any]:
        wanted = request.path_params["ingestor_id"]
        found = next((one for one in INGESTORS if one["id"] == wanted), None)
        if found is None:
            raise Refused(404, "Ingestor not found")
        return found
