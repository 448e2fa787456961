"""The journal's file, and what it keeps besides money: plans, requests, chats, notes."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from theta_tui.errors import JournalUnavailable
from theta_tui.journal import Intent, Journal

PAID = Intent(profile="p", face="cli", command="c", worst_usd=Decimal(1), cap_usd=Decimal(5))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "journal.sqlite3"


@pytest.fixture
async def journal(path: Path) -> AsyncIterator[Journal]:
    opened = await Journal.open(path)
    yield opened
    await opened.close()


def log(journal: Journal, url: str = "https://api.example/a", **more: object) -> None:
    given: dict[str, object] = {"method": "GET", "url": url, "family": "ondemand", "started": 1.0, "seconds": 0.5}
    journal.record(**{**given, **more})  # type: ignore[arg-type]


def content(path: Path) -> bytes:
    return path.read_bytes()


def break_file(path: Path, damage: str) -> bytes:
    whole = path.read_bytes()
    torn = whole[:8192] + b"\xff" * 8192 + whole[16384:]
    path.write_bytes(b"not a database at all" * 500 if damage == "garbage" else torn)
    return path.read_bytes()


async def test_all_files_are_private_whatever_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        journal = await Journal.open(path)
        await journal.reserve(PAID)
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        folder = stat.S_IMODE(path.parent.stat().st_mode)
        await journal.close()
    finally:
        os.umask(before)
    assert set(modes) == {"journal.sqlite3", "journal.sqlite3-wal", "journal.sqlite3-shm"}
    assert set(modes.values()) == {0o600}
    assert folder == 0o700


@pytest.mark.parametrize("damage", ["garbage", "torn"])
async def test_a_damaged_journal_blocks_paid_acts_until_the_user_begins_anew(path: Path, damage: str) -> None:
    journal = await Journal.open(path)
    for _ in range(200):
        await journal.add_prompt(os.urandom(50).hex())
    await journal.reserve(PAID)
    await journal.close()
    broken = break_file(path, damage)

    journal = await Journal.open(path)
    assert journal.is_damaged
    assert "damaged" in (journal.problem or "")
    with pytest.raises(JournalUnavailable):
        await journal.reserve(PAID)
    assert await journal.ledger() == await journal.chats() == await journal.requests() == []
    assert (await journal.spending("p")).total_usd == 0
    assert content(path) == broken

    kept = await journal.begin_anew()
    assert kept is not None
    assert kept.name.startswith("journal.sqlite3.damaged-")
    assert content(kept) == broken
    assert journal.problem is None
    await journal.reserve(PAID)
    await journal.close()


async def test_a_journal_of_a_newer_version_is_read_and_not_written(path: Path) -> None:
    journal = await Journal.open(path)
    await journal.reserve(PAID)
    await journal.close()
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA user_version = 999")
    writer.close()

    journal = await Journal.open(path)
    assert "newer" in (journal.problem or "")
    assert len(await journal.ledger()) == 1
    with pytest.raises(JournalUnavailable, match="newer"):
        await journal.reserve(PAID)
    with pytest.raises(JournalUnavailable, match="newer"):
        await journal.begin_anew()
    await journal.close()
    assert [file.name for file in path.parent.iterdir() if "damaged" in file.name] == []


async def test_a_data_folder_that_cannot_be_made_leaves_a_journal_that_only_says_why(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    journal = await Journal.open(tmp_path / "data" / "journal.sqlite3")
    assert journal.problem is not None
    assert not journal.is_damaged
    assert await journal.ledger() == []
    log(journal)
    assert journal.dropped == 1
    (tmp_path / "data").unlink()
    assert await journal.begin_anew() is None
    await journal.reserve(PAID)
    await journal.close()


async def test_a_closed_journal_refuses_to_write_and_reads_nothing(path: Path) -> None:
    journal = await Journal.open(path)
    await journal.close()
    await journal.close()
    log(journal)
    assert await journal.ledger() == []
    with pytest.raises(JournalUnavailable, match="closed"):
        await journal.reserve(PAID)


async def test_the_loop_stays_free_while_the_file_is_locked(path: Path) -> None:
    journal = await Journal.open(path, busy_seconds=0.5)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    attempt = asyncio.create_task(journal.reserve(PAID))
    longest, last = 0.0, time.monotonic()
    while not attempt.done():
        await asyncio.sleep(0.01)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    with pytest.raises(JournalUnavailable):
        await attempt
    holder.close()
    await journal.close()
    assert longest < 0.45


async def test_a_plan_left_by_a_dead_process_is_found_with_what_it_made(path: Path) -> None:
    journal = await Journal.open(path)
    plan = await journal.begin_plan("p", "theta.deployments.validate", "Try a template")
    await journal.plan_step(plan, "create", "sending", {})
    await journal.plan_step(plan, "create", "done", {"deployment.base_id": "b1"})
    done = await journal.begin_plan("p", "c", "s")
    await journal.finish_plan(done, clean=True)
    unclean = await journal.begin_plan("p", "c", "s")
    await journal.finish_plan(unclean, clean=False)
    assert [left.id for left in await journal.unfinished_plans("p")] == [unclean]
    await journal.close()

    journal = await Journal.open(path)
    left = await journal.unfinished_plans("p")
    assert [(record.id, record.clean) for record in left] == [(plan, None), (unclean, False)]
    assert left[0].ids == {"deployment.base_id": "b1"}
    assert [(step.name, step.state) for step in left[0].steps] == [("create", "sending"), ("create", "done")]
    await journal.finish_plan(plan, clean=True)
    assert [record.id for record in await journal.unfinished_plans("p")] == [unclean]
    await journal.close()


async def test_requests_are_listed_newest_first_searched_and_paged(journal: Journal) -> None:
    for number in range(5):
        log(journal, f"https://api.example/{number}", command="theta.Billing.balance", sizes=(1, 2), sent=True)
    found = await journal.requests(2)
    assert [request.url for request in found] == ["https://api.example/4", "https://api.example/3"]
    assert (found[0].sent, found[0].bytes_out, found[0].bytes_in) == (True, 1, 2)
    assert [request.url[-1] for request in await journal.requests(9, before=found[-1].id)] == ["2", "1", "0"]
    assert [request.url[-1] for request in await journal.requests(contains="EXAMPLE/3")] == ["3"]
    assert len(await journal.requests(contains="billing")) == 5


async def test_requests_reach_the_disk_without_anybody_asking(journal: Journal, path: Path) -> None:
    for _ in range(3):
        log(journal)
    reader = sqlite3.connect(path)
    deadline = time.monotonic() + 5
    while reader.execute("SELECT count(*) FROM requests").fetchone()[0] < 3:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    reader.close()


async def test_close_writes_the_requests_that_are_waiting(path: Path) -> None:
    journal = await Journal.open(path)
    log(journal)
    await journal.close()
    journal = await Journal.open(path)
    assert len(await journal.requests()) == 1
    await journal.close()


async def test_a_flood_of_requests_is_cut_and_counted(path: Path) -> None:
    journal = await Journal.open(path)
    free = threading.Event()
    busy = asyncio.create_task(journal._store.read(lambda _: free.wait(30), False))
    await asyncio.sleep(0)  # from here on the thread that writes has other work
    for _ in range(2_500):
        log(journal)
    assert journal.dropped == 500
    free.set()
    assert await busy
    assert (len(await journal.requests(5_000)), journal.dropped) == (2_000, 500)
    await journal.close()


async def test_only_the_newest_requests_are_kept(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_kept", 10)
    for number in range(25):
        log(journal, f"https://api.example/{number}")
    assert [request.url.rpartition("/")[2] for request in await journal.requests(100)] == [
        str(number) for number in range(24, 14, -1)
    ]


async def test_a_request_that_cannot_be_stored_does_not_stop_the_log(journal: Journal) -> None:
    log(journal, status=1 << 80)
    deadline = time.monotonic() + 5
    while journal.dropped == 0:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    log(journal, message="\ud800 token=abc123def")
    assert [request.message for request in await journal.requests()] == ["\ufffd token=[redacted]"]


async def test_a_chat_grows_is_found_renamed_pinned_and_deleted(journal: Journal) -> None:
    chat = await journal.new_chat(profile="p", title="First", service="qwen3", options={"temperature": 0.5})
    other = await journal.new_chat(profile="q", title="Other")
    question = await journal.add_message(chat, "user", "Was heißt STRASSE?")
    answer = await journal.add_message(chat, "assistant", "", question, state="streaming")
    await journal.update_message(answer, "Stra", "thinking")
    await journal.update_message(answer, "Straße", state="complete", meta={"tokens": 3})
    last = (await journal.messages(chat))[-1]
    assert (last.parent_id, last.text, last.reasoning, last.state) == (question, "Straße", "thinking", "complete")
    assert last.meta == {"tokens": 3}
    assert [found.id for found in await journal.chats(search="straße")] == [chat]
    assert [found.id for found in await journal.chats(profile="q")] == [other]
    await journal.rename_chat(chat, "Words")
    await journal.set_chat(chat, service="gpt_oss", options={})
    await journal.pin_chat(chat)
    top = (await journal.chats())[0]
    assert (top.id, top.title, top.service, top.options, top.pinned) == (chat, "Words", "gpt_oss", {}, True)
    await journal.save_draft(chat, "half a sen")
    await journal.delete_chat(chat)
    assert [found.id for found in await journal.chats()] == [other]
    assert await journal.messages(chat) == []
    assert await journal.draft(chat) == ""


async def test_a_message_taken_back_is_gone_and_no_longer_counted(journal: Journal) -> None:
    chat, other = await journal.new_chat(profile="p"), await journal.new_chat(profile="q")
    kept = await journal.add_message(chat, "user", "sent")
    await journal.add_message(other, "user", "elsewhere")
    await journal.delete_message(await journal.add_message(chat, "user", "cancelled", kept))
    assert [found.text for found in await journal.messages(chat)] == ["sent"]
    assert await journal.message_counts("p") == {chat: 1}
    assert await journal.message_counts() == {chat: 1, other: 1}


async def test_a_deleted_chat_leaves_no_text_in_the_files(path: Path) -> None:
    journal = await Journal.open(path)
    chat = await journal.new_chat(profile="p")
    await journal.add_message(chat, "user", "xyzzy-plugh" * 20)
    await journal.delete_chat(chat)
    await journal.close()
    assert all(b"xyzzy" not in file.read_bytes() for file in path.parent.iterdir())


async def test_an_answer_left_streaming_by_a_dead_process_is_shown_as_cut(path: Path) -> None:
    code = (
        "import asyncio, os, sys\n"
        "from pathlib import Path\n"
        "from theta_tui.journal import Journal\n"
        "async def main():\n"
        "    journal = await Journal.open(Path(sys.argv[1]))\n"
        "    chat = await journal.new_chat(profile='p')\n"
        "    await journal.add_message(chat, 'assistant', 'half', state='streaming')\n"
        "    os._exit(0)\n"
        "asyncio.run(main())\n"
    )
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", code, str(path)], timeout=20, check=True)
    journal = await Journal.open(path)
    [message] = await journal.messages(1)
    assert (message.text, message.state) == ("half", "cut")
    await journal.close()


async def test_an_answer_streaming_in_another_open_console_is_left_alone(journal: Journal, path: Path) -> None:
    chat = await journal.new_chat(profile="p")
    await journal.add_message(chat, "assistant", "half", state="streaming")
    other = await Journal.open(path)
    assert [message.state for message in await other.messages(chat)] == ["streaming"]
    await other.close()


async def test_a_message_state_that_is_none_is_a_mistake(journal: Journal) -> None:
    with pytest.raises(ValueError, match="not a state"):
        await journal.add_message(1, "user", "x", state="done")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("\ud800", "\ufffd"), ("\ud83d\ude00", "\U0001f600"), ("a\x00b", "a\x00b"), ("'; DROP TABLE chats; --", None)],
)
async def test_any_text_can_be_stored(journal: Journal, typed: str, kept: str | None) -> None:
    chat = await journal.new_chat(profile="p", title=typed)
    await journal.add_message(chat, "user", typed)
    await journal.save_draft("new", typed)
    await journal.add_prompt(typed)
    expected = typed if kept is None else kept
    assert (await journal.chats())[0].title == expected
    assert (await journal.messages(chat))[0].text == expected
    assert await journal.draft() == expected
    assert await journal.prompts() == [expected]


async def test_drafts_survive_and_an_empty_one_is_forgotten(path: Path) -> None:
    journal = await Journal.open(path)
    await journal.save_draft("new", "hello")
    await journal.close()
    journal = await Journal.open(path)
    assert await journal.draft("new") == "hello"
    await journal.save_draft("new", "")
    assert await journal.draft("new") == ""
    await journal.close()


async def test_an_unchanged_balance_keeps_its_first_and_last_moment(journal: Journal) -> None:
    for at, cents in ((1, "200"), (2, "200"), (3, "200"), (4, "199.7819"), (5, "-5")):
        await journal.note_balance("p", "org_1", Decimal(cents), float(at))
    noted = [(balance.at, balance.cents) for balance in await journal.balances("p")]
    assert noted == [(1, Decimal(200)), (3, Decimal(200)), (4, Decimal("199.7819")), (5, Decimal(-5))]
    assert len(await journal.balances("p", since=4)) == 2
    assert await journal.balances("q") == []


async def test_prompts_are_listed_newest_first_each_once(journal: Journal) -> None:
    for text in ("one", "two", "  ", "one"):
        await journal.add_prompt(text)
    assert await journal.prompts() == ["one", "two"]
    assert await journal.prompts(1) == ["one"]
