"""Quitting with acts on their way: what is asked, what waiting and leaving do, and what is said afterwards."""

from __future__ import annotations

import pytest
from textual import events

from tests.faults.conftest import Prove
from tests.faults.held import CREATE, Held, held
from tests.tui.conftest import Console, Opens, console
from theta_tui.journal import Journal
from theta_tui.tui.command_line import obey
from theta_tui.tui.quitting import QuitQuestion
from theta_tui.tui.result import ResultScreen
from theta_tui.tui.review import ReviewModal

__all__ = ["console", "held"]


async def _begin_create(it: Console, name: str = "held-one") -> None:
    """Confirm a create, and wait until the cloud has made it and keeps its answer back."""
    made = it.world.counts["creates"]
    words = " ".join(f"{field}={value}" for field, value in {**CREATE, "name": name}.items())
    await obey(it.app, f"run theta.deployments.create {words}")
    await it.until(lambda: isinstance(it.app.screen, ReviewModal) and it.app.screen.armed)
    await it.press("y")
    await it.until(lambda: it.world.counts["creates"] == made + 1)


async def _ask(it: Console, key: str = "q") -> QuitQuestion:
    await it.press(key)
    await it.until(lambda: isinstance(it.app.screen, QuitQuestion) and it.app.screen.armed)
    assert isinstance(it.app.screen, QuitQuestion)
    return it.app.screen


async def _rows(it: Console) -> dict[str, str]:
    """What became of each change, as the journal on disk says once the console has gone."""
    assert it.app.demo is not None
    journal = await Journal.open(it.app.demo.data_dir / "journal.sqlite3")
    found = {entry.target_name: entry.state for entry in await journal.ledger() if entry.target_name}
    await journal.close()
    return found


@pytest.mark.parametrize("size", [pytest.param((140, 40), marks=pytest.mark.full), (60, 16)])
async def test_a_create_on_its_way_is_named_with_its_cost_and_staying_lets_it_go_on(
    size: tuple[int, int], console: Opens, held: Held, prove: Prove
) -> None:
    async with console(size=size) as it:
        held.keep(it.world)
        await _begin_create(it)
        await _ask(it)
        shown = it.shown()
        for words in ("Create the deployment held-one", "no answer for", "$0.40/h", "Wait", "Leave", "next start"):
            assert words in shown
        assert "theta.deployments.create" not in shown.split("Quit?")[1]  # it is told once
        await it.press("escape")
        held.give()
        await it.until(lambda: isinstance(it.app.screen, ResultScreen))
        assert not it.app._exit
    assert (await _rows(it))["held-one"] == "confirmed"
    assert it.app.farewell == ()
    prove("F38", "theta.deployments.create, stay")


async def test_waiting_quits_by_itself_when_all_is_answered_and_says_what_became_of_it(
    console: Opens, held: Held, prove: Prove
) -> None:
    async with console() as it:
        held.keep(it.world)
        await _begin_create(it)
        await _begin_create(it, "held-two")
        question = await _ask(it)
        assert "held-one" in it.shown()
        assert "held-two" in it.shown()
        await it.press("w")
        await it.until(lambda: question.is_waiting)
        assert not it.app._exit
        held.give()
        await it.until(lambda: it.app._exit)
        assert it.app.return_code == 0
        assert it.world.counts["creates"] == 2
    rows = await _rows(it)
    assert (rows["held-one"], rows["held-two"]) == ("confirmed", "confirmed")
    assert it.app.farewell == (
        "Create the deployment held-one on vm_gt1: done.",
        "Create the deployment held-two on vm_gt1: done.",
    )
    prove("F38", "two creates, wait", 2)


async def test_leaving_keeps_it_as_uncertain_and_says_so(console: Opens, held: Held, prove: Prove) -> None:
    async with console() as it:
        held.keep(it.world)
        await _begin_create(it)
        question = await _ask(it)
        await it.press("w")
        assert question.is_waiting
        await it.press("q")
        await it.until(lambda: it.app._exit)
    assert (await _rows(it))["held-one"] == "uncertain"
    [line] = it.app.farewell
    assert line.startswith("no answer came to: Create the deployment held-one on vm_gt1. It counts as spent")
    assert it.world.counts["creates"] == 1
    prove("F38", "theta.deployments.create, leave")


async def test_the_key_that_quits_at_once_asks_too_and_held_down_it_answers_nothing(
    console: Opens, held: Held, prove: Prove
) -> None:
    async with console() as it:
        held.keep(it.world)
        await _begin_create(it)
        for key in ["ctrl+q"] * 40:
            it.app.post_message(events.Key(key, None))
        await it.until(lambda: isinstance(it.app.screen, QuitQuestion))
        assert not it.app._exit
        await it.until(lambda: isinstance(it.app.screen, QuitQuestion) and it.app.screen.armed)
        await it.press("ctrl+q")
        await it.until(lambda: it.app._exit)
    assert (await _rows(it))["held-one"] == "uncertain"
    prove("F38", "theta.deployments.create, the key that quits at once")


async def test_a_refusal_that_was_waited_for_is_said_in_the_words_of_who_refused(console: Opens, held: Held) -> None:
    async with console() as it:
        refusal = {"status": 422, "body": {"status": "error", "message": "Template is retired"}}
        it.world.faults.add({"kind": "status", "match": {"method": "POST"}, "seconds": 1.5, **refusal})
        assert it.app.session is not None
        it.app.run_worker(
            it.app.session.submit("theta.deployments.create", CREATE, reviewer=it.app), exit_on_error=False
        )
        await it.until(lambda: isinstance(it.app.screen, ReviewModal) and it.app.screen.armed)
        await it.press("y")
        await it.until(lambda: it.sent("POST"))
        await _ask(it)
        await it.press("w")
        await it.until(lambda: it.app._exit)
    [line] = it.app.farewell
    assert line.startswith("Create the deployment held-one on vm_gt1: not done: ")
    assert "Template is retired" in line


async def test_an_answer_that_streams_is_kept_as_far_as_it_came(console: Opens, prove: Prove) -> None:
    async with console(pane="chat") as it:
        await it.until(lambda: "Ask anything." in it.shown())
        stall = it.world.faults.add({"kind": "stall_stream", "times": None})
        await it.type("hello")
        await it.press("enter")
        await it.until(lambda: isinstance(it.app.screen, ReviewModal) and it.app.screen.armed)
        await it.press("y")
        await it.until(lambda: stall.taken)
        await it.press("f4")
        await _ask(it)
        shown = it.shown().split("Quit?")[1]
        assert "answering" in shown
        assert "what has come is kept" in shown
        assert "chat:" not in shown
        assert "is coming" not in shown.replace("that is coming", "")
        await it.press("q")
        await it.until(lambda: it.app._exit)
    assert it.app.farewell == ()
    assert it.app.demo is not None
    journal = await Journal.open(it.app.demo.data_dir / "journal.sqlite3")
    assert [entry.state for entry in await journal.ledger() if "chat" in entry.command] == ["confirmed"]
    await journal.close()
    prove("F38", "theta.ondemand.chat, quit in the middle")
