"""Credentials: the operating system's keyring first, then the environment.

In place of the keyring an encrypted file, a credential command or, on request, a plain file may be chosen.
"""

from theta_tui.vault.backend import Backend, MemoryBackend
from theta_tui.vault.choosing import place_for
from theta_tui.vault.items import ITEMS, Item, item_of
from theta_tui.vault.status import Found, KeyringUnusable, VaultStatus
from theta_tui.vault.store import AskPassphrase, Vault, reveal

__all__ = [
    "ITEMS",
    "AskPassphrase",
    "Backend",
    "Found",
    "Item",
    "KeyringUnusable",
    "MemoryBackend",
    "Vault",
    "VaultStatus",
    "item_of",
    "place_for",
    "reveal",
]
