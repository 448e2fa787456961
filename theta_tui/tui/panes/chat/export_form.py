"""Where and in which form a chat is written to a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from theta_tui.chats.export import file_name
from theta_tui.tui import literal
from theta_tui.tui.modal import Modal
from theta_tui.tui.widgets.choices import Choices

FORMS: Final = (("md", "Markdown, this branch"), ("json", "JSON, all branches"))


class ExportForm(Modal[tuple[str, str]]):
    """A form and a path; gives both."""

    DEFAULT_CSS = """
    ExportForm {
        & #where { margin-top: 1; }
        & #about { color: $foreground 60%; height: 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "take", show=False, priority=True)]
    AUTO_FOCUS = "#where"
    heading = "Export this chat"
    keys = (("Tab", "form"), ("←→", "choose"), ("Enter", "write"), ("Esc", "close"))

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def inside(self) -> Iterable[Widget]:
        """Give form and path."""
        yield Choices(tuple(words for _, words in FORMS), 0, id="form")
        yield Input(literal.plain(self._path("md")), id="where", select_on_focus=False)
        yield Static("A new file that only you can read. JSON can be imported again.", id="about", markup=False)

    def _path(self, form: str) -> str:
        return str(Path.cwd() / file_name(self._title, form))

    @on(Choices.Changed)
    def _chosen(self, event: Choices.Changed) -> None:
        """Give the path the ending of the form."""
        line = self.query_one("#where", Input)
        typed = Path(line.value)
        if typed.suffix[1:] in dict(FORMS):
            line.value = literal.plain(typed.with_suffix(f".{FORMS[event.choices.chosen][0]}"))

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.action_take()

    def action_take(self) -> None:
        """Give form and path."""
        path = self.query_one("#where", Input).value.strip()
        if path:
            self.dismiss((FORMS[self.query_one(Choices).chosen][0], path))
