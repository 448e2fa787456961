"""Keys from a password manager of the user's choice (pass, op, …): a fixed argv, no shell, a time limit.

Only reads: such programs keep their own books. What the program prints on its first line is the key; what it says on
stderr is dropped, since nobody knows what it quotes.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
from collections.abc import Sequence

from theta_tui.vault.backend import KeyringFailed, OwnPlace

SECONDS = 15.0
"""A person may have to touch a key or type a PIN in a window."""
NAME, PROFILE = "{name}", "{profile}"
_MOST_BYTES = 100_000
_OURS = ("status", "index/")
"""Names that only a keyring of ours has."""
_running: set[subprocess.Popen[bytes]] = set()


class CredentialCommand(OwnPlace):
    """Asks a program. `{name}` and `{profile}` in its words are replaced; nothing else is done to them."""

    label = "credential command"
    seconds = SECONDS + 1

    def __init__(self, argv: Sequence[str], profile: str, *, seconds: float = SECONDS) -> None:
        self._argv = tuple(argv)
        self._profile = profile
        self._limit = seconds

    def get_password(self, service: str, username: str, /) -> str | None:
        """Give what the program prints for a name; None if it ends with an error: such a name it does not know."""
        if username.startswith(_OURS):
            return None
        printed = self._ask([word.replace(NAME, username).replace(PROFILE, self._profile) for word in self._argv])
        lines = printed.splitlines()
        return lines[0].strip() or None if lines else None

    def set_password(self, service: str, username: str, password: str, /) -> None:
        """Refuse: the program is asked, never told."""
        raise KeyringFailed("keys come from the credential command; store it there", passing=True)

    def delete_password(self, service: str, username: str, /) -> None:
        """Refuse."""
        raise KeyringFailed("keys come from the credential command; delete it there", passing=True)

    def _ask(self, argv: Sequence[str]) -> str:
        try:
            # A session of its own: the program cannot draw its question into our terminal, and ends with its children.
            process = subprocess.Popen(  # noqa: S603 the words are the user's own setting
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            words = "is not there" if isinstance(error, FileNotFoundError) else f"cannot be started ({error.strerror})"
            raise KeyringFailed(f"the credential command {os.path.basename(argv[0])} {words}") from None
        _running.add(process)
        try:
            printed, _ = process.communicate(timeout=self._limit)
        except subprocess.TimeoutExpired:
            raise KeyringFailed(f"the credential command did not answer within {self._limit:g} s") from None
        finally:
            _end(process)
        if process.returncode or len(printed) > _MOST_BYTES:
            return ""
        return printed.decode("utf-8", "replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program that is still at work, with what it started."""
    _running.discard(process)
    if process.poll() is None:
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


@atexit.register
def _end_all() -> None:
    for process in tuple(_running):
        _end(process)
