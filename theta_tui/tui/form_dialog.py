"""A dialog around one form that is no command: filled in, checked, and answered with what was made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from theta_tui.tui.form import Form
from theta_tui.tui.form_fields import FieldSpec
from theta_tui.tui.modal import Modal

T = TypeVar("T")


class FormDialog(Modal[T]):
    """Subclasses say what the fields are, and what is `made` of their values."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "take", show=False, priority=True)]
    AUTO_FOCUS = ""

    def __init__(self, heading: str, fields: Sequence[FieldSpec], *, values: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self._heading = heading
        self._form = Form(fields, values=values or {})

    @property
    def title_words(self) -> str:
        """What it is for."""
        return self._heading

    @property
    def form(self) -> Form:
        """The form inside."""
        return self._form

    def inside(self) -> Iterable[Widget]:
        """Give the form."""
        yield self._form

    def on_mount(self) -> None:
        """Begin at the first field."""
        first = self._form.first_focus()
        if first is not None:
            self.call_after_refresh(first.focus)

    def action_take(self) -> None:
        """Check what was filled in, and go on."""
        self._form.action_submit()

    async def made(self, values: Mapping[str, Any]) -> tuple[T | None, dict[str, str]]:
        """Give the answer, or None and what is wrong, by field."""
        raise NotImplementedError

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        event.stop()
        self.run_worker(self._take(), group="form", exclusive=True)

    async def _take(self) -> None:
        found = self._form.problems() or await self._form.file_problems()
        if not found:
            made, found = await self.made(self._form.values())
            if made is not None:
                self.dismiss(made)
                return
        self._form.complain(found)
