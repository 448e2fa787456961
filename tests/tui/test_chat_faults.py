"""Every fault of a chat that the wire file names, seen in the transcript: by keys, over a socket, against the cloud."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.faults.rig import make_impatient
from tests.tui.chat_faults import BUSY, CASES, Case
from tests.tui.conftest import Opens
from tests.tui.test_chat_pane import Chat, at_chat
from theta_tui.settings import save_value

QUESTION = "hi"
FAMILIES = sorted({(family, case.partner) for family, cases in CASES.items() for case in cases})


@asynccontextmanager
async def at_partner(console: Opens, partner: str) -> AsyncIterator[Chat]:
    """A chat with a model, with the demo's machine, or with its agent; its deadlines are short."""
    is_model = partner not in ("machine", "agent")
    async with at_chat(console, partner if is_model else "glm_5_3") as chat:
        session = chat.it.app.session
        make_impatient(session, 1.5)
        if partner == "machine":
            listed = await session.ask("theta.deployments.list")
            machine = next(each for each in listed.deployments if each.name == "support-chat")
            chat.pane.use_deployment(machine.key, machine.name)
            await chat.shows("support-chat · your machine")
        elif partner == "agent":
            agent = (await session.ask("theta.ai.agent.list")).agents[0]
            chat.pane.use_agent(agent.id, agent.name)
            await chat.shows("your agent")
        yield chat


@pytest.mark.parametrize(("family", "partner"), FAMILIES)
async def test_the_transcript_says_what_happened_and_what_to_do(
    console: Opens, tmp_path: Path, family: str, partner: str
) -> None:
    save_value(None, "chat_fallbacks", ["glm_5_3_flash"], config_dir=tmp_path / "config")
    async with at_partner(console, partner) as chat:
        for case in CASES[family]:
            if case.partner == partner:
                await _in_a_chat_of_its_own(chat)
                await _meets(chat, case)


async def _in_a_chat_of_its_own(chat: Chat) -> None:
    chat.it.world.faults.clear()
    await chat.it.press("ctrl+n")
    await chat.until(lambda: chat.pane.book.chat is None and chat.page.is_empty and not chat.composer.text)
    chat._agreed = False


async def _meets(chat: Chat, case: Case) -> None:
    it, line = chat.it, case.line
    it.world.faults.add({**case.fault, "match": {"method": "POST", "path": "/chat/completions|/infer_request/"}})
    tries, counted = len(it.sent("POST")), await _counted(chat)
    await chat.answered(QUESTION)
    await chat.shows(*case.words)
    shown, is_failure = it.shown(), case.state == "failed"
    assert not [words for words in (*case.absent, "<html") if words in shown], line
    assert chat.composer.text == (QUESTION if is_failure else ""), f"{line}:\n{shown}"
    assert (chat.pane._offer is not None, "ctrl+f asks" in shown) == (case.offers, case.offers), line
    answer = (await chat.stored())[-1]
    assert (answer.role, answer.state) == ("assistant", case.state), line
    if case.state != "complete":
        assert len(it.sent("POST")) - tries == case.tries, line
    await _is_counted(chat, case, counted)
    if is_failure:
        await _is_answered_at_last(chat)


async def _counted(chat: Chat) -> Decimal:
    session = chat.it.app.session
    spending: Decimal = (await session.journal.spending(session.settings.profile)).total_usd
    return spending


async def _is_counted(chat: Chat, case: Case, before: Decimal) -> None:
    """What is said and stored of the cost is what the ledger has; what nobody knows counts at its worst."""
    row, answer = (await chat.it.app.session.journal.ledger(1))[0], (await chat.stored())[-1]
    known = "none" if row.cost_usd is None else "estimate" if row.estimate else "told"
    assert (row.state, known) == (case.row, case.cost), case.line
    counted = Decimal(0) if row.state == "refused" else row.worst_usd if row.cost_usd is None else row.cost_usd
    assert await _counted(chat) - before == counted, case.line
    told = answer.meta.get("cost_usd")
    assert row.cost_usd == (None if told is None else Decimal(told)), case.line
    assert ("(estimate)" in answer.meta.get("footer", "")) == (case.cost == "estimate"), case.line


async def _is_answered_at_last(chat: Chat) -> None:
    """Once the fault is gone, `r` asks again and the failed try is no version of the answer."""
    chat.it.world.faults.clear()
    await chat.it.press("escape", "r")
    if chat.pane.book.target.kind == "agent":  # at a price that nobody tells, so each message is reviewed
        await chat.agree("tab")
    await chat.until(lambda: "to first token" in chat.it.shown())
    await chat.at_rest()
    assert (await chat.stored())[-1].state == "complete"
    assert "2/2" not in chat.it.shown()


@pytest.mark.parametrize(
    ("fault", "shown", "note", "row"),
    [
        ({"kind": "hang"}, "is asked", "it may be charged all the same", "uncertain"),
        (
            {
                "kind": "status",
                "status": 409,
                "headers": {"Retry-After": "5"},
                "body": {"message": BUSY},
                "times": None,
            },
            "again in",
            "nothing is charged",
            "refused",
        ),
    ],
    ids=["before the headers", "while it waits"],
)
async def test_a_stop_before_the_first_word_says_what_it_may_cost(
    console: Opens, fault: dict[str, Any], shown: str, note: str, row: str
) -> None:
    async with at_chat(console) as chat:
        chat.it.world.faults.add({**fault, "match": {"method": "POST"}})
        await chat.ask(QUESTION)
        await chat.agree()
        await chat.until(lambda: len(chat.asked) == 1)
        await chat.shows(shown)
        await chat.it.press("escape", "escape")
        await chat.at_rest()
        await chat.shows(f"stopped before anything came; {note}")
        entry = (await chat.it.app.session.journal.ledger(1))[0]
        assert (entry.state, entry.cost_usd, chat.composer.text) == (row, None, QUESTION)
        assert await _counted(chat) == (entry.worst_usd if row == "uncertain" else 0)
        await chat.shows("this chat unknown" if row == "uncertain" else "this chat $0.00")
        await chat.until(lambda: chat.it.app.session._wire.busy_slots == 0)
