"""What every dialog over the console shares: its frame, Esc, and what no text may make it do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import Reactive
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.worker import active_worker

from theta_tui.tui import literal
from theta_tui.tui.front_first import FrontFirst
from theta_tui.tui.guard import Guarded

T = TypeVar("T")

WIDEST: Final = 96
"""Columns of the frame where the screen is wider."""


class Modal(Guarded, ModalScreen[T]):
    """A framed dialog; Esc closes it with nothing. Subclasses say what is `inside`."""

    DEFAULT_CSS = """
    Modal {
        align: center middle;
        background: $background 60%;
        & > .modal--frame {
            width: 100%;
            max-width: 96;
            height: auto;
            max-height: 100%;
            padding: 0 1;
            background: $surface;
            color: $foreground;
            border: round $border;
            border-title-color: $text-primary;
            border-title-style: bold;
            border-subtitle-color: $foreground-muted;
        }
        & Input { background: $panel; border: none; height: 1; padding: 0 1; }
        & Input:focus { background: $panel; background-tint: $foreground 8%; border: none; }
        & OptionList { background: $surface; border: none; padding: 0; height: auto; }
        & OptionList:focus { border: none; background-tint: $foreground 0%; }
        & ToastRack { height: 0; }  /* nothing may lie over what is asked; the messages keep every toast */
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Close", show=False)]
    AUTO_FOCUS = "*"
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """As in the shell: another focus does not paint all of the screen again."""

    heading: ClassVar[str] = ""
    keys: ClassVar[tuple[tuple[str, str], ...]] = (("Esc", "close"),)
    """What the keys do, for the frame's lower edge."""
    _due: tuple[T | None] | None = None
    """The answer it was left with while another dialog lay over it."""

    def __init__(self, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._compositor = FrontFirst()

    def compose(self) -> ComposeResult:
        """Put what is inside into the frame."""
        with Vertical(classes="modal--frame") as frame:
            frame.border_title = literal.content(self.title_words)
            frame.border_subtitle = key_hints(self.keys)
            yield from self.inside()

    def inside(self) -> Iterable[Widget]:
        """Give the widgets of the dialog, from top to bottom."""
        return ()

    @property
    def title_words(self) -> str:
        """The words in the upper edge of the frame."""
        return self.heading

    def action_close(self) -> None:
        """Close without an answer."""
        self.dismiss(None)

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Leave, once: what asks for it again while it closes must not take the next screen away instead.

        Under another dialog it leaves as soon as that one has gone.
        """
        stack = self.app.screen_stack
        if stack[-1:] != [self]:
            self._due = (result,) if self in stack else None
            return AwaitComplete()
        self._let_go()
        return super().dismiss(result)

    def on_screen_resume(self) -> None:
        """Leave now if that was wanted while another dialog lay over this one."""
        if self._due is not None:
            (result,), self._due = self._due, None
            self.dismiss(result)

    def typed_ahead(self, event: events.Key) -> None:
        """Take a key that nobody has used, perhaps since nothing in here had the focus yet."""

    def _let_go(self) -> None:
        """Break off what is still asked for this dialog: its widgets go before its workers do, and these would fail."""
        this = active_worker.get(None)
        for worker in self.workers:
            if worker.node is self and worker is not this:
                worker.cancel()

    def note(self, words: str) -> None:
        """Say something in the lower edge of the frame."""
        self.query_one(".modal--frame").border_subtitle = literal.content(words)


def key_hints(keys: Iterable[tuple[str, str]]) -> Content:
    """Write keys with what they do: `Enter run · Esc close`."""
    return Content("  ").join(
        [
            Content.assemble((key, "bold $footer-key-foreground"), " ", (words, "$foreground-muted"))
            for key, words in keys
        ]
    )
