"""`theta-tui setup --plain`: the wizard in plain lines, which a screen reader can follow.

What it asks for is the wizard's; checking and keeping are `Enrolment`'s. Nothing is stored before the last answer.
"""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from pydantic import SecretStr

from theta_tui import settings
from theta_tui.enrolment import Enrolment
from theta_tui.errors import PolicyRefused, UsageError
from theta_tui.headless.output import Output
from theta_tui.headless.passphrase import ask_secret
from theta_tui.headless.reviewers import ask_line, can_ask
from theta_tui.headless.running import opened, run
from theta_tui.intake import (
    PROJECT_ID,
    PROJECT_KEY,
    TOKEN,
    VIDEO_ID,
    VIDEO_SECRET,
    WHERE,
    Entered,
    Outcome,
    Verdict,
    key_in,
    project_id_in,
)
from theta_tui.session import Session
from theta_tui.settings.schema import read_value
from theta_tui.vault import ITEMS

MODELS, PROJECT, VIDEO = "1", "2", "3"
FAMILIES: Final = {
    MODELS: "models by the call: chat, pictures, speech",
    PROJECT: "deployments, billing, agents",
    VIDEO: "videos and livestreams",
}
NEXT = (
    "theta-tui                                    the console",
    'theta-tui chat "Why is the sky blue?"        a first answer',
    "theta-tui doctor                             everything looked at",
)
_CHOSEN: Final = "12"


class Stopped(PolicyRefused):
    """The person ended the questions; nothing was stored."""

    next_step = "Run it again at any time."


@dataclass(slots=True)
class Answers:
    """What was answered so far."""

    secrets: dict[str, SecretStr] = field(default_factory=dict)
    values: dict[str, object] = field(default_factory=dict)
    org_id: str = ""


def plain_setup(options: Namespace, environ: Mapping[str, str]) -> int:
    """Ask everything and store it; gives the exit status."""
    if not can_ask():
        raise UsageError(
            "setup --plain asks on a terminal, and there is none.", hint="`theta-tui setup --from-env` needs none."
        )
    output = Output(options.output)

    async def work() -> int:
        output.say("Enter keeps or skips. Ctrl-D ends without storing anything.")
        while not await _set_up(options, environ, output):
            pass
        output.say("\nDone. Try next:\n" + "\n".join(f"  {line}" for line in NEXT))
        return 0

    return run(work())


async def _set_up(options: Namespace, environ: Mapping[str, str], output: Output) -> bool:
    """Ask and store within one session; False if another place for keys was chosen, which needs a new one."""
    async with opened(options, environ, output) as session:
        if not await _has_place(session, environ, output):
            return False
        questions = Questions(Enrolment(session, environ, owned=False), output)
        answers = await questions.ask_all()
        await questions.store(answers, session.settings.profile, environ)
    return True


async def _has_place(session: Session, environ: Mapping[str, str], output: Output) -> bool:
    """Name the place where keys are kept; where there is none, offer the file and give False if it was chosen."""
    status, place = await session.vault.status(), session.vault.place
    if status.usable:
        output.say(f"Keys are kept in the {place}{f' ({status.backend_name})' if place == 'keyring' else ''}.")
        return True
    output.say(f"The {place} cannot be used: {status.reason}.")
    if place != "keyring" or (await line("Keep keys in an encrypted file instead? [y/N] ")).lower() not in ("y", "yes"):
        raise Stopped("There is no place to keep keys.", hint=status.advice)
    folder = settings.config_dir(environ)
    await asyncio.to_thread(settings.save_value, None, "vault", "file", config_dir=folder)
    return False


class Questions:
    """The questions of the wizard, in its order."""

    def __init__(self, enrolment: Enrolment, output: Output) -> None:
        self._enrolment = enrolment
        self._say = output.say

    async def ask_all(self) -> Answers:
        """Ask for the families' keys and the safety settings."""
        answers = Answers()
        if self._enrolment.elsewhere:
            self._say(f"Keys given here go to {self._enrolment.elsewhere}, not to Theta's own hosts.")
        families = await self._families()
        if PROJECT in families:
            await self._project(answers)
        if MODELS in families:
            await self._secret(answers, TOKEN, self._enrolment.check_token)
        if VIDEO in families:
            await self._video(answers)
        await self._safety(answers)
        return answers

    async def store(self, answers: Answers, profile: str, environ: Mapping[str, str]) -> None:
        """Keep the keys, then the preferences."""
        await self._enrolment.keep(Entered(others=answers.secrets), lasting=True)
        folder = settings.config_dir(environ)
        for name, value in answers.values.items():
            await asyncio.to_thread(settings.save_value, profile, name, value, config_dir=folder)

    async def _families(self) -> str:
        self._say("\nWhat is it for?\n" + "\n".join(f"  {digit}  {words}" for digit, words in FAMILIES.items()))
        while True:
            answer = (await line(f"Numbers [{_CHOSEN}]: ")).replace(",", "").replace(" ", "") or _CHOSEN
            if set(answer) <= set(FAMILIES):
                return answer
            self._say("Write one or more of 1, 2 and 3.")

    async def _project(self, answers: Answers) -> None:
        """Ask for project id and key, which are checked together."""
        self._say(f"\nProject id\n  {WHERE[PROJECT_ID]}")
        present = self._enrolment.project_id
        while True:
            written = await line(f"Address or id{f' [{present}]' if present else ''}: ")
            try:
                project_id = project_id_in(written) if written else present
                break
            except UsageError as error:
                self._say(error.message)

        async def check(key: SecretStr | None) -> Verdict:
            verdict = await self._enrolment.check_project(key, project_id)
            answers.org_id = verdict.org_id
            return verdict

        if not project_id:
            self._say("Without the id the key is stored unchecked.")
        await self._secret(answers, PROJECT_KEY, check if project_id else None)
        if project_id and project_id != present:
            answers.values[PROJECT_ID] = project_id
            answers.values["org_id"] = answers.org_id or None

    async def _video(self, answers: Answers) -> None:
        await self._secret(answers, VIDEO_ID, None)
        await self._secret(
            answers, VIDEO_SECRET, lambda secret: self._enrolment.check_video(answers.secrets.get(VIDEO_ID), secret)
        )

    async def _secret(
        self, answers: Answers, name: str, check: Callable[[SecretStr | None], Awaitable[Verdict]] | None
    ) -> None:
        """Ask for a key until it is one and is not refused, or nothing is entered."""
        item = ITEMS[name]
        source = await self._enrolment.source(name)
        kept = f"there is one, from {source}; Enter keeps it" if source else "Enter skips"
        self._say(f"\n{item.label[:1].upper()}{item.label[1:]}\n  {item.where}")
        while True:
            try:
                secret = await ask_secret(f"Not shown as you type ({kept}): ", partial(key_in, name=name))
            except UsageError as error:
                self._say(f"{error.message} {error.hint}".strip())
                continue
            if secret is None:
                return
            if check is None:
                answers.secrets[name] = secret
                return
            verdict = await check(secret)
            self._say(f"{verdict.words}. {verdict.reason}".strip())
            if verdict.outcome is not Outcome.REFUSED:
                answers.secrets[name] = secret
                return

    async def _safety(self, answers: Answers) -> None:
        """Ask for the switches and the budget."""
        self._say("\nSafety: every change is shown and needs a yes. More than that:")
        for name, question in (
            ("dry_run", "Only describe changes, never send them (dry-run)?"),
            ("read_only", "Refuse changes altogether (read-only)?"),
        ):
            answer = (await line(f"{question} [y/N] ")).lower()
            if answer in ("y", "yes"):
                answers.values[name] = True
        while True:
            written = await line("Most to spend in a day, in USD [no limit]: ")
            if not written:
                return
            try:
                answers.values["budget_usd"] = read_value(settings.KEYS["budget_usd"], written.removeprefix("$"))
            except ValueError:
                self._say("Write a plain number such as 2.50.")
            else:
                return


async def line(question: str) -> str:
    """Ask for a line; Stopped at the end of input."""
    answer = await ask_line(question)
    if answer is None:
        raise Stopped("Nothing was stored.")
    return answer
