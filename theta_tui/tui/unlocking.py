"""Asks for the passphrase of the file of keys. It knows no file: the vault asks, and tries what it is given."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pydantic import SecretStr
from textual import on
from textual.widget import Widget
from textual.widgets import Static

from theta_tui.errors import UsageError
from theta_tui.tui import literal
from theta_tui.tui.modal import Modal
from theta_tui.tui.widgets.secret_input import SecretInput

if TYPE_CHECKING:
    from theta_tui.tui.app import ThetaApp


class Unlock(Modal[SecretStr]):
    """Gives the passphrase, or None; a new one is typed twice."""

    DEFAULT_CSS = """
    Unlock {
        & > .modal--frame { max-width: 70; padding: 1 1 0 1; }
        & Static { height: auto; margin-bottom: 1; }
        & SecretInput { margin-bottom: 1; }
        & #wrong { color: $text-error; }
        & #wrong.-empty { display: none; }
    }
    """
    keys = (("Enter", "go on"), ("Esc", "go on without keys"))
    AUTO_FOCUS = "#passphrase"

    def __init__(self, *, is_new: bool, problem: str) -> None:
        super().__init__()
        self._is_new = is_new
        self._problem = problem

    @property
    def title_words(self) -> str:
        """Say whether there are keys already."""
        return "A new file of keys" if self._is_new else "Keys are locked"

    def inside(self) -> Iterable[Widget]:
        """Give what it is about, the lines, and what was wrong."""
        words = "Your keys are in an encrypted file. Its passphrase opens it until the console is left."
        if self._is_new:
            words = "Keys go into an encrypted file. Choose its passphrase; without it they cannot be read again."
        yield Static(words, markup=False)
        yield SecretInput(_as_it_is, placeholder="passphrase", id="passphrase")
        if self._is_new:
            yield SecretInput(_as_it_is, placeholder="once more", id="again")
        yield Static(literal.content(self._problem), id="wrong", classes="" if self._problem else "-empty")

    @on(SecretInput.Entered)
    def _entered(self, event: SecretInput.Entered) -> None:
        event.stop()
        lines = list(self.query(SecretInput))
        if event.line is not lines[-1]:
            lines[-1].focus()
        elif any(line.secret != lines[0].secret for line in lines):
            self._object("That was not the same twice.")
        elif lines[0].secret is not None:
            self.dismiss(lines[0].secret)

    def _object(self, words: str) -> None:
        for line in self.query(SecretInput):
            line.forget()
        wrong = self.query_one("#wrong", Static)
        wrong.update(literal.content(words))
        wrong.remove_class("-empty")
        self.query_one("#passphrase").focus()


def _as_it_is(text: str) -> str:
    """Take a passphrase with its spaces; only a line break cannot be in one."""
    line = text.rstrip("\r\n")
    if not line.isprintable() or not line:
        raise UsageError("A passphrase is one line of text.")
    return line


async def ask_passphrase(app: ThetaApp, is_new: bool, problem: str) -> SecretStr | None:
    """Show the question over whatever is shown, and wait for the answer."""
    answer: asyncio.Future[SecretStr | None] = asyncio.get_running_loop().create_future()

    def answered(secret: SecretStr | None) -> None:
        if not answer.done():
            answer.set_result(secret)

    app.push_screen(Unlock(is_new=is_new, problem=problem), answered)
    return await answer
