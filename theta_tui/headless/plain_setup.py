"""`theta-tui setup --plain`: the wizard in plain lines, which a screen reader can follow.

What it asks for is the wizard's; checking and keeping are `Enrolment`'s. Nothing is stored before the last answer.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from functools import partial
from typing import Any, Final, cast

from pydantic import SecretStr

from theta_tui import settings
from theta_tui.enrolment import Enrolment, about_project
from theta_tui.errors import PolicyRefused, UsageError
from theta_tui.headless.output import Output
from theta_tui.headless.passphrase import Passphrase, ask_secret
from theta_tui.headless.reviewers import ask_line, can_ask
from theta_tui.headless.running import opened, run
from theta_tui.intake import Entered, Outcome, Verdict, read, shares
from theta_tui.places import COMMAND, EXAMPLE, THIS_RUN, Chosen, Place
from theta_tui.purposes import ASKED, PURPOSES, Asked, Purpose
from theta_tui.settings.schema import read_value

NEXT = (
    "theta-tui                                    the console",
    'theta-tui chat "Why is the sky blue?"        a first answer',
    "theta-tui doctor                             everything looked at",
)
_USUAL: Final = "".join(str(number) for number, purpose in enumerate(PURPOSES, 1) if purpose.usual)


class Stopped(PolicyRefused):
    """The person ended the questions; nothing was stored."""

    next_step = "Run it again at any time."


def plain_setup(options: Namespace, environ: Mapping[str, str]) -> int:
    """Ask everything and store it; gives the exit status."""
    if not can_ask():
        raise UsageError(
            "setup --plain asks on a terminal, and there is none.", hint="`theta-tui setup --from-env` needs none."
        )
    output = Output(options.output)

    async def work() -> int:
        async with opened(options, environ, output) as session:
            output.say("Enter keeps or skips. Ctrl-D ends without storing anything.")
            enrolment = Enrolment(session, environ, owned=False, ask=Passphrase(output.say).ask)
            questions = Questions(enrolment, output)
            entered, where = await questions.ask_all()
            for note in await enrolment.keep(entered, where):
                output.warn(note)
        questions.tell_exports(entered, where)
        output.say("\nDone. Try next:\n" + "\n".join(f"  {line}" for line in NEXT))
        return 0

    return run(work())


class Questions:
    """The questions of the wizard, in its order."""

    def __init__(self, enrolment: Enrolment, output: Output) -> None:
        self._enrolment = enrolment
        self._say = output.say

    async def ask_all(self) -> tuple[Entered, Chosen]:
        """Ask for the purposes' keys, where to keep them, and the safety settings."""
        if self._enrolment.elsewhere:
            self._say(f"Keys given here go to {self._enrolment.elsewhere}, not to Theta's own hosts.")
        entered = Entered()
        for purpose in await self._purposes():
            entered = await self._purpose(purpose, entered)
        where = await self._place() if entered.secrets else Chosen()
        return entered.with_values(**await self._safety()), where

    def tell_exports(self, entered: Entered, where: Chosen) -> None:
        """Say which variables would give what is kept nowhere, without the values."""
        if where.kind == THIS_RUN:
            lines = "\n".join(f"  export {ASKED[name].variable}=…" for name in entered.secrets)
            self._say(f"\nNothing keeps these keys; export them before the next start:\n{lines}")

    async def _purposes(self) -> list[Purpose]:
        offered = {str(number): purpose for number, purpose in enumerate(PURPOSES, 1)}
        lines = (f"  {number}  {purpose.title} ({purpose.words})" for number, purpose in offered.items())
        self._say("\nWhat is it for?\n" + "\n".join(lines))
        while True:
            answer = (await line(f"Numbers [{_USUAL}]: ")).replace(",", "").replace(" ", "") or _USUAL
            if set(answer) <= set(offered):
                return [purpose for number, purpose in offered.items() if number in answer]
            self._say(f"Write one or more of 1 to {len(offered)}.")

    async def _purpose(self, purpose: Purpose, entered: Entered) -> Entered:
        """Ask for everything that a purpose asks for, until the cloud does not refuse it or it is left out."""
        secrets, values = dict(entered.secrets), dict(entered.values)
        verdict: Verdict | None = None
        for name in sorted(purpose.asks, key=lambda name: ASKED[name].is_secret):
            while True:
                answer = await self._answer(ASKED[name])
                if answer is None:
                    break
                if isinstance(answer, SecretStr):
                    secrets[name] = answer
                else:
                    values[name] = answer
                verdict = await self._check(purpose, name, Entered(secrets, values))
                if verdict is None or verdict.outcome is not Outcome.REFUSED:
                    break
                secrets.pop(name, None)
                values.pop(name, None)
        return about_project(Entered(secrets, values), verdict)

    async def _check(self, purpose: Purpose, name: str, entered: Entered) -> Verdict | None:
        """Check with the last thing that the check needs; say what it found out."""
        if await self._enrolment.lacks(purpose, entered):
            return None
        verdict = await self._enrolment.check(purpose, entered)
        if verdict is not None:
            told = shares(verdict, purpose.asks)[verdict.about or name]
            self._say(f"{told.words}. {told.reason}".strip())
        return verdict

    async def _answer(self, asked: Asked) -> SecretStr | str | None:
        """Ask for one thing until it can be that; None if it is left out."""
        self._say(f"\n{asked.label[:1].upper()}{asked.label[1:]}\n  {asked.where}")
        reader = partial(read, asked.name)
        while True:
            try:
                if asked.is_secret:
                    source = await self._enrolment.source(asked.name)
                    kept = f"there is one, from {source}; Enter keeps it" if source else "Enter skips"
                    return await ask_secret(f"Not shown as you type ({kept}): ", reader)
                present = self._enrolment.value(asked.name)
                written = await line(f"Address or id{f' [{present}]' if present else ''}: ")
                return reader(written) if written else None
            except UsageError as error:
                self._say(f"{error.message} {error.hint}".strip())

    async def _place(self) -> Chosen:
        """Ask where to keep the keys; Enter takes the place in use, or the first that can be used."""
        places = await self._enrolment.places()
        self._say("\nWhere are the keys to be kept?\n" + "\n".join(map(_place_line, range(1, 10), places)))
        usable = [place.kind for place in places if not place.problem]
        usual = self._enrolment.kind if self._enrolment.kind in usable else usable[0]
        number = [place.kind for place in places].index(usual) + 1
        while True:
            answer = await line(f"Number [{number}]: ") or str(number)
            place = places[int(answer) - 1] if answer in map(str, range(1, len(places) + 1)) else None
            if place is None:
                self._say(f"Write a number from 1 to {len(places)}.")
            elif place.problem:
                self._say(f"{place.title} cannot be used: {place.problem}.")
            else:
                return Chosen(place.kind, await self._command() if place.kind == COMMAND else ())

    async def _command(self) -> tuple[str, ...]:
        key = settings.KEYS["vault_command"]
        while True:
            written = await line(f"The command, with {{name}} for the key's name, such as {EXAMPLE}: ")
            try:
                return tuple(cast(Any, read_value(key, settings.as_written(key, written))))
            except ValueError:
                self._say(f"It is {key.wanted}.")

    async def _safety(self) -> dict[str, object]:
        """Ask for protection, dry-run and the budget."""
        self._say("\nSafety: every change is shown and needs a yes. More than that:")
        found: dict[str, object] = {}
        for name, question in (
            ("dry_run", "Only describe changes, never send them (dry-run)? [y/N] "),
            ("read_only", "Refuse changes altogether (read-only)? [y/N] "),
            ("protection", "Have the profile's name typed for each change (confirm)? [y/N] "),
        ):
            if (await line(question)).lower() in ("y", "yes"):
                found[name] = "confirm" if name == "protection" else True
        while True:
            written = await line("Most to spend in a day, in USD [no limit]: ")
            if not written:
                return found
            try:
                return {**found, "budget_usd": read_value(settings.KEYS["budget_usd"], written.removeprefix("$"))}
            except ValueError:
                self._say("Write a plain number such as 2.50.")


def _place_line(number: int, place: Place) -> str:
    told = f"cannot be used: {place.problem}" if place.problem else place.words
    return f"  {number}  {place.title}{f' ({told})' if told else ''}"


async def line(question: str) -> str:
    """Ask for a line; Stopped at the end of input."""
    answer = await ask_line(question)
    if answer is None:
        raise Stopped("Nothing was stored.")
    return answer
