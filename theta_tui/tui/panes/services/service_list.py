"""The list of services by kind, live or built in; what a service says is `words`' business."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.message import Message

from theta_tui.arguments import cli_line
from theta_tui.change import Family
from theta_tui.errors import UsageError
from theta_tui.shapes.base import as_json
from theta_tui.tui.actions import Action
from theta_tui.tui.json_lines import json_text
from theta_tui.tui.panes.record_pane import RecordPane
from theta_tui.tui.panes.services import words
from theta_tui.tui.panes.services.row import CATEGORIES, COLUMNS, ServiceRow
from theta_tui.tui.widgets.details import Details, Fact
from theta_tui.tui.widgets.tab_line import Tab, TabLine

EVERYTHING = "all"


class ServiceList(RecordPane[ServiceRow]):
    """Models by the call; text ones lead to Chat, the others to the playground."""

    title = "Services"
    domains = frozenset({"on_demand"})
    columns = COLUMNS
    empty = "No service of this kind is known yet.\n\n< and > choose another kind, R asks the cloud again."
    record_command = "theta.ondemand.listServices"
    actions = (
        Action("services.run", "r", "Run", "run", "Fill in its inputs and run it once.", 5),
        Action("services.chat", "c", "Chat", "chat", "Chat with this model.", rank=10),
        Action("services.details", "enter", "Details", "open_row", "Show inputs, prices and variants.", rank=15),
        Action("services.next", "greater_than_sign", "Next kind", "kind(1)", "Show the next kind of service.", rank=20),
        Action("services.previous", "less_than_sign", "Kind", "kind(-1)", "Show the previous kind of service.", rank=0),
        Action("services.copy", "y", "Copy", "app.copy_menu", "Copy alias, id, JSON, command or curl.", rank=30),
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._all: tuple[ServiceRow, ...] = ()
        self._kinds = TabLine([Tab(EVERYTHING, EVERYTHING), *(Tab(name, name) for name in CATEGORIES)], id="kinds")

    def compose(self) -> ComposeResult:
        """Put the line of kinds above the table."""
        for widget in super().compose():
            if widget is self.table:
                yield self._kinds
            yield widget

    def key_of(self, row: ServiceRow) -> str:
        """Give the alias: what paths and commands name it by."""
        return row.service.alias

    async def fetch(self) -> Sequence[ServiceRow]:
        """Ask for the catalogue; a built-in one says why the live one is missing."""
        found = await self.ask("theta.ondemand.listServices")
        self.note(f"built-in catalogue: {found.fallback_reason}" if found.source == "catalog" else "")
        self._all = tuple(ServiceRow(service) for service in found.services)
        counts = {name: sum(row.category == name for row in self._all) for name in CATEGORIES}
        self._kinds.tabs = (
            Tab(EVERYTHING, EVERYTHING, len(self._all)),
            *(Tab(name, name, counts[name]) for name in CATEGORIES),
        )
        return self._of_kind()

    def describe(self, row: ServiceRow) -> Sequence[Fact]:
        """Say what it does, costs and wants."""
        return words.facts(row, self.size.width - 8)

    def json_of(self, row: ServiceRow) -> Any:
        """Give the cloud's own object with our tags."""
        return as_json(row.service)

    def copy_choices(self) -> list[tuple[str, str]]:
        """Give alias, id, JSON and the lines that call it."""
        row = self.row
        if row is None:
            return []
        origin = self.session.hosts.origin(Family.ONDEMAND)
        return [
            ("Alias", row.service.alias),
            ("Id", row.service.id),
            ("Row", self.table.copy_row()),
            ("JSON", json_text(self.json_of(row))),
            ("CLI line", words.infer_line(row)),
            ("CLI line: details", cli_line("theta.ondemand.getService", {"service": row.service.alias})),
            ("curl", words.curl_line(row, origin)),
        ]

    def action_kind(self, step: int) -> None:
        """Show another kind of service."""
        self._kinds.step(step)

    class RunWanted(Message):
        """A service is to be run."""

        def __init__(self, row: ServiceRow) -> None:
            super().__init__()
            self.row = row

    async def action_run(self) -> None:
        """Run this service once; a text model is chatted with."""
        row = self.row
        if row is not None and row.category == "text":
            await self.action_chat()
        elif row is not None:
            self.post_message(self.RunWanted(row))

    def find(self, alias: str) -> ServiceRow | None:
        """Give a service of the last list."""
        return next((row for row in self._all if row.service.alias == alias), None)

    def action_open_row(self) -> None:
        """Show the details."""
        self.open_row()

    async def action_chat(self) -> None:
        """Go to Chat with this model chosen."""
        row = self.row
        if row is None:
            return
        if row.category != "text":
            problem = f"{row.service.alias} is an {row.category} service and does not chat."
            self.fail(UsageError(problem, hint="r runs it."), cause="action")
            return
        shell = self.console_app.shell
        await shell.go("chat")
        chosen = getattr(shell.current, "use_service", None)
        result = chosen(row.service.alias) if chosen is not None else None
        if inspect.isawaitable(result):
            await result

    @on(TabLine.Chosen)
    def _kind_chosen(self, event: TabLine.Chosen) -> None:
        event.stop()
        self.show_rows(self._of_kind())

    def fit(self) -> None:
        """Lay the inputs out for another width."""
        super().fit()
        self.query_one(Details).ask_again()

    def _of_kind(self) -> tuple[ServiceRow, ...]:
        kind = self._kinds.current
        return tuple(row for row in self._all if kind in (EVERYTHING, row.category))
