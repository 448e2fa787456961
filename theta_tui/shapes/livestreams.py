"""Livestreams and ingest nodes (wire 10.4), and what their commands need."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from pydantic import Field

from theta_tui.shapes.base import Number, Params, Secret, Shape, Text, Texts, as_json, records
from theta_tui.shapes.video import AccountParams, first_of


class Livestream(Shape):
    """A livestream: `off`, or `on` while somebody sends. The fields from `resolutions` on are of an older version."""

    id: Text = ""
    name: Text = ""
    status: Text = ""
    playback_uri: Text = ""
    player_uri: Text = ""
    update_time: Text = ""
    service_account_id: Text = ""
    resolutions: Texts = ()
    source_resolution: Text = ""
    fps: Number = None
    thumbnail_url: Text = ""
    stream_server: Text = ""
    stream_key: Secret = None

    @classmethod
    def of(cls, value: object) -> Self:
        """Read the one stream of an answer; ValueError when there is none."""
        found = cls.read(first_of(value, "streams"))
        if not found.id:
            raise ValueError("no livestream")
        return found


class LivestreamList(Shape):
    """The livestreams of an account (VD-10)."""

    streams: tuple[Livestream, ...] = ()

    @classmethod
    def of(cls, value: object) -> Self:
        """Read a VD-10 answer."""
        return cls(streams=tuple(Livestream.read(item) for item in records(value, "streams")))

    def as_json(self) -> Any:
        """Give the cloud's own list."""
        return as_json(self.streams)


class Ingestor(Shape):
    """A node that takes in a livestream."""

    id: Text = ""
    ip: Text = ""
    stakes: Text = ""
    geo: Text = ""


class IngestorList(Shape):
    """The ingest nodes, nearest first (VD-11)."""

    ingestors: tuple[Ingestor, ...] = ()

    @classmethod
    def of(cls, value: object) -> Self:
        """Read a VD-11 answer."""
        return cls(ingestors=tuple(Ingestor.read(item) for item in records(value, "ingestors")))

    def as_json(self) -> Any:
        """Give the cloud's own list."""
        return as_json(self.ingestors)


class Selection(Shape):
    """Where to send a livestream to, within five minutes (VD-12). Whoever has the key can send in its place."""

    stream_server: Text = ""
    stream_key: Secret = None


class NewStream(Params):
    """A livestream to create. The name may also come inside `payload`."""

    unfold: ClassVar[tuple[str, ...]] = ("payload",)

    name: str = Field(description="Its name.", examples=["Demo"], min_length=1, max_length=200)


class StreamRef(Params):
    """One livestream."""

    stream_id: str = Field(
        description="Id of the livestream.", examples=["stream_s1t2r3e4a5m6x7y8z9a0b1c2d"], min_length=1
    )


class StreamsOf(AccountParams):
    """Which livestreams to list."""

    status: Literal["on", "off"] | None = Field(None, description="Only those that are on, or off.", examples=["on"])


class IngestorRef(Params):
    """One ingest node."""

    ingestor_id: str = Field(
        description="Id of the node.", examples=["ingestor_q1w2e3r4t5y6u7i8o9p0a1s2d"], min_length=1
    )


class IngestorChoice(IngestorRef):
    """A node for a livestream. The stream may also come inside `body`."""

    unfold: ClassVar[tuple[str, ...]] = ("body",)
    spellings: ClassVar[dict[str, str]] = {"streamid": "tva_stream"}

    tva_stream: str = Field(
        description="Id of the livestream.", examples=["stream_s1t2r3e4a5m6x7y8z9a0b1c2d"], min_length=1
    )
