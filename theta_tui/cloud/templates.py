"""Templates (wire 4.3, 4.4): finding the standard ones, and keeping those of one's own."""

from __future__ import annotations

import dataclasses
from functools import partial

from theta_tui.change import FREE, Change, Effect, Family, JsonBody, Request, Target, query_of, segments
from theta_tui.cloud.answers import read_as
from theta_tui.cloud.deployment_list import proven
from theta_tui.cloud.standing import Look, Standing, since_shown
from theta_tui.command import Cloud, mutation, query
from theta_tui.errors import ProtocolError
from theta_tui.shapes.base import only
from theta_tui.shapes.deployments import Template, TemplateList
from theta_tui.shapes.templates import (
    CustomTemplates,
    NewTemplate,
    TemplateFields,
    TemplateRef,
    TemplateSearch,
    TemplateTags,
    TemplateUpdate,
)

ROUTE = "deployment_template"
MOST_TEMPLATES = 200
"""Templates looked through for one of them."""


class TemplateShelf(Cloud):
    """What can be deployed: the commands that look, beside `theta.deployments.listStandard`."""

    prefix = "theta.deployments"
    domain = "deployments"
    needs = (Family.CONTROLLER,)

    @query()
    async def list_custom(self, params: CustomTemplates) -> TemplateList:
        """List the templates of the project itself (CT-2)."""
        project = self.account.project_id(params.project_id)
        reply = await self.account.read(_custom(project, params.page, params.number))
        return read_as(lambda value: TemplateList.of(value, params.page, params.number), reply)

    @query()
    async def search_templates(self, params: TemplateSearch) -> TemplateList:
        """Find standard templates by words, tag and category (CT-4)."""
        asked = query_of(
            tags=params.tags,
            search=params.search,
            page=params.page,
            number=params.number,
            category=params.category,
            hidden=params.hidden,
        )
        reply = await self.account.read(
            Request("GET", Family.CONTROLLER, segments(f"{ROUTE}/standard_templates"), asked)
        )
        return read_as(lambda value: TemplateList.of(value, params.page, params.number), reply)

    @query()
    async def template_tags(self) -> TemplateTags:
        """List the tags of the standard templates (CT-3)."""
        path = segments(f"{ROUTE}/standard_template_tags")
        return read_as(TemplateTags.of, await self.account.read(Request("GET", Family.CONTROLLER, path)))


class Templates(Cloud):
    """Templates of one's own."""

    prefix = "theta.templates"
    domain = "deployments"
    needs = (Family.CONTROLLER,)

    @mutation(Effect.CREATE)
    async def create(self, params: NewTemplate) -> Change[Template]:
        """Make a template of one's own; nothing runs or is billed by it (CT-5)."""
        return self._save(
            Effect.CREATE,
            f"Make the template {params.name}",
            Request("POST", Family.CONTROLLER, (ROUTE,), body=self._body(params)),
            Target("template", "", params.name),
        )

    @mutation(Effect.UPDATE)
    async def update(self, params: TemplateUpdate) -> Change[Template]:
        """Change a template of one's own: only what is given is sent (CT-6)."""
        changed = ", ".join(params.body())
        recheck = await since_shown(lambda: self._look(params.template_id, params.project_id))
        save = self._save(
            Effect.UPDATE,
            f"Change {changed} of the template {params.template_id}",
            Request("PUT", Family.CONTROLLER, (ROUTE, params.template_id), body=self._body(params)),
            Target("template", params.template_id),
        )
        return dataclasses.replace(save, recheck=recheck)

    @mutation(Effect.DESTROY)
    async def delete(self, params: TemplateRef) -> Change[bool]:
        """Delete a template of one's own for good (CT-7)."""
        project = query_of(project_id=self.account.project_id(params.project_id))
        look = partial(self._look, params.template_id, params.project_id)
        return Change(
            summary=f"Delete the template {params.name or params.template_id} for good",
            effect=Effect.DESTROY,
            requests=(Request("DELETE", Family.CONTROLLER, (ROUTE, params.template_id), project),),
            read=lambda _: True,  # any 2xx (wire 19)
            cost=FREE,
            target=Target("template", params.template_id, params.name or params.template_id),
            recheck=await since_shown(look),
            reconcile=lambda: _is_gone(look),
            idempotent=True,
        )

    async def _look(self, template_id: str, project_id: str | None) -> Standing | None:
        """Find a template among those of the project (CT-2); ProtocolError if the list is too long to be sure."""
        reply = await self.account.read(_custom(self.account.project_id(project_id), 0, MOST_TEMPLATES))
        every, listed = proven(reply, "templates"), TemplateList.of(reply.value, 0, MOST_TEMPLATES)
        found = next((one for one in listed.templates if one.id == template_id), None)
        if found is None and max(len(every), listed.total or 0) >= MOST_TEMPLATES:
            raise ProtocolError("There are too many templates to be sure.")
        return Standing(found.name or found.id, found.id) if found else None

    def _body(self, params: TemplateFields) -> JsonBody:
        return JsonBody({"project_id": self.account.project_id(params.project_id), **params.body()})

    def _save(self, effect: Effect, summary: str, request: Request, target: Target) -> Change[Template]:
        return Change(
            summary=summary,
            effect=effect,
            requests=(request,),
            read=lambda reply: Template.read(only(reply.value, "templates")),
            cost=FREE,
            target=target,
            identify=lambda template: template.id,
        )


def _custom(project_id: str, page: int, number: int) -> Request:
    asked = query_of(project_id=project_id, page=page, number=number)
    return Request("GET", Family.CONTROLLER, segments(f"{ROUTE}/list_custom_templates"), asked)


async def _is_gone(look: Look) -> bool | None:
    return True if await look() is None else None
