"""The whole state of the simulated cloud: accounts, money, machines, calls and faults. It knows no HTTP."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from theta_tui.sandbox.clock import Clock
from theta_tui.sandbox.faults import Faults
from theta_tui.sandbox.ids import Ids
from theta_tui.sandbox.machines import Machine

OPENING_BALANCE_CENTS = Decimal("3421.300894")
_CENT_FRACTION = Decimal("0.000001")


@dataclass(frozen=True)
class Keys:
    """The demo credentials. Nobody can take them for real ones."""

    project_api_key: str = ("sandbox" * 5)[:32]
    ondemand_token: str = ("simulatedtoken7" * 5)[:64]
    chatbot_token: str = "sandboxchatbottoken".ljust(32, "0")
    video_sa_id: str = "srvacc_" + "sandboxvideoaccount".ljust(25, "0")
    video_sa_secret: str = "sandboxvideosecret".ljust(32, "0")


@dataclass(frozen=True)
class Charge:
    """Money taken: when (the cloud's form of the moment), how much in US cents, and what for."""

    time: str
    cents: Decimal
    why: str


@dataclass
class Call:
    """One request that reached the cloud, and how it was answered. Credentials in headers are masked.

    `target` is path and query exactly as they were sent; `body` is kept up to a megabyte.
    """

    index: int
    time: str
    method: str
    path: str
    target: str
    query: list[tuple[str, str]]
    headers: list[tuple[str, str]]
    domain: str | None = None
    status: int | None = None
    body: bytes = field(default=b"", repr=False)
    body_size: int = 0
    content_type: str = ""


class World:
    """Everything the simulated cloud remembers. A fresh world has no deployments and the opening balance.

    `pace` multiplies the realistic delays of `pause`; 0 means no delay. `problems` holds the tracebacks of our own
    mistakes, which a client only sees as 500. `records` gives each other domain a dictionary for its own state.
    """

    def __init__(self, *, speed: float = 1.0, pace: float = 1.0) -> None:
        self.clock = Clock(speed)
        self.pace = pace
        self.origin = "http://127.0.0.1"
        self.project_id = "prj_" + "sandboxproject".ljust(28, "0")
        self.org_id = "org_" + "sandboxorganisation".ljust(28, "0")
        self.keys = Keys()
        self.faults = Faults()
        self.calls: list[Call] = []
        self.problems: list[str] = []
        self._empty()

    def _empty(self) -> None:
        self.ids = Ids()
        self.deployments: dict[str, Machine] = {}
        self.charges: list[Charge] = []
        self.counts: Counter[str] = Counter()
        self.records: defaultdict[str, dict[str, Any]] = defaultdict(dict)

    def reset(self) -> None:
        """Back to a fresh world: no deployments, calls, charges or faults. Clock, pace and origin go on."""
        self.faults.clear()
        self.calls.clear()
        self._empty()

    @property
    def balance_cents(self) -> Decimal:
        """US cents left now: the opening balance less all charges and what the machines have cost."""
        return (OPENING_BALANCE_CENTS - self.charged_cents).quantize(_CENT_FRACTION)

    @property
    def charged_cents(self) -> Decimal:
        """US cents taken since the beginning, running machines included."""
        at = self.clock.elapsed()
        machines = sum((machine.cost_cents(at) for machine in list(self.deployments.values())), Decimal(0))
        return machines + sum((charge.cents for charge in list(self.charges)), Decimal(0))

    def charge(self, cents: Decimal, why: str) -> None:
        """Take US cents from the balance."""
        self.charges.append(Charge(self.clock.iso(), cents, why))
        self.counts["charges"] += 1

    def add_deployment(self, machine: Machine) -> None:
        """Put a machine into the project; the caller starts it."""
        self.deployments[machine.suffix] = machine

    def remove_deployment(self, machine: Machine) -> None:
        """Switch a machine off and drop it; what it has cost becomes a charge."""
        machine.stop(self.clock.elapsed())
        del self.deployments[machine.suffix]
        self.charge(machine.cost_cents(0), f"machine {machine.name} ({machine.vm.id})")

    async def pause(self, real_seconds: float) -> None:
        """A realistic delay in real seconds, times `pace`; it does not depend on the clock."""
        await asyncio.sleep(real_seconds * self.pace)
