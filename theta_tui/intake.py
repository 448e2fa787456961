"""What a pasted text holds: a project id, a secret, or a mistake; and what checking it can find out. Sends nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import unquote

from pydantic import SecretStr

from theta_tui.errors import (
    AuthError,
    InvalidRequest,
    NetworkError,
    NotFound,
    PermissionDenied,
    ThetaError,
    TimedOut,
    UsageError,
)
from theta_tui.vault import ITEMS, item_of
from theta_tui.vault.items import checked

PROJECT_KEY = "ec_api_key"
TOKEN = "ondemand_token"  # noqa: S105 the name of a vault item
PROJECT_ID = "project_id"
VIDEO_ID, VIDEO_SECRET = "video_sa_id", "video_sa_secret"

WHERE = {
    PROJECT_KEY: ITEMS[PROJECT_KEY].where,
    PROJECT_ID: "Dashboard → your project: paste its address, the prj_… id is found in it.",
    TOKEN: ITEMS[TOKEN].where,
}
"""Where users find each of them."""

LONGEST_PASTE = 100_000
_WHOLE_ID = re.compile(r"prj_[\w.-]{1,120}")
_ID_WITHIN = re.compile(r"prj_[A-Za-z0-9]{1,120}")


class Outcome(StrEnum):
    """What a check found out; `ACCEPTED` means a 2xx from a route that may be public."""

    VERIFIED = "verified"
    ACCEPTED = "accepted (unproven)"
    REFUSED = "refused"
    UNCHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome in words, the reason in the cloud's words, and which field it is about."""

    outcome: Outcome
    words: str
    reason: str = ""
    about: str = ""
    project: str = ""
    org_id: str = ""


NEEDS_ID = Verdict(Outcome.UNCHECKED, "not checked yet", "It is checked with the project id below.")
NEEDS_KEY = Verdict(Outcome.UNCHECKED, "not checked yet", "It is checked with the project API key above.")


@dataclass(frozen=True, slots=True)
class Entered:
    """What was typed: only what is not None replaces what is configured. `others` are further items of the vault."""

    key: SecretStr | None = None
    token: SecretStr | None = None
    project_id: str | None = None
    org_id: str | None = None
    others: Mapping[str, SecretStr] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to keep."""
        return not self.secrets and self.project_id is None

    @property
    def secrets(self) -> Mapping[str, SecretStr]:
        """Every secret by the name of its vault item."""
        named = {PROJECT_KEY: self.key, TOKEN: self.token}
        return {**{name: secret for name, secret in named.items() if secret is not None}, **self.others}


def project_id_in(text: str) -> str:
    """Find the one `prj_` id anywhere in a text, such as a dashboard URL; UsageError if there is none or several."""
    trimmed = text.strip()
    if _WHOLE_ID.fullmatch(trimmed):
        return trimmed
    found = set(_ID_WITHIN.findall(unquote(trimmed[:LONGEST_PASTE])))
    if not found:
        raise UsageError("There is no prj_… id in it. Open your project in the dashboard and copy the address.")
    if len(found) > 1:
        raise UsageError(f"It holds {len(found)} different prj_… ids. Paste the one you mean.")
    return str(found.pop())


def key_in(text: str, name: str) -> str:
    """Read what was typed for a vault item, trimmed; UsageError, without the value, if it cannot be that."""
    trimmed, label = text.strip(), item_of(name).label
    if "://" in trimmed:
        raise UsageError(f"This is an address, not the {label}.")
    if _WHOLE_ID.fullmatch(trimmed):
        raise UsageError(f"This is a project id, not the {label}.")
    return checked(trimmed, f"The {label}")


def verdict_of(error: ThetaError) -> Verdict:
    """Tell what an error says about the credential that was tried."""
    hint = error.hint if isinstance(error, PermissionDenied) else ""
    reason = f"{error.message} {hint}".strip()
    if isinstance(error, (AuthError, PermissionDenied, NotFound, InvalidRequest)):
        return Verdict(Outcome.REFUSED, f"refused: {error.status or error.kind}", reason)
    if isinstance(error, (NetworkError, TimedOut)):
        return Verdict(Outcome.UNCHECKED, "offline: not checked", error.message)
    return Verdict(Outcome.UNCHECKED, "not checked", error.message)


def shares(verdict: Verdict) -> tuple[Verdict, Verdict]:
    """Say at key and project id what the check of both found out; the reason stands at the one that is to blame."""
    if verdict.outcome is Outcome.VERIFIED:
        return Verdict(Outcome.VERIFIED, "verified"), verdict
    if verdict.outcome is Outcome.UNCHECKED:
        return verdict, replace(verdict, reason="")
    other = Verdict(Outcome.UNCHECKED, "not checked")
    return (verdict, other) if verdict.about == PROJECT_KEY else (other, verdict)
