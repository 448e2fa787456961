"""Who there is to talk to: on-demand text models, the configured endpoint, deployments; with what is missing where."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from theta_tui.errors import ThetaError
from theta_tui.shapes.on_demand import MILLION
from theta_tui.tui.panes.chat.target import Target
from theta_tui.tui.words import UNKNOWN

if TYPE_CHECKING:
    from theta_tui.session import Session
    from theta_tui.shapes.deployments import Deployment
    from theta_tui.shapes.on_demand import Service

Query = Callable[..., Awaitable[Any]]


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

    @property
    def key(self) -> str:
        """What identifies it."""
        return f"{self.target.kind}/{self.target.id}"

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
    endpoint, model = session.settings.inference_endpoint, session.settings.inference_model
    partners.append(
        Partner(
            Target.endpoint(model or "your endpoint"),
            state="configured" if endpoint else "",
            price_note="by the hour",
            why_not="" if endpoint else "not configured",
            hint="" if endpoint else "Set THETA_INFERENCE_ENDPOINT to talk to an endpoint by its URL.",
        )
    )
    try:
        listed = await ask("theta.deployments.list")
    except ThetaError as error:
        problems.append(f"Deployments: {error.message}")
    else:
        partners += [_deployment(item) for item in listed.deployments]
    return Found(tuple(partners), tuple(problems))


async def _services(ask: Query, has_key: bool, problems: list[str]) -> list[Partner]:
    try:
        listed = await ask("theta.ondemand.listServices", {"category": "text"})
    except ThetaError as error:
        problems.append(f"On-demand: {error.message}")
        return []
    if listed.fallback_reason:
        problems.append(f"Built-in catalogue: {listed.fallback_reason}")
    return [_service(item, has_key) for item in listed.services]


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
    )


def _amount(usd: Decimal) -> str:
    """Write USD with two places, or as many as a small amount takes."""
    whole, _, places = f"{usd:,.6f}".rstrip("0").partition(".")
    return f"${whole}.{places.ljust(2, '0')}"
