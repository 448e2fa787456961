"""Beyond asking: versions, agents, files, templates, presets, export and import; by keys against the demo."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tui.conftest import Opens
from tests.tui.test_chat_pane import at_chat
from theta_tui.chats.templates import filled, variables_of
from theta_tui.tui.ask_lines import AskLines
from theta_tui.tui.export_form import ExportForm
from theta_tui.tui.file_picker import FilePicker
from theta_tui.tui.panes.chat.more import MoreMenu


def test_variables_are_found_once_and_filled_once() -> None:
    text = "Tell {{ who }} about {{thing}} and {{who}}. {{ }} {x}"
    assert variables_of(text) == ("who", "thing")
    assert filled(text, {"who": "{{thing}}", "thing": "foxes"}) == "Tell {{thing}} about foxes and {{thing}}. {{ }} {x}"
    assert filled(text, {}) == "Tell {{ who }} about {{thing}} and {{who}}. {{ }} {x}"


async def _menu(chat: Any, search: str) -> None:
    """Open the menu from the empty input, and choose what a search finds."""
    await chat.it.press("/" if not chat.composer.text else "ctrl+y")
    await chat.until(lambda: isinstance(chat.it.app.screen, MoreMenu))
    await chat.it.type(search)
    await chat.it.press("enter")


async def _in(chat: Any, kind: type) -> Any:
    await chat.until(lambda: isinstance(chat.it.app.screen, kind) and chat.it.app.focused is not None)
    return chat.it.app.screen


async def _take_file(chat: Any, name: str) -> None:
    """Choose a file of the present folder, with its name searched for."""
    await _in(chat, FilePicker)
    await chat.it.type(name)
    await chat.it.press("enter")


async def test_another_answer_is_a_version_to_walk_to_and_back(console: Opens) -> None:
    async with at_chat(console) as chat:
        await chat.answered("what are foxes")
        await chat.it.press("escape", "r")
        await chat.until(lambda: len(chat.asked) == 2)
        await chat.at_rest()
        await chat.shows("◂ 2/2 ▸")
        await chat.it.press("less_than_sign")
        await chat.shows("◂ 1/2 ▸")
        await chat.it.press("greater_than_sign")
        await chat.shows("◂ 2/2 ▸")
        await chat.it.press("greater_than_sign")
        await chat.shows("no other version on that side")


async def test_a_text_file_goes_with_the_question_and_an_image_only_to_who_sees(
    console: Opens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    notes = tmp_path / "notes.txt"
    notes.write_text("The code word is heron.")
    picture = tmp_path / "red.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
    async with at_chat(console) as chat:
        await chat.it.press("escape", "a")
        await _take_file(chat, "notes")
        await chat.shows("⊞ notes.txt")
        await chat.it.press("escape", "a")
        await _take_file(chat, "red")
        await chat.shows("takes no images as far as is known")
        await chat.answered("what is the code word")
        sent = [call for call in chat.it.world.calls if call.path.endswith("/chat/completions")]
        assert b"The code word is heron." in sent[-1].body
        kept = await chat.it.app.session.journal.attachments(chat.pane.book.chat)
        assert [file.name for files in kept.values() for file in files] == ["notes.txt"]


async def test_a_template_asks_for_its_variables_and_a_preset_holds(console: Opens) -> None:
    async with at_chat(console) as chat:
        await chat.put("Explain {{topic}} to {{reader}}")
        await _menu(chat, "keep the input")
        await _in(chat, AskLines)
        await chat.it.type("Explain")
        await chat.it.press("enter")
        await chat.until(lambda: chat.it.app.screen is chat.it.app.shell)
        chat.composer.put("")
        await _menu(chat, "Template: Explain")
        await _in(chat, AskLines)
        await chat.it.type("tides")
        await chat.it.press("enter")
        await chat.it.type("a child")
        await chat.it.press("enter")
        await chat.until(lambda: chat.composer.text == "Explain tides to a child")
        chat.composer.put("")
        await _menu(chat, "keep settings")
        await _in(chat, AskLines)
        await chat.it.type("cool")
        await chat.it.press("enter")
        await chat.until(lambda: chat.it.app.screen is chat.it.app.shell)
        await _menu(chat, "Preset: cool")
        await chat.shows("Preset cool holds for this chat.")


def _written(folder: Path) -> tuple[str, int]:
    (file,) = folder.glob("*.md")
    return file.read_text(), file.stat().st_mode & 0o777


async def test_a_chat_is_exported_and_what_others_exported_is_taken_in_once(
    console: Opens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    theirs = tmp_path / "conversations.json"
    message = {"author": {"role": "user"}, "content": {"parts": ["where do herons sleep"]}}
    reply = {"author": {"role": "assistant"}, "content": {"parts": ["In trees."]}}
    mapping = {
        "a": {"message": None, "parent": None, "children": ["b"]},
        "b": {"message": message, "parent": "a", "children": ["c"]},
        "c": {"message": reply, "parent": "b", "children": []},
    }
    theirs.write_text(json.dumps([{"title": "Herons", "mapping": mapping, "current_node": "c"}]))
    async with at_chat(console) as chat:
        await chat.answered("what are foxes")
        await _menu(chat, "Export")
        await _in(chat, ExportForm)
        await chat.it.press("enter")
        await chat.until(lambda: list(tmp_path.glob("*.md")))
        text, mode = _written(tmp_path)
        assert "what are foxes" in text
        assert mode == 0o600
        for expected in ("1 chat taken in;", "0 chats taken in, 1 here already;"):
            await _menu(chat, "Import")
            await _take_file(chat, "conversations")
            await chat.until(lambda expected=expected: any(expected in words for _, _, words in chat.it.app.messages))
        await chat.it.press("ctrl+l")
        await chat.shows("Herons")
        await chat.it.press("slash")
        await chat.it.type("trees")
        await chat.shows("In trees.")
        await chat.it.press("enter", "p")
        await chat.shows("▴ Herons")
        await chat.it.press("enter")
        await chat.shows("where do herons sleep")


async def test_an_agent_is_a_partner(console: Opens) -> None:
    async with console(pane="agents") as it:
        await it.until(lambda: it.pane.agents.row is not None)
        name = it.pane.agents.row.name
        await it.press("c")
        await it.until(lambda: it.pane.id == "chat" and name in it.shown())
        assert "agent" in it.shown()


async def test_an_edited_question_keeps_its_files_and_a_model_may_be_told_to_take_images(
    console: Opens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    picture = tmp_path / "red.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
    async with at_chat(console) as chat:
        await chat.it.press("ctrl+s")
        await chat.until(lambda: chat.it.app.screen is not chat.it.app.shell)
        chat.it.app.screen.query_one("#images").choose(1)
        await chat.it.press("ctrl+s")
        await chat.until(lambda: chat.it.app.screen is chat.it.app.shell and chat.pane.book.options.images is True)
        await chat.it.press("escape", "a")
        await _take_file(chat, "red")
        await chat.shows("⊞ red.png")
        await chat.answered("what colour is it")
        await chat.it.press("escape", "E")
        await chat.until(lambda: chat.composer.text == "what colour is it")
        await chat.it.press("question_mark", "enter")
        await chat.until(lambda: len(chat.asked) == 2)
        await chat.at_rest()
        sent = [call for call in chat.it.world.calls if call.path.endswith("/chat/completions")]
        assert [b"data:image/png;base64," in call.body for call in sent[-2:]] == [True, True]
