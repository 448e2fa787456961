"""The platform (wire 7): whether the cloud answers, and what the project key tells of its project."""

from __future__ import annotations

from theta_tui.change import Family, Request
from theta_tui.cloud.deployments import VM_LIST
from theta_tui.command import Account, Cloud, query
from theta_tui.errors import ProtocolError
from theta_tui.shapes.base import records
from theta_tui.shapes.deployments import ProjectParams
from theta_tui.shapes.platform import Health, Project


class Platform(Cloud):
    """The account around everything else."""

    prefix = "theta"
    domain = "platform"
    needs = (Family.PLATFORM,)

    @query(needs=())
    async def health(self) -> Health:
        """Tell whether the cloud answers, by its public machine list (PF-1)."""
        reply = await self.account.read(VM_LIST)
        count = len(records(reply.value, "vms"))
        return Health(ok=True, seconds=round(reply.seconds, 3), host="platform", machine_types=count)

    @query("project.get")
    async def project(self, params: ProjectParams) -> Project:
        """Show the project: name, organisation and video service account (PF-3)."""
        return await read_project(self.account, params.project_id)


async def read_project(account: Account, given: str | None = None) -> Project:
    """Read PF-3; ProtocolError when the answer holds no project."""
    reply = await account.read(Request("GET", Family.PLATFORM, ("project", account.project_id(given))))
    found = records(reply.value, "projects")
    if not found:
        raise ProtocolError("The project answer holds no project.")
    return Project.read(found[0])


async def organisation(account: Account, given: str | None = None) -> str:
    """Give the organisation id: as given, as configured, else the project's own (wire 7.3)."""
    return given or account.known_org_id() or (await read_project(account)).org_id
