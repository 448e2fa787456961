"""Asks for a secret on the terminal, without echo: the passphrase of the file of keys, a key typed in line mode."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

from pydantic import SecretStr

from theta_tui.headless.reviewers import ask_line
from theta_tui.redact import redactor


class Passphrase:
    """The question for the passphrase; a new one is asked for twice."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    async def ask(self, is_new: bool, problem: str) -> SecretStr | None:
        """Ask once; None if nothing is entered, or not the same twice."""
        if problem:
            self._say(problem)
        if not is_new:
            return await ask_secret("Passphrase of the file of keys: ")
        self._say("Keys go into an encrypted file. Choose its passphrase; without it they cannot be read again.")
        first = await ask_secret("New passphrase: ")
        if first is None:
            return None
        if await ask_secret("Once more: ") != first:
            self._say("That was not the same twice.")
            return None
        return first


async def ask_secret(question: str, read: Callable[[str], str] = str) -> SecretStr | None:
    """Ask for one line that is not shown and `read` it; None if it is empty, and what `read` raises."""
    with _no_echo():
        text = await ask_line(question)
    sys.stderr.write("\n")
    sys.stderr.flush()
    redactor.learn(text or "")
    return SecretStr(read(text)) if text else None


@contextlib.contextmanager
def _no_echo() -> Iterator[None]:
    """Keep the terminal from showing what is typed; it is put back whatever happens."""
    import termios

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    silent = termios.tcgetattr(descriptor)
    silent[3] &= ~termios.ECHO
    termios.tcsetattr(descriptor, termios.TCSADRAIN, silent)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
