"""`theta-tui auth`: where each key lives, storing, rotating, moving, showing an endpoint's login, forgetting."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from theta_tui import safe_text
from theta_tui.errors import AuthError, NoCredentials, UsageError
from theta_tui.headless.output import Output

if TYPE_CHECKING:
    from theta_tui.session import Session
    from theta_tui.vault import VaultStatus

NAMES = "`theta-tui auth status` names them."
STREAM_OWNER = "live"
"""User name of a livestream's key, which is kept as a pair like every login."""

Verb = Callable[["Session", Namespace, Mapping[str, str]], Awaitable[dict[str, Any] | None]]


def auth(options: Namespace, environ: Mapping[str, str]) -> int:
    """`theta-tui auth status|set NAME|move PLACE|reveal NAME|forget NAME`."""
    from theta_tui.headless.running import opened, run

    output = Output(options.output)
    _check_name(options)

    async def work() -> int:
        async with opened(options, environ, output) as session:
            shown = await _VERBS[options.verb](session, options, environ)
            if shown is not None:
                output.own(shown)
            return 0

    return run(work())


def _check_name(options: Namespace) -> None:
    """Refuse a name that is none before anything is asked or opened."""
    from difflib import get_close_matches

    from theta_tui.vault import ITEMS, item_of

    name = getattr(options, "name", None)
    if options.verb == "forget" and (name is None) is not options.all:
        raise UsageError("Name one credential to forget, or say --all.", hint=NAMES)
    if options.verb == "reveal" and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("Secrets are shown on a terminal only, never to a pipe or a file.")
    if name is not None:
        try:
            item_of(name)
        except ValueError:
            near = get_close_matches(name, ITEMS, n=1)
            raise UsageError(
                f"There is no credential {name[:60]!r}.", hint=f"Did you mean {near[0]}?" if near else NAMES
            ) from None


async def _status(session: Session, options: Namespace, environ: Mapping[str, str]) -> dict[str, Any]:
    """Say of every credential where it comes from; no value is shown, not even its length."""
    from theta_tui.vault import ITEMS

    rows = [
        {
            "name": name,
            "what": item.label,
            "source": await _source(session, name),
            "variables": list(item.env),
            "where": item.where,
        }
        for name, item in ITEMS.items()
    ]
    keyring = await session.vault.status()
    return {
        "profile": session.settings.profile,
        "keyring": _told(session, keyring),
        "keys": rows,
        "endpoints": [name for name in await session.vault.names() if name not in ITEMS],
    }


def _told(session: Session, status: VaultStatus) -> str:
    if not status.usable:
        return f"not used: {status.reason}"
    return f"{status.backend_name}{', not encrypted' if session.vault.is_plain else ''}"


async def _source(session: Session, name: str) -> str:
    """Say where one comes from; from several places if it serves hosts that differ in that."""
    from theta_tui.credentials import kept_for

    try:
        places = kept_for(session.hosts, name)
        found = [await session.vault.get(name, origin=origin, overridden=overridden) for origin, overridden in places]
    except NoCredentials:  # there is no endpoint to have it for
        return "missing"
    except UsageError as error:
        return f"unusable: {error.message}"
    return " / ".join(dict.fromkeys(one.source if one else "missing" for one in found))


async def _set(session: Session, options: Namespace, environ: Mapping[str, str]) -> dict[str, Any]:
    """Store or rotate a credential: the new one is checked first where that is free, and read back afterwards."""
    from theta_tui.enrolment import Enrolment
    from theta_tui.intake import Outcome, key_in

    secret = SecretStr(key_in(_read(options, environ), options.name))
    enrolment = Enrolment(session, environ, owned=False)
    verdict = None if options.no_check else await enrolment.check_one(options.name, secret)
    if verdict is not None and verdict.outcome is Outcome.REFUSED:
        raise AuthError(f"{verdict.words}. {verdict.reason} Nothing was stored; what was there stays.".strip())
    had = options.name in await session.vault.names()
    await enrolment.store(options.name, secret)
    return {
        "stored": options.name,
        "in": session.vault.place,
        "profile": session.settings.profile,
        "replaced": had,
        "check": verdict.words if verdict is not None else "not checked",
    }


def _read(options: Namespace, environ: Mapping[str, str]) -> str:
    """Read the new secret from where it is, or ask for it without echo; it is never a word of the command line."""
    from collections import ChainMap

    from theta_tui.arguments import take_secrets
    from theta_tui.environment import process_environment
    from theta_tui.headless.call import Stdin
    from theta_tui.redact import redactor

    if options.source == "-":
        text = Stdin().secret(options.name)
    else:
        known = ChainMap(dict(environ), dict(process_environment()))
        text = take_secrets({options.name: options.source}, [options.name], known)[options.name]
    redactor.learn(text.strip())
    return str(text)


async def _reveal(session: Session, options: Namespace, environ: Mapping[str, str]) -> None:
    """Show the login of an endpoint, or the key of a livestream, until Enter is pressed."""
    from theta_tui.headless.reviewers import read_line
    from theta_tui.vault import reveal

    name = options.name
    if not name.startswith("endpoint/") or name.count("/") != 1:
        raise UsageError(
            f"{name} is not shown: only endpoint/… credentials are.",
            hint="Keys of your account are never shown again; the dashboard makes a new one.",
        )
    found = await session.keeper.find(name)
    if found is None:
        raise NoCredentials(f"Nothing is kept under {name}.", hint=NAMES)
    username, password = (reveal(secret) for secret in (found.username, found.password))
    lines = [f"stream key: {password}"] if username == STREAM_OWNER else [f"user: {username}", f"password: {password}"]
    lines.append("Enter hides it.")
    sys.stdout.write("".join(f"{safe_text.for_line(line, 2000)}\n" for line in lines))
    sys.stdout.flush()
    try:
        await read_line()
    finally:
        sys.stdout.write(f"\x1b[{len(lines) + 1}A\x1b[J")
        sys.stdout.flush()


async def _forget(session: Session, options: Namespace, environ: Mapping[str, str]) -> dict[str, Any]:
    """Delete a stored credential, both halves of an endpoint's, or all of the profile's."""
    name = options.name
    if options.all:
        names = await session.vault.names()
    else:
        is_pair = name.startswith("endpoint/") and name.count("/") == 1
        names = (f"{name}/username", f"{name}/password") if is_pair else (name,)
    for one in names:
        await session.vault.forget(one)
    return {"forgotten": list(names) if options.all else name, "profile": session.settings.profile}


async def _move(session: Session, options: Namespace, environ: Mapping[str, str]) -> dict[str, Any]:
    """Move the profile's keys from another place to where keys are kept now."""
    from dataclasses import replace

    from theta_tui.session import vault_for
    from theta_tui.settings import data_dir

    if options.source == session.settings.vault:
        raise UsageError(
            f"Keys are kept in the {session.vault.place} already: `config set vault PLACE` chooses another."
        )
    source = vault_for(replace(session.settings, vault=options.source), environ, data_dir(environ), may_run=False)
    if not (status := await source.status()).usable:
        raise NoCredentials(f"The {source.place} cannot be read: {status.reason}.", hint=status.advice)
    moved = await source.move_to(session.vault)
    return {"moved": list(moved), "from": source.place, "to": session.vault.place, "profile": session.settings.profile}


_VERBS: Mapping[str, Verb] = {"status": _status, "set": _set, "move": _move, "reveal": _reveal, "forget": _forget}
