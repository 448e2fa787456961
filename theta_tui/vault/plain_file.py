"""Keys in one file in clear text, 0600: only where a person asked for exactly that; it is never fallen back to.

Whoever shows where keys are shows this place with a mark. Blocks: called in a thread.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from theta_tui.private_file import alone, replace_file
from theta_tui.vault.backend import KeyringFailed, OwnPlace

FILE_NAME = "keys.plain.json"
_LARGEST = 1_000_000

Secrets = dict[str, dict[str, str]]
"""Service → name → secret."""


class PlainFile(OwnPlace):
    """The file in a folder. One that others may read is refused: it was copied or changed by something else."""

    label = "plain file"
    seconds = 3.0

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME

    def get_password(self, service: str, username: str, /) -> str | None:
        """Give a kept secret."""
        return self._read().get(service, {}).get(username)

    def set_password(self, service: str, username: str, password: str, /) -> None:
        """Keep a secret."""
        with self._changing() as secrets:
            secrets.setdefault(service, {})[username] = password

    def delete_password(self, service: str, username: str, /) -> None:
        """Forget a secret; with the last one the file goes."""
        with self._changing() as secrets:
            secrets.get(service, {}).pop(username, None)

    @contextlib.contextmanager
    def _changing(self) -> Iterator[Secrets]:
        """Give the secrets to be changed, while no other process writes; then put the file in place of the old one."""
        try:
            with alone(self.path):
                secrets = self._read()
                yield secrets
                left = {service: kept for service, kept in secrets.items() if kept}
                if left:
                    replace_file(self.path, json.dumps(left, indent=1).encode() + b"\n")
                else:
                    self.path.unlink(missing_ok=True)
        except OSError as error:
            raise KeyringFailed(f"the file of keys cannot be written ({error.strerror})") from None

    def _read(self) -> Secrets:
        try:
            with self.path.open("rb") as stream:
                mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
                if sys.platform != "win32" and mode & 0o077:
                    raise KeyringFailed(f"others may read the file of keys (mode {mode:o}); chmod 600 {self.path}")
                found = json.loads(stream.read(_LARGEST))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise KeyringFailed(f"the file of keys cannot be read ({error.strerror})") from None
        except ValueError:
            raise KeyringFailed("the file of keys is damaged, or another program's") from None
        if not isinstance(found, dict) or not all(isinstance(kept, dict) for kept in found.values()):
            raise KeyringFailed("the file of keys is damaged, or another program's")
        return found
