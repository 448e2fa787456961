"""Where and in which form something is written to a file. It writes nothing itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from theta_tui.new_file import file_name
from theta_tui.tui import literal
from theta_tui.tui.modal import Modal
from theta_tui.tui.widgets.choices import Choices

Forms = Sequence[tuple[str, str]]
"""The endings of the forms there are, each with its words."""


class ExportForm(Modal[tuple[str, str]]):
    """A form and a path; gives both."""

    DEFAULT_CSS = """
    ExportForm {
        & #where { margin-top: 1; }
        & #about { color: $foreground-muted; height: auto; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "take", show=False, priority=True)]
    AUTO_FOCUS = "#where"
    keys = (("Tab", "form"), ("←→", "choose"), ("Enter", "write"), ("Esc", "close"))

    def __init__(self, title: str, forms: Forms, *, heading: str, about: str) -> None:
        super().__init__()
        self._title = title
        self._forms = forms
        self._heading = heading
        self._about = about

    @property
    def title_words(self) -> str:
        """Say what is written."""
        return self._heading

    def inside(self) -> Iterable[Widget]:
        """Give form and path."""
        yield Choices(tuple(words for _, words in self._forms), 0, id="form")
        yield Input(literal.plain(self._path(self._forms[0][0])), id="where", select_on_focus=False)
        yield Static(literal.content(f"Only you can read it. {self._about}"), id="about")

    def _path(self, form: str) -> str:
        return str(Path.cwd() / file_name(self._title, form))

    @on(Choices.Changed)
    def _chosen(self, event: Choices.Changed) -> None:
        """Give the path the ending of the form."""
        line = self.query_one("#where", Input)
        typed = Path(line.value)
        if typed.suffix[1:] in dict(self._forms):
            line.value = literal.plain(typed.with_suffix(f".{self._forms[event.choices.chosen][0]}"))

    @on(Input.Changed, "#where")
    def _typed(self, event: Input.Changed) -> None:
        """Take the form that the ending names."""
        endings = [ending for ending, _ in self._forms]
        if (ending := Path(event.value).suffix[1:]) in endings:
            self.query_one(Choices).choose(endings.index(ending))

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.action_take()

    def action_take(self) -> None:
        """Give form and path."""
        path = self.query_one("#where", Input).value.strip()
        if path:
            self.dismiss((self._forms[self.query_one(Choices).chosen][0], path))
