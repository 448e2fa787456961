"""One question to several, side by side: one yes for all, each answer by itself, one kept or none; by real keys."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.tui.conftest import Opens
from tests.tui.test_chat_pane import LONG, QUESTION, Chat, at_chat
from theta_tui.change import Plan
from theta_tui.chats.target import Target
from theta_tui.tui.panes.activity.again import command_line
from theta_tui.tui.panes.chat.column import AnswerColumn, flowed
from theta_tui.tui.panes.chat.columns import Columns
from theta_tui.tui.panes.chat.more import MoreMenu
from theta_tui.tui.panes.chat.rival_picker import RivalPicker
from theta_tui.tui.widgets.tab_line import TabLine

THREE = ("glm_5_3", "glm_5_3_flash", "gpt_oss_120b")
BUSY = {"status": 409, "body": {"status": "error", "message": "No instances available"}}
_CALLS = ("/infer_request/", "/chat/completions")


class Comparison(Chat):
    """A chat whose pane asks several."""

    @property
    def columns(self) -> tuple[AnswerColumn, ...]:
        return self.it.app.screen_stack[0].query_one(Columns).columns

    @property
    def current(self) -> AnswerColumn:
        return self.it.app.screen_stack[0].query_one(Columns).current

    @property
    def posts(self) -> list[str]:
        return [path for path in self.it.sent("POST") if any(call in path for call in _CALLS)]

    def text(self, column: AnswerColumn) -> str:
        return "\n".join(column.page.copy_text(entry) for entry in column.page.entry_ids())

    async def mark(self, *names: str) -> None:
        """Mark partners in the picker, one after the other, by their names."""
        await self.until(lambda: isinstance(self.it.app.screen, RivalPicker))
        picker = self.it.app.screen
        await self.shows("glm_5_3_flash")
        for name in names:
            picker.query_one("#partner-filter").value = name
            await self.until(lambda name=name: name in [row.target.name for row in [picker._table.cursor_row] if row])
            await self.it.press("tab")
        picker.query_one("#partner-filter").value = ""

    async def ask_all(self, text: str = QUESTION) -> None:
        await self.ask(text)
        await self.agree("tab")

    async def at_rest(self) -> None:
        await self.it.until(lambda: not self.pane.busy_words)

    async def states(self) -> dict[str, str]:
        return {row.target_name: row.state for row in await self.it.app.session.journal.ledger()}


@asynccontextmanager
async def comparing(console: Opens, *names: str, **how: Any) -> AsyncIterator[Comparison]:
    """Open the console, and compare these with `glm_5_3`."""
    async with at_chat(console, **how) as chat:
        it = Comparison(chat.it)
        await it.it.press("escape", "c")
        await it.mark(*(names or THREE[1:]))
        await it.it.press("enter")
        await it.until(lambda: it.pane.is_comparing and it.it.app.screen is it.it.app.shell)
        yield it


def test_figures_are_never_cut_in_two() -> None:
    parts = ["0.42 s to first token", "85 tokens/s", "23 in, 118 out", "cost unknown"]
    assert flowed(parts, 40) == ["0.42 s to first token · 85 tokens/s", "23 in, 118 out · cost unknown"]
    assert flowed(parts, 28) == ["0.42 s to first token", "85 tokens/s · 23 in, 118 out", "cost unknown"]
    assert flowed(parts, 5) == parts


async def test_one_review_lists_all_and_three_answers_stream_at_once(console: Opens) -> None:
    async with comparing(console, speed=1.0) as it:
        it.it.world.pace = 0.5
        await it.ask(LONG)
        review = (await it.review())._review
        assert it.posts == []
        assert isinstance(review.act, Plan)
        assert review.worst_usd == sum(change.cost.usd for change in review.act.changes)
        await it.shows("What each may cost", *(f"Ask {name} for up to" for name in THREE))
        await it.it.press("y")
        await it.until(lambda: all(column.is_coming and column.page.entry_ids()[1:] for column in it.columns))
        await it.shows("3 of 3 are still coming")
        it.it.world.pace = 0
        await it.at_rest()
        assert len(it.posts) == 3
        await it.shows(*THREE, "✓ complete", " to first token", " tokens/s", " out", "(estimate)")
        stored = await it.stored()
        assert [message.role for message in stored] == ["user"] + ["assistant"] * 3
        assert {message.parent_id for message in stored[1:]} == {stored[0].id}
        assert {message.meta["target"]["name"] for message in stored[1:]} == set(THREE)
        assert await it.states() == dict.fromkeys(THREE, "confirmed")
        for row in await it.it.app.session.journal.ledger():
            line = command_line(row) or ""
            assert line.startswith("theta-tui run theta.ondemand.chat "), "each is a command of its own"
            assert f'"service": "{row.target_name}"' in line


async def test_a_no_sends_nothing_and_gives_the_question_back(console: Opens) -> None:
    async with comparing(console) as it:
        await it.ask("to all of you")
        await it.review()
        await it.it.press("escape")
        await it.shows("Not sent.")
        assert it.posts == []
        assert it.composer.text == "to all of you"
        assert [it.text(column) for column in it.columns] == [""] * 3
        assert await it.it.app.session.journal.chats() == []


async def test_the_budget_holds_all_back_and_says_why_in_each_column(console: Opens) -> None:
    async with comparing(console, THETA_MAX_BUDGET_USD="0.0001") as it:
        await it.ask("to all of you")
        await it.review()
        await it.it.press("y", "escape")
        await it.shows("⚠ Not sent: $0.00 of today's")
        assert it.posts == []
        assert it.composer.text == "to all of you"
        assert all("of today's $0.0001 are taken" in it.text(column) for column in it.columns)


async def test_the_next_question_goes_to_all_and_each_is_told_its_own_thread(console: Opens) -> None:
    async with comparing(console) as it:
        await it.ask(QUESTION)
        await it.agree()
        await it.at_rest()
        await it.ask("and why")
        await it.until(lambda: len(it.posts) == 6)
        await it.at_rest()
        answers = {message.id: message for message in await it.stored() if message.role == "assistant"}
        asked = [message for message in await it.stored() if message.text == "and why"]
        assert sorted(answers[message.parent_id].meta["target"]["name"] for message in asked) == sorted(THREE)
        follow_ups = [call.body.decode() for call in it.it.world.calls if b"and why" in call.body]
        first = {answer.text for answer in answers.values() if answer.parent_id and answer.parent_id < min(answers)}
        assert len(follow_ups) == len(first) == 3


async def test_escape_stops_all_and_keeps_the_parts_marked(console: Opens) -> None:
    async with comparing(console) as it:
        it.it.world.pace = 1
        await it.ask_all(LONG)
        await it.until(lambda: all(column.page.entry_ids()[1:] and column.is_coming for column in it.columns))
        await it.it.press("escape")
        await it.at_rest()
        await it.shows("◼ stopped")
        assert [message.state for message in (await it.stored())[1:]] == ["stopped"] * 3


async def test_one_is_stopped_alone(console: Opens) -> None:
    async with comparing(console) as it:
        it.it.world.pace = 1
        await it.ask_all(LONG)
        await it.until(lambda: all(column.page.entry_ids()[1:] and column.is_coming for column in it.columns))
        await it.it.press("tab")
        await it.until(lambda: it.it.app.focused in {column.page for column in it.columns})
        stopped = it.current
        await it.it.press("x")
        await it.until(lambda: not stopped.is_coming)
        assert len([column for column in it.columns if column.is_coming]) == 2
        await it.it.press("escape")
        await it.at_rest()


async def test_who_cannot_answer_says_so_in_its_own_column_and_the_others_go_on(console: Opens) -> None:
    async with comparing(console, "qwen3", THETA_HTTP_MAX_RETRIES="0") as it:
        it.it.world.faults.add({"kind": "status", "times": 9, "match": {"path": "qwen3"}, **BUSY})
        await it.ask_all()
        await it.at_rest()
        good, busy = it.columns
        assert good.has_answer
        assert "No machine is free for this model" in it.text(busy)
        await it.shows("✓ complete", "✗ failed")
        assert await it.states() == {"glm_5_3": "confirmed", "qwen3": "refused"}
        await it.it.press("escape", "right", "K")
        await it.shows("There is no answer here to keep.")


async def test_one_that_is_gone_is_told_in_its_column_before_anything_is_sent_to_it(console: Opens) -> None:
    async with at_chat(console) as chat:
        it = Comparison(chat.it)
        await it.pane._begin_contest((Target.service("glm_5_3"), Target.deployment("gone-suffix", "gone")))
        await it.ask_all()
        await it.at_rest()
        good, gone = it.columns
        assert good.has_answer
        assert "✗ failed" in it.it.shown()
        assert not gone.has_answer
        assert "gone" in it.text(gone)
        assert len(it.posts) == 1


async def test_one_is_kept_and_the_others_are_walked_to(console: Opens) -> None:
    async with comparing(console) as it:
        await it.ask_all()
        await it.at_rest()
        await it.it.press("escape", "right")
        kept = it.current
        name, said = kept.target.name, it.text(kept)
        await it.it.press("K")
        await it.until(lambda: not it.pane.is_comparing)
        await it.shows(f"The chat goes on with {name}", "/3 ▸")
        assert it.pane.book.target.name == name
        assert said.splitlines()[-1] in "\n".join(it.page.copy_text(entry) for entry in it.page.entry_ids())
        seen = set()
        for key in ("less_than_sign", "less_than_sign", "greater_than_sign", "greater_than_sign"):
            await it.it.press("escape", key)
            await it.at_rest()
            seen |= {name for name in THREE if f"{name} · " in it.it.shown()}
        assert len(seen) >= 2
        await it.it.press("i")
        await it.ask("go on")
        await it.agree()
        await it.at_rest()
        assert (await it.stored())[-1].meta["target"]["name"] == name


async def test_all_are_discarded_after_a_second_key_and_the_ledger_remembers(console: Opens) -> None:
    async with at_chat(console) as chat:
        it = Comparison(chat.it)
        await chat.answered("the beginning")
        await it.it.press("escape", "c")
        await it.mark("gpt_oss_120b")
        await it.it.press("enter")
        await it.until(lambda: it.pane.is_comparing)
        assert all("the beginning" in it.text(column) for column in it.columns)
        await it.ask(QUESTION)
        await it.at_rest()
        await it.until(lambda: len(it.posts) == 3)
        await it.at_rest()
        await it.it.press("escape", "N")
        await it.shows("N once more discards all")
        assert it.pane.is_comparing
        await it.it.press("N")
        await it.until(lambda: not it.pane.is_comparing)
        await it.shows("Nothing of it was kept.", "the beginning")
        assert [message.text for message in await it.stored() if message.role == "user"] == ["the beginning"]
        assert len(await it.it.app.session.journal.ledger()) == 3


async def test_leaving_keeps_all_in_the_chat_and_they_are_there_after_a_restart(console: Opens) -> None:
    async with comparing(console) as it:
        await it.ask_all()
        await it.at_rest()
        await it.it.press("escape", "escape")
        await it.until(lambda: not it.pane.is_comparing)
        await it.shows("All answers are in the chat", "/3 ▸")
    async with at_chat(console) as chat:
        await chat.shows("/3 ▸")


async def test_answers_are_written_down_while_they_come(console: Opens) -> None:
    async with comparing(console) as it:
        it.it.world.pace = 1
        await it.ask_all(LONG)
        await it.until(lambda: all(column.page.entry_ids()[1:] and column.is_coming for column in it.columns))
        end = time.monotonic() + 10
        while True:
            kept = [message for message in await it.stored() if message.role == "assistant"]
            if len(kept) == 3 and all(message.text or message.reasoning for message in kept):
                break
            assert time.monotonic() < end
            await it.it.pilot.pause()
        assert {message.state for message in kept} == {"streaming"}


async def test_scrolling_one_scrolls_all_until_they_are_let_apart(console: Opens) -> None:
    async with comparing(console, size=(140, 24)) as it:
        await it.ask_all(LONG)
        await it.at_rest()
        await it.it.press("escape")
        pages = [column.page for column in it.columns]
        await it.it.press("home")
        await it.until(lambda: [page.scroll_offset.y for page in pages] == [0, 0, 0])
        await it.it.press("pagedown")
        await it.until(lambda: len({page.scroll_offset.y for page in pages}) == 1 and pages[0].scroll_offset.y > 0)
        await it.it.press("end")
        await it.until(lambda: all(page.following for page in pages))
        await it.it.press("s")
        await it.shows("Each scrolls by itself.")
        await it.it.press("home")
        await it.until(lambda: pages[0].scroll_offset.y == 0)
        assert all(page.following for page in pages[1:])


@pytest.mark.parametrize(("size", "are_tabs"), [((140, 40), False), ((100, 30), False), ((80, 24), True)])
async def test_answers_stand_side_by_side_or_under_tabs_as_there_is_room(
    console: Opens, size: tuple[int, int], are_tabs: bool
) -> None:
    async with comparing(console, size=size) as it:
        await it.ask_all()
        await it.at_rest()
        assert it.it.app.screen.query_one(Columns).has_class("-tabs") is are_tabs
        shown = [column.display and column.region.width > 0 for column in it.columns]
        assert shown.count(True) == (1 if are_tabs else 3)
        await it.shows("✓", " to first token", " out")
        if are_tabs:
            assert it.it.app.screen.query_one(TabLine).region.height == 1
            await it.it.press("escape", "right")
            await it.until(lambda: it.current is it.columns[1])
            assert it.columns[1].region.width > 60


async def test_the_menu_and_the_palette_begin_it_too_and_what_needs_one_answer_is_off(console: Opens) -> None:
    async with at_chat(console) as chat:
        it = Comparison(chat.it)
        await it.it.press("slash")
        await it.until(lambda: isinstance(it.it.app.screen, MoreMenu))
        await it.it.type("Compare")
        await it.it.press("enter")
        await it.mark("qwen3")
        await it.it.press("enter")
        await it.until(lambda: it.pane.is_comparing)
        assert {action.title for action in it.pane.live_actions} >= {"Keep", "Keep none", "Stop this"}
        await it.it.press("escape", "ctrl+n", "r")
        assert it.pane.is_comparing
        assert it.posts == []


async def test_two_at_least_and_four_at_most_are_compared(console: Opens) -> None:
    async with at_chat(console) as chat:
        it = Comparison(chat.it)
        await it.it.press("escape", "c")
        await it.until(lambda: isinstance(it.it.app.screen, RivalPicker))
        await it.shows("1 of 2 to 4 marked: glm_5_3")
        await it.it.press("enter")
        await it.shows("Mark two at least")
        await it.it.press("down", "space")
        await it.shows("2 of 2 to 4 marked")
        await it.it.press("up", "space")
        await it.shows("1 of 2 to 4 marked")
        await it.it.type("shop ")
        assert it.it.app.screen.query_one("#partner-filter").value == "shop "
        await it.it.press("escape")
        await it.mark("glm_5_3_flash", "qwen3", "gpt_oss_120b")
        await it.shows("4 of 2 to 4 marked")
        await it.mark("Shop helpdesk")
        await it.shows("4 are the most that are compared.")
        await it.it.press("enter")
        await it.until(lambda: it.pane.is_comparing)
        assert len(it.columns) == 4


async def test_another_partner_taken_elsewhere_ends_the_comparison_and_loses_nothing(console: Opens) -> None:
    async with comparing(console) as it:
        await it.ask_all()
        await it.at_rest()
        await it.it.press("escape", "slash")
        assert it.it.app.screen is it.it.app.shell
        it.pane.use_service("qwen3")
        await it.until(lambda: not it.pane.is_comparing and it.pane.book.target.name == "qwen3")
        assert it.pane.book.chat is None
        [chat] = await it.it.app.session.journal.chats()
        assert len(await it.it.app.session.journal.messages(chat.id)) == 4
