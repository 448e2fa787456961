"""Credentials: the operating system's keyring first, then the environment. Nothing else keeps a secret."""

from theta_tui.vault.items import ITEMS, Item, item_of
from theta_tui.vault.keyring_access import Backend, MemoryBackend
from theta_tui.vault.store import Found, KeyringUnusable, Vault, VaultStatus

__all__ = [
    "ITEMS",
    "Backend",
    "Found",
    "Item",
    "KeyringUnusable",
    "MemoryBackend",
    "Vault",
    "VaultStatus",
    "item_of",
]
