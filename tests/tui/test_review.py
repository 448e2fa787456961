"""The review modal, alone in a tiny app: hand-made Reviews, real keys, and the verdicts that come out."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Checkbox, Input

from theta_tui import preview
from theta_tui.change import (
    FREE,
    After,
    Change,
    Cost,
    Effect,
    Family,
    JsonBody,
    Plan,
    Request,
    Step,
    Target,
    Wait,
)
from theta_tui.review import Answer, Block, Review, Verdict, worst_case
from theta_tui.safe_text import HOSTILE as HOSTILE_CHARACTER
from theta_tui.tui import looks, review
from theta_tui.tui.guard import REFUSED, GuardedApp
from theta_tui.tui.reading import Reading
from theta_tui.tui.review import ReviewModal
from theta_tui.tui.review_parts import Choice

HOSTILE = "demo\x1b[2J\x1b7\x1b[1;1H$0.00\x1b8 [@click=app.quit]x[/] [/oops] \u202eevil\u202c\r\n" + "long " * 60


class TinyApp(GuardedApp):
    """Nothing but a place for the modal."""

    def __init__(self) -> None:
        super().__init__()
        for theme in looks.themes(looks.shipped_folder()):
            self.register_theme(theme)
        self.theme = looks.DEFAULT_THEME
        self.verdicts: list[Verdict | None] = []
        self.armed = asyncio.Event()

    def on_review_modal_armed(self) -> None:
        self.armed.set()


class Opened:
    """A review on the screen."""

    def __init__(self, app: TinyApp, pilot: Pilot[int], modal: ReviewModal) -> None:
        self.app, self.pilot, self.modal = app, pilot, modal

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def rows(self) -> list[str]:
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    def row(self, label: str) -> int:
        return next(number for number, row in enumerate(self.rows()) if row.startswith(f"│ {label}"))

    @property
    def answers(self) -> list[Answer]:
        return [verdict.answer for verdict in self.app.verdicts if verdict is not None]

    @property
    def confirm_is_on(self) -> bool:
        return not self.modal.query_one("#confirm", Choice).disabled


@asynccontextmanager
async def opened(
    review: Review, *, size: tuple[int, int] = (80, 24), armed: bool = True, balance: str = "34.21"
) -> AsyncIterator[Opened]:
    app = TinyApp()
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        modal = ReviewModal(review, balance_usd=Decimal(balance))
        await app.push_screen(modal, app.verdicts.append)
        if armed:
            await asyncio.wait_for(app.armed.wait(), 60)
            await pilot.pause()
        yield Opened(app, pilot, modal)


def describe(request: Request) -> Mapping[str, Any]:
    path = "/".join(str(segment) for segment in request.path)
    return {
        "method": request.method,
        "url": f"https://controller.thetaedgecloud.com/{path}",
        "headers": {"x-api-key": "[redacted]"},
    }


def create(name: str = "demo-4k2j") -> Change[Any]:
    body = {"deployment_template_id": "img_1", "vm_id": "vm_gt1", "name": name, "min_replicas": 1}
    first = Request("POST", Family.CONTROLLER, ("deployment",), body=JsonBody(body))
    other = dataclasses.replace(first, body=JsonBody({**body, "vm_id": "vm_gt2"}), only_after=After.CAPACITY)
    return Change(
        summary=f"Create the deployment {name} on vm_gt1 or vm_gt2",
        effect=Effect.CREATE,
        requests=(first, other),
        read=lambda reply: reply,
        cost=Cost(usd_per_hour=Decimal("0.40"), source="machine list (PF-1)"),
        target=Target("deployment", "", name),
    )


def delete(name: str = "demo-4k2j") -> Change[Any]:
    query = (("project_id", "prj_a1b2"),)
    first = Request("DELETE", Family.CONTROLLER, ("deployment", "1", "9f3c1a7be0d24586"), query)
    return Change(
        summary=f"Delete the deployment {name} for good",
        effect=Effect.DESTROY,
        requests=(first,),
        read=lambda reply: reply,
        cost=FREE,
        target=Target("deployment", "9f3c1a7be0d24586", name),
    )


def chat() -> Change[Any]:
    return Change(
        summary="Send a message to qwen3",
        effect=Effect.METERED,
        requests=(Request("POST", Family.ONDEMAND, ("infer_request", "qwen3"), body=JsonBody({"input": {}})),),
        read=lambda reply: reply,
        cost=Cost(usd=Decimal("0.0011"), source="estimate of 2026-08-31"),
        target=Target("service", "qwen3", "Qwen 3"),
    )


async def _no_wait(filled: dict[str, str]) -> dict[str, str]:
    return filled


def validation() -> Plan[Any]:
    return Plan(
        summary="Try a template and throw it away",
        effect=Effect.CREATE,
        steps=(
            Step(name="create", change=create()),
            Wait(name="ready", run=_no_wait),
            Step(name="delete", change=delete(), cleanup=True),
        ),
        read=lambda results, errors: results,
        target=Target("template", "img_1", "Llama 3 8B"),
    )


def review_of(act: Change[Any] | Plan[Any], **given: Any) -> Review:
    if isinstance(act, Plan):
        costs = [change.cost for change in act.changes]
        cost, shown = preview.total(costs), preview.of_plan("theta.validate", act, costs, describe, "preview")
    else:
        cost = act.cost
        shown = preview.of_change("theta.deployments.create", act, cost, describe, "preview")
    fields: dict[str, Any] = {
        "command": shown["command"],
        "summary": act.summary,
        "effect": act.effect,
        "target": act.target,
        "act": act,
        "preview": shown,
        "cost": cost,
        "worst_usd": worst_case(cost, Decimal(1)),
        "cap_usd": Decimal(5),
        "spent_usd": Decimal("1.20"),
        "block": None,
        "typed": act.target.name if act.effect is Effect.DESTROY else None,
    }
    return Review(**{**fields, **given})


OVER = {"spent_usd": Decimal("4.80"), "block": Block("budget", "$4.80 of today's $5 are taken.")}


async def test_y_confirms_once_the_review_is_armed() -> None:
    async with opened(review_of(create())) as it:
        assert it.confirm_is_on
        await it.press("y")
        assert it.app.verdicts == [Verdict(Answer.CONFIRM)]


async def test_keys_pressed_before_it_is_armed_are_no_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "ARM_SECONDS", 2.0)  # long enough for a busy machine to press the keys in time
    async with opened(review_of(create()), armed=False) as it:
        assert not it.confirm_is_on
        await it.pilot.press("y", "enter", "d", "n")
        await asyncio.wait_for(it.app.armed.wait(), 60)
        await it.pilot.pause()
        assert it.app.verdicts == []
        assert it.app.screen is it.modal


async def test_an_early_key_that_arrives_late_is_no_answer() -> None:
    async with opened(review_of(create())) as it:
        for name in ("y", "enter", "d"):
            key = events.Key(name, name if len(name) == 1 else None)
            key.time = it.modal._armed_at - 0.05
            it.app.post_message(key)
        await it.pilot.pause()
        await it.pilot.pause()
        assert it.app.verdicts == []


async def test_a_click_before_it_is_armed_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "ARM_SECONDS", 2.0)
    async with opened(review_of(create()), armed=False) as it:
        await it.pilot.click("#confirm")
        await it.pilot.click("#dry-run")
        assert it.app.verdicts == []
        await asyncio.wait_for(it.app.armed.wait(), 60)
        await it.pilot.click("#confirm")
        await it.pilot.pause()
        assert it.answers == [Answer.CONFIRM]


async def test_a_paste_of_an_answer_and_newlines_answers_nothing() -> None:
    async with opened(review_of(create())) as it:
        it.app.post_message(events.Paste("y\ny\n\n"))
        await it.pilot.pause()
        assert it.app.verdicts == []


@pytest.mark.parametrize("key", ["escape", "n", "enter"])
async def test_escape_n_and_the_focused_button_cancel(key: str) -> None:
    async with opened(review_of(create())) as it:
        await it.press(key)
        assert it.answers == [Answer.CANCEL]


async def test_escape_cancels_even_before_it_is_armed() -> None:
    async with opened(review_of(create()), armed=False) as it:
        await it.press("escape")
        assert it.answers == [Answer.CANCEL]


async def test_d_is_a_dry_run() -> None:
    async with opened(review_of(create())) as it:
        await it.press("d")
        assert it.answers == [Answer.DRY_RUN]


async def test_two_quick_presses_answer_once() -> None:
    async with opened(review_of(create())) as it:
        it.modal.action_confirm()
        it.modal.action_confirm()
        await it.pilot.pause()
        assert it.answers == [Answer.CONFIRM]


async def test_confirm_is_off_until_the_typed_name_matches() -> None:
    async with opened(review_of(delete("demox"))) as it:
        assert not it.confirm_is_on
        await it.press("y")  # goes to the field, since there is something to type
        assert it.app.focused is it.modal.query_one("#typed", Input)
        await it.press(*"demo")
        assert not it.confirm_is_on
        await it.press("x")
        assert it.confirm_is_on
        await it.press("y")
        assert it.modal.query_one("#typed", Input).value == "demoxy", "letters are text while the field has the focus"
        assert not it.confirm_is_on
        await it.press("backspace", "enter", "right", "right", "enter")
        assert it.answers == [Answer.CONFIRM]


async def test_the_last_six_characters_of_the_id_do_as_well() -> None:
    async with opened(review_of(delete(HOSTILE))) as it:
        await it.press("y", *"d24586")
        assert it.confirm_is_on


async def test_enter_in_the_name_field_never_confirms_by_itself() -> None:
    async with opened(review_of(delete("demox"))) as it:
        await it.press("y", *"demox", "enter")
        assert it.app.verdicts == []
        assert it.app.focused is not it.modal.query_one("#typed", Input)


@pytest.mark.parametrize("reason", ["dry_run", "read_only"])
async def test_a_mode_turns_confirm_off_and_says_why(reason: str) -> None:
    block = Block(reason, f"{reason.upper()} is on: nothing is sent.")
    async with opened(review_of(delete(), block=block)) as it:
        assert not it.confirm_is_on
        assert any(block.words in row for row in it.rows())
        assert not it.modal.query("#typed"), "nothing to type where nothing can be confirmed"
        await it.press("y")
        assert it.app.verdicts == []


async def test_a_cap_is_raised_by_typing_an_amount_that_is_enough() -> None:
    async with opened(review_of(create(), **OVER)) as it:
        assert not it.confirm_is_on
        assert any("of today's $5 are taken" in row for row in it.rows())
        await it.press("y", "5", "full_stop", "1", "9")
        assert not it.confirm_is_on
        await it.press("backspace", "backspace", "2")
        assert it.confirm_is_on
        await it.press("enter")
        await it.press("right", "right", "enter")
        assert it.app.verdicts == [Verdict(Answer.CONFIRM, cap_usd=Decimal("5.2"))]


async def test_an_amount_that_is_none_raises_no_cap() -> None:
    async with opened(review_of(create(), **OVER)) as it:
        it.modal.query_one("#cap", Input).value = "1e9"
        await it.pilot.pause()
        assert not it.confirm_is_on


async def test_an_unknown_price_is_said_in_words() -> None:
    act = dataclasses.replace(create(), cost=Cost())
    async with opened(review_of(act, cap_usd=None)) as it:
        assert "unknown price · nothing is set aside for it" in it.rows()[it.row("Cost")]
        assert "unknown" in it.rows()[it.row("Today")]
        await it.press("y")
        assert it.answers == [Answer.CONFIRM]


async def test_an_unknown_price_under_a_cap_offers_no_cap_to_raise() -> None:
    act = dataclasses.replace(create(), cost=Cost())
    async with opened(review_of(act, block=Block("budget", "The price is unknown."))) as it:
        assert not it.modal.query("#cap")
        assert not it.confirm_is_on


async def test_a_conversation_is_allowed_up_to_the_usual_amount() -> None:
    async with opened(review_of(chat(), can_allow=True)) as it:
        await it.press("a", "y")
        assert it.app.verdicts == [Verdict(Answer.CONFIRM, allow_usd=Decimal("0.50"))]


async def test_without_the_tick_only_this_call_is_confirmed() -> None:
    async with opened(review_of(chat(), can_allow=True)) as it:
        await it.press("y")
        assert it.app.verdicts == [Verdict(Answer.CONFIRM)]


async def test_what_is_offered_is_no_more_than_the_cap_leaves() -> None:
    async with opened(review_of(chat(), can_allow=True, spent_usd=Decimal("4.90"))) as it:
        await it.press("a", "y")
        assert it.app.verdicts == [Verdict(Answer.CONFIRM, allow_usd=Decimal("0.10"))]


async def test_an_amount_below_this_call_is_refused_in_words() -> None:
    async with opened(review_of(chat(), can_allow=True)) as it:
        it.modal.query_one("#allow", Checkbox).value = True
        it.modal.query_one("#allowance", Input).value = "0.0001"
        await it.pilot.pause()
        assert not it.confirm_is_on
        assert any("must cover this call" in row for row in it.rows())


NAMES = {
    "all at once": HOSTILE,
    "save cursor": "demo\x1b7\x1b[6;1HCost       free\x1b8",
    "line breaks": "demo\nCost       free\r\nToday      $0.00 spent\u2028Balance    $9",
    "direction": "demo\u202e00.0$ eerf\u202c\u2066tsoC\u2069",
    "very long": "x" * 10_000,
    "padded": "demo" + " " * 70 + "Cost       free      [y] Confirmed",
    "padded unseen": "demo" + "\u2800\u3000\u2003" * 30 + "Cost       free",
    "wrapped": " ".join(["demo"] * 14) + " Cost       free",
    "markup": "[bold]demo[/] [@click=screen.dismiss]Confirm  y[/] [/oops]",
    "dialog": "demo approved ✓ Cost $0.00 · y Confirm",
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [(60, 16), (80, 24), (140, 40)])
async def test_a_hostile_name_moves_no_line_and_changes_no_price(size: tuple[int, int], name: str) -> None:
    seen: list[list[tuple[int, str]]] = []
    for shown in ("demo", NAMES[name]):
        async with opened(review_of(create(shown)), size=size) as it:
            rows = it.rows()
            assert not any(HOSTILE_CHARACTER.search(row) for row in rows)
            facts = re.compile(r" *│ (Cost|Today|Balance)\s\s|.*Cancel  Esc .*Confirm  y")
            seen.append([(n, row) for n, row in enumerate(rows) if facts.match(row)])
    assert seen[0] == seen[1]
    assert len(seen[0]) == 4


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (140, 40)])
async def test_facts_and_answers_are_visible_in_every_size(size: tuple[int, int]) -> None:
    async with opened(review_of(delete(), spent_usd=Decimal("1.2")), size=size) as it:
        screen = "\n".join(it.rows())
        for words in ("Delete the deployment", "DESTROY", "demo-4k2j", "9f3c1a7be0d24586", "free", "$34.21", "DELETE"):
            assert words in screen, words
        for words in ("Type demo-4k2j", "Cancel", "Dry run", "Confirm"):
            assert words in screen, words


async def test_money_is_told_per_hour_per_day_and_after() -> None:
    async with opened(review_of(create())) as it:
        rows = it.rows()
        assert "$0.40 per hour · $9.60 per day   machine list (PF-1)" in rows[it.row("Cost")]
        assert "$1.20 spent → $1.60 after 1 h · cap $5.00" in rows[it.row("Today")]
        assert "$34.21 → $33.81 after 1 h" in rows[it.row("Balance")]


async def test_small_amounts_do_not_disappear_in_rounding() -> None:
    async with opened(review_of(chat())) as it:
        rows = it.rows()
        assert "≤ $0.0011   estimate of 2026-08-31" in rows[it.row("This call")]
        assert "$1.20 spent → $1.2011 after this" in rows[it.row("Today")]


async def test_requests_show_alternatives_and_mask_headers() -> None:
    async with opened(review_of(create())) as it:
        text = it.modal.query_one(Reading).text
        assert text.startswith("POST https://controller.thetaedgecloud.com/deployment\n")
        assert "Only after 409 capacity" in text
        assert "x-api-key: [redacted]" in text
        assert '"vm_id": "vm_gt2"' in text


async def test_a_plan_numbers_its_steps_and_marks_clean_up() -> None:
    async with opened(review_of(validation())) as it:
        text = it.modal.query_one(Reading).text
        assert "Step 1 of 3  Create the deployment demo-4k2j on vm_gt1 or vm_gt2  CREATE · $0.40/h" in text
        assert "Step 2 of 3  ready  waits; reads only" in text
        assert "Step 3 of 3  Delete the deployment demo-4k2j for good  DESTROY" in text
        assert text.count("CLEAN-UP") == 1


async def test_the_requests_scroll_while_cancel_keeps_the_focus() -> None:
    async with opened(review_of(create()), size=(80, 24)) as it:
        reading = it.modal.query_one(Reading)
        await it.press("end")
        await it.pilot.wait_for_animation()
        assert reading.scroll_offset.y > 0
        assert it.app.focused is it.modal.query_one("#cancel")


@pytest.mark.parametrize("action", sorted(REFUSED))
async def test_no_action_string_dismisses_or_presses(action: str) -> None:
    async with opened(review_of(create())) as it:
        assert it.modal.check_action(action, ()) is False
        assert it.app.check_action(action, ()) is False
        for asked in ("dismiss", f"screen.{action}('y')", f"app.{action}('y')"):
            await it.modal.run_action(asked)
        assert it.app.screen is it.modal
        assert it.app.verdicts == []


async def test_no_toast_lies_over_the_review() -> None:
    async with opened(review_of(create())) as it:
        before = it.rows()
        it.app.notify("a toast over the price", markup=False, timeout=60)
        await it.pilot.pause()
        await it.pilot.pause()
        assert it.rows() == before


async def test_c_copies_the_preview_and_says_where_it_went() -> None:
    async with opened(review_of(create())) as it:
        await it.press("c")
        await it.app.workers.wait_for_complete()
        await it.pilot.pause()
        assert '"command": "theta.deployments.create"' in it.app.clipboard
        assert "Sent to the terminal's clipboard." in it.rows()[-1]
