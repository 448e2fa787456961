"""Where keys may be kept, in the words of the setup: the keyring first, a plain file last and only on request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

KEYRING, ENCRYPTED, COMMAND, THIS_RUN, PLAIN = "keyring", "file", "command", "environment", "plain"
"""What the setting `vault` says for each; `THIS_RUN` changes no setting."""

TITLES: Final = {
    KEYRING: "the keyring",
    ENCRYPTED: "an encrypted file",
    COMMAND: "a password manager",
    THIS_RUN: "this run only",
    PLAIN: "a plain file",
}
WORDS: Final = {
    KEYRING: "",
    ENCRYPTED: "opened by a passphrase",
    COMMAND: "pass, op, …: a command of yours prints each key",
    THIS_RUN: "then from the environment: you see what to export",
    PLAIN: "not encrypted, marked PLAIN KEYS as long as it is used",
}
EXAMPLE: Final = "pass show theta/{name}"


@dataclass(frozen=True, slots=True)
class Place:
    """One place as it is on this machine. With a `problem` it cannot be used."""

    kind: str
    words: str
    problem: str = ""

    @property
    def title(self) -> str:
        """What it is called."""
        return TITLES[self.kind]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The place that was chosen; `command` is how a password manager is asked. "" leaves it as it is."""

    kind: str = ""
    command: tuple[str, ...] = ()
