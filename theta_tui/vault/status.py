"""What the vault says of itself: a credential found, whether the place for keys can be used, and what to do if not."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import SecretStr

from theta_tui.errors import NoCredentials


class KeyringUnusable(NoCredentials):
    """The keyring cannot keep or give a secret; the message says why, the hint what to do instead."""

    next_step = "Unlock it, choose an encrypted file (`theta-tui config set vault file`), or use the environment."


@dataclass(frozen=True, slots=True)
class Found:
    """A credential and where it came from: "keyring" (or another place), "this run", or the name of a variable."""

    value: SecretStr
    source: str


@dataclass(frozen=True, slots=True)
class VaultStatus:
    """Whether the keyring can be used; if not, why, and what to do."""

    backend_name: str
    usable: bool
    reason: str = ""
    advice: str = ""


def advice_for(reason: str) -> str:
    """Say what to do about a place for keys that cannot be used."""
    if "passphrase" in reason:
        return "Set THETA_VAULT_PASSPHRASE, or give it when asked; until then keys from the environment are used."
    if "credential command" in reason or "vault_command" in reason:
        return "Mend vault_command in the settings, or run it by hand to see what it says."
    if "locked" in reason:
        return "Unlock the keyring and try again; until then keys from the environment are used."
    if "not one that is known" in reason or "switched off" in reason:
        return "Choose the system's keyring (see keyring's own settings), or use the environment."
    return "Choose an encrypted file (`theta-tui config set vault file`), or use the environment (THETA_* variables)."
