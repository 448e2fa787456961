"""The commands of a conversation in line mode: words after a colon. What they tell goes to stderr, in plain lines."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from theta_tui.chats import export
from theta_tui.chats.files import read_file
from theta_tui.errors import UsageError
from theta_tui.headless.chat_printer import cost_words
from theta_tui.headless.chat_words import FORMS, changed, described, target_named
from theta_tui.new_file import write_new
from theta_tui.safe_text import for_line
from theta_tui.shapes.on_demand import MILLION

if TYPE_CHECKING:
    from theta_tui.headless.chat_input import Lines
    from theta_tui.headless.chat_talk import Said, Talk
    from theta_tui.journal import Chat
    from theta_tui.shapes.on_demand import Service

LISTED: Final = 20
"""Chats that a list names."""

MOST_CHATS: Final = 1_000

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
            "file": _Entry(":file PATH", "send a text or an image with the next question", self._file),
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
            talk.book.target = target_named(rest)
            await talk.remember()
            return self._say(f"Talking to {talk.target.name}.")
        listed = await talk.session.ask("theta.ondemand.listServices", {"category": "text"})
        return self._say(f"Talking to {talk.target.name}. There are:", *(_priced(each) for each in listed.callable))

    async def _system(self, rest: str) -> int:
        talk = self._talk
        if rest:
            talk.book.options = replace(talk.book.options, system="" if rest == "none" else rest)
            await talk.remember()
        prompt = talk.book.options.system
        return self._say(f"System prompt: {prompt}" if prompt else "There is no system prompt.")

    async def _set(self, rest: str) -> int:
        talk = self._talk
        if rest:
            talk.book.options = changed(talk.book.options, talk.target, rest.split())
            await talk.remember()
        return self._say(f"{talk.target.name}: {described(talk.book.options)}.")

    async def _file(self, rest: str) -> int:
        if not rest:
            raise UsageError("Which file? Write :file PATH.")
        file = read_file(rest)
        self._talk.files.append(file)
        return self._say(f"{file.name}, {len(file.data):,} bytes, goes with the next question.")

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
        asked = self._talk.asked
        if asked is None:
            raise UsageError("Nothing has been asked yet.")
        return asked

    # Stored chats

    async def _show(self, rest: str) -> int:
        for message in await self._talk.book.thread():
            speaker = "You" if message.role == "user" else str(message.meta.get("title") or message.role)
            ending = f"\n({message.state})" if message.state in ("cut", "stopped", "failed", "streaming") else ""
            self._talk.output.text(f"{speaker}: {message.text}{ending}\n")
        return 0

    async def _new(self, rest: str) -> int:
        self._talk.begin()
        return self._say(f"Another conversation with {self._talk.target.name}.")

    async def _list(self, rest: str) -> int:
        return await self._search(rest, whole=True)

    async def _search(self, rest: str, *, whole: bool = False) -> int:
        if not rest and not whole:
            raise UsageError("Which words? Write :search WORDS.")
        journal, profile = self._talk.session.journal, self._talk.session.settings.profile
        found = by_change(await journal.chats(MOST_CHATS, rest or None, profile))
        hits = await journal.hits(rest, profile) if rest else {}
        excerpts = {chat: hit.excerpt for chat, hit in hits.items()}
        more = [f"{len(found) - LISTED} older ones are not named; :search finds them."] if len(found) > LISTED else []
        named = [_named(chat, excerpts.get(chat.id, "")) for chat in found[:LISTED]]
        return self._say(*(named or ["No chat." if whole else f"Nothing is said of {rest!r}."]), *more)

    async def _chat(self, rest: str) -> int:
        if not rest.isdecimal():
            raise UsageError("Which chat? Write :chat NUMBER, as :list names it.")
        await self._talk.open(await find_chat(self._talk, int(rest)))
        return self._say(self._talk.where)

    async def _save(self, rest: str) -> int:
        form, _, path = rest.partition(" ")
        if not path.strip():
            raise UsageError("Write :save md FILE, or :save json FILE.")
        if form not in ("md", "json"):
            raise UsageError(f"{form[:20]!r} is no form to save a chat in.", hint=":save md FILE, or :save json FILE.")
        return self._say(f"Saved in {write_new(path, await self._exported(form))}.")

    async def _exported(self, form: str) -> str:
        book = self._talk.book
        chat = None if book.chat is None else await self._talk.session.journal.chat(book.chat)
        if chat is None:
            raise UsageError("There is nothing to save yet.")
        files = await book.files()
        if form == "md":
            return export.as_markdown(chat.title, await book.thread(), files)
        return export.as_json(chat, await book.messages(), files)


def by_change(chats: Sequence[Chat]) -> list[Chat]:
    """Order chats, the last changed first."""
    return sorted(chats, key=lambda chat: chat.changed, reverse=True)


async def find_chat(talk: Talk, number: int) -> Chat:
    """Give a stored chat by its number; UsageError if there is none."""
    found = await talk.session.journal.chat(number)
    if found is None or found.profile != talk.session.settings.profile:
        raise UsageError(f"There is no chat {number}.", hint=":list shows the chats there are.")
    return found


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
