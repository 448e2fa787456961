"""What the console was asked for on the command line. Light: read before anything heavy is imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

DEMO_SPEED = 10.0
"""Simulated seconds per second of the demo."""
DEMO_PROFILE = "demo"


@dataclass(frozen=True, slots=True)
class Launch:
    """How to open the console. `speed` is the demo's clock, in simulated seconds per second."""

    environ: Mapping[str, str] = field(default_factory=dict)
    profile: str | None = None
    demo: bool = False
    fresh: bool = False
    speed: float = DEMO_SPEED
    read_only: bool = False
    log: Path | None = None
    pane: str = "overview"
    setup: bool = False
