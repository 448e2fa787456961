"""The commands of a conversation in line mode: words after a colon. What they tell goes to stderr, in plain lines."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from theta_tui.errors import UsageError
from theta_tui.headless import chat_export
from theta_tui.headless.chat_files import TextFile
from theta_tui.headless.chat_partner import FORMS, Partner
from theta_tui.headless.chat_printer import cost_words
from theta_tui.safe_text import for_line
from theta_tui.shapes.on_demand import MILLION

if TYPE_CHECKING:
    from theta_tui.headless.chat_book import Said
    from theta_tui.headless.chat_input import Lines
    from theta_tui.headless.chat_talk import Talk
    from theta_tui.journal import Chat
    from theta_tui.shapes.on_demand import Service

LISTED: Final = 20
"""Chats that a list names."""

Act = Callable[[str], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class _Entry:
    usage: str
    words: str
    act: Act


class ChatCommands:
    """Does what a line after a colon asks for. `is_over` once the conversation is to end."""

    def __init__(self, talk: Talk, lines: Lines) -> None:
        self._talk = talk
        self._lines = lines
        self.is_over = False
        self._table: Mapping[str, _Entry] = {
            "help": _Entry(":help", "name these commands", self._help),
            "model": _Entry(":model [WHO]", f"name the models, or talk to {FORMS}", self._model),
            "system": _Entry(":system [TEXT|none]", "tell or set the system prompt, or have none", self._system),
            "params": _Entry(":params [NAME=VALUE …]", "tell or set temperature, top_p, max_tokens, effort", self._set),
            "file": _Entry(":file PATH", "send a text file with the next question", self._file),
            "retry": _Entry(":retry [WHO]", "ask the last question again, of another if named", self._retry),
            "edit": _Entry(":edit [TEXT]", "ask something else in place of the last question", self._edit),
            "show": _Entry(":show", "print this conversation again", self._show),
            "thoughts": _Entry(":thoughts [on|off]", "print the last reasoning, or each as it comes", self._thoughts),
            "cost": _Entry(":cost", "tell what this conversation and this day have cost", self._cost),
            "new": _Entry(":new", "begin another conversation; this one stays stored", self._new),
            "list": _Entry(":list", "name the stored chats, with their numbers", self._list),
            "search": _Entry(":search WORDS", "name the chats in which words were said", self._search),
            "chat": _Entry(":chat NUMBER", "go on with a stored chat", self._chat),
            "save": _Entry(":save md|json FILE", "write this conversation to a file", self._save),
            "quit": _Entry(":quit", "leave; so do an empty line and Ctrl-D", self._quit),
        }  # fmt: skip

    async def run(self, line: str) -> int:
        """Do what `line`, without its colon, says; give its exit status. UsageError for what is none of these."""
        name, _, rest = line.strip().partition(" ")
        entry = self._table.get({"q": "quit", "h": "help", "?": "help"}.get(name, name))
        if entry is None:
            near = get_close_matches(name, self._table, n=1)
            hint = f"Did you mean :{near[0]}?" if near else ":help names what there is; two colons begin a text."
            raise UsageError(f"There is no command :{name[:40]}.", hint=hint)
        return await entry.act(rest.strip())

    def _say(self, *lines: str) -> int:
        self._talk.output.say("\n".join(lines))
        return 0

    async def _help(self, rest: str) -> int:
        return self._say(*(f"{entry.usage}: {entry.words}." for entry in self._table.values()))

    async def _quit(self, rest: str) -> int:
        self.is_over = True
        return 0

    # Whom and how

    async def _model(self, rest: str) -> int:
        talk = self._talk
        if rest:
            talk.partner = Partner.named(rest)
            await talk.remember()
            return self._say(f"Talking to {talk.partner.name}.")
        listed = await talk.session.ask("theta.ondemand.listServices", {"category": "text"})
        return self._say(f"Talking to {talk.partner.name}. There are:", *(_priced(each) for each in listed.services))

    async def _system(self, rest: str) -> int:
        talk = self._talk
        if rest:
            talk.options = talk.options.with_system("" if rest == "none" else rest)
            await talk.remember()
        prompt = talk.options.system
        return self._say(f"System prompt: {prompt}" if prompt else "There is no system prompt.")

    async def _set(self, rest: str) -> int:
        talk = self._talk
        if rest:
            talk.options = talk.options.changed(rest.split())
            await talk.remember()
        return self._say(f"{talk.partner.name}: {talk.options.words}.")

    async def _file(self, rest: str) -> int:
        if not rest:
            raise UsageError("Which file? Write :file PATH.")
        file = TextFile.read(rest)
        self._talk.files.append(file)
        return self._say(f"{file.name}, {len(file.text):,} characters, goes with the next question.")

    async def _thoughts(self, rest: str) -> int:
        talk = self._talk
        if rest in ("on", "off"):
            talk.thinks_aloud = rest == "on"
            return self._say(f"Reasoning is {'printed' if talk.thinks_aloud else 'not printed'} while it comes.")
        if rest:
            raise UsageError(f"Write :thoughts, :thoughts on or :thoughts off, not {rest[:20]!r}.")
        thoughts = talk.answer.reasoning if talk.answer is not None else ""
        return self._say(thoughts or "The last answer came without reasoning.")

    async def _cost(self, rest: str) -> int:
        talk, journal = self._talk, self._talk.session.journal
        policy = talk.session.policy()
        today = (await journal.spending(policy.profile)).total_usd
        cap = await journal.cap_today(policy.profile) or policy.cap_usd
        known = cost_words(talk.spent_usd) + (", and answers whose cost is unknown" if talk.spends_unknown else "")
        within = f"of ${cap:f} allowed" if cap is not None else "and no cap is set"
        return self._say(f"This conversation, since it was opened here: {known}.", f"Today: ${today:f} {within}.")

    # Asking again

    async def _retry(self, rest: str) -> int:
        question = self._last_question()
        if rest:
            await self._model(rest)
        return await self._talk.ask(question.text, again=question)

    async def _edit(self, rest: str) -> int:
        question = self._last_question()
        if not rest:
            self._say(f"You asked: {question.text}", "Write it anew; an empty line leaves it as it is.")
            rest = await self._lines.next("edit> ") or ""
        if not rest:
            return self._say("Left as it is.")
        return await self._talk.ask(rest, instead=question)

    def _last_question(self) -> Said:
        asked = self._talk.book.asked
        if asked is None:
            raise UsageError("Nothing has been asked yet.")
        return asked

    # Stored chats

    async def _show(self, rest: str) -> int:
        for message in await self._talk.book.messages():
            self._talk.output.text(f"{chat_export.speaker(message)}: {message.text}\n")
        return 0

    async def _new(self, rest: str) -> int:
        self._talk.book.begin()
        return self._say(f"Another conversation with {self._talk.partner.name}.")

    async def _list(self, rest: str) -> int:
        return await self._search(rest, whole=True)

    async def _search(self, rest: str, *, whole: bool = False) -> int:
        if not rest and not whole:
            raise UsageError("Which words? Write :search WORDS.")
        found = await self._talk.book.chats(rest or None)
        excerpts = await self._talk.book.excerpts(rest) if rest else {}
        more = [f"{len(found) - LISTED} older ones are not named; :search finds them."] if len(found) > LISTED else []
        named = [_named(chat, excerpts.get(chat.id, "")) for chat in found[:LISTED]]
        return self._say(*(named or ["No chat." if whole else f"Nothing is said of {rest!r}."]), *more)

    async def _chat(self, rest: str) -> int:
        if not rest.isdecimal():
            raise UsageError("Which chat? Write :chat NUMBER, as :list names it.")
        await self._talk.open(await self._talk.book.find(int(rest)))
        return self._say(self._talk.where)

    async def _save(self, rest: str) -> int:
        form, _, path = rest.partition(" ")
        if not path.strip():
            raise UsageError("Write :save md FILE, or :save json FILE.")
        book = self._talk.book
        file = chat_export.save(form, path.strip(), book.title, await book.messages())
        return self._say(f"Saved in {file}.")


def _named(chat: Chat, excerpt: str = "") -> str:
    when = datetime.fromtimestamp(chat.changed)
    day = when.strftime("%H:%M" if time.time() - chat.changed < 43_200 else "%Y-%m-%d")
    words = f", where it says: {for_line(excerpt)}" if excerpt else ""
    return f"{chat.id}, {day}, {for_line(chat.service, 40)}: {for_line(chat.title, 80) or 'no title'}{words}"


def _priced(service: Service) -> str:
    price = service.price()
    known = price.input_usd is not None and price.output_usd is not None
    if not known:
        return f"{service.alias}, price unknown"
    usd_in, usd_out = ((each or 0) * MILLION for each in (price.input_usd, price.output_usd))
    return f"{service.alias}, ${usd_in.normalize():f} in and ${usd_out.normalize():f} out per million tokens"
