"""The record table with 10,000 and 100,000 rows of eight columns, in a headless app: CPU until it is painted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from textual.app import App, ComposeResult

from tests.benchmarks.figures import Figure
from theta_tui.tui.widgets.record_table import Column, RecordTable

COUNTS, TIMES = (10_000, 100_000), 8
WORDS = ("r", "ru", "run", "runn", "runni", "run", "ru", "r")


@dataclass(frozen=True, slots=True)
class Machine:
    """A row."""

    id: str
    name: str
    status: str
    cost: int


def machines(count: int, *, cost: int = 0) -> list[Machine]:
    """Make rows; `cost` is added to each of theirs."""
    states = ("Running", "Stopped", "Failed", "Pending")
    return [Machine(f"m{at:06}", f"demo-{at * 7919 % count:06}", states[at % 4], at % 97 + cost) for at in range(count)]


COLUMNS: tuple[Column[Machine], ...] = (
    Column("name", "NAME", lambda row: row.name, grow=True),
    Column("status", "STATUS", lambda row: row.status),
    Column("template", "TEMPLATE", lambda row: "Llama 3 8B"),
    Column("machine", "VM", lambda row: "vm_gt1"),
    Column("replicas", "REPLICAS", lambda row: "1/1"),
    Column("cost", "$/H", lambda row: f"{row.cost}", numeric=True, sort=lambda row: row.cost),
    Column("age", "AGE", lambda row: "3h"),
    Column("endpoint", "ENDPOINT", lambda row: f"https://{row.id}.example", grow=True),
)


class Fleet(App[None]):
    """A table alone."""

    def compose(self) -> ComposeResult:
        yield RecordTable(COLUMNS, lambda row: row.id, empty="Nothing.", id="table")


def measure() -> list[Figure]:
    """Measure each size in a fresh app."""
    return [figure for count in COUNTS for figure in asyncio.run(_of(count))]


async def _of(count: int) -> list[Figure]:
    app, figures = Fleet(), []
    async with app.run_test(size=(140, 40)) as pilot:
        table: RecordTable[Machine] = app.query_one("#table", RecordTable)
        await pilot.pause()

        async def times(name: str, *acts: Callable[[], object]) -> None:
            figure = Figure(f"{count:,} rows: {name}", "CPU ms")
            for act in acts:
                began = time.process_time()
                act()
                await pilot.pause()
                figure.ours.append((time.process_time() - began) * 1e3)
            figures.append(figure)

        rows, dearer = machines(count), machines(count, cost=1)
        await times("load", lambda: table.set_rows(rows))
        await times("row down", *[lambda: table.action_go(1)] * TIMES)
        await times("page down", *[lambda: table.action_page(1)] * TIMES)
        table.action_first()
        await times("first letter of a filter", lambda: (table.prepare_filter(), table.set_filter("u")))
        await times("further letter of a filter", *[lambda word=word: table.set_filter(word) for word in WORDS])
        table.set_filter("")
        await times("sort", *[lambda key=key: table.sort_by(key) for key in ("cost", "name", "status", "endpoint")])
        await times("all rows again, each changed", lambda: table.set_rows(dearer))
    return figures
