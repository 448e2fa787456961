"""Columns chosen by keys, kept for the next start, and respected by copies and files."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, cast

import pytest
from textual.widgets import Input

from theta_tui.settings import load_columns, save_columns
from theta_tui.tui.column_picker import ColumnPicker
from theta_tui.tui.export_form import ExportForm
from theta_tui.tui.panes.record_pane import RecordPane

from .conftest import Console

Opens = Callable[..., AbstractAsyncContextManager[Console]]


def record_pane(it: Console) -> RecordPane[Any]:
    return cast("RecordPane[Any]", it.pane.homes[0])


def shown(it: Console) -> list[str]:
    return [column.key for column in record_pane(it).table.shown_columns]


async def listed(it: Console) -> None:
    await it.until(lambda: record_pane(it).table.visible_rows)


async def picker(it: Console) -> None:
    await listed(it)
    await it.press("C")
    await it.until(lambda: isinstance(it.app.screen, ColumnPicker))


async def closed(it: Console) -> None:
    await it.until(lambda: not isinstance(it.app.screen, (ColumnPicker, ExportForm)))


async def test_columns_are_hidden_moved_and_there_again_at_the_next_start(console: Opens, tmp_path: Path) -> None:
    async with console(pane="deployments") as it:
        own = shown(it)
        await picker(it)
        assert "Columns of Deployments" in it.shown()
        await it.press("down", "space", "up", "J", "J")  # without the template, the name after the machine
        await it.press("enter")
        await closed(it)
        wanted = [own[2], own[0], *own[3:]]
        assert shown(it) == wanted
        await it.until(lambda: "TEMPLATE" not in it.shown() and it.shown().index("VM ") < it.shown().index("NAME"))
        await it.until(lambda: load_columns("deployments", config_dir=tmp_path / "config") == wanted)
        assert record_pane(it).table.copy_row().split("\t")[1].startswith("support-chat")
    async with console(pane="deployments") as again:
        await again.until(lambda: shown(again) == wanted)
        await picker(again)
        await again.press("r")
        await closed(again)
        assert shown(again) == own
        await again.until(lambda: load_columns("deployments", config_dir=tmp_path / "config") is None)


async def test_a_table_keeps_at_least_one_column_and_esc_changes_nothing(console: Opens) -> None:
    async with console(pane="services", size=(80, 24)) as it:
        own = shown(it)
        await picker(it)
        for _ in own:
            await it.press("space", "down")
            it.app.screen.query_one("Ticks").focus()
        await it.press("enter")
        await it.until(lambda: "At least one column is shown." in it.shown())
        await it.press("escape")
        await closed(it)
        assert shown(it) == own


async def test_hidden_columns_are_still_filtered_by(console: Opens, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    save_columns("deployments", ["name", "gone since an older version"], config_dir=tmp_path / "config")
    async with console(pane="deployments") as it:
        await listed(it)
        await it.until(lambda: shown(it) == ["name"])
        total = len(record_pane(it).table.visible_rows)
        found = record_pane(it).apply_filter("status:stopped")
        assert 0 < found.count < total


@pytest.mark.parametrize("form", ["csv", "jsonl"])
async def test_a_file_holds_what_is_shown_in_its_order_and_nothing_else(
    console: Opens, tmp_path: Path, form: str
) -> None:
    async with console(pane="deployments") as it:
        await listed(it)
        table = record_pane(it).table
        table.show_columns(["status", "name"])
        table.sort_by("name", reverse=True)
        record_pane(it).apply_filter("!stopped")
        await it.press("w")
        await it.until(lambda: isinstance(it.app.screen, ExportForm))
        path = tmp_path / f"out.{form}"
        it.app.screen.query_one("#where", Input).value = str(path)
        await it.press("enter")
        await it.until(path.exists)
        await it.until(lambda: any("Written: " in words for _, _, words in it.app.messages))
        names = [table.columns[0].text(row) for row in table.visible_rows]
        text = path.read_text("utf-8")
        if form == "csv":
            head, *rows = csv.reader(text.splitlines())
            assert head == ["STATUS", "NAME"]
            assert [row[1] for row in rows] == names
        else:
            assert [json.loads(line)["name"] for line in text.splitlines()] == names
            assert set(json.loads(text.splitlines()[0])) == {"status", "name"}
        assert names == sorted(names, reverse=True)
        assert path.stat().st_mode & 0o777 == 0o600
        await it.press("w")
        await it.until(lambda: isinstance(it.app.screen, ExportForm))
        it.app.screen.query_one("#where", Input).value = str(path)
        await it.press("enter")
        await it.until(lambda: any("is there already" in words for _, _, words in it.app.messages))
