"""What a document means: a description for a text, a schema for a table. Then it is reviewed and sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from theta_tui.change import Done
from theta_tui.tui.form_fields import FieldKind, FieldSpec
from theta_tui.tui.form_screen import CommandForm
from theta_tui.tui.panes.agents.column_text import ColumnLine, description, read_columns, schema, write_columns
from theta_tui.tui.panes.agents.document_source import DocumentSource, Source
from theta_tui.tui.panes.agents.table_guess import TYPES, Table, guess_table, is_table_name

if TYPE_CHECKING:
    from theta_tui.tui.app import ThetaApp

_ABOUT: Final = FieldSpec(
    "about", "about", FieldKind.LONG, required=True, example="Orders of the shop, one a row",
    help="What stands in it, in a sentence: the agent finds it by this.",
)  # fmt: skip
_TABLE: Final = (
    FieldSpec("table_name", "table", FieldKind.TEXT, required=True, help="What the table is called in queries.",
              example="orders"),
    FieldSpec("columns", "columns", FieldKind.LONG, required=True, example="order_id | INTEGER | its number",
              help=f"One a line: name | TYPE | what it means. Guessed from the header; {', '.join(TYPES)} are known."),
)  # fmt: skip


class DocumentForm(CommandForm):
    """The form of one document; a table has its columns in it as they were guessed."""

    def __init__(self, command: str, source: Source, place: Mapping[str, str], *, title: str, about: str = "") -> None:
        self._source = source
        self._table = guess_table(source.text, source.filename) if is_table_name(source.filename) else None
        values: dict[str, Any] = {"about": about} if about else {}
        if self._table is not None:
            lines = [ColumnLine(column.name, column.type) for column in self._table.columns]
            values |= {"table_name": self._table.name, "columns": write_columns(lines)}
        self._place = dict(place)
        super().__init__(command, values=values, title=_titled(title, self._table))

    def specs(self) -> Sequence[FieldSpec]:
        """Ask what it is about, and of a table what its columns are."""
        return (_ABOUT, *_TABLE) if self._table is not None else (_ABOUT,)

    def complaints(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Say which line of the columns cannot be read."""
        if self._table is None:
            return {}
        try:
            read_columns(str(values["columns"]))
        except ValueError as problem:
            return {"columns": str(problem)}
        return {}

    async def arguments(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Give the file and its metadata as the command takes them."""
        source, about = self._source, str(values["about"])
        file = {"filename": source.filename, "content": source.text, "content_type": source.content_type}
        if self._table is None:
            return {**self._place, "file": file, "metadata": {"query_type": "text", "description": about}}
        columns = read_columns(str(values["columns"]))
        metadata = {
            "query_type": "sql",
            "sql_schema": schema(str(values["table_name"]), columns),
            "sql_description": description(about, columns),
        }
        return {**self._place, "file": file, "metadata": metadata}


async def add_document(app: ThetaApp, chatbot_id: str, agent: str) -> Any:
    """Ask for a document and what it means, and add it; gives the saved document, None when it was given up."""
    source = await app.push_screen_wait(DocumentSource(f"A document for {agent}"))
    if source is None:
        return None
    form = DocumentForm(
        "theta.ai.agent.document.create", source, {"chatbot_id": chatbot_id}, title=f"{source.filename} for {agent}"
    )  # fmt: skip
    done = await app.push_screen_wait(form)
    return done.value if isinstance(done, Done) else None


async def replace_document(app: ThetaApp, place: Mapping[str, str], *, name: str, text: str, about: str) -> Any:
    """Ask for a new content of a document, beginning with the present one, and put it in its place."""
    source = await app.push_screen_wait(DocumentSource(f"New content of {name}", filename=name, text=text))
    if source is None:
        return None
    form = DocumentForm("theta.ai.agent.document.update", source, place, title=f"New content of {name}", about=about)
    done = await app.push_screen_wait(form)
    return done.value if isinstance(done, Done) else None


def _titled(title: str, table: Table | None) -> str:
    if table is None:
        return title
    odd = f"; {table.note}" if table.note else ""
    rows = "one row" if table.rows == 1 else f"{table.rows} rows"
    return f"{title}: a table of {len(table.columns)} columns, {rows} seen{odd}"
