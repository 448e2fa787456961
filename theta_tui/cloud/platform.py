"""The platform (wire 7): whether the cloud answers, and the project with its members.

Summaries and targets name members by id alone: names and e-mails are personal and are not written down.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TypeVar

from theta_tui.change import FREE, Change, Effect, Family, JsonBody, Reply, Request, Target
from theta_tui.cloud.answers import listing, read_as
from theta_tui.cloud.deployments import VM_LIST
from theta_tui.cloud.standing import Standing, since_shown
from theta_tui.command import Account, Cloud, mutation, query
from theta_tui.errors import ProtocolError
from theta_tui.shapes.base import only
from theta_tui.shapes.deployments import ProjectParams
from theta_tui.shapes.platform import Health, Member, MemberList, MemberRef, NewMember, Project, ProjectUpdate

T = TypeVar("T")


class Platform(Cloud):
    """The account around everything else."""

    prefix = "theta"
    domain = "platform"
    needs = (Family.PLATFORM,)

    @query(needs=())
    async def health(self) -> Health:
        """Tell whether the cloud answers, by its public machine list (PF-1)."""
        reply = await self.account.read(VM_LIST)
        count = len(listing(reply, "vms"))
        return Health(ok=True, seconds=round(reply.seconds, 3), host="platform", machine_types=count)

    @query("project.get")
    async def project(self, params: ProjectParams) -> Project:
        """Show the project: name, organisation and video service account (PF-3)."""
        return await read_project(self.account, params.project_id)

    @mutation(Effect.UPDATE, "project.update")
    async def update_project(self, params: ProjectUpdate) -> Change[Project]:
        """Give the project another name (PF-4)."""
        project_id = self.account.project_id(params.project_id)

        async def look() -> Standing:
            return Standing((await read_project(self.account, project_id)).name or project_id)

        async def is_named() -> Project | None:
            project = await read_project(self.account, project_id)
            return project if project.name == params.name else None

        change = _change(
            f"Rename the project {project_id} to {params.name!r}",
            Request("PUT", Family.PLATFORM, ("project", project_id), body=JsonBody({"name": params.name})),
            lambda reply: Project.read(only(reply.value, "projects")),
            Target("project", project_id, params.name),
        )
        return dataclasses.replace(change, recheck=await since_shown(look), reconcile=is_named, idempotent=True)

    @query("project.members")
    async def members(self, params: ProjectParams) -> MemberList:
        """List the members of the project with their roles (PF-5)."""
        path = ("project", self.account.project_id(params.project_id), "users")
        return read_as(MemberList.of, await self.account.read(Request("GET", Family.PLATFORM, path)))

    @mutation(Effect.UPDATE, "project.addMember")
    async def add_member(self, params: NewMember) -> Change[Member]:
        """Take a user into the project with a role (PF-6)."""
        path = ("project", self.account.project_id(params.project_id), "user")
        body = JsonBody({"user_id": params.user_id, "role": params.role})
        return _change(
            f"Add {params.user_id} to the project as {params.role}",
            Request("POST", Family.PLATFORM, path, body=body),
            lambda reply: Member.read(reply.value),
            Target("member", params.user_id),
        )

    @mutation(Effect.UPDATE, "project.disableMember")
    async def disable_member(self, params: MemberRef) -> Change[Member]:
        """Lock a member out of the project; enableMember takes it back (PF-7)."""
        path = ("project", self.account.project_id(params.project_id), "user", params.user_id)
        change = _change(
            f"Disable {params.user_id} in the project",
            Request("DELETE", Family.PLATFORM, path),
            lambda _: Member(id=params.user_id, disabled=True),  # the answer is 204 and empty
            Target("member", params.user_id),
        )
        return await self._watched(change, params, disabled=True)

    @mutation(Effect.UPDATE, "project.enableMember")
    async def enable_member(self, params: MemberRef) -> Change[Member]:
        """Let a disabled member into the project again (PF-8)."""
        path = ("project", self.account.project_id(params.project_id), "user", params.user_id, "enable")
        change = _change(
            f"Enable {params.user_id} in the project",
            Request("PUT", Family.PLATFORM, path),
            lambda reply: Member.read(reply.value),
            Target("member", params.user_id),
        )
        return await self._watched(change, params, disabled=False)

    async def _watched(self, change: Change[Member], params: MemberRef, *, disabled: bool) -> Change[Member]:
        """Give a change of a member that looks at the list before it is sent, and after a lost answer (PF-5)."""

        async def find() -> Member | None:
            listed = await self.members(ProjectParams(project_id=params.project_id))
            return next((one for one in listed.members if one.id == params.user_id), None)

        async def look() -> Standing | None:
            found = await find()
            return Standing(found.id, found.id, "disabled" if found.disabled else "enabled") if found else None

        async def is_so() -> Member | None:
            found = await find()
            if found is None or "disabled" not in found.raw:
                raise ProtocolError("The list does not tell how the member stands.")
            return found if found.disabled is disabled else None

        return dataclasses.replace(change, recheck=await since_shown(look), reconcile=is_so, idempotent=True)


def _change(summary: str, request: Request, read: Callable[[Reply], T], target: Target) -> Change[T]:
    return Change(summary=summary, effect=Effect.UPDATE, requests=(request,), read=read, cost=FREE, target=target)


async def read_project(account: Account, given: str | None = None) -> Project:
    """Read PF-3; ProtocolError when the answer holds no project."""
    reply = await account.read(Request("GET", Family.PLATFORM, ("project", account.project_id(given))))
    found = next((item for item in listing(reply, "projects") if isinstance(item, Mapping)), None)
    if found is None:
        raise ProtocolError("The project answer holds no project.")
    return Project.read(found)


async def organisation(account: Account, given: str | None = None) -> str:
    """Give the organisation id: as given, as configured, else the project's own (wire 7.3)."""
    return given or account.known_org_id() or (await read_project(account)).org_id
