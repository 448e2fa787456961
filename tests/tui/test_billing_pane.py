from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from theta_tui.journal import Balance
from theta_tui.review import Answer, Review, Verdict
from theta_tui.tui.panes.billing import sums
from theta_tui.tui.panes.billing.money_lines import PERIODS, summary_words
from theta_tui.tui.widgets.plot import plot_lines

PICTURE = {"service": "stable_diffusion_xl_turbo", "input": {"prompt": "a lighthouse"}}


class Yes:
    async def review(self, review: Review) -> Verdict:
        return Verdict(Answer.CONFIRM)


def test_a_plot_names_both_ends_of_its_scales_and_fits_its_width() -> None:
    points = [(float(number * 3600), float(100 - number)) for number in range(50)]
    for width in (30, 60, 120):
        lines = plot_lines(points, width, 6, lambda value: f"${value:.0f}")
        assert len(lines) == 7
        assert all(line.cell_length <= width for line in lines)
        assert lines[0].plain.startswith("$100 ┤█")
        assert lines[5].plain.startswith(" $51 ┤")
    assert plot_lines(points[:1], 60, 6, str) == []


def test_the_summary_tells_change_and_what_was_added() -> None:
    course = [Balance(0.0, "o", Decimal(3000)), Balance(60.0, "o", Decimal(2000)), Balance(7260.0, "o", Decimal(4000))]
    words = summary_words(course, PERIODS[0])
    assert "From $30.00" in words
    assert "+$10.00, with $20.00 added in 2 h." in words
    assert "No balance" in summary_words([], PERIODS[0])
    assert summary_words(course[:1], PERIODS[0]).startswith("Unchanged at $30.00")


def test_equal_balances_in_a_row_are_one_and_each_has_its_change() -> None:
    found = [Balance(float(at), "o", Decimal(cents)) for at, cents in ((0, 500), (10, 500), (3610, 400), (3620, 900))]
    rows = sums.balance_rows(found)
    assert [(row.at, row.change_usd) for row in rows] == [(3620.0, Decimal(5)), (3610.0, Decimal(-1)), (0.0, None)]


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (60, 20)])
async def test_figures_have_their_source_and_the_balance_a_plot(console: Any, size: tuple[int, int]) -> None:
    async with console(pane="billing", size=size) as it:
        await it.until(lambda: "Balance over time" in it.shown() and "/h" in it.shown())
        await it.press("R")
        await it.until(lambda: it.app.pulse is not None and "Runway" in it.shown() and "┤█" in it.shown())
        assert "Today       $0.00" in it.shown()
        if size[0] >= 80:
            assert "no cap is set" in it.shown()
        await it.press("t")
        await it.until(lambda: "last week" in it.shown())


async def test_a_snapshot_is_kept_and_compared_with(console: Any) -> None:
    async with console(pane="billing", THETA_MAX_BUDGET_USD="2") as it:
        await it.until(lambda: "of $2.00" in it.shown())
        before = len(it.sent("GET", "/balance"))
        await it.press("b")
        await it.until(lambda: "Snapshot" in it.shown() and "b takes another" in it.shown())
        assert len(it.sent("GET", "/balance")) > before
        await it.app.session.submit("theta.ondemand.infer", PICTURE, reviewer=Yes())
        await it.until(lambda: "answered $0.0100" in it.shown())
        assert "$0.0100 of $2.00" in it.shown()
        await it.press("comma")
        await it.until(lambda: it.pane.part == "balances" and len(it.pane.section.table.visible_rows) > 10)


async def test_spending_is_added_up_by_day_and_by_service(console: Any) -> None:
    async with console(pane="billing", size=(100, 30)) as it:
        for _ in range(2):
            await it.app.session.submit("theta.ondemand.infer", PICTURE, reviewer=Yes())
        await it.press(".")
        await it.until(lambda: it.pane.part == "days" and it.pane.section.row is not None)
        assert it.pane.section.row.usd == Decimal("0.02")
        await it.press(".")
        await it.until(lambda: it.pane.part == "services" and it.pane.section.row is not None)
        assert "stable_diffusion_xl_turbo" in it.shown()
        assert it.pane.section.row.calls == 2
        await it.press("enter")
        await it.until(lambda: "calls at what the cloud said they cost" in it.shown())
