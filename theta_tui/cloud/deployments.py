"""Deployments, templates and machine types (wire 4 and 6).

Singular routes first, plural after 404 or 405 (wire 4.2); what is not documented is kept as it came.
"""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pydantic import SecretStr

from theta_tui.change import (
    FREE,
    After,
    Change,
    Effect,
    EndpointCredential,
    Family,
    JsonBody,
    MachineEvent,
    Request,
    Target,
    query_of,
    segments,
)
from theta_tui.cloud.answers import listing, read_as, read_one
from theta_tui.cloud.deployment_list import list_requests, listed, plural
from theta_tui.cloud.machine_prices import MachinePrices, as_listed
from theta_tui.cloud.standing import Recheck, Standing, of_deployment, since
from theta_tui.command import Account, Cloud, mutation, query
from theta_tui.errors import CloudError, ProtocolError, UsageError
from theta_tui.shapes.deployments import (
    Deployment,
    DeploymentDelete,
    DeploymentList,
    DeploymentRef,
    DeploymentSwitch,
    DeploymentUpdate,
    NewDeployment,
    ProjectParams,
    RouteProbe,
    RouteTried,
    StandardTemplates,
    TemplateList,
    VmType,
    VmTypes,
)

VM_LIST = Request("GET", Family.PLATFORM, ("resource", "vm", "list"), public=True)


LATELY_SECONDS = 1.0
"""How old a list may be from which a change is written down; it is looked at again before the change is sent."""
NEVER: tuple[float, str | None, DeploymentList] = (float("-inf"), None, DeploymentList())
MANY = 500
"""Records from which they are read beside the event loop, which goes on answering keys."""


def _read_all(items: Sequence[Any]) -> tuple[Deployment, ...]:
    return tuple(Deployment.read(item) for item in items)


class Deployments(Cloud):
    """Machines that serve a template."""

    prefix = "theta.deployments"
    domain = "deployments"
    needs = (Family.CONTROLLER,)

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._lately = NEVER
        self._prices = MachinePrices(self.list_vm)

    @query("list")
    async def list_all(self, params: ProjectParams) -> DeploymentList:
        """List the deployments of a project (CT-9, then CT-10)."""
        reply = await self.account.read(*list_requests(self.account.project_id(params.project_id)))
        items = listing(reply, "deployments")
        found = await asyncio.to_thread(_read_all, items) if len(items) > MANY else _read_all(items)
        return DeploymentList(deployments=found, route=str(reply.request.path[0]))

    @query()
    async def route_probe(self, params: ProjectParams) -> RouteProbe:
        """Try both list routes and tell which one works for the project (CT-9 and CT-10)."""
        routes = list_requests(self.account.project_id(params.project_id))
        return RouteProbe(routes=tuple([await self._try(route) for route in routes]))

    @query()
    async def inspect(self, params: DeploymentRef) -> Deployment:
        """Show one deployment with all that the cloud tells of it (CT-12)."""
        route = _route("GET", params, self.account.project_id(params.project_id))
        return read_one(Deployment.read, await self.account.read(route, plural(route)))

    @query()
    async def list_standard(self, params: StandardTemplates) -> TemplateList:
        """List the standard templates of a category (CT-1)."""
        asked = query_of(category=params.category, page=params.page, number=params.number)
        path = segments("deployment_template/list_standard_templates")
        reply = await self.account.read(Request("GET", Family.CONTROLLER, path, asked))
        return read_as(lambda value: TemplateList.of(value, params.page, params.number), reply)

    @query(needs=())
    async def list_vm(self) -> VmTypes:
        """List the machine types with whatever the cloud tells of them (PF-1, public)."""
        reply = await self.account.read(VM_LIST)
        return VmTypes(vms=tuple(VmType.read(item) for item in listing(reply, "vms")))

    @mutation(Effect.CREATE)
    async def create(self, params: NewDeployment) -> Change[Deployment]:
        """Create a deployment: it is billed by the hour from then on (CT-8).

        Machine types in `fallback_vms` are tried in order after "no instances available"; the cost shown is that of
        the dearest. With `generate_auth` a user and password are made up and kept in the vault.
        """
        name = params.name or f"theta-{secrets.token_hex(3)}"
        credential = _credential(params)
        vms = (params.vm_id, *(vm for vm in params.fallback_vms if vm != params.vm_id))
        body = self._body(params, name, credential)
        first = Request("POST", Family.CONTROLLER, ("deployment",), body=JsonBody({**body, "vm_id": vms[0]}))
        others = tuple(
            dataclasses.replace(first, body=JsonBody({**body, "vm_id": vm}), only_after=After.CAPACITY)
            for vm in vms[1:]
        )  # fmt: skip
        cost = as_listed(params, await self._prices.of(vms, params.min_replicas))
        return Change(
            summary=f"Create the deployment {name} on {' or '.join(vms)}",
            effect=Effect.CREATE,
            requests=(first, *others),
            read=lambda reply: _created(reply.value, name),
            cost=cost,
            target=Target("deployment", "", name),
            credential=credential,
            machine=MachineEvent.STARTS,
            identify=lambda deployment: deployment.key,
            answered=_answered_credential,
            recheck=lambda: self._prices.otherwise(vms, params.min_replicas, cost),
            reconcile=await self._watch_for(name, params.project_id),
        )

    @mutation(Effect.UPDATE)
    async def update(self, params: DeploymentUpdate) -> Change[Deployment]:
        """Change a deployment: only what is given is sent (CT-13).

        More machines or a dearer type are billed from then on; the cost shown is that of all of them.
        """
        project_id, changed = self.account.project_id(params.project_id), params.changed()
        route = _route("PUT", params, project_id)
        put = dataclasses.replace(route, body=JsonBody({"project_id": project_id, **changed}))
        known = await self._find(params.suffix, params.project_id)
        cost = await self._prices.changed(params, known)
        return Change(
            summary=f"Change {', '.join(changed)} of the deployment {known.name if known else params.suffix}",
            effect=Effect.UPDATE,
            requests=(put, plural(put)),
            read=lambda reply: Deployment.of(reply.value),
            cost=cost,
            target=Target("deployment", params.suffix, known.name if known else params.suffix),
            credential=_given_credential(params.auth_username, params.auth_password),
            machine=None if cost.is_free else MachineEvent.STARTS,
            identify=lambda _: params.suffix,
            recheck=self._since(known, params.project_id),
        )

    @mutation(Effect.UPDATE)
    async def start(self, params: DeploymentSwitch) -> Change[Any]:
        """Start a stopped deployment: it is billed by the hour from then on (CT-14, CT-18)."""
        known = await self._find(params.suffix, params.project_id)
        vms = (known.vm_id,) if known and known.vm_id else ()
        replicas = known.billed_replicas if known else 1
        cost, since = await self._prices.of(vms, replicas), self._since(known, params.project_id)

        async def recheck() -> str | None:
            return (await since() if since else None) or await self._prices.otherwise(vms, replicas, cost)

        return dataclasses.replace(
            self._switch(params, "start", known),
            cost=cost,
            machine=MachineEvent.STARTS,
            identify=lambda _: params.suffix,
            recheck=recheck,
        )

    @mutation(Effect.UPDATE)
    async def stop(self, params: DeploymentSwitch) -> Change[Any]:
        """Stop a deployment: billing ends, the deployment stays (CT-15, CT-18)."""
        known = await self._find(params.suffix, params.project_id)
        return dataclasses.replace(
            self._switch(params, "stop", known),
            machine=MachineEvent.ENDS,
            recheck=self._since(known, params.project_id),
            reconcile=lambda: self._is_off(params.suffix, params.project_id, when_listed=True),
            idempotent=True,
        )

    @mutation(Effect.DESTROY)
    async def delete(self, params: DeploymentDelete) -> Change[Any]:
        """Delete a deployment for good: by base id where it is known, else by shard and suffix (CT-17, CT-16)."""
        project = query_of(project_id=self.account.project_id(params.project_id))
        ways: list[Request] = []
        if params.deployment_id:
            ways.append(Request("DELETE", Family.CONTROLLER, ("deployment", "base", params.deployment_id), project))
        if params.shard and params.suffix:
            route = Request("DELETE", Family.CONTROLLER, ("deployment", params.shard, params.suffix), project)
            ways += [route, plural(route)] if not ways else [_after_no_route(route), plural(route)]
        if not ways:
            raise UsageError(
                "theta.deployments.delete needs deploymentId, or shard and suffix.",
                hint="`theta-tui run theta.deployments.list` shows them.",
            )
        key = params.suffix or params.deployment_id or ""
        known = await self._find(key, params.project_id)
        return Change(
            summary=f"Delete the deployment {params.name or key} for good",
            effect=Effect.DESTROY,
            requests=tuple(ways),
            read=lambda reply: reply.value,
            cost=FREE,
            target=Target("deployment", key, params.name or key),
            machine=MachineEvent.ENDS,
            recheck=self._since(known, params.project_id),
            reconcile=lambda: self._is_off(key, params.project_id, when_listed=False),
            idempotent=True,
        )

    def _switch(self, params: DeploymentSwitch, verb: str, known: Deployment | None) -> Change[Any]:
        project_id = self.account.project_id(params.project_id)
        put = _route("PUT", params, project_id, verb)
        post = _after_no_route(dataclasses.replace(put, method="POST"))
        ways = [put, plural(put), post, plural(post)]
        if base_id := params.base_id or (known.base_id if known else ""):
            # This form was seen with POST first (CT-18).
            by_base = dataclasses.replace(post, path=("deployment", "base", base_id, verb))
            ways += [by_base, dataclasses.replace(by_base, method="PUT")]
        name = params.name or params.suffix
        return Change(
            summary=f"{verb.capitalize()} the deployment {name}",
            effect=Effect.UPDATE,
            requests=tuple(ways),
            read=lambda reply: reply.value,
            cost=FREE,
            target=Target("deployment", params.suffix, name),
        )

    async def _try(self, route: Request) -> RouteTried:
        name = "/".join(str(part) for part in route.path)
        try:
            reply = await self.account.read(dataclasses.replace(route, only_after=None))
        except CloudError as error:
            return RouteTried(route=name, status=error.status, error=f"{error.kind}: {error.message}")
        return RouteTried(route=name, works=True, status=reply.status, deployments=len(listing(reply, "deployments")))

    async def _find(self, key: str, project_id: str | None) -> Deployment | None:
        """Find a deployment in a list of this moment: one reading serves for all that are changed together."""
        when, project, found = self._lately
        if project != project_id or time.monotonic() - when > LATELY_SECONDS:
            when = time.monotonic()
            try:
                found = await self.list_all(ProjectParams(project_id=project_id))
            except CloudError:
                return None
            self._lately = (when, project_id, found)
        return found.find(key)

    def _since(self, known: Deployment | None, project_id: str | None) -> Recheck | None:
        """Give what tells, just before a change, how the deployment stands otherwise than it was shown."""
        if known is None:
            return None
        key = known.key

        async def look() -> Standing | None:
            self._lately = NEVER  # what is sent now makes it old
            every = await self.list_all(ProjectParams(project_id=project_id))
            found = every.find(key)
            if found is None and any(one.fault for one in every.deployments):
                raise ProtocolError("The list has an entry that cannot be read: it may be the one.")
            return of_deployment(found) if found else None

        return since(of_deployment(known), look)

    async def _is_off(self, key: str, project_id: str | None, *, when_listed: bool) -> bool | None:
        """Look, after a lost answer, whether a deployment is gone, or still listed but not billed any more.

        ProtocolError when the list does not say how it stands.
        """
        every = await listed(self.account, self.account.project_id(project_id))
        found = DeploymentList(deployments=every).find(key)
        if found is not None and when_listed and not found.endpoint_status:
            raise ProtocolError("The list does not tell how the deployment stands.")
        return True if found is None or (when_listed and not found.is_billed) else None

    async def _watch_for(self, name: str, project_id: str | None) -> Callable[[], Awaitable[Deployment | None]] | None:
        """Give a look for a new deployment of this name; None when the list cannot be had to compare with."""
        try:
            before = {item.key for item in (await self.list_all(ProjectParams(project_id=project_id))).deployments}
        except CloudError:
            return None

        async def look() -> Deployment | None:
            listed = await self.list_all(ProjectParams(project_id=project_id))
            new = [item for item in listed.deployments if item.name == name and item.key not in before]
            return new[0] if len(new) == 1 else None

        return look

    def _body(self, params: NewDeployment, name: str, credential: EndpointCredential | None) -> dict[str, Any]:
        fields = {
            "project_id": self.account.project_id(params.project_id),
            "deployment_template_id": params.deployment_template_id,
            "min_replicas": params.min_replicas,
            "max_replicas": params.max_replicas,
            "name": name,
            "container_image": params.container_image,
            "env_vars": params.env_vars,
            "annotations": params.annotations,
            "auth_username": credential.username if credential else params.auth_username,
            "auth_password": credential.password if credential else params.auth_password,
            "registry_username": params.registry_username,
            "registry_password": params.registry_password,
            "password": params.password,
            "price_hr": params.price_hr,
            "shard": params.shard,
        }
        return {key: value for key, value in fields.items() if value is not None}


def _after_no_route(request: Request) -> Request:
    return dataclasses.replace(request, only_after=After.NO_ROUTE)


def _route(method: str, params: DeploymentRef | DeploymentUpdate, project_id: str, *verb: str) -> Request:
    path = ("deployment", params.shard, params.suffix, *verb)
    return Request(method, Family.CONTROLLER, path, query_of(project_id=project_id))


def _given_credential(username: str | None, password: SecretStr | None) -> EndpointCredential | None:
    return EndpointCredential(SecretStr(username), password) if username and password else None


def _credential(params: NewDeployment) -> EndpointCredential | None:
    """Give the endpoint's credentials: as given, or made up (wire 15.3: prefix and 8 hex digits, 24 characters)."""
    if given := _given_credential(params.auth_username, params.auth_password):
        return given
    if params.generate_auth:
        return EndpointCredential(
            SecretStr(f"theta_{secrets.token_hex(4)}"), SecretStr(secrets.token_urlsafe(18)), is_generated=True
        )
    return None


def _answered_credential(deployment: Deployment) -> EndpointCredential | None:
    if not deployment.auth_username or deployment.auth_password is None:
        return None
    return EndpointCredential(SecretStr(deployment.auth_username), deployment.auth_password)


def _created(value: object, name: str) -> Deployment:
    deployment = Deployment.of(value)
    return deployment if deployment.name else deployment.model_copy(update={"name": name})
