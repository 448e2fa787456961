"""The platform (wire 7): projects, and whether the cloud answers at all."""

from __future__ import annotations

from theta_tui.shapes.base import Shape, Text


class Health(Shape):
    """Whether the public machine list answers, and how fast (seconds)."""

    ok: bool = False
    seconds: float = 0.0
    host: str = ""
    machine_types: int = 0


class Project(Shape):
    """A project (PF-3): its organisation and video service account come from the project key alone."""

    id: Text = ""
    name: Text = ""
    org_id: Text = ""
    tva_id: Text = ""
    gateway_id: Text = ""
    create_time: Text = ""
