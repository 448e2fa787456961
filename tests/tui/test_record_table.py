"""The record table under real keys and clicks: what stays in place, what is drawn, and what hostile text cannot do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input

from theta_tui.tui.widgets import record_view
from theta_tui.tui.widgets.record_columns import cut
from theta_tui.tui.widgets.record_table import Column, RecordTable, TableState
from theta_tui.tui.widgets.records import _distinct

STATUS = {"Running": ("● Running", "ok"), "Failed": ("✗ Failed", "bad"), "Stopped": ("○ Stopped", "muted")}
EMPTY = "No deployments yet.\nPress n to create one: choose a template and see what it costs first."


@dataclass(frozen=True)
class Machine:
    id: str
    name: str
    status: str = "Running"
    cost: Decimal | None = Decimal("0.40")
    age: int = 3


def machines(count: int) -> list[Machine]:
    kinds = list(STATUS)
    return [Machine(f"m{i:05}", f"demo-{i:05}", kinds[i % 3], Decimal(i * 7 % 100) / 10, i % 50) for i in range(count)]


class Fleet(App[None]):
    """A table and an input beside it; counts the rows drawn and keeps what the table says."""

    def __init__(self, rows: Sequence[Machine] = (), *, columns: Sequence[Column[Machine]] | None = None) -> None:
        super().__init__()
        self.drawn: list[str] = []
        self.said: list[object] = []
        self.pwned = False
        self._rows = rows
        self._columns = columns or [
            Column("name", "NAME", self._drawn_name, grow=True, priority=1),
            Column("status", "STATUS", lambda m: STATUS.get(m.status, m.status), priority=1),
            Column("template", "TEMPLATE", lambda m: "Llama 3 8B Instruct", grow=True, priority=4),
            Column("machine", "VM", lambda m: "vm_gt1", priority=6),
            Column("cost", "$/H", lambda m: "unknown" if m.cost is None else f"{m.cost:.2f}",
                   numeric=True, sort=lambda m: m.cost, priority=2),
            Column("age", "AGE", lambda m: f"{m.age}h", numeric=True, sort=lambda m: m.age * 3600, volatile=True),
            Column("endpoint", "ENDPOINT", lambda m: f"https://{m.id}.onthetaedgecloud.com", grow=True, priority=8),
        ]  # fmt: skip

    def _drawn_name(self, machine: Machine) -> str:
        self.drawn.append(machine.id)
        return machine.name

    def compose(self) -> ComposeResult:
        yield RecordTable(self._columns, lambda m: m.id, empty=EMPTY, id="fleet")
        yield Input()

    def on_mount(self) -> None:
        self.table.set_rows(self._rows)
        self.table.focus()

    @property
    def table(self) -> RecordTable[Machine]:
        return self.query_one("#fleet", RecordTable)

    def on_record_table_highlighted(self, message: RecordTable.Highlighted) -> None:
        self.said.append(("highlighted", message.row.id if message.row else None))

    def on_record_table_opened(self, message: RecordTable.Opened) -> None:
        self.said.append(("opened", message.row.id))

    def on_record_table_filter_changed(self, message: RecordTable.FilterChanged) -> None:
        self.said.append(("filter", message.state.text, message.state.count))

    def action_pwn(self) -> None:
        self.pwned = True


def screen(app: App[None]) -> list[str]:
    return ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]


def cursor_line(app: Fleet) -> str:
    return next(line for line in screen(app) if line.startswith("▸"))


@contextmanager
def painted_lines(table: RecordTable[Machine]) -> Iterator[list[int]]:
    """The screen lines asked of a table meanwhile."""
    lines: list[int] = []
    draw = table.render_line

    def counted(y: int):  # type: ignore[no-untyped-def]
        lines.append(y)
        return draw(y)

    table.render_line = counted  # type: ignore[method-assign]
    yield lines
    del table.render_line  # type: ignore[method-assign]


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await pilot.pause(0.02)


async def test_vim_keys_arrows_and_pages_move_the_cursor() -> None:
    app = Fleet(machines(100))
    async with app.run_test(size=(100, 14)) as pilot:
        table = app.table
        page = table.page
        steps = [
            ("j", 1), ("down", 2), ("k", 1), ("G", 99), ("g", 0), ("end", 99), ("home", 0), ("pagedown", page),
            ("pageup", 0), ("ctrl+d", page // 2), ("ctrl+u", 0), ("up", 0),
        ]  # fmt: skip
        for key, position in steps:
            await pilot.press(key)
            assert table.cursor_key == f"m{position:05}", key
            assert f"demo-{position:05}" in cursor_line(app)


async def test_enter_and_double_click_open_the_row() -> None:
    app = Fleet(machines(10))
    async with app.run_test(size=(100, 14)) as pilot:
        await pilot.press("down", "enter")
        await pilot.click("#fleet", offset=(5, 5))
        assert app.table.cursor_key == "m00004"
        await pilot.double_click("#fleet", offset=(5, 3))
        assert [each for each in app.said if each[0] == "opened"] == [("opened", "m00001"), ("opened", "m00002")]


async def test_cursor_stays_on_the_same_record_when_rows_above_it_vanish() -> None:
    rows = machines(100)
    app = Fleet(rows)
    async with app.run_test(size=(100, 14)) as pilot:
        assert app.table.move_to("m00050")
        await pilot.press("up", "up", "up")
        line = screen(app).index(cursor_line(app))
        app.table.set_rows(rows[30:])
        await pilot.pause()
        assert app.table.cursor_key == "m00047"
        assert "demo-00047" in screen(app)[line]
        assert screen(app)[line].startswith("▸")


async def test_cursor_goes_to_the_nearest_row_when_its_own_vanishes() -> None:
    rows = machines(20)
    app = Fleet(rows)
    async with app.run_test(size=(100, 14)):
        app.table.move_to("m00005")
        app.table.set_rows([row for row in rows if row.id not in {"m00005", "m00006"}])
        assert app.table.cursor_key == "m00004"
        app.table.set_rows(rows[:2])
        assert app.table.cursor_key == "m00001"


async def test_an_answer_without_rows_does_not_lose_the_cursor() -> None:
    rows = machines(100)
    app = Fleet(rows)
    async with app.run_test(size=(100, 14)) as pilot:
        app.table.move_to("m00070")
        await pilot.press("up")
        scroll = app.table.state.scroll
        app.table.set_rows([])
        await pilot.pause()
        assert app.table.cursor_key is None
        assert ("highlighted", None) in app.said
        app.table.set_rows(rows)
        await pilot.pause()
        assert (app.table.cursor_key, app.table.state.scroll) == ("m00069", scroll)


async def test_filter_order_and_marks_survive_a_refresh() -> None:
    rows = machines(60)
    app = Fleet(rows)
    async with app.run_test(size=(100, 14)) as pilot:
        app.table.set_filter("status:run cost>5")
        app.table.sort_by("cost", reverse=True)
        await pilot.press("g", "space")
        before = [row.id for row in app.table.visible_rows]
        assert before == [row.id for row in sorted((r for r in rows if r.status == "Running" and r.cost > 5),
                                                   key=lambda r: -r.cost)]  # fmt: skip
        app.table.set_rows([replace(row, age=row.age + 1) for row in reversed(rows)])
        assert sorted(row.id for row in app.table.visible_rows) == sorted(before)
        assert [row.cost for row in app.table.visible_rows] == sorted(r.cost for r in app.table.visible_rows)[::-1]
        assert app.table.marked == {before[0]}
        app.table.set_rows([row for row in rows if row.id != before[0]])
        assert app.table.marked == set()


async def test_state_brings_back_filter_order_cursor_scroll_and_marks() -> None:
    rows = machines(300)
    first, second = Fleet(rows), Fleet()
    async with first.run_test(size=(100, 14)) as pilot:
        first.table.set_filter("demo")
        first.table.sort_by("cost", reverse=True)
        await pilot.press("pagedown", "pagedown", "up", "right", "space")
        state, shown = first.table.state, screen(first)
    async with second.run_test(size=(100, 14)) as pilot:
        second.table.state = state
        second.table.set_rows(rows)
        await pilot.pause()
        assert second.table.state == state
        assert screen(second) == shown


async def test_a_filter_that_cannot_be_read_keeps_what_is_shown() -> None:
    app = Fleet(machines(30))
    async with app.run_test(size=(100, 14)) as pilot:
        assert app.table.set_filter("demo-0000").count == 10
        state = app.table.set_filter("demo-0000 re:(")
        assert (state.count, state.total) == (10, 30)
        assert "re:(" in (state.error or "")
        assert len(app.table.visible_rows) == 10
        await pilot.pause()
        assert app.said[-1] == ("filter", "demo-0000 re:(", 10)


async def test_typing_and_deleting_a_filter_gives_the_same_as_asking_at_once() -> None:
    rows = machines(200)
    typed, asked = Fleet(rows), Fleet(rows)
    text = "demo-0001 !failed cost<5"
    async with typed.run_test(), asked.run_test():
        for end in [*range(1, len(text) + 1), *range(len(text), 3, -1), *range(4, 12)]:
            typed.table.set_filter(text[:end])
            asked.table.set_filter("")
            asked.table._records._answers.clear()
            asked.table.set_filter(text[:end])
            assert typed.table.visible_rows == asked.table.visible_rows, text[:end]


async def test_a_filter_without_matches_says_how_many_rows_are_hidden_and_escape_shows_them() -> None:
    app = Fleet(machines(30))
    async with app.run_test(size=(60, 14)) as pilot:
        await pilot.press("down", "down")
        app.table.set_filter("zzz")
        await pilot.pause()
        text = "\n".join(screen(app))
        assert "Nothing matches zzz" in text
        assert "30 rows are hidden. Esc clears the filter." in text
        await pilot.press("escape")
        assert app.table.cursor_key == "m00002"
        assert app.said[-2:] == [("highlighted", "m00002"), ("filter", "", 30)]


async def test_an_empty_table_teaches_in_whole_words() -> None:
    app = Fleet()
    async with app.run_test(size=(40, 12)):
        lines = [line.strip() for line in screen(app)[2:7]]
        assert " ".join(lines).strip() == EMPTY.replace("\n", " ")


async def test_s_sorts_upwards_then_downwards_then_not() -> None:
    rows = [Machine("a", "a", cost=Decimal(3)), Machine("b", "b", cost=None), Machine("c", "c", cost=Decimal(1))]
    app = Fleet(rows)
    async with app.run_test(size=(140, 14)) as pilot:
        await pilot.press("right", "right", "l", "l")
        orders, arrows = [], []
        for _ in range(3):
            await pilot.press("s")
            orders.append("".join(row.id for row in app.table.visible_rows))
            arrows.append("".join(sign for sign in "▲▼" if f"{sign}$/H" in screen(app)[0]))
        assert orders == ["cab", "acb", "abc"]
        assert arrows == ["▲", "▼", ""]


async def test_a_click_on_a_title_sorts_by_it() -> None:
    app = Fleet(machines(10))
    async with app.run_test(size=(140, 14)) as pilot:
        await pilot.click("#fleet", offset=(screen(app)[0].index("$/H"), 0))
        assert app.table.state.sort == "cost"
        assert app.table.visible_rows[0].cost == min(row.cost for row in app.table.visible_rows)


async def test_the_wheel_scrolls_and_leaves_the_cursor_on_its_row() -> None:
    app = Fleet(machines(100))
    async with app.run_test(size=(100, 14)) as pilot:
        app.table.scroll_down(animate=False)
        app.table.scroll_down(animate=False)
        await pilot.pause()
        assert "demo-00002" in screen(app)[1]
        assert app.table.cursor_key == "m00000"
        app.table.set_rows(machines(101))
        await pilot.pause()
        assert "demo-00002" in screen(app)[1]


async def test_a_changed_cell_carries_a_sign_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_view, "CHANGE_SECONDS", 0.3)
    rows = machines(60)
    app = Fleet(rows)
    async with app.run_test(size=(140, 14)) as pilot:
        changed = replace(rows[3], cost=Decimal("9.99"), age=44)
        app.table.set_rows([*rows[:3], changed, *rows[4:50], replace(rows[50], status="Failed"), *rows[51:]])
        await pilot.pause()
        signs = [line for line in screen(app) if "•" in line]
        assert len(signs) == 1
        assert signs[0].count("•") == 1
        assert "9.99" in signs[0].split("•")[1]
        await until(pilot, lambda: not any("•" in line for line in screen(app)))
        assert app.table._fading is None


async def test_a_still_table_has_no_clock_and_an_equal_answer_paints_nothing() -> None:
    app = Fleet(machines(60))
    async with app.run_test(size=(140, 14)) as pilot:
        await pilot.pause()
        with painted_lines(app.table) as lines:
            app.table.set_rows(machines(60))
            await pilot.pause()
        assert lines == []
        assert app.table._fading is None


async def test_a_cursor_step_paints_two_lines_and_draws_two_rows() -> None:
    app = Fleet(machines(1000))
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.press("down")
        app.drawn.clear()
        with painted_lines(app.table) as lines:
            await pilot.press("down")
        assert lines == [2, 3]
        assert app.drawn == ["m00001", "m00002"]


@pytest.mark.parametrize("key", ["pagedown", "G", "ctrl+d", "right"])
async def test_no_key_draws_more_rows_than_the_screen_holds(key: str) -> None:
    app = Fleet(machines(5000))
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.press("down")
        app.drawn.clear()
        await pilot.press(key)
        await pilot.pause()
        assert 0 < len(app.drawn) <= app.table.page


async def test_search_texts_are_made_once_and_again_only_for_changed_rows() -> None:
    rows = machines(5000)
    app = Fleet(rows)
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.pause()
        app.table.prepare_filter()
        await app.workers.wait_for_complete()
        app.drawn.clear()
        app.table.set_filter("demo-04999")
        assert app.drawn == []
        app.table.set_rows([replace(rows[0], name="demo-049990"), *machines(5000)[1:]])
        assert [row.id for row in app.table.visible_rows] == ["m00000", "m04999"]
        searched = [key for key in app.drawn if key == "m00000"]
        assert searched
        assert len(app.drawn) < 5000 / 2


@pytest.mark.parametrize("width", [60, 80, 100, 140, 200])
async def test_nothing_overflows_and_numbers_and_statuses_are_whole_at_every_width(width: int) -> None:
    rows = [*machines(30), Machine("long", "機械" * 40 + "🚀" * 20, "Failed", Decimal("1234.50"))]
    app = Fleet(rows)
    async with app.run_test(size=(width, 40)):
        lines = screen(app)[:33]
        assert {cell_len(line) for line in lines} == {width}
        edges = set()
        for machine, line in zip(rows, lines[1:], strict=False):
            assert STATUS[machine.status][0] in line
            cost = f"{machine.cost:.2f}"
            assert f" {cost} " in line
            edges.add(cell_len(line[: line.index(f" {cost} ") + len(cost) + 1]))
        assert len(edges) == 1
        assert any("…" in line for line in lines)


async def test_columns_leave_by_priority_and_come_back() -> None:
    app = Fleet(machines(30))
    async with app.run_test(size=(140, 14)) as pilot:
        assert "ENDPOINT" in screen(app)[0]
        await pilot.resize_terminal(60, 14)
        await pilot.pause()
        titles = screen(app)[0].split()
        assert titles[:2] == ["NAME", "STATUS"]
        assert "ENDPOINT" not in titles
        await pilot.resize_terminal(140, 14)
        await pilot.pause()
        assert "ENDPOINT" in screen(app)[0]


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("Llama 3 8B Instruct", 13, "Llama 3 8B…"),
        ("Llama 3 8B Instruct", 11, "Llama 3 8B…"),
        ("deployment-with-one-word", 10, "deploymen…"),
        ("機械学習", 6, "機械…"),
        ("fits", 4, "fits"),
        ("x", 0, ""),
    ],
)
def test_a_cut_value_ends_at_a_word_and_in_an_ellipsis(text: str, width: int, shown: str) -> None:
    assert cut(text, width) == shown


HOSTILE = [
    "\x1b[2Jcleared",
    "\x1b]52;c;cHduZWQ=\x07copied",
    "\x9b31mcolour",
    "[@click=app.pwn]click me[/]",
    "[/unbalanced",
    "a\u202egnp.exe",
    "two\nlines\ttab",
    "\x00\x08\x7f",
    "e" + "\u0301" * 5000,
    "x" * 1_000_000,
]


async def test_hostile_cell_text_cannot_start_an_escape_sequence_or_an_action() -> None:
    rows = [Machine(str(i), text, status=text) for i, text in enumerate(HOSTILE)]
    app = Fleet(rows)
    async with app.run_test(size=(80, 20)) as pilot:
        text = "".join(screen(app))
        assert all(character.isprintable() for character in text)
        assert "[@click=app.pwn]" in text
        for y in range(1, 12):
            for x in (4, 12, 20, 40):
                await pilot.click("#fleet", offset=(x, y))
        assert not app.pwned
        for key in range(len(HOSTILE)):
            app.table.move_to(str(key))
            assert app.table.copy_cell().isprintable()
            assert "\x1b" not in app.table.copy_row()


async def test_copy_gives_the_current_cell_and_the_whole_row() -> None:
    app = Fleet(machines(3))
    async with app.run_test(size=(80, 14)) as pilot:
        await pilot.press("down")
        assert app.table.copy_cell() == "demo-00001"
        await pilot.press("right")
        assert app.table.copy_cell() == "✗ Failed"
        assert app.table.copy_row().split("\t")[-1] == "https://m00001.onthetaedgecloud.com"


async def test_the_cursor_looks_different_without_focus() -> None:
    app = Fleet(machines(3))
    async with app.run_test(size=(80, 14)) as pilot:

        def backgrounds() -> set[object]:
            strips = app.screen._compositor.render_strips()
            return {segment.style.bgcolor for segment in strips[1] if segment.style}

        focused = backgrounds()
        app.query_one(Input).focus()
        await pilot.pause()
        assert backgrounds().isdisjoint({colour for colour in focused if colour is not None} - _plain(app))
        assert screen(app)[1].startswith("▸")


def _plain(app: Fleet) -> set[object]:
    return {segment.style.bgcolor for segment in app.screen._compositor.render_strips()[2] if segment.style}


async def test_vim_letters_typed_into_an_input_do_not_move_the_table() -> None:
    app = Fleet(machines(30))
    async with app.run_test(size=(80, 14)) as pilot:
        app.query_one(Input).focus()
        await pilot.press("j", "j", "G")
        assert app.query_one(Input).value == "jjG"
        assert app.table.cursor_key == "m00000"


async def test_rows_filter_and_state_can_be_given_before_the_table_is_shown() -> None:
    table = RecordTable([Column[Machine]("name", "NAME", lambda m: m.name)], lambda m: m.id, empty=EMPTY)
    table.set_rows(machines(50))
    table.set_rows(machines(60))
    table.state = TableState(filter="demo", cursor_key="m00040", scroll=35)

    class Early(App[None]):
        def compose(self) -> ComposeResult:
            yield table

    app = Early()
    async with app.run_test(size=(80, 14)) as pilot:
        await pilot.pause()
        assert screen(app)[6].startswith("▸  demo-00040")
        assert table.state.scroll == 35


async def test_rows_that_share_a_key_or_have_none_can_all_be_reached_marked_and_are_in_doubt() -> None:
    names = {"first": "same", "second": "same", "third": "other", "fourth": "", "fifth": ""}
    rows = [Machine(key, name) for name, key in names.items()]
    app = Fleet(rows)
    async with app.run_test(size=(80, 14)) as pilot:
        for name, key in names.items():
            assert name in cursor_line(app)
            assert cursor_line(app)[1] == (" " if key == "other" else "!")
            await pilot.press("space")
        assert [row.name for row in app.table.marked_rows] == list(names)
        app.table.set_rows([replace(row, cost=Decimal(1)) for row in rows[1:]])
        assert [row.name for row in app.table.marked_rows] == ["second", "third", "fourth", "fifth"]
        doubts = [app.table.doubt(row) for row in app.table.visible_rows]
        assert doubts == ["", "", "it has no id", "it has no id"]
        app.table.set_rows(rows)
        assert app.table.doubt(rows[0]) == "2 rows have its id"


@given(st.lists(st.sampled_from(["", "a", "a\n2", "a\n3", "b"]) | st.text(max_size=2)))
def test_every_row_has_a_key_of_its_own_and_a_single_one_keeps_its(given_keys: list[str]) -> None:
    keys = _distinct(given_keys)
    assert len(set(keys)) == len(keys)
    assert all(own == key for own, key in zip(keys, given_keys, strict=True) if key and given_keys.count(key) == 1)
