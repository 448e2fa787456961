"""Machine types with their prices as a list of the pane needs them: asked for now and then, never in the way."""

from __future__ import annotations

import time
from contextlib import suppress

from theta_tui.errors import CloudError
from theta_tui.shapes.deployments import VmType, VmTypes
from theta_tui.tui.panes.base import Pane

BELIEVED_SECONDS = 600.0
AGAIN_SECONDS = 60.0
"""How long prices are believed, and how soon they are asked for again after a failure."""


class Prices:
    """The machine types as last told. Without them a list still stands: its prices say "unknown"."""

    def __init__(self) -> None:
        self._vms = VmTypes()
        self._until = 0.0

    async def learn(self, pane: Pane) -> None:
        """Ask for them if it is time."""
        if time.monotonic() < self._until:
            return
        self._until = time.monotonic() + AGAIN_SECONDS
        with suppress(CloudError):
            self._vms = await pane.ask("theta.deployments.listVm")
            self._until = time.monotonic() + BELIEVED_SECONDS

    def find(self, name: str) -> VmType | None:
        """Give the type of this id or resource name: clusters name theirs by the latter (wire 5.2)."""
        return next((vm for vm in self._vms.vms if name and name in (vm.id, vm.name)), None)
