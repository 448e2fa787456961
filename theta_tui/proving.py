"""Whether the cloud takes a credential: one question for each purpose, in a session of its own that only reads.

It knows neither the settings file nor where keys are kept; it is given secrets and settings as they would be.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from theta_tui.change import Family, Request
from theta_tui.credentials import kept_for
from theta_tui.errors import AuthError, CloudError, PermissionDenied, ThetaError
from theta_tui.intake import (
    ENDPOINT,
    ENDPOINT_PASSWORD,
    ENDPOINT_TOKEN,
    PROJECT_ID,
    PROJECT_KEY,
    TOKEN,
    VIDEO_ID,
    VIDEO_SECRET,
    Outcome,
    Verdict,
    verdict_of,
)
from theta_tui.purposes import MODELS, OWN_ENDPOINT, PROJECT, VIDEO, Purpose
from theta_tui.session import Session, hosts_of
from theta_tui.settings import Settings
from theta_tui.vault import MemoryBackend, Vault

FACE = "setup"
"""Under this name the request log keeps checks: they tell nothing of the credentials in use."""
ORG_ID = "org_id"
_CHECK_MS = "10000"
_OFFLINE = ("network", "timeout")

Secrets = Mapping[str, SecretStr]
Question = Callable[[Session, Secrets], Awaitable[Verdict]]


async def prove(purpose: Purpose, secrets: Secrets, seen: Settings, data_dir: Path) -> Verdict:
    """Ask once and without patience; what the cloud says is the verdict. ThetaError if nothing could be asked."""
    vault = Vault(seen.profile, {}, backend=MemoryBackend())
    for name, secret in secrets.items():
        for origin, overridden in kept_for(hosts_of(seen), name):
            vault.hold(name, secret, origin=origin, overridden=overridden)
    hasty = dataclasses.replace(seen, http_max_retries="0", http_timeout_ms=seen.http_timeout_ms or _CHECK_MS)
    trial = await Session.begin(hasty, {}, face=FACE, data_dir=data_dir, vault=vault)
    try:
        return await _QUESTIONS[purpose.name](trial, secrets)
    except ThetaError as error:
        about = _to_blame(purpose, error, secrets)
        if purpose is OWN_ENDPOINT and about == ENDPOINT and isinstance(error, (AuthError, PermissionDenied)):
            return Verdict(Outcome.UNCHECKED, "not checked yet", "It wants a token, or a user and a password.", about)
        return dataclasses.replace(verdict_of(error), about=about)
    finally:
        await asyncio.shield(trial.close())


def _to_blame(purpose: Purpose, error: ThetaError, secrets: Secrets) -> str:
    """Say which field an error is about."""
    if purpose is PROJECT:
        return PROJECT_KEY if isinstance(error, AuthError) else PROJECT_ID
    if purpose is OWN_ENDPOINT:
        login = next((name for name in (ENDPOINT_TOKEN, ENDPOINT_PASSWORD) if name in secrets), ENDPOINT)
        return login if isinstance(error, (AuthError, PermissionDenied)) else ENDPOINT
    return VIDEO_SECRET if purpose is VIDEO else TOKEN


async def _project(trial: Session, secrets: Secrets) -> Verdict:
    """Read the project (PF-3)."""
    project = await trial.ask("theta.project.get")
    words = f'verified · project "{project.name}"' if project.name else Outcome.VERIFIED.value
    return Verdict(Outcome.VERIFIED, words, about=PROJECT_ID, project=project.name, org_id=project.org_id)


async def _models(trial: Session, secrets: Secrets) -> Verdict:
    """Read one listed service (OD-2) without a credential, then with the token: proved if only that is answered."""
    listed = await trial.ask("theta.ondemand.listServices")
    if listed.source != "live":
        return _unlisted(listed.fallback_reason or "")
    alias = listed.callable[0].alias if listed.callable else "qwen3"
    is_proof = await _is_closed(trial, Request("GET", Family.ONDEMAND, ("service", alias), public=True))
    await trial.ask("theta.ondemand.getService", {"service": alias})
    return _told(is_proof, TOKEN)


async def _video(trial: Session, secrets: Secrets) -> Verdict:
    """Read the livestreams (VD-10) of the video service account; its id is no secret and part of the address."""
    await trial.ask("theta.video.streams", {"service_account_id": trial.reveal(secrets[VIDEO_ID])})
    return _told(True, VIDEO_SECRET)


async def _endpoint(trial: Session, secrets: Secrets) -> Verdict:
    """List the models of an endpoint (DI-1) with its token or login, and without."""
    base = trial.account.endpoint().origin
    await trial.ask("theta.inference.models")
    question = Request("GET", Family.ENDPOINT, ("v1", "models"), base=base, public=True)
    return _told(await _is_closed(trial, question), ENDPOINT)


_QUESTIONS: Final[Mapping[str, Question]] = {
    PROJECT.name: _project,
    MODELS.name: _models,
    VIDEO.name: _video,
    OWN_ENDPOINT.name: _endpoint,
}


def _told(is_proof: bool, about: str) -> Verdict:
    outcome = Outcome.VERIFIED if is_proof else Outcome.ACCEPTED
    return Verdict(outcome, outcome.value, about=about)


async def _is_closed(trial: Session, question: Request) -> bool:
    """Whether the question is refused without a credential, so that an answer to it proves one."""
    try:
        await trial.account.read(question)
    except (AuthError, PermissionDenied):
        return True
    except CloudError:
        return False
    return False


def _unlisted(reason: str) -> Verdict:
    """Tell that not even the public list could be had."""
    words = "offline: not checked" if reason.startswith(_OFFLINE) else "not checked"
    return Verdict(Outcome.UNCHECKED, words, reason, TOKEN)
