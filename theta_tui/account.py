"""What cloud objects may ask of a session: reads, ids, the endpoint. Nothing that changes anything."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Protocol

from theta_tui.change import Family, Reply, Request
from theta_tui.command import Endpoint
from theta_tui.errors import NoCredentials, PolicyRefused
from theta_tui.journal import Journal
from theta_tui.settings import Settings
from theta_tui.wire.client import Reader
from theta_tui.wire.hosts import FOREIGN_ENDPOINT, Hosts
from theta_tui.wire.knobs import Knobs


class Secrets(Protocol):
    """Where the account asks whether a credential is there."""

    async def secrets(self, family: Family, origin: str, name: str | None) -> Any:
        """Give the credential of a family; NoCredentials without one."""


class SessionAccount:
    """The `Account` of a session. `command` names the command at work, for the request log."""

    def __init__(
        self, *, reader: Reader, settings: Settings, hosts: Hosts, knobs: Knobs, journal: Journal, keys: Secrets
    ) -> None:
        self._reader = reader
        self._settings = settings
        self._hosts = hosts
        self._knobs = knobs
        self._journal = journal
        self._keys = keys

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
