"""Credentials on their way in: whether the cloud takes them, and where they are kept.

It knows no screen. A check runs in a session of its own, which holds the typed values for that moment; it sends reads
only and stores nothing.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from typing import Any, Self

from pydantic import SecretStr

from theta_tui import settings
from theta_tui.change import Family
from theta_tui.credentials import kept_for
from theta_tui.errors import NoCredentials, ThetaError, UsageError
from theta_tui.intake import PROJECT_ID, Entered, Outcome, Verdict, verdict_of, waiting
from theta_tui.places import COMMAND, ENCRYPTED, KEYRING, PLAIN, THIS_RUN, WORDS, Chosen, Place
from theta_tui.proving import ORG_ID, prove
from theta_tui.purposes import ASKED, Purpose, purpose_of
from theta_tui.session import Session, hosts_of, vault_for
from theta_tui.settings.schema import read_value
from theta_tui.vault import AskPassphrase, Found, KeyringUnusable, Vault, VaultStatus, item_of
from theta_tui.wire.hosts import Hosts

AS_IT_IS = Chosen()
_UNTELLING = ("", "chainer", "fail", "null")
"""What the keyring library calls having none; it would tell users nothing."""


class Enrolment:
    """Credentials of one profile on the live hosts, checked and put away. Close it when done.

    `ask` asks a person for the passphrase of an encrypted file.
    """

    def __init__(
        self, home: Session, environ: Mapping[str, str], *, owned: bool, ask: AskPassphrase | None = None
    ) -> None:
        self._home = home
        self._environ = environ
        self._owned = owned
        self._ask = ask
        self._vault = home.vault

    @classmethod
    async def begin(
        cls,
        environ: Mapping[str, str],
        profile: str | None,
        session: Session | None,
        *,
        ask: AskPassphrase | None = None,
    ) -> Self:
        """Begin with the live session there is, or (in the demo) with one of its own; ThetaError if that fails."""
        if session is not None:
            return cls(session, environ, owned=False, ask=ask)
        loaded = await asyncio.to_thread(settings.load, profile, environ)
        home = await Session.begin(loaded, environ, face="console", data_dir=settings.data_dir(environ))
        return cls(home, environ, owned=True, ask=ask)

    async def close(self) -> None:
        """Close what was opened for it."""
        if self._owned:
            await self._home.close()

    # What is there already

    @property
    def loaded(self) -> settings.Settings:
        """The settings of the profile as they are now."""
        return self._home.settings

    @property
    def project_id(self) -> str:
        """The configured project id, or ""."""
        return self.value(PROJECT_ID)

    def value(self, name: str) -> str:
        """Give a configured setting as text, or ""."""
        return str(getattr(self.loaded, name) or "")

    def variable_of(self, name: str) -> str:
        """Give the variable that sets a setting and goes before the settings file, or ""."""
        source = self.loaded.sources.get(name, "")
        return source if source in self._environ else ""

    @property
    def elsewhere(self) -> str:
        """The addresses that keys go to, where these are not Theta's own; else ""."""
        hosts = self._home.hosts
        families = (Family.PLATFORM, Family.CONTROLLER, Family.ONDEMAND)
        return ", ".join(dict.fromkeys(hosts.origin(one) for one in families if hosts.is_overridden(one)))

    async def source(self, name: str) -> str | None:
        """Say where a credential comes from now; UsageError if its variable holds what cannot be one."""
        found = await self._found(name, self._home.hosts)
        return found.source if found else None

    async def lacks(self, purpose: Purpose, entered: Entered) -> str:
        """Name what a check needs and is neither typed nor configured; "" if nothing is missing."""
        for name in purpose.needs:
            is_there = self.value(name) if not ASKED[name].is_secret else await self.source(name)
            if name not in entered and not is_there:
                return name
        return ""

    # Checking

    async def check(self, purpose: Purpose, entered: Entered) -> Verdict | None:
        """Ask the cloud about what was typed, or what is configured in its place; None where no free question tells."""
        if not purpose.needs:
            return None
        try:
            if missing := await self.lacks(purpose, entered):
                return waiting(ASKED[missing].label)
            seen = self._as_if(self.loaded, entered)
            hosts, secrets = hosts_of(seen), {}
            for name in purpose.asks:
                if ASKED[name].is_secret and (found := await self._typed_or_found(name, entered, hosts)) is not None:
                    secrets[name] = found
            return await prove(purpose, secrets, seen, settings.data_dir(self._environ))
        except UsageError as error:
            return Verdict(Outcome.REFUSED, "cannot be used", error.message, about=purpose.needs[0])
        except ThetaError as error:
            return dataclasses.replace(verdict_of(error), about=purpose.needs[0])

    async def check_one(self, name: str, secret: SecretStr) -> Verdict | None:
        """Check one item that is to replace another; None where no free question would tell."""
        purpose = purpose_of(name)
        return await self.check(purpose, Entered({name: secret})) if purpose is not None else None

    # Keeping

    async def keyring(self) -> VaultStatus:
        """Ask the keyring anew whether it can be used: at most the vault's limit, 3 s."""
        vault = self._vault_of(Chosen(KEYRING))
        vault.retry()
        return await vault.status()

    async def places(self) -> tuple[Place, ...]:
        """Look at every place where keys may be kept; the keyring may take its 3 s."""
        keyring = await self.keyring()
        sealed = self._vault_of(Chosen(ENCRYPTED))
        words = "you choose its passphrase" if sealed.is_new else "opened by its passphrase"
        problem = "" if sealed.is_locked else (await sealed.status()).reason
        named = "" if keyring.backend_name in _UNTELLING else keyring.backend_name
        why_not = "" if keyring.usable else f"{named}: {keyring.reason}" if named else keyring.reason
        return (
            Place(KEYRING, named, why_not),
            Place(ENCRYPTED, words, problem),
            *(Place(kind, WORDS[kind]) for kind in (COMMAND, THIS_RUN, PLAIN)),
        )

    @property
    def home(self) -> Session:
        """The session that it began with."""
        return self._home

    @property
    def kind(self) -> str:
        """Where the settings have keys kept: the kind of a place."""
        return self.loaded.vault

    async def keep(self, entered: Entered, where: Chosen = AS_IT_IS) -> tuple[str, ...]:
        """Put the secrets where they are to be kept, then the values into the settings file.

        KeyringUnusable before anything else is written. Gives notes on what did not go as hoped, in words.
        """
        notes: list[str] = []
        self._vault = self._vault_of(where)
        hosts = hosts_of(self._as_if(self.loaded, entered))
        for name, secret in entered.secrets.items():
            if where.kind == COMMAND and not await self._gives(name, secret, hosts):
                notes.append(f"The command does not give this {ASKED[name].label} yet: it holds for this run only.")
                await self._store(name, secret, hosts, lasting=False)
            elif where.kind != COMMAND:
                await self._store(name, secret, hosts, lasting=where.kind != THIS_RUN)
        values = {**entered.values, **self._place_values(where)}
        return (*notes, *await asyncio.to_thread(self._save, values)) if values else tuple(notes)

    async def store(self, name: str, secret: SecretStr) -> None:
        """Keep one item where keys are kept, for every origin that it serves; KeyringUnusable if it cannot be kept."""
        await self._store(name, secret, self._home.hosts, lasting=True)

    async def reopen(self, entered: Entered, where: Chosen = AS_IT_IS) -> Session:
        """Open the session anew, with the vault in use and with what was entered, even if no file could be written."""
        old = self._home
        loaded = await asyncio.to_thread(settings.load, old.settings.profile, self._environ)
        wanted = self._as_if(loaded, entered.with_values(**self._place_values(where)))
        folder = settings.data_dir(self._environ)
        session = await Session.begin(wanted, self._environ, face="console", data_dir=folder, vault=self._vault)
        # A switch thrown by hand stays thrown: opening anew must not make anything less safe.
        session.dry_run = session.dry_run or (old.dry_run and not old.settings.dry_run)
        session.read_only = session.read_only or (old.read_only and not old.settings.read_only)
        return session

    def _vault_of(self, where: Chosen) -> Vault:
        """Give the vault of a place: the one in use if it is that, else one that is opened for it."""
        present = self.loaded
        is_same = where.kind == present.vault and (where.kind != COMMAND or where.command == present.vault_command)
        if is_same or where.kind in ("", THIS_RUN):
            return self._home.vault
        wanted = dataclasses.replace(present, vault=where.kind, vault_command=where.command)
        vault = vault_for(wanted, self._environ, settings.data_dir(self._environ), may_run=True)
        if self._ask is not None:
            vault.ask_with(self._ask)
        return vault

    def _place_values(self, where: Chosen) -> dict[str, object]:
        """Give the settings that say where keys are kept from now on."""
        if where.kind in ("", THIS_RUN, self.loaded.vault) and where.command in ((), self.loaded.vault_command):
            return {}
        command = {"vault_command": where.command} if where.kind == COMMAND else {}
        return {"vault": where.kind, **command}

    async def _gives(self, name: str, secret: SecretStr, hosts: Hosts) -> bool:
        """Whether a credential command gives exactly this secret."""
        found = await self._found(name, hosts, self._vault)
        if self._vault.trouble is not None:
            raise KeyringUnusable(f"Nothing was stored: {self._vault.trouble}.")
        return found is not None and found.value == secret

    async def _store(self, name: str, secret: SecretStr, hosts: Hosts, *, lasting: bool) -> None:
        vault = self._vault
        for origin, overridden in kept_for(hosts, name):
            if not lasting:
                vault.hold(name, secret, origin=origin, overridden=overridden)
                continue
            await vault.put(name, secret, origin=origin, overridden=overridden)
            found = await vault.get(name, origin=origin, overridden=overridden)
            if found is None or found.value != secret:  # a variable goes first for an overridden address
                vault.hold(name, secret, origin=origin, overridden=overridden)

    async def _typed_or_found(self, name: str, entered: Entered, hosts: Hosts) -> SecretStr | None:
        if name in entered.secrets:
            return entered.secrets[name]
        found = await self._found(name, hosts)
        return found.value if found else None

    async def _found(self, name: str, hosts: Hosts, vault: Vault | None = None) -> Found | None:
        """Find what is configured now; nothing where there is no endpoint to have it for."""
        try:
            origin, overridden = kept_for(hosts, name)[-1]
        except NoCredentials:
            return None
        return await (vault or self._home.vault).get(name, origin=origin, overridden=overridden)

    def _as_if(self, loaded: settings.Settings, entered: Entered) -> settings.Settings:
        """Give the settings as they would be with what was entered; variables go before it."""
        free = {name: value for name, value in entered.values.items() if loaded.sources.get(name) not in self._environ}
        typed: dict[str, Any] = {
            name: settings.KEYS[name].default if value is None else read_value(settings.KEYS[name], value)
            for name, value in free.items()
        }
        if typed.get("protection") == "read-only":
            typed["read_only"] = True
        return dataclasses.replace(loaded, **typed)

    def _save(self, values: Mapping[str, object]) -> list[str]:
        profile, folder = self.loaded.profile, settings.config_dir(self._environ)
        stronger = [
            f"{self.variable_of(name)} goes before what was saved." for name in values if self.variable_of(name)
        ]
        try:
            for name, value in values.items():
                settings.save_value(profile, name, value, config_dir=folder)
        except ThetaError as error:
            return [f"The settings hold for this run only: {error.message}"]
        except OSError as error:
            return [f"The settings hold for this run only: the file cannot be written ({error.strerror})."]
        return stronger


def label_of(name: str) -> str:
    """Give what people call a stored credential."""
    return item_of(name).label


def about_project(entered: Entered, verdict: Verdict | None) -> Entered:
    """Add the organisation that a check has read: one that was not read belongs to another project, perhaps."""
    if PROJECT_ID not in entered.values:
        return entered
    return entered.with_values(**{ORG_ID: (verdict.org_id if verdict else "") or None})
