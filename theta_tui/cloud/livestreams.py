"""Livestreams and the nodes that take them in (wire 10.4). No route that deletes a stream is known; none is offered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import SecretStr

from theta_tui.change import Change, Effect, EndpointCredential, Family, JsonBody, Request, Target, query_of
from theta_tui.cloud.answers import read_as
from theta_tui.cloud.video import VideoCloud
from theta_tui.command import mutation, query
from theta_tui.errors import CloudError, NoCredentials, ProtocolError, UsageError
from theta_tui.shapes.livestreams import (
    IngestorChoice,
    IngestorList,
    IngestorRef,
    Livestream,
    LivestreamList,
    NewStream,
    Selection,
    StreamRef,
    StreamsOf,
)

KEY_OWNER = "live"
"""The user name beside a stream key: too short to be searched for and hidden in other texts."""


class Livestreams(VideoCloud):
    """Livestreams of the project's service account; three at the most."""

    @query()
    async def streams(self, params: StreamsOf) -> LivestreamList:
        """List the livestreams of a service account (VD-10)."""
        path = ("service_account", await self.account_id(params.service_account_id), "streams")
        reply = await self.account.read(Request("GET", Family.VIDEO, path, query_of(status=params.status)))
        return read_as(LivestreamList.of, reply)

    @query()
    async def stream_get(self, params: StreamRef) -> Livestream:
        """Show one livestream: on or off, and where it is watched (VD-9)."""
        reply = await self.account.read(Request("GET", Family.VIDEO, ("stream", params.stream_id)))
        try:
            return Livestream.of(reply.value)
        except ValueError:
            raise ProtocolError("The answer holds no livestream.", request_id=params.stream_id) from None

    @mutation(Effect.CREATE)
    async def stream_create(self, params: NewStream) -> Change[Livestream]:
        """Create a livestream; an account has three at the most (VD-8)."""
        return Change(
            summary=f"Create the livestream {params.name}",
            effect=Effect.CREATE,
            requests=(Request("POST", Family.VIDEO, ("stream",), body=JsonBody({"name": params.name})),),
            read=lambda reply: Livestream.of(reply.value),
            target=Target("livestream", "", params.name),
            identify=lambda stream: stream.id,
            reconcile=await self._watch_for(params.name),
        )

    @query("ingestor.list")
    async def ingestors(self) -> IngestorList:
        """List the nodes that take in livestreams, nearest first (VD-11)."""
        return read_as(IngestorList.of, await self.account.read(Request("GET", Family.VIDEO, ("ingestor", "filter"))))

    @mutation(Effect.UPDATE, "ingestor.select")
    async def select(self, params: IngestorChoice) -> Change[Selection]:
        """Take a node for a livestream and begin to send within five minutes.

        VD-12. The stream key is never shown; it is kept in the vault, as the password of `endpoint/{stream id}`.
        """
        stream = params.tva_stream
        return Change(
            summary=f"Take the node {params.ingestor_id} for the livestream {stream}",
            effect=Effect.UPDATE,
            requests=(_switch(params.ingestor_id, "select", {"tva_stream": stream}),),
            read=lambda reply: Selection.read(reply.value),
            target=Target("livestream", stream),
            notes=(
                "The selection lapses unless somebody begins to send within five minutes.",
                "Whoever sends this livestream to another node now may be cut off.",
            ),
            identify=lambda _: stream,
            answered=_kept,
        )

    @mutation(Effect.UPDATE, "ingestor.unselect")
    async def unselect(self, params: IngestorRef) -> Change[Any]:
        """Give a node back when the livestream is over (VD-13)."""
        return Change(
            summary=f"Give the node {params.ingestor_id} back",
            effect=Effect.UPDATE,
            requests=(_switch(params.ingestor_id, "unselect", {}),),
            read=lambda reply: reply.value,
            target=Target("ingestor", params.ingestor_id),
            notes=("Whoever is still sending to it is cut off.",),
        )

    async def _watch_for(self, name: str) -> Callable[[], Awaitable[Livestream | None]] | None:
        """Give a look for a new livestream of this name; None when the list cannot be had to compare with."""
        every = StreamsOf(service_account_id=None, status=None)
        try:
            before = {stream.id for stream in (await self.streams(every)).streams}
        except (CloudError, NoCredentials, UsageError):
            return None

        async def look() -> Livestream | None:
            found = (await self.streams(every)).streams
            new = [stream for stream in found if stream.name == name and stream.id not in before]
            return new[0] if len(new) == 1 else None

        return look


def _switch(ingestor_id: str, verb: str, body: dict[str, str]) -> Request:
    return Request("PUT", Family.VIDEO, ("ingestor", ingestor_id, verb), body=JsonBody(body))


def _kept(selection: Selection) -> EndpointCredential | None:
    """Give the key for the vault, which keeps pairs and hides both halves; the server's address is no secret."""
    return EndpointCredential(SecretStr(KEY_OWNER), selection.stream_key) if selection.stream_key else None
