"""The vault of one profile: keyring (or the place chosen instead of it) first, then environment, then nothing.

It does not know hosts; callers say which origin a credential is for and whether that is a family's default. A stored
credential belongs to the origin it was stored for, so it is never found for another one.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TypeVar

from pydantic import SecretStr

from theta_tui.redact import redactor
from theta_tui.vault.backend import Backend, KeyringFailed, OwnPlace
from theta_tui.vault.credential_command import CredentialCommand
from theta_tui.vault.encrypted_file import EncryptedFile
from theta_tui.vault.index import read_index, write_index
from theta_tui.vault.items import ITEMS, checked, item_of
from theta_tui.vault.keyring_access import KeyringAccess
from theta_tui.vault.plain_file import PlainFile
from theta_tui.vault.status import Found, KeyringUnusable, VaultStatus, advice_for

T = TypeVar("T")

AskPassphrase = Callable[[bool, str], Awaitable[SecretStr | None]]
"""Asks a person for the passphrase: whether it is a new one, and what was wrong with the last. None declines."""

KEYRING = "keyring"
_TRIES = 3
THIS_RUN = "this run"


class Vault:
    """Credentials of one profile. `limit` is how many seconds a keyring may take, paid at most once.

    What was read is kept for the life of the process, so that a keyring is asked once for each item. With `is_plain`
    keys are in a file that is not encrypted, which whoever shows where keys are has to say.
    """

    def __init__(
        self, profile: str, environ: Mapping[str, str], *, backend: Backend | None = None, limit: float = 3.0
    ) -> None:
        self._service = f"theta-tui/{profile}"
        self._environ = environ
        self._keyring = KeyringAccess(backend, limit)
        self._passphrase_from: AskPassphrase | None = None
        self._unlocking = asyncio.Lock()
        self._file = backend if isinstance(backend, EncryptedFile) else None
        self.is_plain = isinstance(backend, PlainFile)
        self._place = backend.label if isinstance(backend, OwnPlace) else KEYRING
        self._read: dict[str, SecretStr | None] = {}
        self._held: dict[str, SecretStr] = {}

    @property
    def trouble(self) -> str | None:
        """Why the keyring is not being used, once it has failed."""
        return self._keyring.failure

    @property
    def place(self) -> str:
        """Where keys are kept, as `Found.source` names it: "keyring", "encrypted file" and so on."""
        return self._place

    @property
    def is_locked(self) -> bool:
        """Whether keys are in a file of ours that wants its passphrase."""
        return self._file is not None and self._file.is_locked

    @property
    def is_new(self) -> bool:
        """Whether the passphrase that is wanted is to be chosen: there is no file yet."""
        return self._file is not None and self._file.is_new

    def ask_with(self, passphrase_from: AskPassphrase) -> None:
        """Have a person asked for the passphrase when it is first needed; it is asked for three times at most."""
        self._passphrase_from = passphrase_from

    async def unlock(self, passphrase: SecretStr) -> None:
        """Open the file of keys; KeyringUnusable if this passphrase does not, or is too short for a new file."""
        file = self._file
        if file is None:
            return
        redactor.learn(_clear(passphrase))
        self._keyring.retry()
        try:
            await self._keyring.call(lambda _: file.unlock(_clear(passphrase)))
        except KeyringFailed as failed:
            self._keyring.retry()
            raise KeyringUnusable(f"The keys stay locked: {failed.reason}.") from None
        self._read.clear()

    async def get(self, name: str, *, origin: str, overridden: bool = False) -> Found | None:
        """Find a credential for an origin (`https://host`); `overridden` says that it is not the family's default.

        Held for this run, then keyring, then environment; with `overridden` the environment comes before what was
        stored for exactly this origin. None if there is none, also when the keyring fails (see `trouble`).
        UsageError if a variable holds something that cannot be a key.
        """
        key = _key(name, origin, overridden)
        if key in self._held:
            return Found(self._held[key], THIS_RUN)
        if overridden and (found := self._from_environment(name)) is not None:
            return found
        stored = await self._stored(key)
        if stored is not None:
            return Found(stored, self._place)
        return None if overridden else self._from_environment(name)

    async def put(self, name: str, secret: SecretStr, *, origin: str, overridden: bool = False) -> None:
        """Store a credential in the keyring and read it back.

        UsageError if it cannot be a key; KeyringUnusable if the keyring cannot be used or does not keep it.
        """
        text = checked(_clear(secret), f"The {item_of(name).label}")
        _learn(name, text)
        key = _key(name, origin, overridden)
        try:
            if not await self._ask(lambda backend: self._write(backend, key, text)):
                raise KeyringFailed("the keyring did not give back what was stored in it")
        except KeyringFailed as failed:
            raise KeyringUnusable(f"The {item_of(name).label} was not stored: {failed.reason}.") from None
        self._held.pop(key, None)
        self._read[key] = SecretStr(text)

    def hold(self, name: str, secret: SecretStr, *, origin: str, overridden: bool = False) -> None:
        """Keep a credential for this run only; UsageError if it cannot be a key."""
        text = checked(_clear(secret), f"The {item_of(name).label}")
        _learn(name, text)
        self._held[_key(name, origin, overridden)] = SecretStr(text)

    async def forget(self, name: str) -> None:
        """Delete a credential from this run and, for every origin, from the keyring.

        Nothing happens if there is none; KeyringUnusable if the keyring keeps it all the same, or cannot be asked
        about something that was not merely held.
        """
        item_of(name)
        held = {key for key in self._held if _name(key) == name}
        for key in held:
            del self._held[key]
        try:
            if not await self._ask(lambda backend: self._erase(backend, name)):
                raise KeyringFailed("the keyring still holds it")
        except KeyringFailed as failed:
            if held:
                return
            raise KeyringUnusable(
                f"The {self._place} did not forget {name}: {failed.reason}.",
                hint="Unlock it and try again, or delete the item in its own program.",
            ) from None
        self._read = {key: value for key, value in self._read.items() if _name(key) != name}

    async def names(self) -> tuple[str, ...]:
        """Name what is stored or held, sorted; no value is given. Without a keyring only what is held."""
        return tuple(sorted({*await self.stored(), *map(_name, self._held)}))

    async def stored(self) -> tuple[str, ...]:
        """Name what is stored, sorted; nothing where the keyring cannot be asked."""
        with contextlib.suppress(KeyringFailed):
            return tuple(sorted(set(map(_name, await self._ask(self._stored_keys)))))
        return ()

    async def move_to(self, other: Vault) -> tuple[str, ...]:
        """Move what is stored here to another place, one name after the other; give the names.

        Each is deleted here only after it was read back there. What is there already stays as it is there.
        KeyringUnusable at the first that cannot be moved: it stays here, and so do those after it.
        """
        moved: list[str] = []
        for name in await self.stored():
            try:
                texts = await self._ask(partial(self._texts_of, name=name))
                for key, text in texts.items():
                    _learn(name, text)
                    if not await other._ask(partial(other._write_new, key=key, text=text)):
                        raise KeyringFailed("it was not given back as it was stored")
            except KeyringFailed as failed:
                raise KeyringUnusable(f"{name} stays in the {self._place}: {failed.reason}.") from None
            await self.forget(name)
            moved.append(name)
        other._read.clear()
        return tuple(moved)

    async def status(self) -> VaultStatus:
        """Try the keyring with a harmless question."""
        try:
            await self._ask(lambda backend: _text(backend.get_password(self._service, "status")))
        except KeyringFailed as failed:
            return VaultStatus(self._keyring.name, usable=False, reason=failed.reason, advice=advice_for(failed.reason))
        return VaultStatus(self._keyring.name, usable=True)

    def retry(self) -> None:
        """Ask the keyring again after a failure, and read everything anew."""
        self._keyring.retry()
        self._read.clear()

    def _from_environment(self, name: str) -> Found | None:
        for variable in item_of(name).env:
            if self._environ.get(variable, "").strip():
                text = checked(self._environ[variable], variable)
                _learn(name, text)
                return Found(SecretStr(text), variable)
        return None

    async def _ask(self, work: Callable[[Backend], T]) -> T:
        """Ask the place where keys are kept, unlocked first where a person can do that."""
        async with self._unlocking:
            if self.is_locked and self._passphrase_from is not None:
                await self._ask_person(self._passphrase_from)
        return await self._keyring.call(work)

    async def _ask_person(self, passphrase_from: AskPassphrase) -> None:
        problem = ""
        for _ in range(_TRIES):
            passphrase = await passphrase_from(self.is_new, problem)
            if passphrase is None:
                break
            try:
                await self.unlock(passphrase)
            except KeyringUnusable as failed:
                problem = failed.message
            else:
                return
        self._passphrase_from = None  # who declines is not asked again and again

    async def _stored(self, key: str) -> SecretStr | None:
        if key in self._read:
            return self._read[key]
        try:
            text = await self._ask(lambda backend: _text(backend.get_password(self._service, key)))
        except KeyringFailed:
            return None
        if text:
            _learn(_name(key), text)
        self._read[key] = SecretStr(checked(text, f"The {self._place}'s {_name(key)}")) if text else None
        return self._read[key]

    def _write(self, backend: Backend, key: str, text: str) -> bool:
        """Write and read back; what came back wrong is not left behind."""
        # The name goes first: a secret that the index does not know could not be found again to be deleted.
        if key not in ITEMS and key not in (known := read_index(backend, self._service)):
            write_index(backend, self._service, [*known, key])
        backend.set_password(self._service, key, text)
        if backend.get_password(self._service, key) == text:
            return True
        self._erase(backend, _name(key))
        return False

    def _write_new(self, backend: Backend, key: str, text: str) -> bool:
        return backend.get_password(self._service, key) is not None or self._write(backend, key, text)

    def _texts_of(self, backend: Backend, name: str) -> dict[str, str]:
        keys = sorted({key for key in read_index(backend, self._service) if _name(key) == name} | {name})
        found = ((key, backend.get_password(self._service, key)) for key in keys)
        return {key: text for key, text in found if text is not None}

    def _erase(self, backend: Backend, name: str) -> bool:
        known = read_index(backend, self._service)
        keys = {key for key in known if _name(key) == name} | {name}
        for key in keys:
            if backend.get_password(self._service, key) is not None:
                backend.delete_password(self._service, key)
        gone = all(backend.get_password(self._service, key) is None for key in keys)
        if gone and not keys.isdisjoint(known):
            write_index(backend, self._service, [key for key in known if key not in keys])
        return gone

    def _stored_keys(self, backend: Backend) -> set[str]:
        if isinstance(backend, CredentialCommand):  # asking for each key could mean asking a person each time
            return set()
        tried = {name for name in ITEMS if backend.get_password(self._service, name) is not None}
        return tried | set(read_index(backend, self._service))


def _text(given: object) -> str | None:
    """Take what a keyring gave; KeyringFailed if it is no text: backends are other people's code."""
    if given is None or isinstance(given, str):
        return given
    raise KeyringFailed(f"the keyring gave back what is no text ({type(given).__name__})")


def _learn(name: str, text: str) -> None:
    if not item_of(name).public:
        redactor.learn(text)


def _key(name: str, origin: str, overridden: bool) -> str:
    """Give the name of the keyring's item: with the origin wherever it serves one origin only."""
    return f"{name}@{origin.strip().rstrip('/').lower()}" if item_of(name).bound or overridden else name


def _name(key: str) -> str:
    return key.rpartition("@")[0] or key


def reveal(secret: SecretStr) -> str:
    """Open a secret for the person at the terminal who asked to see exactly this one."""
    return secret.get_secret_value()


def _clear(secret: SecretStr) -> str:
    """Reveal a secret to check and store it: keyrings take clear text."""
    return secret.get_secret_value()
