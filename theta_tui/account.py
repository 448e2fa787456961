"""What cloud objects may ask of a session: reads, ids, the endpoint. Nothing that changes anything."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Protocol

from theta_tui.change import Family, Reply, Request
from theta_tui.command import Endpoint, KeyState
from theta_tui.credentials import ITEMS as FAMILIES
from theta_tui.errors import NoCredentials, PolicyRefused
from theta_tui.journal import Entry, Journal
from theta_tui.leftover import Leftover, Unsettled
from theta_tui.settings import Settings
from theta_tui.vault import ITEMS
from theta_tui.wire.hosts import FOREIGN_ENDPOINT, Hosts
from theta_tui.wire.knobs import Knobs


class Secrets(Protocol):
    """Where the account asks whether a credential is there."""

    async def secrets(self, family: Family, origin: str, name: str | None) -> Any:
        """Give the credential of a family; NoCredentials without one."""

    async def source(self, family: Family, item: str) -> str | None:
        """Say where one item comes from; None if there is none."""


class Reads(Protocol):
    """What an account reads by: the wire's Reader, or what stands in for it."""

    async def fetch(self, request: Request, *alternatives: Request) -> Reply:
        """Send a read; the next alternative only after the answer its `only_after` names."""


class SessionAccount:
    """The `Account` of a session. `command` names the command at work, for the request log."""

    def __init__(
        self,
        *,
        reader: Reads,
        settings: Settings,
        hosts: Hosts,
        knobs: Knobs,
        journal: Journal,
        keys: Secrets,
        dry_run: Callable[[], bool],
    ) -> None:
        self._reader = reader
        self._settings = settings
        self._hosts = hosts
        self._knobs = knobs
        self._journal = journal
        self._keys = keys
        self._dry_run = dry_run

    def reading_by(self, reader: Reads) -> SessionAccount:
        """Give this account with another way to read."""
        other = copy.copy(self)
        vars(other)["_reader"] = reader
        return other

    async def read(self, request: Request, *alternatives: Request) -> Reply:
        """Send a read; the next alternative only after the answer its `only_after` names."""
        return await self._reader.fetch(request, *alternatives)

    def project_id(self, given: str | None = None) -> str:
        """Give the project id; NoCredentials when none is known."""
        found = given or self._settings.project_id
        if not found:
            raise NoCredentials("THETA_EC_PROJECT_ID missing")
        return found

    def known_org_id(self) -> str | None:
        """Give the configured organisation id, if any."""
        return self._settings.org_id

    def endpoint(self) -> Endpoint:
        """Give the configured dedicated endpoint; PolicyRefused for a foreign host."""
        configured = self._settings.inference_endpoint
        if not configured:
            raise NoCredentials("THETA_INFERENCE_ENDPOINT missing")
        origin = self.check_url(configured, Family.ENDPOINT)
        return Endpoint(origin, model=self._settings.inference_model)

    def check_url(self, url: str, family: Family) -> str:
        """Give the URL back, without a trailing slash or `/v1`, if it may be used for this family."""
        trimmed = url.strip().rstrip("/").removesuffix("/v1").rstrip("/")
        if not self._hosts.allowed(trimmed, family):
            raise PolicyRefused(FOREIGN_ENDPOINT if family is Family.ENDPOINT else f"{family} address is not allowed.")
        return trimmed

    def preferred_services(self) -> tuple[str, ...]:
        """Give the services that the settings name as fallbacks, in order."""
        return self._settings.chat_fallbacks

    def request_timeout(self) -> float:
        """Give the configured time-out of one attempt, in seconds."""
        return self._knobs.timeout_seconds

    async def last_cost(self, item: str) -> Decimal | None:
        """Give what this item cost the last time, in USD, from the journal."""
        last = await self._journal.last_cost(item)
        return None if last is None else last[0]

    async def check_credential(self, family: Family) -> str:
        """Give the origin a family's credential is for; NoCredentials when it is missing."""
        origin = self._hosts.origin(family)
        await self._keys.secrets(family, origin, None)
        return origin

    async def key_states(self) -> tuple[KeyState, ...]:
        """Tell of every credential where it lives; those of an endpoint only if one is configured."""
        families = {item: family for family, roles in FAMILIES.items() for item in roles.values()}
        if self._settings.inference_endpoint:
            families |= {name: Family.ENDPOINT for name, item in ITEMS.items() if item.family == "endpoint"}
        found = [(ITEMS[name], await self._keys.source(family, name)) for name, family in families.items()]
        return tuple(KeyState(item.name, item.label, item.env, item.where, source) for item, source in found)

    def is_dry_run(self) -> bool:
        """Whether changes are only described, not sent."""
        return self._dry_run()

    async def usual_seconds(self, item: str) -> float | None:
        """Give the median of how long this item took, in seconds; None if it was never called."""
        return await self._journal.usual_seconds(item)

    async def leftovers(self) -> tuple[Leftover, ...]:
        """List the workflows of this profile that made something, did not clean up and are no longer at work."""
        plans = await self._journal.unfinished_plans(self._settings.profile)
        found = (Leftover(plan.id, plan.command, plan.summary, plan.created, plan.ids) for plan in plans)
        return tuple(left for left in found if left.made)

    async def close_leftover(self, number: int) -> None:
        """Write down that nothing is left of a workflow."""
        await self._journal.finish_plan(number, clean=True)

    async def unsettled(self) -> tuple[Unsettled, ...]:
        """List the changes whose outcome nobody knows, oldest first; what was never sent is given back first."""
        profile = self._settings.profile
        await self._journal.release(profile)
        entries = await self._journal.unsettled(profile)
        made = await self._journal.made(profile) if entries else {}
        return tuple(self._unsettled(entry, made) for entry in entries)

    def _unsettled(self, entry: Entry, made: Mapping[tuple[str, str], frozenset[str]]) -> Unsettled:
        others = made.get((entry.target_kind, entry.target_name), frozenset[str]())
        return Unsettled(
            number=entry.id,
            command=entry.command,
            summary=entry.summary,
            since=entry.created,
            age=self._journal.age(entry),
            kind=entry.target_kind,
            target=entry.target_id,
            name=entry.target_name,
            project_id=_project_in(entry.preview_json),
            usd_per_hour=entry.usd_per_hour,
            others=others - {entry.object_id} if entry.object_id else others,
        )

    async def settle(
        self, item: Unsettled, *, happened: bool, words: str, key: str = "", usd: Decimal | None = None
    ) -> None:
        """Write down in the journal what became of a change: whether it happened, and what object and cost it has."""
        await self._journal.settle(item.number, happened=happened, note=words, object_id=key or None, cost_usd=usd)

    def learn_costs(self, told: Mapping[str, Decimal]) -> None:
        """Have the journal write down, soon, what calls came to: object → USD."""
        self._journal.learn_costs(self._settings.profile, told)


def _project_in(preview: str) -> str | None:
    """Find the project that a change was for, in what was shown of it."""
    try:
        requests = json.loads(preview).get("requests") or ()
        places = [place for one in requests for place in (dict(one.get("query") or ()), one.get("body"))]
    except (ValueError, TypeError, AttributeError):
        return None
    named = [place.get("project_id") for place in places if isinstance(place, dict)]
    return next((str(name) for name in named if name), None)
