"""Which place keeps the keys: what the settings name, made ready or explained. It reads no settings itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from theta_tui.redact import redactor
from theta_tui.vault.backend import Backend, Unavailable
from theta_tui.vault.credential_command import CredentialCommand
from theta_tui.vault.encrypted_file import EncryptedFile
from theta_tui.vault.plain_file import PlainFile

PASSPHRASE = "THETA_VAULT_PASSPHRASE"  # noqa: S105 the name of a variable


def place_for(
    kind: str,
    *,
    profile: str,
    command: Sequence[str],
    folder: Path,
    environ: Mapping[str, str],
    may_run: bool,
) -> Backend | None:
    """Give the place for `keyring`, `file`, `plain` or `command`; None for the system's own keyring.

    `may_run` is whether this face may start other programs. One that cannot be used says why when it is asked.
    """
    if kind == "file":
        return _file(folder, environ)
    if kind == "plain":
        return PlainFile(folder)
    if kind != "command":
        return None
    if not may_run:
        return Unavailable(CredentialCommand.label, "the MCP server starts no other program")
    if not command:
        return Unavailable(CredentialCommand.label, "vault_command is not set")
    return CredentialCommand(command, profile)


def _file(folder: Path, environ: Mapping[str, str]) -> Backend:
    if find_spec("cryptography") is None:
        return Unavailable(EncryptedFile.label, "it needs the extra: pip install 'theta-tui[file]'")
    passphrase = environ.get(PASSPHRASE, "")
    redactor.learn(passphrase)
    return EncryptedFile(folder, passphrase or None)
