"""The smallest useful Textual program: what any other start-up is compared with."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static


class Hello(App[None]):
    """One line, which every `j` and `down` changes."""

    pressed = 0

    def compose(self) -> ComposeResult:
        yield Static("hello, ready")

    def on_key(self) -> None:
        self.pressed += 1
        self.query_one(Static).update(f"hello, ready {self.pressed}")


if __name__ == "__main__":
    Hello().run()
