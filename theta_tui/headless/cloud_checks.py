"""What `doctor` asks the cloud and the keyring: hosts, TLS, clock, keys. Reads only, each within a few seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from typing import Any

from theta_tui.change import Family, Reached
from theta_tui.errors import ThetaError
from theta_tui.headless.findings import Finding, State, failed
from theta_tui.session import Session

HOST_SECONDS = 3.0
SKEW_NOTE, SKEW_FAILED = 60.0, 300.0
"""Seconds that the clock may be wrong: signed addresses live 15 minutes."""

FAMILIES = (Family.ONDEMAND, Family.CONTROLLER, Family.PLATFORM, Family.AI, Family.VIDEO)
CHECKED_BY = {
    "ec_api_key": "controller",
    "ondemand_token": "ondemand",
    "video_sa_id": "video",
    "video_sa_secret": "video",
    "inference_token": "inference",
    "inference_user": "inference",
    "inference_password": "inference",
}
"""Vault item → the capability whose answer proves it. A chatbot's token is only proved by a paid chat."""

_PROTECTION = {
    "open": "a yes for each change",
    "confirm": "the profile's name typed for each change",
    "read-only": "no change at all",
}


async def hosts(session: Session) -> list[Finding]:
    """Look which hosts answer at all, TLS verified, and what time it is there."""
    origins: dict[str, list[Family]] = {}
    for family in FAMILIES:
        origins.setdefault(session.hosts.origin(family), []).append(family)
    answers = await asyncio.gather(*(_reach(session, families) for families in origins.values()))
    found = [finding for finding, _ in answers]
    return [*found, _clock([reached for _, reached in answers if reached is not None])]


async def _reach(session: Session, families: Sequence[Family]) -> tuple[Finding, Reached | None]:
    names = ", ".join(family.value for family in families)
    try:
        reached = await session.reach(families[0], HOST_SECONDS)
    except ThetaError as error:
        finding = failed("hosts", error, f"{names}: ")
        fix = "Check the network, a firewall, and THETA_PROXY; a TLS error may need THETA_CA_BUNDLE."
        return Finding(finding.area, finding.state, finding.words, fix), None
    safely = "TLS verified" if reached.origin.startswith("https:") else "plain http on this machine"
    words = f"{names}: {reached.origin} answers in {reached.seconds:.2f} s, {safely}"
    return Finding("hosts", State.OK, words), reached


def _clock(answers: Sequence[Reached]) -> Finding:
    """Compare this clock with the hosts': the smallest difference counts, since an answer may be an old one."""
    differences = [difference for one in answers if (difference := skew(one)) is not None]
    if not differences:
        return Finding("clock", State.UNKNOWN, "no host told its time")
    least = min(differences, key=abs)
    words = f"this clock is {abs(least):.0f} s {'ahead of' if least > 0 else 'behind'} the cloud's"
    if abs(least) <= SKEW_NOTE:
        return Finding("clock", State.OK, words)
    state = State.FAILED if abs(least) > SKEW_FAILED else State.NOTE
    return Finding("clock", state, words, "Let the system set its clock (NTP): signed addresses would seem expired.")


def skew(reached: Reached) -> float | None:
    """Give how many seconds this clock is ahead of a host's; None if it told no time."""
    try:
        there = parsedate_to_datetime(reached.date or "").timestamp()
    except (ValueError, OverflowError):
        return None
    return reached.at - there


async def keys(session: Session) -> list[Finding]:
    """Say of every credential where it lives and whether the cloud accepts it."""
    try:
        states = await session.account.key_states()
    except ThetaError as error:
        return [failed("keys", error)]
    found = await session.ask("theta.auth.capabilities")
    parts = {part.name: part for part in found.capabilities}
    findings = [_key(state, parts.get(CHECKED_BY.get(state.name, ""))) for state in states]
    if not any(state.source for state in states):
        findings.append(Finding("keys", State.NOTE, "no key at all", "`theta-tui setup`, or try `theta-tui --demo`."))
    return findings


def _key(state: Any, part: Any) -> Finding:
    if state.source is None:
        return Finding("keys", State.NOTE, f"{state.label}: missing", f"{state.where} `theta-tui setup` keeps it.")
    words = f"{state.label}: from {state.source}"
    if part is None:
        return Finding("keys", State.OK, f"{words}, not verified (only a paid call would tell)")
    if part.error:
        return Finding("keys", State.FAILED, f"{words}; {part.error}", part.notes or state.where)
    if part.verified:
        return Finding("keys", State.OK, f"{words}, verified")
    return Finding("keys", State.NOTE, f"{words}; {part.notes}", "Nothing is wrong; it could not be proved.")


async def keyring(session: Session) -> list[Finding]:
    """Say which keyring is used, or why none is."""
    status = await session.vault.status()
    if session.vault.is_plain:
        words = "keys are in a plain file, not encrypted: every program of yours can read them"
        fix = "Choose another place in `theta-tui setup`, enter the keys there, then delete the file."
        return [Finding("keyring", State.NOTE, words, fix)]
    if status.usable:
        return [Finding("keyring", State.OK, f"{status.backend_name} can be used")]
    return [Finding("keyring", State.NOTE, f"no keyring is used: {status.reason}", status.advice)]


def _guards(session: Session) -> Finding:
    """Say what stands between a slip and a bill: the profile's protection, the switches, the budget."""
    settings = session.settings
    words = [f"protection {settings.protection}: {_PROTECTION[settings.protection]}"]
    words += [word for word, is_on in (("dry-run", session.dry_run), ("read-only", session.read_only)) if is_on]
    words.append("no daily budget" if settings.budget_usd is None else f"${settings.budget_usd:f} a day")
    return Finding("settings", State.OK, ", ".join(words))


async def own(session: Session) -> list[Finding]:
    """Say what settings and journal complain of, and what interrupted runs have left."""
    problems = [*session.settings.problems, *([session.journal.problem] if session.journal.problem else [])]
    found = [
        Finding("settings", State.FAILED, problem, "`theta-tui config path` names the file; config validate checks it.")
        for problem in problems
    ]
    found = found or [Finding("settings", State.OK, f"profile {session.settings.profile}, journal in order")]
    found.append(_guards(session))
    for left in await session.account.leftovers():
        words = f"{left.made} may still be running, left by an interrupted run"
        found.append(Finding("settings", State.NOTE, words, "`theta-tui run theta.cleanup.finish` deletes it."))
    for lost in await session.account.unsettled():
        words = f"{lost.summary or lost.command}: no answer came, so it counts as spent"
        fix = "`theta-tui run theta.cleanup.reconcile` looks what became of it."
        found.append(Finding("settings", State.NOTE, words, fix))
    return found
