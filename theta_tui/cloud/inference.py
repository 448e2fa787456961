"""Dedicated inference endpoints (wire 9): models, chat and readiness, of the configured endpoint or a deployment's."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Mapping
from typing import Literal

from theta_tui.change import FREE, Effect, Family, JsonBody, Reply, Request, StreamChange, Target
from theta_tui.cloud import timeouts
from theta_tui.cloud.answers import listing
from theta_tui.cloud.chat import chat_fold, check_answer, spent_on, whole_answer
from theta_tui.cloud.deployment_list import list_requests
from theta_tui.command import Account, Cloud, Endpoint, mutation, query
from theta_tui.errors import CloudError, NotFound, ProtocolError, UsageError
from theta_tui.shapes.chat import ChatAnswer, ChatEvent
from theta_tui.shapes.deployments import Deployment
from theta_tui.shapes.inference import (
    EndpointChat,
    EndpointParams,
    Look,
    ModelList,
    ProbeParams,
    Readiness,
    ReadyParams,
    judge,
)

WARMING = frozenset({0, 404, 500, 502, 503, 504})
"""Statuses that mean "not ready yet" (wire 9.3); 0 is a failed connection, and an early 401 counts as well."""


class Inference(Cloud):
    """Models on machines of your own."""

    prefix = "theta.inference"
    domain = "inference"
    needs = (Family.ENDPOINT,)

    @query()
    async def models(self, params: EndpointParams) -> ModelList:
        """List what an endpoint serves (DI-1)."""
        endpoint = await self._endpoint(params)
        reply = await self.account.read(_get(endpoint, "v1", "models"))
        return ModelList(
            models=_ids(reply), endpoint=endpoint.origin, raw=reply.raw if isinstance(reply.raw, dict) else {}
        )

    @mutation(Effect.METERED)
    async def chat(self, params: EndpointChat) -> StreamChange[ChatEvent, ChatAnswer]:
        """Chat with an endpoint: the call is free, the machine is paid by the hour (DI-2)."""
        endpoint = await self._endpoint(params)
        model = params.model or endpoint.model or await first_model(self.account, endpoint)
        fields = {
            "model": model,
            "messages": [message.as_json() for message in params.messages],
            "max_tokens": params.max_tokens,
            "temperature": params.temperature,
            "top_p": params.top_p,
            "stream": params.stream,
            **params.extra,
        }
        request = Request(
            "POST",
            Family.ENDPOINT,
            ("v1", "chat", "completions"),
            body=JsonBody({name: value for name, value in fields.items() if value is not None}),
            base=endpoint.origin,
            credential=endpoint.credential,
            deadline=timeouts.STREAM_SECONDS if params.stream else timeouts.CHAT_SECONDS,
            first_byte=timeouts.FIRST_TOKEN_SECONDS,
        )
        fold = chat_fold(model, None, free=True)
        return StreamChange(
            summary=f"Ask {model} on your own machine",
            effect=Effect.METERED,
            requests=(request,),
            read=lambda reply: whole_answer(fold(), reply),
            fold=fold,
            cost=FREE,
            target=Target("endpoint", endpoint.origin, model),
            spent=spent_on,
            verify=check_answer,
        )

    @query()
    async def probe(self, params: ProbeParams) -> Look:
        """Look once whether an endpoint is ready: 200 means yes, 404 and 5xx that it warms up (wire 9.3)."""
        return await look_at(self.account, await self._endpoint(params), params.probe, time.monotonic())

    @query()
    async def ready(self, params: ReadyParams) -> Readiness:
        """Wait until an endpoint answers its probe: `/v1/models`, or `/config` for Gradio (wire 9.3)."""
        endpoint = await self._endpoint(params)
        interval, limit = timeouts.readiness_limits(params.interval_ms, params.timeout_ms)
        return await watch(self.account, endpoint, params.probe, interval=interval, limit=limit)

    async def _endpoint(self, params: EndpointParams) -> Endpoint:
        if params.deployment is None:
            return self.account.endpoint()
        reply = await self.account.read(*list_requests(self.account.project_id(params.project_id)))
        found = [Deployment.read(item) for item in listing(reply, "deployments")]
        mine = next((item for item in found if params.deployment in (item.suffix, item.name, item.base_id)), None)
        if mine is None:
            raise NotFound(f"No deployment {params.deployment!r} in this project.")
        if not mine.endpoint:
            raise UsageError(f"The deployment {mine.name or mine.suffix} names no endpoint yet.")
        origin = self.account.check_url(mine.endpoint, Family.ENDPOINT)
        return Endpoint(origin, credential=f"endpoint/{mine.suffix}")


async def watch(
    account: Account,
    endpoint: Endpoint,
    probe: Literal["openai", "gradio"],
    *,
    interval: float,
    limit: float,
    looks: list[Look] | None = None,
) -> Readiness:
    """Look every `interval` seconds until an endpoint is ready, going on is pointless, or `limit` seconds are over.

    The looks are also added to `looks`, for those who want to know of a watch that was broken off.
    """
    started, seen = time.monotonic(), [] if looks is None else looks
    while True:
        seen.append(await look_at(account, endpoint, probe, started))
        verdict = judge(seen)
        seconds = time.monotonic() - started
        if verdict is not None or seconds + interval > limit:
            note = verdict if verdict is not None else f"Not ready within {limit:.0f} s; it may still become ready."
            return Readiness(
                ready=verdict == "",
                probe=probe,
                endpoint=endpoint.origin,
                seconds=round(seconds, 2),
                looks=tuple(seen),
                note=note,
            )
        await asyncio.sleep(interval)


async def look_at(account: Account, endpoint: Endpoint, probe: str, started: float) -> Look:
    """Probe an endpoint once; `started` is the moment from which its seconds count."""
    path = ("config",) if probe == "gradio" else ("v1", "models")
    try:
        reply = await account.read(dataclasses.replace(_get(endpoint, *path), retries=0))
    except ProtocolError as error:
        return Look(seconds=round(time.monotonic() - started, 2), status=error.status or 200, message=error.message)
    except CloudError as error:
        return Look(seconds=round(time.monotonic() - started, 2), status=error.status or 0, message=error.message)
    ok = isinstance(reply.value, dict)
    message = "" if ok else "The answer is not a JSON object."
    return Look(seconds=round(time.monotonic() - started, 2), status=200 if ok else 502, message=message)


async def first_model(account: Account, endpoint: Endpoint) -> str:
    """Give the first model that an endpoint lists (DI-1); UsageError if it lists none."""
    found = _ids(await account.read(_get(endpoint, "v1", "models")))
    if not found:
        raise UsageError("The endpoint lists no model.", hint="Name one with model=…, or THETA_INFERENCE_MODEL.")
    return found[0]


def _ids(reply: Reply) -> tuple[str, ...]:
    """Give the ids of the models in an answer; what names none cannot be asked."""
    found = (item.get("id") for item in listing(reply, "data") if isinstance(item, Mapping))
    return tuple(str(name) for name in found if name)


def _get(endpoint: Endpoint, *path: str) -> Request:
    return Request("GET", Family.ENDPOINT, path, base=endpoint.origin, credential=endpoint.credential)
