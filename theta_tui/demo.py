"""The demo: the embedded simulated cloud, with its own data folder, settings and a vault that lives in memory."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Self

from theta_tui import settings
from theta_tui.journal import Journal
from theta_tui.launch import DEMO_PROFILE as PROFILE
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World
from theta_tui.vault import MemoryBackend, Vault

PAST_HOURS = 14 * 24
CENTS_PER_HOUR = 11
TOP_UP_CENTS = 2000
TOPPED_UP_HOURS_AGO = 5 * 24


@dataclass(frozen=True, slots=True)
class Demo:
    """A running simulated cloud and what a session needs to use it."""

    server: SandboxServer
    environ: Mapping[str, str]
    data_dir: Path
    settings: settings.Settings

    @classmethod
    def start(cls, environ: Mapping[str, str], *, speed: float = 10.0, fresh: bool = False) -> Self:
        """Start the cloud with its clock at `speed`; `fresh` empties the demo's data folder first. Blocks shortly."""
        folder = settings.data_dir(environ, demo=True)
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)
        world = World(speed=speed)
        seed_demo(world)
        server = SandboxServer(world)
        server.start()
        kept = {name: value for name, value in environ.items() if name in _KEPT}
        environment = {**kept, **server.environment(), "THETA_PROFILE": PROFILE}
        return cls(server, environment, folder, settings.load(PROFILE, environment))

    def vault(self) -> Vault:
        """Give a vault that never touches the keyring: what it is given lives as long as the demo."""
        return Vault(PROFILE, self.environ, backend=MemoryBackend())

    async def give_past(self, journal: Journal) -> None:
        """Give an empty demo journal two weeks of balances that lead to the present one, made up as all the demo is."""
        if await journal.balances(PROFILE):
            return
        world, now = self.server.world, time.time()
        past = []
        for number, hours in enumerate((*range(PAST_HOURS, 24, -6), *range(24, 0, -2))):
            added = TOP_UP_CENTS if hours > TOPPED_UP_HOURS_AGO else 0
            cents = world.balance_cents + hours * CENTS_PER_HOUR - added + (number * 7) % 20
            past.append((now - hours * 3600, Decimal(cents)))
        await journal.note_past(PROFILE, world.org_id, past)

    def stop(self) -> None:
        """Stop the cloud."""
        self.server.stop()


_KEPT = frozenset({"THETA_TUI_HOME", "THETA_DRY_RUN", "THETA_READ_ONLY", "THETA_MAX_BUDGET_USD"})
