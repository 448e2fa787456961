"""`theta-tui setup --from-env [FILE]`: takes keys and preferences over from THETA_* variables, without a question.

Everything is read and checked before anything is stored. Addresses and proxies are not taken over: whoever can write a
dotenv file could send the keys elsewhere with them.
"""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from theta_tui import settings
from theta_tui.dotenv import read_dotenv
from theta_tui.enrolment import Enrolment
from theta_tui.errors import AuthError, UsageError
from theta_tui.headless.output import Output
from theta_tui.headless.running import opened, run
from theta_tui.intake import PROJECT_ID, Entered, Outcome, Verdict, key_in, shares
from theta_tui.purposes import PURPOSES
from theta_tui.redact import redactor
from theta_tui.session import Session
from theta_tui.settings.schema import read_value
from theta_tui.vault import ITEMS

LEFT_OUT = frozenset({"profile", "proxy", "ca_bundle", "vault"})
"""Settings that are not taken over, besides the base URLs."""
FOREIGN: Mapping[str, str] = {
    "X_API_KEY": "THETA_EC_API_KEY",
    "TEC_API_KEY": "THETA_EC_API_KEY",
    "PROJECT_ID": "THETA_EC_PROJECT_ID",
    "ON_DEMAND_API_ACCESS_TOKEN": "THETA_ONDEMAND_API_TOKEN",
}
"""Names that examples for this cloud use (wire 13.2): named, never taken, since they may be anybody's."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What variables hold: secrets and settings by name, with the variable each comes from; and what is left alone."""

    secrets: Mapping[str, SecretStr] = field(default_factory=dict)
    values: Mapping[str, object] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    left: tuple[str, ...] = ()


def take_over(options: Namespace, environ: Mapping[str, str]) -> int:
    """Give the exit status: 0, or 1 when the cloud refuses a key (nothing is stored then)."""
    output = Output(options.output)
    given = read_dotenv(Path(options.from_env).expanduser()) if options.from_env else environ
    taken = taken_from(given)
    if not taken.variables:
        raise UsageError(
            f"There is no THETA_* variable in {options.from_env or 'the environment'}.",
            hint=_foreign(given) or "For example THETA_EC_API_KEY, THETA_EC_PROJECT_ID, THETA_ONDEMAND_API_TOKEN.",
        )

    async def work() -> int:
        # Seen as variables until they are stored, so that what is checked is what will be in use.
        seen = {**environ, **{variable: given[variable] for variable in taken.variables.values()}}
        async with opened(options, seen, output) as session:
            verdicts = {} if options.no_check else await _checked(session, taken, seen)
            rows = await _store(session, taken, verdicts, environ)
        output.own({"profile": session.settings.profile, "taken": rows, "left_alone": list(taken.left)})
        _advise(options, taken, output)
        if words := _foreign(given):
            output.warn(words)
        return 0

    return run(work())


def taken_from(given: Mapping[str, str]) -> Taken:
    """Sort variables out; UsageError names the variable whose value cannot be used, never the value."""
    secrets: dict[str, SecretStr] = {}
    values: dict[str, object] = {}
    variables: dict[str, str] = {}
    for name, item in ITEMS.items():
        variable = next((one for one in item.env if given.get(one, "").strip()), None)
        if variable is not None:
            secrets[name], variables[name] = SecretStr(_secret(given[variable], name, variable)), variable
    for key in settings.SCHEMA:
        variable = next((one for one in key.env if given.get(one, "").strip()), None)
        if variable is not None and not key.family and key.name not in LEFT_OUT:
            values[key.name], variables[key.name] = _read(key, given[variable], variable), variable
    known = {one for item in ITEMS.values() for one in item.env} | {one for name in values for one in _env(name)}
    left = tuple(sorted(name for name in given if name.startswith("THETA_") and name not in known and given[name]))
    return Taken(secrets, values, variables, left)


def _env(name: str) -> tuple[str, ...]:
    return settings.KEYS[name].env


def _secret(text: str, name: str, variable: str) -> str:
    redactor.learn(text.strip())
    try:
        return key_in(text, name)
    except UsageError as error:
        raise UsageError(f"{variable}: {error.message}", hint=error.hint) from None


def _read(key: settings.Key, text: str, variable: str) -> object:
    try:
        return read_value(key, text)
    except ValueError:
        raise UsageError(f"{variable}: {key.name} must be {key.wanted}.") from None


async def _checked(session: Session, taken: Taken, environ: Mapping[str, str]) -> Mapping[str, Verdict]:
    """Ask the cloud what it says to each key; AuthError if it refuses one, naming the variable."""
    enrolment = Enrolment(session, environ, owned=False)
    asked = [purpose for purpose in PURPOSES if purpose.needs and any(name in taken.secrets for name in purpose.asks)]
    found = await asyncio.gather(*(enrolment.check(purpose, Entered(taken.secrets)) for purpose in asked))
    verdicts: dict[str, Verdict] = {}
    for purpose, verdict in zip(asked, found, strict=True):
        verdicts |= shares(verdict, purpose.asks) if verdict is not None else {}
    refused = [(name, one) for name, one in verdicts.items() if one.outcome is Outcome.REFUSED]
    if refused:
        told = (f"{taken.variables.get(name, name)} was {one.words}, {one.reason}" for name, one in refused)
        raise AuthError(f"{'; '.join(told)} Nothing was stored.")
    return verdicts


async def _store(
    session: Session, taken: Taken, verdicts: Mapping[str, Verdict], environ: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Keep the secrets first, so that nothing is written where they cannot be kept; then the preferences."""
    enrolment = Enrolment(session, environ, owned=False)
    await enrolment.keep(Entered(taken.secrets))
    profile, folder = session.settings.profile, settings.config_dir(environ)
    values = dict(taken.values)
    project = verdicts.get(PROJECT_ID)
    if project is not None and project.org_id:
        values.setdefault("org_id", project.org_id)
    for name, value in values.items():
        await asyncio.to_thread(settings.save_value, profile, name, value, config_dir=folder)
    places = [(name, session.vault.place, verdicts.get(name)) for name in taken.secrets]
    places += [(name, settings.FILE_NAME, None) for name in values]
    return [
        {"name": name, "from": taken.variables.get(name, "the cloud"), "to": place,
         "check": verdict.words if verdict else None}
        for name, place, verdict in places
    ]  # fmt: skip


def _foreign(given: Mapping[str, str]) -> str:
    """Say which other names may mean what we look for."""
    found = [f"{name} may be your {ours}" for name, ours in FOREIGN.items() if given.get(name) and not given.get(ours)]
    return f"{', '.join(found)}: write it under that name to have it taken." if found else ""


def _advise(options: Namespace, taken: Taken, output: Output) -> None:
    names = ", ".join(taken.variables[name] for name in taken.secrets)
    if names and options.from_env:
        those = "it" if len(taken.secrets) == 1 else "them"
        output.warn(f"{options.from_env} still holds {names}; delete {those} there once this works.")
    elif names:
        output.warn(f"{names} may leave the environment now: the stored ones go before them.")
