"""A simulated GPU machine: its warm-up, its state and what it has cost so far. It knows no HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from math import inf
from typing import Any, Final

from theta_tui.sandbox.hardware import VmType
from theta_tui.sandbox.templates import Template

_SECONDS_PER_HOUR = 3600

Script = tuple[tuple[float, int], ...]

#: What a probe is answered until so many simulated seconds after the start; afterwards 200 (wire 9.3).
WARM_UPS: Final[dict[str, Script]] = {
    "openai": ((12, 404), (48, 503)),
    "gradio": ((12, 404), (50, 503), (58, 401)),
    "large": ((60, 404), (380, 503), (655, 500)),
    "notebook": ((12, 404), (40, 503)),
    "node": ((12, 404), (40, 503)),
    "never": ((12, 404), (inf, 502)),
}


@dataclass
class Machine:
    """One deployment as the server knows it. Moments are simulated seconds since the clock's start.

    `script` replaces the warm-up sequence of the template's kind.
    """

    number: int
    base_id: str
    name: str
    shard: int
    suffix: str
    template: Template
    vm: VmType
    region: str
    create_time: str
    min_replicas: int = 1
    max_replicas: int = 1
    container_image: str = ""
    env_vars: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, Any] = field(default_factory=dict)
    auth_username: str = ""
    auth_password: str = field(default="", repr=False)
    script: Script | None = None
    started: float | None = None
    _billed_from: float = 0.0
    _billed_cents: Decimal = Decimal(0)

    @property
    def running(self) -> bool:
        """Whether it is switched on, and so costs money, ready or not."""
        return self.started is not None

    def start(self, at: float, *, warm_since: float | None = None) -> None:
        """Switch it on now; `warm_since` dates the warm-up earlier without billing the time before."""
        self.started = at if warm_since is None else warm_since
        self._billed_from = at

    def stop(self, at: float) -> None:
        """Switch it off; what it has cost stays."""
        self._billed_cents = self.cost_cents(at)
        self.started = None

    def rebuild(self, at: float, *, vm: VmType, min_replicas: int) -> None:
        """Give it another type or number of replicas; what it has cost until now stays at the old price."""
        self._billed_cents, self._billed_from = self.cost_cents(at), at
        self.vm, self.min_replicas = vm, min_replicas

    def cost_cents(self, at: float) -> Decimal:
        """US cents it has cost since it was made, billed for every whole simulated second it was on."""
        if self.started is None:
            return self._billed_cents
        seconds = max(int(at - self._billed_from), 0)
        replicas = max(self.min_replicas, 1)
        return self._billed_cents + self.vm.cents_per_hour * replicas * seconds / _SECONDS_PER_HOUR

    def probe_status(self, at: float) -> int:
        """The HTTP status its endpoint gives at this moment."""
        if self.started is None:
            return 404
        script = self.script or WARM_UPS[self.template.warm_up]
        return next((status for until, status in script if at - self.started < until), 200)

    def state(self, at: float) -> str:
        """`EndpointStatus`: it may say Running some time before the endpoint answers, or though it never does."""
        if self.started is None:
            return "Stopped"
        return "Pending" if self.probe_status(at) in (404, 503) else "Running"

    def ready_replicas(self, at: float) -> int:
        """How many replicas the list shows as ready."""
        return self.min_replicas if self.state(at) == "Running" else 0
