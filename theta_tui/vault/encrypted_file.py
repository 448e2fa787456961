"""Keys in one file of ours, sealed with a passphrase: for machines without a keyring.

Scrypt makes the key, Fernet (AES-128-CBC with HMAC-SHA256) seals every secret of every profile together, so that the
file tells neither names nor how many there are. The only importer of `cryptography`, which comes with the extra
`theta-tui[file]` and on Linux with `keyring` itself. Blocks: called in a thread.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from theta_tui.private_file import alone, replace_file
from theta_tui.vault.backend import KeyringFailed, OwnPlace

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

FILE_NAME = "keys.sealed"
SHORTEST = 8
"""Characters of a new passphrase."""
LOCKED = "the file of keys is locked: it wants its passphrase (THETA_VAULT_PASSPHRASE)"
_FORMAT = "theta-tui keys, sealed, 1"
_WORK = 2**15
_MOST_WORK = 2**20
_LARGEST = 1_000_000

Secrets = dict[str, dict[str, str]]
"""Service → name → secret."""


@dataclass(frozen=True, slots=True)
class _Sealed:
    """What stands in the file: how the key is made, and the sealed secrets."""

    work: int
    salt: bytes
    token: bytes

    @classmethod
    def read(cls, raw: bytes) -> _Sealed:
        try:
            found: dict[str, Any] = json.loads(raw)
            work = int(found["work"])
            if found["format"] != _FORMAT or not 2**14 <= work <= _MOST_WORK or work & (work - 1):
                raise ValueError
            return cls(work, base64.b64decode(found["salt"], validate=True), str(found["sealed"]).encode("ascii"))
        except (ValueError, KeyError, TypeError, binascii.Error):
            raise KeyringFailed("the file of keys is damaged, or another program's") from None

    def written(self) -> bytes:
        salt = base64.b64encode(self.salt).decode()
        text = {"format": _FORMAT, "work": self.work, "salt": salt, "sealed": self.token.decode("ascii")}
        return json.dumps(text, indent=1).encode() + b"\n"


class EncryptedFile(OwnPlace):
    """The file in a folder. Without a passphrase it is locked; the first one given to a new file is its own."""

    label = "encrypted file"
    seconds = 10.0

    def __init__(self, folder: Path, passphrase: str | None = None) -> None:
        self.path = folder / FILE_NAME
        self._passphrase = passphrase
        self._made: tuple[tuple[int, bytes], Fernet] | None = None

    @property
    def is_locked(self) -> bool:
        """Whether a passphrase is wanted."""
        return self._passphrase is None

    @property
    def is_new(self) -> bool:
        """Whether there is no file yet, so that the passphrase is being chosen."""
        return not self.path.exists()

    def unlock(self, passphrase: str) -> None:
        """Open the file with a passphrase, or choose that of a new one; KeyringFailed if it is not the right one."""
        before = self._passphrase, self._made
        self._passphrase, self._made = passphrase, None
        try:
            self._read()
            if self.is_new:
                self._check_length()
        except KeyringFailed:
            self._passphrase, self._made = before
            raise

    def get_password(self, service: str, username: str, /) -> str | None:
        """Give a kept secret."""
        return self._read().get(service, {}).get(username)

    def set_password(self, service: str, username: str, password: str, /) -> None:
        """Keep a secret."""
        with self._alone():
            if self.is_new:
                self._check_length()
            secrets = self._read()
            secrets.setdefault(service, {})[username] = password
            self._write(secrets)

    def delete_password(self, service: str, username: str, /) -> None:
        """Forget a secret; with the last one the file goes."""
        with self._alone():
            secrets = self._read()
            secrets.get(service, {}).pop(username, None)
            secrets = {name: kept for name, kept in secrets.items() if kept}
            if secrets:
                self._write(secrets)
            else:
                self.path.unlink(missing_ok=True)

    def _read(self) -> Secrets:
        """Read and open the file anew: another process may have written it."""
        if self._passphrase is None:
            raise KeyringFailed(LOCKED)
        sealed = self._found()
        if sealed is None:
            return {}
        from cryptography.fernet import InvalidToken

        try:
            found: Secrets = json.loads(self._key(sealed.work, sealed.salt).decrypt(sealed.token))
        except InvalidToken:
            raise KeyringFailed("this passphrase does not open the file of keys") from None
        return found

    def _write(self, secrets: Secrets) -> None:
        before = self._found()
        work, salt = (before.work, before.salt) if before else (_WORK, os.urandom(16))
        token = self._key(work, salt).encrypt(json.dumps(secrets).encode())
        try:
            replace_file(self.path, _Sealed(work, salt, token).written())
        except OSError as error:
            raise KeyringFailed(f"the file of keys cannot be written ({error.strerror})") from None

    def _found(self) -> _Sealed | None:
        try:
            with self.path.open("rb") as stream:
                return _Sealed.read(stream.read(_LARGEST))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise KeyringFailed(f"the file of keys cannot be read ({error.strerror})") from None

    def _key(self, work: int, salt: bytes) -> Fernet:
        """Make the key, which is slow on purpose, once for each salt."""
        if self._made is None or self._made[0] != (work, salt):
            from cryptography.fernet import Fernet
            from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

            made = Scrypt(salt=salt, length=32, n=work, r=8, p=1).derive((self._passphrase or "").encode())
            self._made = (work, salt), Fernet(base64.urlsafe_b64encode(made))
        return self._made[1]

    def _check_length(self) -> None:
        if len(self._passphrase or "") < SHORTEST:
            raise KeyringFailed(f"the passphrase of a new file has at least {SHORTEST} characters")

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(alone(self.path))
            except OSError as error:
                raise KeyringFailed(f"the file of keys cannot be written ({error.strerror})") from None
            yield
