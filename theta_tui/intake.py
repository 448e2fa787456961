"""What a pasted text holds: a project id, a secret, or a mistake; and what checking it can find out. Sends nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
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
from theta_tui.vault import item_of
from theta_tui.vault.items import checked

PROJECT_KEY = "ec_api_key"
TOKEN = "ondemand_token"  # noqa: S105 the name of a vault item
VIDEO_ID, VIDEO_SECRET = "video_sa_id", "video_sa_secret"
ENDPOINT_TOKEN, ENDPOINT_USER, ENDPOINT_PASSWORD = "inference_token", "inference_user", "inference_password"
CHATBOT_TOKEN = "chatbot_token"  # noqa: S105 the name of a vault item
PROJECT_ID, ENDPOINT = "project_id", "inference_endpoint"
"""Names of settings, unlike those above."""

LONGEST_PASTE = 100_000
_WHOLE_ID = re.compile(r"prj_[\w.-]{1,120}")
_ID_WITHIN = re.compile(r"prj_[A-Za-z0-9]{1,120}")
_SHAPES = {
    PROJECT_KEY: re.compile(r"[a-z0-9]{32}"),
    TOKEN: re.compile(r"[A-Za-z0-9]{64}"),
    VIDEO_ID: re.compile(r"srvacc_\w+"),
    ENDPOINT: re.compile(r"https://[\w.-]+\.onthetaedgecloud\.com\S*"),
}


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


@dataclass(frozen=True, slots=True)
class Entered:
    """What was typed, which replaces what is configured: secrets by vault item, values by setting (None takes out)."""

    secrets: Mapping[str, SecretStr] = field(default_factory=dict)
    values: Mapping[str, object] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        return name in self.secrets or name in self.values

    def __bool__(self) -> bool:
        return bool(self.secrets or self.values)

    def with_values(self, **values: object) -> Entered:
        """Give the same with further settings."""
        return Entered(self.secrets, {**self.values, **values})


def project_id_in(text: str) -> str:
    """Find the one `prj_` id anywhere in a text, such as a dashboard URL; UsageError if there is none or several."""
    trimmed = text.strip()
    if _WHOLE_ID.fullmatch(trimmed):
        return trimmed
    found = project_ids_in(trimmed)
    if not found:
        raise UsageError("There is no prj_… id in it. Open your project in the dashboard and copy the address.")
    if len(found) > 1:
        raise UsageError(f"It holds {len(found)} different prj_… ids. Paste the one you mean.")
    return found.pop()


def project_ids_in(text: str) -> set[str]:
    """Find every `prj_` id in a text."""
    return set(_ID_WITHIN.findall(unquote(text[:LONGEST_PASTE])))


def read(name: str, text: str) -> str:
    """Read what was typed for a vault item or a setting; UsageError, without the value, if it cannot be that."""
    if name == PROJECT_ID:
        return project_id_in(text)
    return endpoint_in(text) if name == ENDPOINT else key_in(text, name)


def endpoint_in(text: str) -> str:
    """Read the address of an endpoint, trimmed; whether it is one of Theta's is for the wire to say."""
    trimmed = text.strip()
    if not trimmed.startswith(("https://", "http://")) or not trimmed.isprintable() or " " in trimmed:
        raise UsageError("The endpoint is an https address, such as https://….onthetaedgecloud.com.")
    return trimmed


def meant_for(text: str) -> str:
    """Guess from its shape (wire 1.2, 1.3) what a pasted text is; "" if nothing tells."""
    trimmed = text.strip()
    if project_ids_in(trimmed):
        return PROJECT_ID
    return next((name for name, shape in _SHAPES.items() if shape.fullmatch(trimmed)), "")


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


def waiting(label: str) -> Verdict:
    """Say that a check waits for another field."""
    return Verdict(Outcome.UNCHECKED, "not checked yet", f"It is checked with the {label}.")


def shares(verdict: Verdict, names: Iterable[str]) -> dict[str, Verdict]:
    """Say at each of the fields what the check of all found out; the reason stands at the one that is to blame."""
    by_name: dict[str, Verdict] = {}
    for name in names:
        is_about = name == verdict.about
        if verdict.outcome is Outcome.REFUSED:
            by_name[name] = verdict if is_about else Verdict(Outcome.UNCHECKED, "not checked")
        elif verdict.outcome is Outcome.UNCHECKED:
            by_name[name] = replace(verdict, reason="") if by_name else verdict
        else:
            by_name[name] = verdict if is_about else Verdict(verdict.outcome, verdict.outcome.value)
    return by_name
