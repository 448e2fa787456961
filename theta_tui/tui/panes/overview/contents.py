"""What the overview's tiles are filled with: asked of the session, read in the journal, put into lines.

Knows neither tiles nor when they are filled. Imported once there is a session.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from theta_tui.registry import find
from theta_tui.tui.panes.deployments.row import DeploymentRow
from theta_tui.tui.panes.overview import lines
from theta_tui.tui.panes.overview.own import Own
from theta_tui.tui.panes.overview.problems import problems

if TYPE_CHECKING:
    from theta_tui.journal.request_log import LoggedRequest
    from theta_tui.session import Session
    from theta_tui.shapes.on_demand import ServiceList
    from theta_tui.tui.pulse import Pulse
    from theta_tui.tui.widgets.tile import Part

BACKGROUND = frozenset({
    "theta.billing.balance", "theta.deployments.list", "theta.deployments.listVm", "theta.ondemand.listServices",
})  # fmt: skip
"""What the console asks by itself; it would crowd out what somebody did."""
SHOWN = 12
for _name in BACKGROUND:
    find(_name)  # Imported with this module, in its thread, rather than by the first question.

Ask = Callable[[str], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Known:
    """What was asked of the cloud: the pulse, the services, where keys come from, which lists failed and why.

    `since` is the moment from which answers say whether a key is taken; `is_demo` that money is simulated.
    """

    pulse: Pulse | None
    services: ServiceList | None
    sources: Mapping[str, str | None]
    failed: Mapping[str, str]
    since: float
    is_demo: bool


async def deployments(ask: Ask) -> list[Part]:
    """Ask for the deployments, and for prices where something is billed."""
    found = (await ask("theta.deployments.list")).deployments
    types = await ask("theta.deployments.listVm") if any(one.is_billed for one in found) else None
    rows = [DeploymentRow(one, types.find(one.vm_id) if types else None) for one in found]
    return lines.deployments_parts(rows)


async def services(ask: Ask) -> tuple[ServiceList, list[Part]]:
    """Ask for the services."""
    found = await ask("theta.ondemand.listServices")
    return found, lines.services_parts(found)


def own(session: Session, found: Own, known: Known) -> dict[str, list[Part]]:
    """Say what the journal holds, for the other tiles."""
    asked = list(_each_look_once(row for row in found.requests if row.command not in BACKGROUND))
    recent = [row for row in found.requests if row.started >= known.since]
    pulse = known.pulse
    return {
        "money": lines.money_parts(pulse, found.spending, found.cap_usd, found.history, is_demo=known.is_demo),
        "activity": lines.activity_parts(found.changes[:SHOWN], asked[:SHOWN]),
        "credentials": lines.credential_parts(known.sources, recent),
        "problems": lines.problem_parts(_problems(session, found, known)),
    }


def _each_look_once(requests: Iterable[LoggedRequest]) -> Iterator[LoggedRequest]:
    """Of what an open pane asks for again and again give the newest, and the newest that failed in its way."""
    seen = set()
    for row in requests:
        look = (row.command, row.error) if row.method == "GET" else row.id
        if look not in seen:
            seen.add(look)
            yield row


def _problems(session: Session, found: Own, known: Known) -> list[str]:
    pulse, services_known = known.pulse, known.services
    failures = {f"The list of {name}": why for name, why in known.failed.items()}
    if pulse is not None and pulse.balance_usd is None and pulse.error and known.sources.get("platform"):
        failures["The balance"] = pulse.error
    if services_known is not None and services_known.fallback_reason:
        failures["The live list of services"] = services_known.fallback_reason
    dropped, trouble = session.journal.dropped, session.vault.trouble
    standing = (
        session.journal.problem,
        trouble and f"The keyring is not used: {trouble}",
        f"{dropped} requests could not be written to the log." if dropped else None,
        *session.settings.problems,
    )
    return problems(found, pulse, failures, standing)
