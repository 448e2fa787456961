"""Where to send a livestream to: server and key. The key is masked until it is asked for, and forgotten on closing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar, Final

from pydantic import SecretStr
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from theta_tui.tui import literal
from theta_tui.tui.modal import Modal
from theta_tui.tui.panes.video.stream_row import StreamRow
from theta_tui.tui.widgets.secret_input import MASK

SHOWN_SECONDS: Final = 30.0
"""How long a key stays readable."""
_MUTED: Final = "$foreground-muted"


class StreamKey(Modal[None]):
    """Shows the key on `r`, copies it on `c`; the copy menu and the row never have it."""

    DEFAULT_CSS = """
    StreamKey #where { height: auto; margin: 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "reveal_key", show=False),
        Binding("c", "copy_key", show=False),
        Binding("s", "copy_server", show=False),
        Binding("q,K", "close", show=False),
    ]
    heading = "Where to send to"
    keys = (("r", "show key"), ("c", "copy key"), ("s", "copy server"), ("Esc", "close"))

    def __init__(self, row: StreamRow, secret: SecretStr | None, reveal: Callable[[SecretStr], str]) -> None:
        super().__init__()
        self._row = row
        self._secret = secret
        self._open = reveal
        self._is_shown = False
        self._hiding: Timer | None = None

    def inside(self) -> Iterable[Widget]:
        """Give the lines."""
        yield Static(self._lines(), id="where", markup=False)

    def on_unmount(self) -> None:
        """Forget the key."""
        self._secret = None
        self._is_shown = False

    def action_reveal_key(self) -> None:
        """Show the key for a while, or hide it again."""
        if self._secret is None:
            self.note("There is no key here: i takes a node, and the cloud tells the key.")
            return
        self._show(not self._is_shown)

    def _show(self, wanted: bool) -> None:
        self._is_shown = wanted
        if self._hiding is not None:
            self._hiding.stop()
            self._hiding = None
        if wanted:
            self._hiding = self.set_timer(SHOWN_SECONDS, lambda: self._show(False))
        self.query_one("#where", Static).update(self._lines())

    def action_copy_key(self) -> None:
        """Copy the key."""
        if self._secret is None:
            self.action_reveal_key()
        else:
            self._copy("The key", self._open(self._secret))

    def action_copy_server(self) -> None:
        """Copy the address of the server."""
        if self._server:
            self._copy("The server", self._server)
        else:
            self.note("The server is not known here: i takes a node, and the cloud tells it.")

    @property
    def _server(self) -> str:
        return self._row.server or self._row.stream.stream_server

    def _copy(self, what: str, text: str) -> None:
        self.run_worker(self._copied(what, text), exclusive=True, group="copy")

    async def _copied(self, what: str, text: str) -> None:
        from theta_tui.tui.clipboard import copy

        self.note(f"{what}: {await copy(self.app, text, is_secret=True)}")

    def _lines(self) -> Content:
        secret = self._secret
        key = "none here" if secret is None else self._open(secret) if self._is_shown else MASK
        lines = [
            _line("Livestream", self._row.name),
            _line("Server", self._server or "unknown here: it is told when a node is taken (i)"),
            _line("Stream key", key),
            Content(""),
            Content.styled(
                "In OBS: Settings → Stream → Service: Custom, then server and key. Begin to send within five minutes "
                "of taking the node, else it lapses. Whoever has the key can send in your place.",
                _MUTED,
            ),
        ]
        return Content("\n").join(lines)


def _line(label: str, value: str) -> Content:
    return Content.assemble((label.ljust(12), _MUTED), literal.content(value))
