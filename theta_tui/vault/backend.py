"""What a place for keys must be able to do, and how it fails; with the one that forgets everything.

Places of our own say by themselves what they are called and how long they may take; a keyring of the system does not.
"""

from __future__ import annotations

from typing import Protocol


class Backend(Protocol):
    """The part of a keyring backend that is used."""

    def get_password(self, service: str, username: str, /) -> str | None:
        """Give a stored secret, or None."""

    def set_password(self, service: str, username: str, password: str, /) -> None:
        """Store a secret."""

    def delete_password(self, service: str, username: str, /) -> None:
        """Delete a secret."""


class KeyringFailed(Exception):
    """The keyring cannot be used; `reason` says why, in our words (never the keyring's own text).

    A `passing` failure is about one item only, so the next one may be tried.
    """

    def __init__(self, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.passing = passing


class OwnPlace:
    """A place for keys that is ours: `label` names it to people, `seconds` is how long it may take."""

    label: str
    seconds: float


class Unavailable(OwnPlace):
    """The place that was asked for and cannot be used here; every question is answered with the reason."""

    seconds = 1.0

    def __init__(self, label: str, reason: str) -> None:
        self.label = label
        self._reason = reason

    def get_password(self, service: str, username: str, /) -> str | None:
        """Say why not."""
        raise KeyringFailed(self._reason)

    def set_password(self, service: str, username: str, password: str, /) -> None:
        """Say why not."""
        raise KeyringFailed(self._reason)

    def delete_password(self, service: str, username: str, /) -> None:
        """Say why not."""
        raise KeyringFailed(self._reason)


class MemoryBackend:
    """A keyring that forgets everything with the process: for the demo, and for those who want nothing kept."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str, /) -> str | None:
        """Give a kept secret."""
        return self._kept.get((service, username))

    def set_password(self, service: str, username: str, password: str, /) -> None:
        """Keep a secret for this run."""
        self._kept[service, username] = password

    def delete_password(self, service: str, username: str, /) -> None:
        """Forget a secret."""
        self._kept.pop((service, username), None)
