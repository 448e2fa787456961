"""A session: joins vault, wire, cloud objects and gate, and offers `ask`, `submit` and `open` to every face."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, SecretStr

from theta_tui.account import SessionAccount
from theta_tui.arguments import cli_line
from theta_tui.change import (
    Attempt,
    Change,
    Done,
    Effect,
    Family,
    NotDone,
    Plan,
    Progress,
    Reached,
    Request,
    StreamChange,
)
from theta_tui.command import Cloud, Command
from theta_tui.credentials import ITEMS, WHERE, EndpointKeeper, VaultKeys
from theta_tui.errors import NoCredentials, ProtocolError, Uncertain, UsageError
from theta_tui.explain import Explained, WritingReader, Written, explained
from theta_tui.flights import Flights
from theta_tui.gate import Gate
from theta_tui.journal import Journal
from theta_tui.preview import of_request
from theta_tui.redact import redactor
from theta_tui.registry import find
from theta_tui.review import Ask, Policy, Reviewer
from theta_tui.settings import Settings
from theta_tui.shapes.base import Shape, Unreadable
from theta_tui.streaming import Run
from theta_tui.vault import ITEMS as SECRETS
from theta_tui.vault import Vault, place_for, reveal
from theta_tui.wire.client import Reader, Wire, Writer
from theta_tui.wire.hosts import Hosts
from theta_tui.wire.knobs import Knobs

Stale = Callable[[frozenset[str]], None]
"""Called after a change with the domains whose data is stale now."""

_COMMAND: ContextVar[str] = ContextVar("command", default="")


class Session:
    """One profile, one face, one set of connections. Close it when done."""

    def __init__(self, *, settings: Settings, vault: Vault, journal: Journal, face: str) -> None:
        self.settings = settings
        self.vault = vault
        self.journal = journal
        self.face = face
        self.dry_run = settings.dry_run
        self.read_only = settings.read_only
        self.hosts = hosts_of(settings)
        self.keys = VaultKeys(vault, self.hosts)
        self.keeper = EndpointKeeper(vault, self.hosts, lasting=face != "console")
        self._knobs = Knobs.read(settings.http_knobs)
        self._wire = Wire(self.hosts, self.keys, self._knobs, self, ca_bundle=settings.ca_bundle, proxy=settings.proxy)
        self._reader = Reader(self._wire)
        self.account = SessionAccount(
            reader=self._reader,
            settings=settings,
            hosts=self.hosts,
            knobs=self._knobs,
            journal=journal,
            keys=self.keys,
            dry_run=lambda: self.dry_run,
        )
        writer = Writer(self._wire, lambda: self.dry_run or self.read_only)
        self._describe = writer.describe
        self.gate = Gate(writer=writer, journal=journal, keeper=self.keeper, policy=self.policy)
        self._clouds: dict[type[Cloud], Cloud] = {}
        self._listeners: list[Stale] = []
        self._watchers: list[Callable[[Attempt], None]] = []

    @classmethod
    async def begin(
        cls, settings: Settings, environ: Mapping[str, str], *, face: str, data_dir: Path, vault: Vault | None = None
    ) -> Self:
        """Open the journal and the vault of a profile. Never fails for a missing keyring or a damaged journal."""
        for item in SECRETS.values():
            for variable in () if item.public else item.env:
                redactor.learn(environ.get(variable, ""))
        journal = await Journal.open(data_dir / "journal.sqlite3")
        kept = vault or vault_for(settings, environ, data_dir, may_run=face != "mcp")
        return cls(settings=settings, vault=kept, journal=journal, face=face)

    @property
    def flights(self) -> Flights:
        """What was confirmed and is not answered yet."""
        return self.gate.flights

    async def close(self) -> None:
        """Close connections and flush the journal."""
        await self._wire.aclose()
        await self.journal.close()

    async def ask(self, name: str, params: BaseModel | Mapping[str, Any] | None = None) -> Any:
        """Run a query and give its value. UsageError for a command that changes something.

        ProtocolError for an answer that is not what it should be.
        """
        command = find(name)
        if not command.is_read:
            raise UsageError(f"{command.name} changes or spends something; it is submitted, not asked.")
        with self._naming(command):
            try:
                value = await command.call(self._cloud(command), command.parse(params))
            except Unreadable as odd:
                raise ProtocolError(f"The answer cannot be read: {odd}.") from None
        if isinstance(value, Shape) and value.fault:
            raise ProtocolError(f"The answer cannot be read: {value.fault}.")
        return value

    async def submit(
        self,
        name: str,
        params: BaseModel | Mapping[str, Any] | None = None,
        *,
        reviewer: Reviewer,
        max_usd: Decimal | None = None,
        conversation: str | None = None,
        progress: Progress | None = None,
    ) -> Done[Any] | NotDone:
        """Review and perform a mutation or workflow; a stream is drained."""
        command, act = await self.build(name, params)
        ask = Ask(command.name, reviewer, max_usd, conversation, progress, command.given(params))
        return await self.perform(command, act, ask)

    async def build(
        self, name: str, params: BaseModel | Mapping[str, Any] | None = None
    ) -> tuple[Command, Change[Any] | Plan[Any]]:
        """Write a mutation or workflow down without performing it; reads may be sent for prices and the like."""
        command = find(name)
        if command.is_read:
            raise UsageError(f"{command.name} only reads; it is asked, not submitted.")
        arguments = command.parse(params)
        with self._naming(command):
            return command, await command.call(self._cloud(command), arguments)

    async def perform(self, command: Command, act: Change[Any] | Plan[Any], ask: Ask) -> Done[Any] | NotDone:
        """Review and perform what `build` gave: that very object."""
        try:
            with self._naming(command):
                done = await self.gate.submit(ask, act)
        except Uncertain:
            self._tell(command)  # it may have happened
            raise
        if isinstance(done, Done):
            self._tell(command)
        return done

    async def open(
        self,
        name: str,
        params: BaseModel | Mapping[str, Any] | None = None,
        *,
        reviewer: Reviewer,
        max_usd: Decimal | None = None,
        conversation: str | None = None,
        progress: Progress | None = None,
    ) -> Run[Any, Any]:
        """Give the run of a streaming command: `async with await session.open(…) as run: async for event in run`."""
        command, act = await self.build(name, params)
        if not isinstance(act, StreamChange):
            raise UsageError(f"{command.name} does not stream.")
        ask = Ask(command.name, reviewer, max_usd, conversation, progress, command.given(params))
        return self.gate.open(ask, act)

    async def explain(self, name: str, params: BaseModel | Mapping[str, Any] | None = None) -> Explained:
        """Write a command as a CLI line, curl and Python; nothing is sent but reads for the prices of a change."""
        command = find(name)
        arguments = command.parse(params)
        requests: Sequence[Request] = ()
        if command.is_read:
            try:
                await command.call(command.cloud(self.account.reading_by(WritingReader())), arguments)
            except Written as written:
                requests = written.requests
        else:
            requests = (await self.build(name, arguments))[1].requests
        shown = [of_request(request, self._describe) for request in requests]
        variables = [WHERE[item] for item in ITEMS.get(requests[0].family, {}).values()] if requests else []
        return explained(cli_line(command.name, command.given(arguments)), shown, variables)

    async def allowance(self, conversation: str) -> Decimal | None:
        """Give what a conversation may still spend without a review, in USD; None if nothing was allowed."""
        return await self.gate.allowance(conversation)

    async def download(self, url: str, limit_bytes: int) -> bytes:
        """Fetch an output file that an answer named, without credentials; PolicyRefused for a foreign address."""
        return await self._reader.download(url, limit_bytes=limit_bytes)

    async def reach(self, family: Family, seconds: float) -> Reached:
        """Look whether a family's host answers at all; NetworkError or TimedOut if it does not."""
        return await self._wire.reach(family, seconds)

    @staticmethod
    def reveal(secret: SecretStr) -> str:
        """Give a secret in clear, for the eyes of the person who asked; only a face that shows it there may call it."""
        return reveal(secret)

    def on_stale(self, listener: Stale) -> None:
        """Call `listener` with the stale domains after each change."""
        self._listeners.append(listener)

    def on_attempt(self, watcher: Callable[[Attempt], None]) -> None:
        """Call `watcher` with each attempt at a request, also with failed ones."""
        self._watchers.append(watcher)

    def tell_stale(self, *domains: str) -> None:
        """Say that these domains have changed."""
        for listener in self._listeners:
            listener(frozenset(domains))

    def policy(self) -> Policy:
        """Give the rules in force now."""
        return Policy(
            profile=self.settings.profile,
            face=self.face,
            dry_run=self.dry_run,
            read_only=self.read_only,
            cap_usd=self.settings.budget_usd,
            unknown_usd=self.settings.unknown_price_usd,
            horizon_hours=self.settings.budget_horizon_hours,
            confirm_above_usd=self.settings.confirm_above_usd,
            is_guarded=self.settings.protection == "confirm",
        )

    async def configured(self) -> dict[str, str | None]:
        """Tell for each family where its credential comes from; None where it is missing or cannot be a key."""
        sources: dict[str, str | None] = {}
        for family, items in ITEMS.items():
            try:
                found = [await self.keys.find(family, item) for item in items.values()]
            except (NoCredentials, UsageError):
                sources[family.value] = None
            else:
                sources[family.value] = found[0].source
        sources[Family.ENDPOINT.value] = self.settings.inference_endpoint and "configured endpoint"
        return sources

    def record(self, attempt: Attempt) -> None:
        """Take one attempt from the wire for the request log."""
        attempt = dataclasses.replace(attempt, command=attempt.command or _COMMAND.get())
        for watcher in self._watchers:
            watcher(attempt)
        self.journal.record(
            profile=self.settings.profile,
            face=self.face,
            command=attempt.command,
            method=attempt.method,
            url=attempt.url,
            family=attempt.family.value,
            started=attempt.started,
            seconds=attempt.seconds,
            number=attempt.number,
            status=attempt.status,
            error=attempt.error,
            message=attempt.message,
            request_id=attempt.request_id,
            sent=attempt.sent,
            sizes=attempt.sizes,
        )

    def _cloud(self, command: Command) -> Cloud:
        if command.cloud not in self._clouds:
            self._clouds[command.cloud] = command.cloud(self.account)
        return self._clouds[command.cloud]

    def _tell(self, command: Command) -> None:
        paid = command.effect in (Effect.METERED, Effect.CREATE)
        self.tell_stale(command.domain, *(("billing",) if paid else ()))

    @contextlib.contextmanager
    def _naming(self, command: Command) -> Any:
        token = _COMMAND.set(command.name)
        try:
            yield
        finally:
            _COMMAND.reset(token)


def vault_for(settings: Settings, environ: Mapping[str, str], folder: Path, *, may_run: bool) -> Vault:
    """Give the vault that the settings choose; only the MCP face may start no program."""
    place = place_for(
        settings.vault,
        profile=settings.profile,
        command=settings.vault_command,
        folder=folder,
        environ=environ,
        may_run=may_run,
    )
    return Vault(settings.profile, environ) if place is None else Vault(settings.profile, environ, backend=place)


def hosts_of(settings: Settings) -> Hosts:
    """Give the addresses that the settings choose; UsageError for one that may not be."""
    given = {Family(name): base for name, base in settings.bases.items()}
    if settings.inference_endpoint:
        given[Family.ENDPOINT] = settings.inference_endpoint
    return Hosts(given)
