"""Disposable validation (wire 15.3) and its clean-up: what the commands need, and what they report."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from theta_tui.shapes.base import Params, Shape, as_json
from theta_tui.shapes.chat import ChatAnswer
from theta_tui.shapes.deployments import Deployment, NewDeployment
from theta_tui.shapes.inference import Look, Readiness


class DisposableParams(NewDeployment):
    """What to deploy for a moment, and how to try it. What to deploy may also come inside `payload`."""

    generate_auth: bool = Field(
        True, description="Make up a user and password when none is given; false leaves the endpoint open."
    )
    org_id: str | None = Field(
        None, description="Organisation whose balance is compared.", examples=["org_z9y8x7w6v5u4t3s2r1q0p9o8n7m6"]
    )
    probe: Literal["openai", "gradio"] = Field("openai", description="openai or gradio.", examples=["openai"])
    ready_timeout_ms: int = Field(
        120_000,
        description="How long it may warm up, ms (1000 to 1800000; large models need 900000).",
        examples=[900000],
    )
    interval_ms: int = Field(10_000, description="Pause between looks, ms (500 to 60000).", examples=[10000])
    smoke_message: str = Field(
        "Reply with one word: ready.", description="What it is asked once it is ready.", examples=["ping"], min_length=1
    )
    model: str | None = Field(
        None, description="Model id; the first one it lists by default.", examples=["meta-llama/Llama-3-8B"]
    )


class StepFailure(Shape):
    """A step that failed: its name, the kind of error and its message."""

    step: str = ""
    kind: str = ""
    message: str = ""


class ValidationReport(Shape):
    """How a disposable validation went. Cents are the cloud's balance units, seconds count from the first look."""

    name: str = ""
    endpoint: str = ""
    base_id: str = ""
    shard: str = ""
    suffix: str = ""
    ready: bool = False
    readiness: Readiness = Readiness()
    chat: ChatAnswer | None = None
    cleanup_verified: bool = False
    balance_before_cents: Decimal | None = None
    balance_after_cents: Decimal | None = None
    failures: tuple[StepFailure, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether it became ready, answered, and is gone."""
        return self.ready and self.cleanup_verified and not self.failures

    @property
    def cost_cents(self) -> Decimal | None:
        """What the balance fell by meanwhile, whatever else was running; None when unknown."""
        if self.balance_before_cents is None or self.balance_after_cents is None:
            return None
        return self.balance_before_cents - self.balance_after_cents

    @property
    def timeline(self) -> str:
        """The statuses of the probe in a line, repeated ones once: 404 → 503 → 200."""
        return timeline_of(self.readiness.looks)

    def as_json(self) -> Any:
        """Give the verdict first, then how it came about."""
        cents = self.cost_cents
        return {
            "complete": self.complete,
            "ready": self.ready,
            "timeline": self.timeline,
            "cleanup": "cleanup verified" if self.cleanup_verified else "NOT verified",
            "cost": {"cents": cents, "usd": None if cents is None else cents / 100, "unit": "cents (observed)"},
            "warnings": list(self.warnings),
            "failures": as_json(self.failures),
            "deployment": {
                name: getattr(self, name) or None for name in ("name", "endpoint", "base_id", "shard", "suffix")
            },
            "readiness": as_json(self.readiness),
            "chat": as_json(self.chat),
            "balance_before_cents": self.balance_before_cents,
            "balance_after_cents": self.balance_after_cents,
        }


def timeline_of(looks: tuple[Look, ...]) -> str:
    """Write the statuses of a series of looks in a line, the same one after itself left out; 0 is no connection."""
    statuses = [str(look.status or "no connection") for look in looks]
    return " → ".join(status for at, status in enumerate(statuses) if at == 0 or status != statuses[at - 1])


class PendingDeployment(Shape):
    """A deployment that an interrupted run left. `listed` is None when the list could not be had."""

    number: int = 0
    command: str = ""
    began: str = ""
    name: str = ""
    base_id: str = ""
    shard: str = ""
    suffix: str = ""
    project_id: str = ""
    listed: bool | None = None

    def is_meant(self, deployment: Deployment) -> bool:
        """Whether this is the deployment: by its ids where some were told, else by the name it alone had."""
        if self.base_id and deployment.base_id:
            return self.base_id == deployment.base_id
        if self.suffix and deployment.suffix:
            return self.suffix == deployment.suffix
        return bool(self.name) and self.name == deployment.name


class PendingCleanup(Shape):
    """What interrupted runs left and nobody has deleted yet."""

    deployments: tuple[PendingDeployment, ...] = ()

    def as_json(self) -> Any:
        """Give the list with the command that finishes it."""
        shown = [{name: value for name, value in as_json(item).items() if name != "raw"} for item in self.deployments]
        return {"pending": shown, "finish_with": "theta-tui run theta.cleanup.finish" if shown else None}


class CleanupParams(Params):
    """Which clean-up to finish; all of them by default."""

    number: int | None = Field(None, description="Number of one pending clean-up.", examples=[1], ge=1)


class CleanupReport(Shape):
    """What a finished clean-up came to: names of what was deleted, was gone already, and is still there."""

    deleted: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    failures: tuple[StepFailure, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing is left."""
        return not self.left
