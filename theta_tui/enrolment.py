"""Credentials on their way in: whether the cloud takes them, and where they are kept.

It knows no screen. A check runs in a session of its own, which holds the typed values for that moment; it sends reads
only and stores nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Mapping
from typing import Self

from pydantic import SecretStr

from theta_tui import settings
from theta_tui.change import Family, Request
from theta_tui.credentials import kept_for
from theta_tui.errors import AuthError, CloudError, PermissionDenied, ThetaError
from theta_tui.intake import (
    NEEDS_ID,
    PROJECT_ID,
    PROJECT_KEY,
    TOKEN,
    VIDEO_ID,
    VIDEO_SECRET,
    Entered,
    Outcome,
    Verdict,
    verdict_of,
)
from theta_tui.session import Session
from theta_tui.vault import Found, MemoryBackend, Vault, VaultStatus

FACE = "setup"
"""Under this name the request log keeps checks: they tell nothing of the credentials in use."""
_CHECK_MS = "10000"
_OFFLINE = ("network", "timeout")


class Enrolment:
    """Credentials of one profile on the live hosts, checked and put away. Close it when done."""

    def __init__(self, home: Session, environ: Mapping[str, str], *, owned: bool) -> None:
        self._home = home
        self._environ = environ
        self._owned = owned

    @classmethod
    async def begin(cls, environ: Mapping[str, str], profile: str | None, session: Session | None) -> Self:
        """Begin with the live session there is, or (in the demo) with one of its own; ThetaError if that fails."""
        if session is not None:
            return cls(session, environ, owned=False)
        loaded = await asyncio.to_thread(settings.load, profile, environ)
        home = await Session.begin(loaded, environ, face="console", data_dir=settings.data_dir(environ))
        return cls(home, environ, owned=True)

    async def close(self) -> None:
        """Close what was opened for it."""
        if self._owned:
            await self._home.close()

    @property
    def project_id(self) -> str:
        """The configured project id, or ""."""
        return self._home.settings.project_id or ""

    @property
    def project_id_variable(self) -> str:
        """The variable that sets the project id and goes before the settings file, or ""."""
        source = self._home.settings.sources.get(PROJECT_ID, "")
        return source if source in self._environ else ""

    @property
    def elsewhere(self) -> str:
        """The addresses that keys go to, where these are not Theta's own; else ""."""
        hosts = self._home.hosts
        families = (Family.PLATFORM, Family.CONTROLLER, Family.ONDEMAND)
        return ", ".join(dict.fromkeys(hosts.origin(one) for one in families if hosts.is_overridden(one)))

    async def source(self, name: str) -> str | None:
        """Say where a credential comes from now; UsageError if its variable holds what cannot be one."""
        found = await self._found(name)
        return found.source if found else None

    async def keyring(self) -> VaultStatus:
        """Ask the keyring anew whether it can be used: at most the vault's limit, 3 s."""
        self._home.vault.retry()
        return await self._home.vault.status()

    async def check(self, name: str, secret: SecretStr) -> Verdict | None:
        """Check one item that is to replace another; None where no free question would tell."""
        if name == PROJECT_KEY:
            return await self.check_project(secret, None) if self.project_id else NEEDS_ID
        if name == TOKEN:
            return await self.check_token(secret)
        if name in (VIDEO_ID, VIDEO_SECRET):
            typed = {VIDEO_ID: None, VIDEO_SECRET: None, name: secret}
            return await self.check_video(typed[VIDEO_ID], typed[VIDEO_SECRET])
        return None

    async def check_video(self, account: SecretStr | None, secret: SecretStr | None) -> Verdict:
        """Read the livestreams (VD-6) of a video service account, typed or configured."""
        try:
            async with self._trial({VIDEO_ID: account, VIDEO_SECRET: secret}, None) as trial:
                await trial.ask("theta.video.streams")
        except ThetaError as error:
            return dataclasses.replace(verdict_of(error), about=VIDEO_SECRET)
        return Verdict(Outcome.VERIFIED, Outcome.VERIFIED.value, about=VIDEO_SECRET)

    async def check_project(self, key: SecretStr | None, project_id: str | None) -> Verdict:
        """Read the project (PF-3) with the typed values, or with what is configured in their place."""
        try:
            async with self._trial({PROJECT_KEY: key}, project_id) as trial:
                project = await trial.ask("theta.project.get")
        except ThetaError as error:
            verdict = verdict_of(error)
            about = PROJECT_KEY if isinstance(error, AuthError) else PROJECT_ID
            return dataclasses.replace(verdict, about=about)
        words = f'verified · project "{project.name}"' if project.name else "verified"
        return Verdict(Outcome.VERIFIED, words, about=PROJECT_ID, project=project.name, org_id=project.org_id)

    async def check_token(self, token: SecretStr | None) -> Verdict:
        """Read one listed service (OD-2) without a credential, then with the token: proved if only that is answered."""
        try:
            async with self._trial({TOKEN: token}, None) as trial:
                listed = await trial.ask("theta.ondemand.listServices")
                if listed.source != "live":
                    return _unlisted(listed.fallback_reason or "")
                alias = listed.services[0].alias if listed.services else "qwen3"
                proves = await _is_closed(trial, alias)
                await trial.ask("theta.ondemand.getService", {"service": alias})
        except ThetaError as error:
            return dataclasses.replace(verdict_of(error), about=TOKEN)
        outcome = Outcome.VERIFIED if proves else Outcome.ACCEPTED
        return Verdict(outcome, outcome.value, about=TOKEN)

    async def keep(self, entered: Entered, *, lasting: bool) -> tuple[str, ...]:
        """Put the secrets into the keyring (`lasting`) or hold them for this run; then the ids into the settings file.

        KeyringUnusable before anything else is written. Gives notes on what did not go as hoped, in words.
        """
        notes: list[str] = []
        for name, secret in entered.secrets.items():
            await self.store(name, secret, lasting=lasting)
        if entered.project_id is not None:
            notes += await asyncio.to_thread(self._save_ids, entered)
        return tuple(notes)

    async def reopen(self, entered: Entered) -> Session:
        """Open the session anew, with the same vault and with what was entered, even if no file could be written."""
        old = self._home
        loaded = await asyncio.to_thread(settings.load, old.settings.profile, self._environ)
        if entered.project_id is not None:
            org_id = loaded.org_id if loaded.sources.get("org_id") in self._environ else entered.org_id
            loaded = dataclasses.replace(loaded, project_id=entered.project_id, org_id=org_id or None)
        session = await Session.begin(
            loaded, self._environ, face="console", data_dir=settings.data_dir(self._environ), vault=old.vault
        )
        # A switch thrown by hand stays thrown: opening anew must not make anything less safe.
        session.dry_run = session.dry_run or old.dry_run
        session.read_only = session.read_only or old.read_only
        return session

    async def store(self, name: str, secret: SecretStr, *, lasting: bool = True) -> None:
        """Keep one item for every origin that it serves; KeyringUnusable if it is to last and cannot."""
        vault = self._home.vault
        for origin, overridden in kept_for(self._home.hosts, name):
            if not lasting:
                vault.hold(name, secret, origin=origin, overridden=overridden)
                continue
            await vault.put(name, secret, origin=origin, overridden=overridden)
            found = await vault.get(name, origin=origin, overridden=overridden)
            if found is None or found.value != secret:  # a variable goes first for an overridden address
                vault.hold(name, secret, origin=origin, overridden=overridden)

    async def _found(self, name: str) -> Found | None:
        """Find what is configured now."""
        origin, overridden = kept_for(self._home.hosts, name)[-1]
        return await self._home.vault.get(name, origin=origin, overridden=overridden)

    def _save_ids(self, entered: Entered) -> list[str]:
        profile, folder = self._home.settings.profile, settings.config_dir(self._environ)
        try:
            settings.save_value(profile, PROJECT_ID, entered.project_id, config_dir=folder)
            # An organisation that was not read belongs to another project, perhaps: it is looked up when needed.
            settings.save_value(profile, "org_id", entered.org_id or None, config_dir=folder)
        except ThetaError as error:
            return [f"The project id holds for this run only: {error.message}"]
        except OSError as error:
            return [f"The project id holds for this run only: the settings file cannot be written ({error.strerror})."]
        return []

    @contextlib.asynccontextmanager
    async def _trial(self, typed: Mapping[str, SecretStr | None], project_id: str | None) -> AsyncIterator[Session]:
        """Open a session that sees the typed values, asks once and is not patient."""
        home = self._home
        vault = Vault(home.settings.profile, {}, backend=MemoryBackend())
        for name, secret in typed.items():
            found = await self._found(name) if secret is None else Found(secret, "")
            if found is not None:
                for origin, overridden in kept_for(home.hosts, name):
                    vault.hold(name, found.value, origin=origin, overridden=overridden)
        wanted = dataclasses.replace(
            home.settings,
            project_id=project_id or home.settings.project_id,
            http_max_retries="0",
            http_timeout_ms=home.settings.http_timeout_ms or _CHECK_MS,
        )
        trial = await Session.begin(wanted, {}, face=FACE, data_dir=settings.data_dir(self._environ), vault=vault)
        try:
            yield trial
        finally:
            await asyncio.shield(trial.close())


async def _is_closed(trial: Session, alias: str) -> bool:
    """Whether the question is refused without a credential, so that an answer to it proves one."""
    try:
        await trial.account.read(Request("GET", Family.ONDEMAND, ("service", alias), public=True))
    except (AuthError, PermissionDenied):
        return True
    except CloudError:
        return False
    return False


def _unlisted(reason: str) -> Verdict:
    """Tell that not even the public list could be had."""
    words = "offline: not checked" if reason.startswith(_OFFLINE) else "not checked"
    return Verdict(Outcome.UNCHECKED, words, reason, TOKEN)
