"""What else can be done in a chat: files, templates, presets, export and import. One menu, opened by `/`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from theta_tui.chats.export import as_json, as_markdown
from theta_tui.chats.imports import Imported, read_chats
from theta_tui.chats.options import Options
from theta_tui.chats.templates import filled, variables_of
from theta_tui.errors import ThetaError, UsageError
from theta_tui.journal import Shelved
from theta_tui.new_file import write_new
from theta_tui.tui.ask_lines import AskLines
from theta_tui.tui.export_form import ExportForm
from theta_tui.tui.file_picker import pick_file
from theta_tui.tui.picker import Entry, Picker, run_entry

if TYPE_CHECKING:
    from theta_tui.tui.panes.chat.pane import ChatPane

FORMS = (("md", "Markdown, this branch"), ("json", "JSON, all branches"))
PRESET = "preset"
TEMPLATE = "template"


class MoreMenu(Picker):
    """The menu."""

    heading = "In this chat"
    prompt = "Search what can be done"


class More:
    """The doings of the menu, for one pane. Errors are told below the transcript; nothing typed is lost."""

    def __init__(self, pane: ChatPane) -> None:
        self._pane = pane
        self._folder = ""

    async def open(self) -> None:
        """Show the menu, with the presets and templates there are."""
        journal = self._pane.session.journal
        presets = await journal.shelved("preset")
        templates = await journal.shelved("template")
        app = self._pane.console_app
        app.push_screen(MoreMenu(self._entries(presets, templates)), partial(run_entry, app))

    def _entries(self, presets: list[Shelved], templates: list[Shelved]) -> list[Entry]:
        pane = self._pane
        unsaid = "nothing has been said yet" if pane.page.is_empty else ""
        busy = "answers are being compared" if pane.is_comparing else ""
        unsaid = busy or unsaid
        untyped = "" if pane.typed.strip() else "the input is empty"

        def entry(group: str, name: str, work: Callable[[], Awaitable[Any]], words: str = "", why: str = "") -> Entry:
            return Entry(name, self._do(work), words=words, group=group, why_not=why)

        kept = [*((PRESET, one) for one in presets), *((TEMPLATE, one) for one in templates)]
        return [
            entry("Chat", "Attach a file", self._attach, "text or image, sent with the next question"),
            entry("Chat", "Ask again", pane.ask_again, "another answer to the question at the cursor", unsaid),
            entry("Chat", "Ask again of another model", pane.ask_another, "choose it, then ask it the same", unsaid),
            entry("Chat", "Compare", pane.compare, "two to four answers to the same question, side by side", busy),
            entry("Chat", "Export", self._export, "Markdown or JSON, a new file", unsaid),
            entry("Chat", "Import", self._import, "conversations.json of ChatGPT, or messages as JSON"),
            entry("Presets", "Keep settings as a preset", self._keep_preset, "system prompt, temperature, lengths"),
            *(entry("Presets", f"Preset: {one.name}", partial(self._take_preset, one)) for one in presets),
            entry("Templates", "Keep the input as a template", self._keep_template, "{{names}} are asked for", untyped),
            *(entry("Templates", f"Template: {one.name}", partial(self._take_template, one), one.body)
              for one in templates),
            *(entry("Forget", f"Forget {kind} {one.name}", partial(self._forget, kind, one)) for kind, one in kept),
        ]  # fmt: skip

    def _do(self, work: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[None]]:
        async def done() -> None:
            try:
                await work()
            except ThetaError as error:
                self._pane.say(f"{error.message} {error.hint}".strip())

        return done

    async def attach(self) -> None:
        """Choose a file to go with the next question."""
        await self._do(self._attach)()

    async def _attach(self) -> None:
        path = await pick_file(self._pane.app, self._folder)
        if path is not None:
            self._folder = str(path.parent)
            await self._pane.attach(str(path))
        self._pane.focus_input()

    async def _export(self) -> None:
        pane, book = self._pane, self._pane.book
        chosen = await pane.app.push_screen_wait(
            ExportForm(book.title, FORMS, heading="Export this chat", about="JSON can be imported again.")
        )
        chat = None if book.chat is None else await pane.session.journal.chat(book.chat)
        if chosen is None or chat is None:
            return
        form, path = chosen
        files = await book.files()
        if form == "md":
            text = as_markdown(book.title, await book.thread(), files)
        else:
            text = as_json(chat, await book.messages(), files)
        written = await asyncio.to_thread(write_new, path, text)
        pane.console_app.tell(f"Written: {written}")

    async def _import(self) -> None:
        pane = self._pane
        path = await pick_file(pane.app, self._folder, (".json",))
        if path is None:
            return
        found = await asyncio.to_thread(read_chats, str(path))
        taken = await self._take_in(found)
        again = len(found) - taken
        pane.console_app.tell(
            f"{taken} {'chat' if taken == 1 else 'chats'} taken in"
            f"{f', {again} here already' if again else ''}; ctrl+l lists them."
        )

    async def _take_in(self, found: list[Imported]) -> int:
        journal, profile = self._pane.session.journal, self._pane.session.settings.profile
        known = {chat.options.get("origin") for chat in await journal.chats(100_000, profile=profile)}
        fresh = [chat for chat in found if chat.origin not in known]
        for chat in fresh:
            await journal.add_chat(
                chat.messages,
                profile=profile,
                title=chat.title,
                service=chat.service,
                options={**chat.options, "origin": chat.origin},
                leaf=chat.leaf,
            )
        return len(fresh)

    async def _name(self, title: str) -> str | None:
        given = await self._pane.app.push_screen_wait(AskLines(title, ("Name",)))
        return None if given is None else given["Name"]

    async def _keep(self, kind: Any, body: str, title: str) -> None:
        name = await self._name(title)
        if name is None:
            return
        try:
            await self._pane.session.journal.put_on_shelf(kind, name, body)
        except ValueError as problem:
            raise UsageError(f"{title}: {problem}.") from None
        self._pane.console_app.tell(f"Kept: {name}. / in the empty input shows it.")

    async def _keep_preset(self) -> None:
        await self._keep(PRESET, json.dumps(self._pane.book.options.as_json()), "Keep settings as a preset")

    async def _keep_template(self) -> None:
        await self._keep(TEMPLATE, self._pane.typed, "Keep the input as a template")

    async def _take_preset(self, one: Shelved) -> None:
        self._pane.take_options(Options.read(json.loads(one.body)))
        self._pane.say(f"Preset {one.name} holds for this chat.")

    async def _take_template(self, one: Shelved) -> None:
        names = variables_of(one.body)
        values = await self._pane.app.push_screen_wait(AskLines(one.name, names)) if names else {}
        if values is not None:
            self._pane.put(filled(one.body, values))

    async def _forget(self, kind: Any, one: Shelved) -> None:
        await self._pane.session.journal.take_off_shelf(kind, one.name)
        self._pane.console_app.tell(f"Forgotten: {kind} {one.name}.")
