"""Which of the two list routes works for the project (wire 4.2), told in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from theta_tui.errors import ThetaError
from theta_tui.shapes.deployments import RouteProbe, RouteTried

if TYPE_CHECKING:
    from theta_tui.tui.panes.base import Pane


async def probe_routes(pane: Pane) -> None:
    """Ask both and tell; an error goes to the pane's banner."""
    try:
        found: RouteProbe = await pane.ask("theta.deployments.routeProbe")
    except ThetaError as error:
        pane.fail(error, cause="action")
        return
    told = "; ".join(f"{one.route}: {tried_words(one)}" for one in found.routes)
    use = next(iter(found.working), None)
    words = f"{told}. The console uses {use}." if use else f"{told}. Neither works for this project."
    pane.console_app.tell(words, title="List routes", severity="information" if use else "warning")


def tried_words(one: RouteTried) -> str:
    """Say how one route answered."""
    if one.works:
        return f"works, {'?' if one.deployments is None else one.deployments} deployments"
    return f"{one.status or 'no answer'} {one.error or ''}".strip()
