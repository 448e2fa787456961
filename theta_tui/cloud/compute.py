"""Hardware beside deployments (wire 5): community nodes, clusters and volumes, notebooks and GPU nodes.

Only lists: no public source shows how clusters and volumes are made (wire 19), and nothing is guessed here.
"""

from __future__ import annotations

from functools import partial

from theta_tui.change import Family, Request, query_of, segments
from theta_tui.cloud.answers import listing, read_as
from theta_tui.cloud.deployment_list import list_requests
from theta_tui.command import Cloud, query
from theta_tui.errors import CloudError
from theta_tui.shapes.compute import (
    NODE,
    NOTEBOOK,
    ClusterList,
    CommunityNodes,
    DedicatedDeployment,
    DedicatedDeployments,
    VolumeList,
    VolumePage,
)
from theta_tui.shapes.deployments import Deployment, DeploymentList, ProjectParams, Template, TemplateList

TEMPLATES_PER_PAGE = 50
MOST_PAGES = 20


class Compute(Cloud):
    """What runs, by kind, and what it could run on."""

    prefix = "theta"
    domain = "compute"
    needs = (Family.CONTROLLER,)

    @query("ai.dedicatedDeployments.list")
    async def dedicated(self, params: ProjectParams) -> DedicatedDeployments:
        """List the deployments that serve a model, with their templates (CT-9, CT-1).

        When the templates cannot be had the deployments come without them, and `warning` says why (wire 4.6).
        """
        found = await self._filtered(params, ("not_template_name", NOTEBOOK), ("not_template_name", NODE))
        templates: dict[str, Template] = {}
        warning = None
        try:
            await self._collect(templates)
        except CloudError as error:
            warning = f"The template catalogue could not be read, so templates are missing: {error.message}"
        listed = tuple(
            DedicatedDeployment(deployment=item, template=templates.get(item.template_id or item.template_name))
            for item in found.deployments
        )
        return DedicatedDeployments(deployments=listed, warning=warning, route=found.route)

    @query("ai.jupyter.list")
    async def notebooks(self, params: ProjectParams) -> DeploymentList:
        """List the Jupyter notebooks of a project (CT-9)."""
        return await self._filtered(params, ("template_name", NOTEBOOK))

    @query("ai.gpuNode.list")
    async def nodes(self, params: ProjectParams) -> DeploymentList:
        """List the GPU nodes of a project (CT-9)."""
        return await self._filtered(params, ("template_name", NODE))

    @query("ai.gpuCluster.list")
    async def clusters(self, params: ProjectParams) -> ClusterList:
        """List the GPU clusters of a project with whatever the cloud tells of them (CT-20)."""
        asked = query_of(project_id=self.account.project_id(params.project_id))
        reply = await self.account.read(Request("GET", Family.CONTROLLER, segments("cluster/list"), asked))
        return read_as(ClusterList.of, reply)

    @query("ai.storage.list")
    async def volumes(self, params: VolumePage) -> VolumeList:
        """List the volumes of a project with whatever the cloud tells of them (CT-21)."""
        project = self.account.project_id(params.project_id)
        asked = query_of(projectId=project, page=params.page, number=params.number)
        reply = await self.account.read(Request("GET", Family.CONTROLLER, segments("volume/claim"), asked))
        return read_as(lambda value: VolumeList.of(value, params.page, params.number), reply)

    @query("compute.communityNodes")
    async def community_nodes(self, params: ProjectParams) -> CommunityNodes:
        """List the community nodes with GPU, network speed and price per hour (CT-19)."""
        asked = query_of(projectId=self.account.project_id(params.project_id), env="prod")
        reply = await self.account.read(Request("GET", Family.CONTROLLER, segments("community/nodes"), asked))
        return read_as(CommunityNodes.of, reply)

    async def _filtered(self, params: ProjectParams, *filters: tuple[str, str]) -> DeploymentList:
        reply = await self.account.read(*list_requests(self.account.project_id(params.project_id), *filters))
        found = tuple(Deployment.read(item) for item in listing(reply, "deployments"))
        return DeploymentList(deployments=found, route=str(reply.request.path[0]))

    async def _collect(self, templates: dict[str, Template]) -> None:
        """Fill in the serving templates by id and by name, page by page; what was read before an error stays."""
        path = segments("deployment_template/list_standard_templates")
        seen = 0
        for page in range(MOST_PAGES):
            asked = query_of(category="serving", page=page, number=TEMPLATES_PER_PAGE)
            reply = await self.account.read(Request("GET", Family.CONTROLLER, path, asked))
            found = read_as(partial(TemplateList.of, page=page, number=TEMPLATES_PER_PAGE), reply)
            for template in found.templates:
                for key in filter(None, (template.id, template.name)):
                    templates.setdefault(key, template)
            seen += len(found.templates)
            if not found.templates or (found.total is not None and seen >= found.total):
                return
