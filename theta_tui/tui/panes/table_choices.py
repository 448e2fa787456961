"""What can be done with any list as a table: its columns chosen and remembered, and what is shown written to a file."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, Final

from theta_tui import settings
from theta_tui.errors import ThetaError
from theta_tui.new_file import write_new
from theta_tui.table_text import TableText, write
from theta_tui.tui.actions import Action
from theta_tui.tui.column_picker import ColumnPicker
from theta_tui.tui.export_form import ExportForm

if TYPE_CHECKING:
    from theta_tui.tui.panes.record_pane import RecordPane

TABLE_ACTIONS: Final = (
    Action("records.columns", "C", "Columns", "columns", "Choose which columns are shown, and their order.", rank=0),
    Action("records.export", "w", "Export", "export", "Write the rows and columns shown to a file.", rank=0),
)
FORMS: Final = (("csv", "CSV"), ("json", "JSON"), ("jsonl", "JSON lines"), ("md", "Markdown"))


def table_id(pane: RecordPane[Any]) -> str:
    """Name a list in the settings file, after its title."""
    return re.sub(r"[^a-z0-9]+", "-", pane.title.lower()).strip("-")


async def restore_columns(pane: RecordPane[Any]) -> None:
    """Show the columns that were chosen before."""
    folder = settings.config_dir(pane.console_app.launch.environ)
    chosen = await asyncio.to_thread(settings.load_columns, table_id(pane), config_dir=folder)
    if chosen is not None:
        pane.table.show_columns(chosen)


async def choose_columns(pane: RecordPane[Any]) -> None:
    """Let the columns be chosen, show them, and keep the choice."""
    app, table = pane.console_app, pane.table
    titles = [(column.key, column.title) for column in table.columns]
    shown = [column.key for column in table.shown_columns]
    chosen = await app.push_screen_wait(ColumnPicker(pane.title, titles, shown))
    if chosen is None:
        return
    table.show_columns(chosen)
    kept = list(chosen) if chosen else None
    try:
        folder = settings.config_dir(app.launch.environ)
        await asyncio.to_thread(settings.save_columns, table_id(pane), kept, config_dir=folder)
    except ThetaError as error:
        app.tell(f"The columns hold for this run only: {error.message}", severity="warning")
    except OSError as error:
        app.tell(f"The columns hold for this run only: {error.strerror}.", severity="warning")


async def export_rows(pane: RecordPane[Any]) -> None:
    """Write what the table shows, as filtered and ordered, to a new file."""
    app, columns, rows = pane.console_app, pane.table.shown_columns, pane.table.visible_rows
    count = f"{len(rows)} row{'' if len(rows) == 1 else 's'}, {len(columns)} columns"
    about = f"{count}, as filtered and ordered."
    chosen = await app.push_screen_wait(ExportForm(pane.title, FORMS, heading=f"Export {pane.title}", about=about))
    if chosen is None:
        return
    form, path = chosen

    def written() -> str:
        titles = [(column.key, column.title) for column in columns]
        return write(TableText(titles, [[column.text(row) for column in columns] for row in rows]), form)

    try:
        file = await asyncio.to_thread(lambda: write_new(path, written()))
    except ThetaError as error:
        app.tell(f"{error.message} {error.hint}".strip(), severity="warning")
    else:
        app.tell(f"Written: {file}, {count}.")
