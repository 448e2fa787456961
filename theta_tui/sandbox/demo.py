"""What the demo shows at its start."""

from __future__ import annotations

from theta_tui.sandbox.world import World


def seed_demo(world: World) -> None:
    """Fill a fresh world with deployments in different states."""
