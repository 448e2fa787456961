"""A record pane whose rows can be acted on: orders are reviewed, carried out one at a time, and looked after."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, ClassVar, cast

from theta_tui.errors import CloudError
from theta_tui.tui.panes.base import Call
from theta_tui.tui.panes.desk import Desk
from theta_tui.tui.panes.orders import RowT, Verb
from theta_tui.tui.panes.record_pane import RecordPane


class OrderPane(RecordPane[RowT]):
    """Subclasses name rows, and give `begin` a Verb from an action. A field `note` of a row says what is done."""

    plural: ClassVar[str] = "rows"
    """What several rows are called in a sentence."""
    verbs: ClassVar[Sequence[Verb[Any]]] = ()
    """What can be done to a row."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self.desk: Desk[RowT] = Desk(self)
        self._listed: Sequence[RowT] = ()

    def calls(self) -> Sequence[Call]:
        """Give the command behind the list, then what can be done to the row under the cursor."""
        row = self.row
        if row is None:
            return super().calls()
        name = self.name_of(row)
        verbs = [Call(f"{verb.noun.capitalize()} {name}", verb.command, verb.arguments(row)) for verb in self.verbs]
        return [*super().calls(), *verbs]

    def name_of(self, row: RowT) -> str:
        """Give what a row is called in a sentence."""
        return self.key_of(row)

    def noted(self, row: RowT, words: str) -> RowT:
        """Give a row that says what is being done to it."""
        return cast(RowT, dataclasses.replace(cast(Any, row), note=words)) if hasattr(row, "note") else row

    def find_row(self, key: str) -> RowT | None:
        """Find a row of the last list by key, else by name; a filter does not hide it here."""
        named = (row for row in self._listed if self.name_of(row) == key)
        return next((row for row in self._listed if self.key_of(row) == key), next(named, None))

    def order_sent(self, verb: Verb[RowT], key: str, name: str) -> None:
        """Take notice that an order was accepted; the list need not show it yet."""

    def order_answered(self, verb: Verb[RowT], key: str, value: Any) -> None:
        """Take what the cloud answered to an order, where that is more than a yes."""

    def order_done(self, verb: Verb[RowT], key: str) -> None:
        """Take notice that the list shows what was ordered."""

    @property
    def busy_words(self) -> str | None:
        """What would be lost by quitting now."""
        return ", ".join(self.desk.busy_words) or None

    def begin(self, verb: Verb[RowT]) -> None:
        """Do something to the marked rows, else to the one under the cursor, after a review."""
        if marked := self.table.marked_rows:
            self.desk.begin_all(verb, marked)
        elif (row := self.table.cursor_row) is not None:
            self.desk.begin(verb, row)

    def action_order(self, noun: str) -> None:
        """Do what a verb of the pane names ("stop") to the marked rows, else to the one under the cursor."""
        self.begin(next(verb for verb in self.verbs if verb.noun == noun))

    def show_rows(self, rows: Sequence[RowT]) -> None:
        """Show these rows, with what is being done to them."""
        self._listed = rows
        self.show_notes()

    def show_notes(self) -> None:
        """Bring up to date what the rows say of orders."""
        notes = self.desk.notes
        rows = self._listed
        super().show_rows([self.noted(row, notes[key]) if (key := self.key_of(row)) in notes else row for row in rows]
                          if notes else rows)  # fmt: skip

    async def list_again(self) -> bool:
        """Read the list now, as part of something else; False if it cannot be read, which is left to the next poll."""
        with suppress(CloudError):
            self.show_rows(await self.fetch())
            return True
        return False

    def go_to(self, key: str) -> None:
        """Put the cursor on a row; a filter that hides it is taken away."""
        if not self.table.move_to(key):
            self.apply_filter("")
            self.table.move_to(key)
