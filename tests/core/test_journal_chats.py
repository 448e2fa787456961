"""Chats in the journal beyond storing: search, branches, files, presets, and the step from version 1 of the schema."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from theta_tui.journal import Attachment, Journal, Told
from theta_tui.journal.schema import TABLES


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


@pytest.fixture
async def journal(path: Path) -> AsyncIterator[Journal]:
    opened = await Journal.open(path)
    yield opened
    await opened.close()


async def found(journal: Journal, search: str) -> list[str]:
    return sorted(chat.title for chat in await journal.chats(search=search))


async def test_a_journal_of_version_1_is_brought_forward_with_its_chats_and_they_are_found(path: Path) -> None:
    old = sqlite3.connect(path)
    for statement in TABLES:
        old.execute(statement)
    old.execute("INSERT INTO chats VALUES (1, 'p', 'Sea', 'qwen3', '{}', 0, 1, 1)")
    old.execute("INSERT INTO messages VALUES (1, 1, NULL, 'user', 'about lighthouses', '', 'complete', '{}', '', 1, 1)")
    old.execute("PRAGMA user_version = 1")
    old.commit()
    old.close()

    for _ in range(2):  # the second time there is nothing left to do
        journal = await Journal.open(path)
        assert journal.problem is None
        assert await found(journal, "lighth") == ["Sea"]
        assert (await journal.chats())[0].leaf is None
        await journal.put_on_shelf("preset", "brief", "{}")
        await journal.close()


async def test_every_word_is_looked_for_in_parts_of_words_whatever_its_case(journal: Journal) -> None:
    sea = await journal.new_chat(profile="p", title="Sea")
    await journal.add_message(sea, "user", "How high is the Lighthouse of Ålesund? call foo_bar(x)")
    await journal.add_message(await journal.new_chat(profile="p", title="Land"), "user", "木漏れ日が好きです")
    await journal.add_message(await journal.new_chat(profile="q", title='odd "quotes"'), "user", "NEAR OR AND *")
    for search, titles in {
        "lighthouse high": ["Sea"],
        "IGHTHOUS": ["Sea"],
        "ålesund": ["Sea"],
        "foo_bar(x": ["Sea"],
        "is of": ["Sea"],
        "漏れ日": ["Land"],
        "漏れ": ["Land"],
        "lighthouse foxes": [],
        '"quotes"': ['odd "quotes"'],
        "NEAR OR": ['odd "quotes"'],
        "* \0": ['odd "quotes"'],
        "sea": ["Sea"],
    }.items():
        assert await found(journal, search) == titles, search


async def test_a_hit_is_the_newest_message_of_a_chat_with_the_words_around_it(journal: Journal) -> None:
    chat = await journal.new_chat(profile="p")
    await journal.add_message(chat, "user", "tides")
    last = await journal.add_message(chat, "assistant", "so " * 100 + "the tides\nof the moon")
    await journal.add_message(await journal.new_chat(profile="q"), "user", "tides elsewhere")
    hits = await journal.hits("tides", "p")
    assert list(hits) == [chat]
    assert hits[chat].message_id == last
    assert hits[chat].excerpt.startswith("…")
    assert "the tides of the moon" in hits[chat].excerpt
    assert await journal.hits("  ") == {}


async def test_what_grows_changes_or_goes_is_found_as_it_is_now(journal: Journal) -> None:
    chat = await journal.new_chat(profile="p", title="it")
    growing = await journal.add_message(chat, "assistant", "", state="streaming")
    await journal.update_message(growing, "an otter")
    assert await found(journal, "otter") == ["it"]
    await journal.update_message(growing, "an otter and a heron", state="complete")
    assert await found(journal, "otter heron") == ["it"]
    await journal.update_message(growing, "a heron")
    assert await found(journal, "otter") == []
    await journal.delete_message(growing)
    assert await found(journal, "heron") == []


async def test_a_journal_without_the_index_is_searched_all_the_same(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "theta_tui.journal.text_index._INDEX", "CREATE VIRTUAL TABLE found USING nothing_like_that(text)"
    )
    journal = await Journal.open(path)
    await journal.add_message(await journal.new_chat(profile="p", title="it"), "user", "an otter")
    assert await found(journal, "OTTER") == ["it"]
    await journal.close()
    monkeypatch.undo()
    journal = await Journal.open(path)
    assert await found(journal, "otter") == ["it"]
    assert sqlite3.connect(path).execute("SELECT count(*) FROM found WHERE found MATCH 'otter'").fetchone() == (1,)
    await journal.close()


async def test_a_deleted_chat_leaves_nothing_in_the_index_or_among_the_files(path: Path) -> None:
    journal = await Journal.open(path)
    kept = await journal.new_chat(profile="p", title="kept")
    await journal.add_message(kept, "user", "an otter")
    chat = await journal.new_chat(profile="p")
    message = await journal.add_message(chat, "user", "qzxjv " * 5)
    await journal.attach(message, [Attachment("a.txt", "text/plain", b"wqkjz")])
    await journal.delete_chat(chat)
    assert await journal.attachments(chat) == {}
    assert await found(journal, "otter") == ["kept"]
    await journal.close()
    assert all(b"zxj" not in file.read_bytes() and b"wqk" not in file.read_bytes() for file in path.parent.iterdir())


async def test_the_branch_that_is_shown_is_remembered_until_something_new_is_said(journal: Journal) -> None:
    chat = await journal.new_chat(profile="p")
    first = await journal.add_message(chat, "user", "one")
    await journal.show_branch(chat, first)
    shown = await journal.chat(chat)
    assert shown is not None
    assert shown.leaf == first
    await journal.add_message(chat, "user", "two")
    assert (await journal.chats())[0].leaf is None
    assert await journal.chat(99) is None


async def test_a_whole_chat_is_taken_in_with_its_tree_and_times_or_not_at_all(journal: Journal) -> None:
    told = [
        Told(role="user", text="why", created=100.0),
        Told(role="assistant", text="so", parent=0, created=200.0),
        Told(role="assistant", text="because", parent=0, created=300.0, meta={"model": "m"}),
    ]
    chat = await journal.add_chat(told, profile="p", title="Old", service="gpt", options={"origin": "x"})
    kept = await journal.chat(chat)
    assert kept is not None
    assert (kept.created, kept.changed, kept.options) == (100.0, 300.0, {"origin": "x"})
    question, *answers = await journal.messages(chat)
    assert [answer.parent_id for answer in answers] == [question.id] * 2
    assert answers[1].meta == {"model": "m"}
    with pytest.raises(IndexError):
        await journal.add_chat([Told(role="user", text="x", parent=7)], profile="p", title="Bad")
    assert [found.title for found in await journal.chats()] == ["Old"]


async def test_files_stay_with_their_message_in_order(journal: Journal) -> None:
    chat = await journal.new_chat(profile="p")
    message = await journal.add_message(chat, "user", "look")
    files = [Attachment("b.txt", "text/plain", b"1"), Attachment("a.png", "image/png", b"\x89PNG")]
    await journal.attach(message, files)
    assert await journal.attachments(chat) == {message: tuple(files)}


async def test_named_things_are_kept_by_kind_replaced_and_forgotten(journal: Journal) -> None:
    await journal.put_on_shelf("preset", "  My   brief one ", "1")
    await journal.put_on_shelf("preset", "My brief one", "2")
    await journal.put_on_shelf("template", "My brief one", "text")
    assert [(kept.name, kept.body) for kept in await journal.shelved("preset")] == [("My brief one", "2")]
    await journal.take_off_shelf("preset", "My brief one")
    assert await journal.shelved("preset") == []
    assert [kept.body for kept in await journal.shelved("template")] == ["text"]
    for name in ("", "  ", "x" * 61):
        with pytest.raises(ValueError, match="1 to 60"):
            await journal.put_on_shelf("preset", name, "x")
