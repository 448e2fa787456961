"""The profiles there are, each as it would be in use: one per project, with its own keys, budget and protection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from theta_tui.errors import UsageError
from theta_tui.settings.loading import DEFAULT, Settings, load
from theta_tui.settings.schema import PROFILE_NAME


@dataclass(frozen=True, slots=True)
class Profile:
    """What tells one profile from another. `vault` is where its keys are kept."""

    name: str
    is_in_use: bool
    project_id: str | None
    org_id: str | None
    protection: str
    budget_usd: Decimal | None
    badge: str | None
    colour: str | None
    vault: str


def profiles(environ: Mapping[str, str], chosen: str | None = None) -> tuple[Profile, ...]:
    """List them, the default first; `chosen` is the one asked for. Blocks for a moment: it reads the settings file."""
    used = load(chosen, environ)
    there = (name for name in used.profiles if PROFILE_NAME.fullmatch(name))
    return tuple(_profile(name, environ, used.profile) for name in dict.fromkeys((DEFAULT, *there, used.profile)))


def known_profile(name: str, environ: Mapping[str, str]) -> str:
    """Give the name back if there is such a profile; UsageError names the nearest."""
    return _among([profile.name for profile in profiles(environ)], name)


def refuse_misspelt(loaded: Settings) -> None:
    """Refuse a profile that the file does not have although it has others: UsageError names the nearest.

    Under a misspelt name the environment's keys would be used without that profile's protection and budget.
    """
    if loaded.profiles and loaded.profile != DEFAULT:
        _among([DEFAULT, *loaded.profiles], loaded.profile)


def _among(names: Sequence[str], name: str) -> str:
    from difflib import get_close_matches

    if name in names:
        return name
    near = get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(names)}."
    raise UsageError(f"There is no profile {name[:40]!a}.", hint=hint)


def _profile(name: str, environ: Mapping[str, str], used: str) -> Profile:
    one = load(name, environ)
    return Profile(
        name=name,
        is_in_use=name == used,
        project_id=one.project_id,
        org_id=one.org_id,
        protection=one.protection,
        budget_usd=one.budget_usd,
        badge=one.badge,
        colour=one.colour,
        vault=one.vault,
    )
