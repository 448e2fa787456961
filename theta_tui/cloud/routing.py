"""Routing: the cheapest live service that can do a task, and the next one when it has no capacity."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from theta_tui.change import After, Change, Cost, Effect, Reply, Request, Spent, Target, query_of
from theta_tui.cloud import timeouts
from theta_tui.cloud.chat import chat_fold, check_answer, spent_on, whole_answer, worst_tokens
from theta_tui.cloud.on_demand import OnDemand, chat_settings, check_job, infer_cost
from theta_tui.command import mutation, query
from theta_tui.errors import UsageError
from theta_tui.shapes.chat_models import OTHER_ROUTE, ROUTES
from theta_tui.shapes.on_demand import ChatParams, Job, Service, ServiceFilter, ServiceList
from theta_tui.shapes.routing import (
    CHAT_TOKENS,
    TYPICAL_UNITS,
    Candidate,
    Route,
    Routed,
    RouteParams,
    RouteRunParams,
    tasks_of,
)


@dataclasses.dataclass(frozen=True)
class Way:
    """One service's request, and its worst-case cost."""

    service: str
    request: Request
    cost: Cost


class Router(OnDemand):
    """The choice between services."""

    prefix = "theta"

    @query("route", needs=())
    async def route(self, params: RouteParams) -> Route:
        """Find the services that can do a task: the cheapest that is eligible first, with the reason.

        OD-1, public. Prices are the catalogue's for a typical call, else what the last call cost; seconds are the
        median of past calls in the local journal. Quotas are told by answers only, so they are unknown here.
        """
        catalogue = await self.list_services(ServiceFilter(category=None))
        return await self._choose(catalogue, params)

    @mutation(Effect.METERED, "route.run")
    async def run(self, params: RouteRunParams) -> Change[Routed]:
        """Do a task on the cheapest eligible service; the next one is taken when it has no capacity.

        OD-3 or OD-5. Only services that take this input, at a known price, are used: the cheapest first, then those of
        the setting `chat_fallbacks`, then by price. The cost shown is that of the dearest; the result tells every
        switch.
        """
        catalogue = await self.list_services(ServiceFilter(category=None))
        route = await self._choose(catalogue, params, given=params.input)
        usable = [item for item in route.candidates if item.eligible]
        if not usable:
            why = "; ".join(f"{item.service}: {item.reason}" for item in route.candidates)
            raise UsageError(
                f"No service can do this {params.task} now.", hint=why or "theta.route lists what there is."
            )
        wished = self.account.preferred_services()
        others = sorted(usable[1:], key=lambda item: wished.index(item.service) if item.service in wished else 999)
        ways = _priced([self._way(item, params, catalogue) for item in (usable[0], *others)])[: 1 + params.fallbacks]
        names = [way.service for way in ways]
        requests = tuple(
            dataclasses.replace(way.request, only_after=After.CAPACITY if at else None) for at, way in enumerate(ways)
        )
        return Change(
            summary=f"Do a {params.task} on {' or, without capacity, '.join(names)}",
            effect=Effect.METERED,
            requests=requests,
            read=lambda reply: _answered(params.task, names, requests.index(reply.request), reply, catalogue),
            cost=max((way.cost for way in ways), key=lambda cost: cost.usd or Decimal(0)),
            target=Target("service", names[0], names[0]),
            spent=_spent,
            identify=lambda routed: (routed.job.id if routed.job else routed.answer and routed.answer.request_id) or "",
            verify=_check,
        )

    async def _choose(
        self, catalogue: ServiceList, params: RouteParams, given: Mapping[str, Any] | None = None
    ) -> Route:
        found = [
            await self._candidate(service, prediction, params, given)
            for service in catalogue.callable
            for task, prediction in tasks_of(service)
            if task == params.task
        ]
        ranked = sorted(found, key=lambda item: (not item.eligible, item.usd is None, item.usd or 0, item.service))
        candidates = tuple(_placed(item, ranked[0].usd, first=at == 0) for at, item in enumerate(ranked))
        best = candidates[0] if candidates and candidates[0].eligible else None
        return Route(
            task=params.task,
            take=best.service if best else None,
            reason=best.reason
            if best
            else "No listed service can do this."
            if not candidates
            else candidates[0].reason,
            candidates=candidates,
            source=catalogue.source,
            warning=catalogue.warning,
        )

    async def _candidate(
        self, service: Service, name: str, params: RouteParams, given: Mapping[str, Any] | None
    ) -> Candidate:
        prediction, price = service.prediction_named(name), service.price(name)
        usd, price_of = _typical(params.task, service, name)
        source = "live catalogue" if service.source == "live" and usd is not None else "unknown"
        if source == "unknown" and (last := await self.account.last_cost(f"service/{service.alias}")) is not None:
            usd, price_of, source = last, "its last call", "last call"
        candidate = Candidate(
            service=service.alias,
            prediction=name,
            usd=usd if source != "unknown" else None,
            price_of=price_of,
            price_source=source,
            input_usd_per_unit=price.input_usd,
            output_usd_per_unit=price.output_usd,
            context_tokens=prediction.context_tokens,
            median_seconds=await self.account.usual_seconds(f"service/{service.alias}"),
            inputs=tuple(item.name for item in prediction.inputs),
            required=tuple(item.name for item in prediction.inputs if item.required),
        )
        objection = _objection(candidate, params, given)
        return candidate.model_copy(update={"eligible": not objection, "reason": objection})

    def _way(self, item: Candidate, params: RouteRunParams, catalogue: ServiceList) -> Way:
        service = catalogue.find(item.service)
        if params.task != "chat":
            wait = int(timeouts.clamp(30 if params.wait is None else params.wait, 0, 60))
            seconds = timeouts.submit_seconds(item.service, params.input, wait, self.account.request_timeout())
            asked = query_of(wait=wait, prediction=item.prediction)
            request = self._submit(item.service, asked, {"input": dict(params.input)}, seconds)
            return Way(item.service, request, infer_cost(item.service, service, item.prediction, params.input))
        chat = _chat_params(item.service, params)
        route = ROUTES.get(item.service, OTHER_ROUTE)
        settings = chat_settings(chat, route)
        tokens = worst_tokens(chat.messages, settings["max_tokens"])
        usd = service.price().of_tokens(*tokens) if service and service.source == "live" else None
        source = "live catalogue" if usd is not None else "unknown"
        cost = Cost(usd=usd, source=source, item=f"service/{item.service}", tokens=tokens)
        return Way(item.service, self._chat_requests(chat, route, settings)[0], cost)


def _priced(ways: list[Way]) -> list[Way]:
    """Give the first and, as its fallbacks, those whose worst case is known: the review shows that of the dearest."""
    if ways[0].cost.usd is None:
        return ways[:1]
    return [way for way in ways if way.cost.usd is not None]


def _answered(task: str, names: list[str], at: int, reply: Reply, catalogue: ServiceList) -> Routed:
    """Read the answer of the service at this place; those before it had no capacity."""
    switches = tuple(
        f"{before} had no capacity, {after} was asked instead." for before, after in pairwise(names[: at + 1])
    )
    routed = Routed(task=task, service=names[at], switches=switches)
    if task != "chat":
        return routed.model_copy(update={"job": Job.answered(reply.value)})
    service = catalogue.find(names[at])
    price = service.price() if service and service.source == "live" else None
    return routed.model_copy(update={"answer": whole_answer(chat_fold(names[at], price)(), reply)})


def _typical(task: str, service: Service, prediction: str) -> tuple[Decimal | None, str]:
    """Price a typical call by the catalogue, and say what that is."""
    price = service.price(prediction)
    if task == "chat":
        tokens_in, tokens_out = CHAT_TOKENS
        return price.of_tokens(tokens_in, tokens_out), f"{tokens_in} tokens in, {tokens_out} out"
    if price.is_per_token:
        units = TYPICAL_UNITS.get(task, 1)
        return price.of_tokens(units, units), f"{units} of the units it counts"
    return price.of_tokens(1, 1), "one call"


def _objection(item: Candidate, params: RouteParams, given: Mapping[str, Any] | None) -> str:
    """Say why a service cannot be taken; "" if it can."""
    wanted, window = params.context_tokens, item.context_tokens
    if wanted is not None and (window is None or window < wanted):
        return f"its context of {window or 'unknown'} tokens is less than the {wanted} asked for"
    if params.max_usd is not None and (item.usd is None or item.usd > params.max_usd):
        return (
            f"it costs {'an unknown amount' if item.usd is None else f'${item.usd:f}'}, more than ${params.max_usd:f}"
        )
    if given is None:
        return ""
    missing = next((name for name in item.required if name not in given), None)
    if missing is not None:
        return f"it needs the input {missing}"
    unknown = next((name for name in given if name not in item.inputs), None)
    return f"it has no input {unknown[:60]}" if unknown is not None and params.task != "chat" else ""


def _placed(item: Candidate, least: Decimal | None, *, first: bool) -> Candidate:
    """Say why a candidate stands where it does."""
    if not item.eligible:
        return item
    if item.usd is None:
        return item.model_copy(update={"reason": "its price is unknown, so it comes after those with one"})
    rank = "the cheapest" if first else "as cheap" if item.usd == least else "dearer"
    return item.model_copy(update={"reason": f"{rank}: ${item.usd.normalize():f} for {item.price_of}"})


def _chat_params(service: str, params: RouteRunParams) -> ChatParams:
    known = {name: value for name, value in params.input.items() if name in ChatParams.model_fields}
    extra = {name: value for name, value in params.input.items() if name not in ChatParams.model_fields}
    fields = {**known, "service": service, "stream": False, "wait": params.wait, "extra_input": extra}
    try:
        return ChatParams.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"theta.route.run: input.{place}: {first['msg']}") from None


def _spent(routed: Routed) -> Spent | None:
    if routed.answer is not None:
        return spent_on(routed.answer)
    usd = routed.job.spent_usd if routed.job else None
    return None if usd is None else Spent(usd)


def _check(routed: Routed) -> None:
    if routed.answer is not None:
        check_answer(routed.answer)
    if routed.job is not None:
        check_job(routed.job)
