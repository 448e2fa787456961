"""What the configured keys can do (wire 14.1): asked with reads alone; and the checklist of what is missing."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

from theta_tui.change import Family, Request, query_of
from theta_tui.cloud.answers import listing
from theta_tui.cloud.deployment_list import list_requests
from theta_tui.cloud.on_demand import LIST
from theta_tui.cloud.platform import organisation
from theta_tui.cloud.video import VideoCloud
from theta_tui.command import Cloud, query
from theta_tui.errors import AuthError, CloudError, NoCredentials, PermissionDenied, ThetaError, UsageError
from theta_tui.shapes.billing import OrgParams
from theta_tui.shapes.capabilities import (
    DOUBTS,
    UNCHECKED,
    UNPROVEN,
    Capabilities,
    Capability,
    SetupChecklist,
    SetupItem,
)

PROBE_SECONDS = 3.0
"""How long one part may take to answer."""

PROJECT_KEY, PROJECT_ID, ORG_ID = "THETA_EC_API_KEY", "THETA_EC_PROJECT_ID", "THETA_ORG_ID"

Check = Callable[[], Awaitable[str]]
"""Asks one part; gives a note, one of `DOUBTS` if nothing is proved, and raises when it says no."""


class Access(Cloud):
    """The keys of this machine, and what they open."""

    prefix = "theta"
    domain = "platform"

    @query("auth.capabilities", needs=())
    async def capabilities(self, params: OrgParams) -> Capabilities:
        """Tell which parts of the cloud the configured keys open, by asking each of them a harmless question.

        CT-9, PF-2, OD-1, OD-7 or OD-2, DI-1, VD-5. Nothing is changed; a 2xx from a route that may be public proves
        nothing and is told as such. Each part has 3 s.
        """
        found = await asyncio.gather(
            self._part("controller", (PROJECT_KEY, PROJECT_ID), Family.CONTROLLER, self._controller),
            self._part("balance", (PROJECT_KEY, ORG_ID), Family.PLATFORM, lambda: self._balance(params.org_id)),
            self._part("service_list", (), None, self._service_list),
            self._part("ondemand", ("THETA_ONDEMAND_API_TOKEN",), Family.ONDEMAND, self._on_demand),
            self._part("inference", ("THETA_INFERENCE_ENDPOINT",), None, self._inference),
            self._part("video", ("THETA_VIDEO_SA_ID", "THETA_VIDEO_SA_SECRET"), Family.VIDEO, self._video),
        )
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return Capabilities(dry_run=self.account.is_dry_run(), timestamp=now, capabilities=tuple(found))

    @query("setup", needs=())
    async def setup(self) -> SetupChecklist:
        """List the keys and ids that this machine has and lacks, where each is found, and what comes next.

        Local: no cloud is asked, and no value is looked at.
        """
        keys = tuple(
            SetupItem(
                name=key.name,
                label=key.label,
                present=key.source is not None,
                source=key.source,
                variables=key.variables,
                where=key.where,
            )
            for key in await self.account.key_states()
        )
        return SetupChecklist(
            dry_run=self.account.is_dry_run(),
            items=(*keys, *self._ids()),
            next_steps=NEXT_STEPS,
        )

    async def _part(self, name: str, required: tuple[str, ...], family: Family | None, check: Check) -> Capability:
        """Ask one part; whatever goes wrong is its own affair."""
        capability = Capability(name=name, required=required)
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                if family is not None:
                    await self.account.check_credential(family)
                note = await check()
        except NoCredentials as error:
            return capability.model_copy(update={"notes": f"{UNCHECKED}: {error.message}"})
        except ThetaError as error:
            return capability.model_copy(
                update={"configured": True, "notes": error.hint, "error": f"{error.kind}: {error.message}"}
            )
        except TimeoutError:
            late = f"timeout: no answer within {PROBE_SECONDS:g} s"
            return capability.model_copy(update={"configured": True, "error": late})
        proved = not note.startswith(DOUBTS)
        return capability.model_copy(update={"configured": True, "verified": proved, "notes": note})

    async def _controller(self) -> str:
        first, other = list_requests(self.account.project_id())
        reply = await self.account.read(_once(first), _once(other))
        return f"{len(listing(reply, 'deployments'))} deployments listed"

    async def _balance(self, given: str | None) -> str:
        org_id = await organisation(self.account, given)
        await self.account.read(_once(Request("GET", Family.PLATFORM, ("balance",), query_of(orgID=org_id))))
        return "the balance was read"

    async def _service_list(self) -> str:
        reply = await self.account.read(_once(LIST))
        return f"public: {len(listing(reply, 'services'))} services listed"

    async def _on_demand(self) -> str:
        try:
            path = ("infer_request", self.account.project_id(), "list")
        except NoCredentials:
            return await self._one_service()
        await self.account.read(_once(Request("GET", Family.ONDEMAND, path)))
        return "the project's requests were listed"

    async def _one_service(self) -> str:
        """Without a project id: one service, which only proves something where it is refused without the token."""
        found = listing(await self.account.read(_once(LIST)), "services")
        alias = next((str(item["alias"]) for item in found if isinstance(item, Mapping) and item.get("alias")), "qwen3")
        question = Request("GET", Family.ONDEMAND, ("service", alias))
        await self.account.read(_once(question))
        return "one service was shown" if await self._is_closed(question) else UNPROVEN

    async def _inference(self) -> str:
        endpoint = self.account.endpoint()
        question = Request("GET", Family.ENDPOINT, ("v1", "models"), base=endpoint.origin)
        reply = await self.account.read(_once(question))
        if not await self._is_closed(question):
            return UNPROVEN
        return f"{len(listing(reply, 'data'))} models listed"

    async def _video(self) -> str:
        try:
            path = ("video", await VideoCloud(self.account).account_id(None), "list")
        except (NoCredentials, UsageError) as error:
            return f"{UNCHECKED}: {error.message}"
        await self.account.read(_once(Request("GET", Family.VIDEO, path, query_of(page=1, number=1))))
        return "the first page of videos was listed"

    async def _is_closed(self, question: Request) -> bool:
        """Whether the same question is refused without a credential, so that an answer to it proves one."""
        try:
            await self.account.read(dataclasses.replace(_once(question), public=True))
        except (AuthError, PermissionDenied):
            return True
        except CloudError:
            return False
        return False

    def _ids(self) -> tuple[SetupItem, ...]:
        there = (_is_there(self.account.project_id), self.account.known_org_id() is not None,
                 _is_there(self.account.endpoint))  # fmt: skip
        return tuple(item.model_copy(update={"present": is_there}) for item, is_there in zip(IDS, there, strict=True))


IDS = (
    SetupItem(
        name="project_id",
        label="project id",
        variables=(PROJECT_ID,),
        where="Dashboard → your project: the prj_… in its address.",
    ),
    SetupItem(
        name="org_id",
        label="organisation id",
        variables=(ORG_ID,),
        where="Optional: it is looked up from the project when it is missing.",
    ),
    SetupItem(
        name="inference_endpoint",
        label="dedicated endpoint",
        variables=("THETA_INFERENCE_ENDPOINT",),
        where="Optional: the https address of a deployment, for theta.inference.*.",
    ),
)
NEXT_STEPS = (
    "Run `theta-tui setup` to enter and check the keys; they go to the system's keyring.",
    "Add credits in the dashboard: the quota of a machine type may be zero until $20 reach the Developer Plan.",
    "Then ask for more machines under Account → Quota → Increase Quota.",
    "Set THETA_MAX_BUDGET_USD to a daily cap in USD, then try `theta-tui smoke --dry-run`.",
)


def _once(request: Request) -> Request:
    return dataclasses.replace(request, retries=0)


def _is_there(ask: Callable[[], object]) -> bool:
    """Whether something is configured, also if it is refused for what it is."""
    try:
        ask()
    except NoCredentials:
        return False
    except ThetaError:
        return True
    return True
