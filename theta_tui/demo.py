"""The demo: the embedded simulated cloud, with its own data folder, settings and a vault that lives in memory."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from theta_tui import settings
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World
from theta_tui.vault import MemoryBackend, Vault

PROFILE = "demo"


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

    def stop(self) -> None:
        """Stop the cloud."""
        self.server.stop()


_KEPT = frozenset({"THETA_TUI_HOME", "THETA_DRY_RUN", "THETA_READ_ONLY", "THETA_MAX_BUDGET_USD"})
