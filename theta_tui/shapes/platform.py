"""The platform (wire 7): projects, their members, and whether the cloud answers at all."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field

from theta_tui.shapes.base import Flag, Shape, Text, as_json, records
from theta_tui.shapes.deployments import ProjectParams


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


class Member(Shape):
    """A member of a project (wire 7.4). Names and e-mail are personal: they stay out of `repr`, and so out of logs."""

    id: Text = ""
    first_name: Text = Field(default="", repr=False)
    last_name: Text = Field(default="", repr=False)
    email: Text = Field(default="", repr=False)
    avatar_url: Text = Field(default="", repr=False)
    role: Text = ""
    disabled: Flag = False
    create_time: Text = ""

    @property
    def name(self) -> str:
        """First and last name, as far as they are known."""
        return f"{self.first_name} {self.last_name}".strip()


class MemberList(Shape):
    """The members of a project."""

    members: tuple[Member, ...] = ()

    @classmethod
    def of(cls, value: object) -> Self:
        """Read a PF-5 answer."""
        return cls(members=tuple(Member.read(item) for item in records(value, "users")))

    def as_json(self) -> Any:
        """Give the cloud's own list."""
        return as_json(self.members)


class ProjectUpdate(ProjectParams):
    """A project's new name."""

    name: str = Field(description="New name of the project.", examples=["Demo"], min_length=1, max_length=200)


class MemberRef(ProjectParams):
    """One member of a project."""

    user_id: str = Field(description="Id of the user.", examples=["usr_q1w2e3r4t5y6u7i8o9p0a1s2d3f4"], min_length=1)


class NewMember(MemberRef):
    """A user to take into a project."""

    role: Literal["admin", "editor", "viewer"] = Field(description="admin, editor or viewer.", examples=["viewer"])
