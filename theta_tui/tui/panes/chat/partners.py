"""Who there is to talk to: on-demand text models, the configured endpoint, deployments, agents; what is missing where.

A running machine may serve something else than chat: `look_closer` asks it what it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from theta_tui.chats.target import Target
from theta_tui.errors import ThetaError
from theta_tui.shapes.on_demand import MILLION
from theta_tui.tui.words import UNKNOWN

if TYPE_CHECKING:
    from theta_tui.session import Session
    from theta_tui.shapes.agents import Agent
    from theta_tui.shapes.deployments import Deployment
    from theta_tui.shapes.on_demand import Service

Query = Callable[..., Awaitable[Any]]


def key_of(target: Target) -> str:
    """Give what identifies a partner."""
    return f"{target.kind}/{target.id}"


@dataclass(frozen=True, slots=True)
class Partner:
    """One row: whom, what it costs in USD per million tokens in and out, how much it reads at once, and its state.

    `why_not` says why it cannot be talked to now, `hint` what to do about it.
    """

    target: Target
    state: str = ""
    usd_in: Decimal | None = None
    usd_out: Decimal | None = None
    price_note: str = ""
    context: int | None = None
    why_not: str = ""
    hint: str = ""
    is_unsure: bool = False
    """Whether only the machine itself can tell what it serves."""

    @property
    def key(self) -> str:
        """What identifies it."""
        return key_of(self.target)

    @property
    def price(self) -> str:
        """The price in words."""
        if self.price_note:
            return self.price_note
        if self.usd_out is None:
            return UNKNOWN
        return f"{_amount(self.usd_in or Decimal(0))} / {_amount(self.usd_out)}"


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, and what could not be had, in one line each."""

    partners: tuple[Partner, ...]
    problems: tuple[str, ...] = ()


async def find_partners(session: Session, ask: Query) -> Found:
    """Ask for everything there is to talk to. What cannot be had becomes a problem, never an error."""
    configured = await session.configured()
    problems: list[str] = []
    partners = await _services(ask, bool(configured.get("ondemand")), problems)
    partners.append(_endpoint(session))
    try:
        listed = await ask("theta.deployments.list")
    except ThetaError as error:
        problems.append(f"Deployments: {error.message}")
    else:
        partners += [_deployment(item) for item in listed.deployments if item.key or item.name]
    try:
        agents = (await ask("theta.ai.agent.list")).agents
    except ThetaError as error:
        problems.append(f"Agents: {error.message}")
    else:
        partners += [_agent(item, bool(configured.get("ai"))) for item in agents if item.id]
    return Found(tuple(partners), tuple(problems))


async def look_closer(partners: Sequence[Partner], ask: Query) -> list[Partner]:
    """Ask the machines what they serve: those that do not chat are told apart."""
    return list(
        await asyncio.gather(*(_looked_at(each, ask) if each.is_unsure else _as_it_is(each) for each in partners))
    )


async def _as_it_is(partner: Partner) -> Partner:
    return partner


async def _looked_at(partner: Partner, ask: Query) -> Partner:
    """Tell what a machine serves: models (wire DI-1), an app of Gradio (DI-3), or nothing yet (9.3)."""
    target = partner.target
    where = {"deployment": target.id} if target.kind == "deployment" else {}
    try:
        models = (await ask("theta.inference.models", where)).models
    except ThetaError as error:
        status = getattr(error, "status", None)
        app = await _is_app(where, ask) if status == 404 else False
        return _mute(partner, status, error.message, is_app=app)
    if not models:
        return _mute(partner, 200, "it lists no model", is_app=False)
    model = target.model if target.model in models else models[0]
    return replace(partner, target=replace(target, model=model), state=model, is_unsure=False)


async def _is_app(where: dict[str, str], ask: Query) -> bool:
    try:
        return bool((await ask("theta.inference.probe", {**where, "probe": "gradio"})).status == 200)
    except ThetaError:
        return False


def _mute(partner: Partner, status: int | None, words: str, *, is_app: bool) -> Partner:
    name = partner.target.name
    if is_app:
        hint = f"{name} serves an app of Gradio with forms and no chat: open its URL in a browser."
        return replace(partner, why_not="app, no chat", hint=hint, is_unsure=False)
    if status == 404:
        hint = f"{name} has no chat route (404): it serves something else, or is still being set up."
        return replace(partner, why_not="no chat", hint=hint, is_unsure=False)
    if status in (401, 403):
        hint = f"{name} refuses the credentials kept here ({status})."
        return replace(partner, why_not="refuses the key", hint=hint, is_unsure=False)
    why = "warming up" if status in (500, 502, 503, 504) else "not reached"
    return replace(partner, why_not=why, hint=f"{name} cannot chat yet: {words}", is_unsure=False)


async def _services(ask: Query, has_key: bool, problems: list[str]) -> list[Partner]:
    try:
        listed = await ask("theta.ondemand.listServices", {"category": "text"})
    except ThetaError as error:
        problems.append(f"On-demand: {error.message}")
        return []
    if listed.fallback_reason:
        problems.append(f"Built-in catalogue: {listed.fallback_reason}")
    return [_service(item, has_key) for item in listed.callable]


def _service(service: Service, has_key: bool) -> Partner:
    price = service.price()
    return Partner(
        Target.service(service.alias),
        state="live" if service.source == "live" else "built-in",
        usd_in=None if price.input_usd is None else price.input_usd * MILLION,
        usd_out=None if price.output_usd is None else price.output_usd * MILLION,
        context=service.prediction.context_tokens,
        why_not="" if has_key else "no key",
        hint="" if has_key else "On-demand models need THETA_ONDEMAND_API_TOKEN; :setup takes it.",
    )


def _endpoint(session: Session) -> Partner:
    endpoint, model = session.settings.inference_endpoint, session.settings.inference_model or ""
    return Partner(
        Target.endpoint(model or "your endpoint", model),
        state="configured" if endpoint else "",
        price_note="by the hour",
        why_not="" if endpoint else "not configured",
        hint="" if endpoint else "Set THETA_INFERENCE_ENDPOINT to talk to an endpoint by its URL.",
        is_unsure=bool(endpoint),
    )


def _agent(agent: Agent, has_token: bool) -> Partner:
    return Partner(
        Target.agent(agent.id, agent.name),
        state=agent.model or "ready",
        price_note="price unknown",
        context=agent.context_window,
        why_not="" if has_token else "no token",
        hint="" if has_token else "Agents are asked with THETA_CHATBOT_TOKEN; :setup takes it.",
    )


def _deployment(deployment: Deployment) -> Partner:
    why_not = hint = ""
    if not deployment.is_running:
        why_not = deployment.endpoint_status or "not running"
        hint = f"{deployment.name} is not running: start it under Deployments (4)."
    elif not deployment.endpoint:
        why_not, hint = "no endpoint yet", f"{deployment.name} names no endpoint yet; look again in a minute."
    return Partner(
        Target.deployment(deployment.key, deployment.name),
        state=deployment.template_name or "running",
        price_note="by the hour",
        why_not=why_not,
        hint=hint,
        is_unsure=not why_not,
    )


def _amount(usd: Decimal) -> str:
    """Write USD with two places, or as many as a small amount takes."""
    whole, _, places = f"{usd:,.6f}".rstrip("0").partition(".")
    return f"${whole}.{places.ljust(2, '0')}"
