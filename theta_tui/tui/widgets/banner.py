"""An error that stays until it is dismissed: cause, the cloud's own words, status, request id, next step."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from theta_tui.errors import ThetaError
from theta_tui.tui import literal


class Banner(Static, can_focus=False):
    """One error at a time, above what it is about; `R` tries again, a click dismisses it."""

    DEFAULT_CSS = """
    Banner {
        display: none;
        height: auto;
        max-height: 6;
        padding: 0 1;
        background: $error-muted;
        color: $foreground;
        border-left: outer $error;
    }
    Banner.-shown { display: block; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.error: ThetaError | None = None
        self._cause = ""

    def show_error(self, error: ThetaError, *, cause: str) -> None:
        """Show an error; `cause` is what `clear` will name."""
        self.error, self._cause = error, cause
        facts = [str(error.status)] if error.status else []
        facts += [f"request {error.request_id}"] if error.request_id else []
        head = Content.assemble(
            (f"✗ {error.kind}", "bold $text-error"),
            f" · {' · '.join(facts)}  " if facts else "  ",
            literal.content(error.message),
        )
        hint = Content.assemble(literal.content(error.hint), "  ") if error.hint else Content("")
        foot = Content.assemble(hint, ("R retry · Esc dismiss", "dim"))
        self.update(Content("\n").join([head, foot]))
        self.add_class("-shown")

    def clear(self, cause: str | None = None) -> bool:
        """Take the error away (only that of `cause`, if given); tell whether there was one."""
        if self.error is None or (cause is not None and cause != self._cause):
            return False
        self.error = None
        self.remove_class("-shown")
        return True

    def on_click(self) -> None:
        """Dismiss."""
        self.clear()
