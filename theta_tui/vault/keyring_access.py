"""The keyring, held at arm's length: chosen from an allow-list, called in daemon threads, never waited for too long.

The only importer of `keyring`. It deals in clear text because keyrings do; the vault wraps what it gives.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar, cast

from theta_tui.vault.backend import Backend, KeyringFailed, OwnPlace

T = TypeVar("T")

_ALLOWED = frozenset(
    {
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.libsecret.Keyring",
        "keyring.backends.macOS.Keyring",
        "keyring.backends.Windows.WinVaultKeyring",
        "keyring.backends.kwallet.DBusKeyring",
        "keyring.backends.kwallet.DBusKeyringKWallet4",
    }
)
_CHAINER = "keyring.backends.chainer.ChainerBackend"
_REFUSED = {
    "keyring.backends.fail.Keyring": "no keyring service is running",
    "keyring.backends.null.Keyring": "the keyring is switched off: it would lose what is stored",
}
_FAILURES = {
    "KeyringLocked": "the keyring is locked and was not unlocked",
    "NoKeyringError": "no keyring service is running",
    "InitError": "the keyring could not be opened",
    "PasswordSetError": "the keyring refused to store it",
    "PasswordDeleteError": "the keyring holds no such item",
    "ModuleNotFoundError": "the configured keyring is not installed",
    "AttributeError": "the configured keyring is not installed",
}
_PASSING = frozenset({"PasswordSetError", "PasswordDeleteError"})


class KeyringAccess:
    """One keyring: found on first use; once it fails or hangs it is left alone until `retry`."""

    def __init__(self, backend: Backend | None, limit: float) -> None:
        self._given = backend
        self._backend = backend if backend is not None and class_name(backend) not in _REFUSED else None
        self._limit = backend.seconds if isinstance(backend, OwnPlace) else limit
        self._turn = asyncio.Lock()
        self.failure: str | None = None
        self.name = "" if backend is None else backend_label(backend)

    def retry(self) -> None:
        """Forget an earlier failure: the user has unlocked the keyring, or wants to."""
        self.failure = None

    async def call(self, work: Callable[[Backend], T]) -> T:
        """Do one thing with the backend; KeyringFailed within the time limit, and at once after a failure."""
        async with self._turn:
            if self.failure is not None:
                raise KeyringFailed(self.failure)
            try:
                return await self._in_thread(lambda: work(self._found()))
            except KeyringFailed as failed:
                if not failed.passing:
                    self.failure = failed.reason
                raise

    async def _in_thread(self, work: Callable[[], T]) -> T:
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()  # giving up waiting does not stop the thread

        def run() -> None:
            try:
                future.set_result(work())
            # The one place where anything may come: backends are other people's code, chosen at run time.
            except BaseException as error:  # noqa: BLE001
                future.set_exception(_told(error))

        # A daemon thread of its own: a keyring that never answers must not keep the process from exiting.
        threading.Thread(target=run, name="keyring", daemon=True).start()
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._limit)
        except TimeoutError:
            future.add_done_callback(self._late)
            raise KeyringFailed(
                f"the keyring did not answer within {self._limit:g} s (it may be locked and waiting for its password)"
            ) from None

    def _late(self, future: Future[Any]) -> None:
        """A keyring that answers after all may be used again."""
        if not future.cancelled() and future.exception() is None:
            self.failure = None

    def _found(self) -> Backend:
        if self._backend is None:
            backend = _choose() if self._given is None else self._given
            self.name = backend_label(backend)
            if (reason := objection(backend, given=self._given is not None)) is not None:
                raise KeyringFailed(reason)
            self._backend = backend
        return self._backend


def _choose() -> Backend:
    """Let keyring choose among the allowed; what its own settings name is looked at afterwards."""
    import keyring.core

    keyring.core.init_backend(limit=lambda backend: class_name(backend) in _ALLOWED | {_CHAINER})
    return cast(Backend, keyring.core.get_keyring())


def class_name(backend: object) -> str:
    """Give the full name of a backend's class."""
    kind = type(backend)
    return f"{kind.__module__}.{kind.__qualname__}"


def backend_label(backend: object) -> str:
    """Name a backend for people: `SecretService`, `macOS`, or the class of an unknown one."""
    if isinstance(backend, OwnPlace):
        return backend.label
    module, _, name = class_name(backend).rpartition(".")
    return module.rpartition(".")[2] if module.startswith("keyring.backends.") else name


def objection(backend: object, *, given: bool = False) -> str | None:
    """Say why a backend may not be given secrets; None if it may. One handed in by our own code is trusted more."""
    name = class_name(backend)
    if name in _REFUSED:
        return _REFUSED[name]
    if given or name in _ALLOWED:
        return None
    if name == _CHAINER:
        members = [objection(member) for member in getattr(backend, "backends", ())]
        return next((reason for reason in members if reason), None if members else "no keyring service is running")
    return f"the keyring {backend_label(backend)} is not one that is known to encrypt"


def _told(error: BaseException) -> KeyringFailed:
    """Put a backend's failure into our words; its own text may hold anything."""
    if isinstance(error, KeyringFailed):
        return error
    name = type(error).__name__
    return KeyringFailed(_FAILURES.get(name, f"the keyring failed ({name})"), passing=name in _PASSING)
