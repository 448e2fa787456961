"""The names of stored items that no table lists, kept beside them: keyrings cannot be asked what they hold.

They stand in items `index/0`, `index/1`, … of the same keyring, each short enough for the smallest one.
"""

from __future__ import annotations

import contextlib
import json

from theta_tui.vault.backend import Backend

_CHUNK = 1000
"""Characters of one item."""


def read_index(backend: Backend, service: str) -> list[str]:
    """Read the names; damaged items are skipped."""
    keys: list[str] = []
    number = 0
    while (text := backend.get_password(service, f"index/{number}")) is not None:
        with contextlib.suppress(ValueError):
            found = json.loads(text)
            keys += [key for key in found if isinstance(key, str)] if isinstance(found, list) else []
        number += 1
    return keys


def write_index(backend: Backend, service: str, keys: list[str]) -> None:
    """Write the names anew, and take away items that are no longer needed."""
    chunks: list[list[str]] = [[]]
    for key in keys:
        if len(json.dumps([*chunks[-1], key])) > _CHUNK:
            chunks.append([])
        chunks[-1].append(key)
    for number, chunk in enumerate(chunks):
        backend.set_password(service, f"index/{number}", json.dumps(chunk))
    number = len(chunks)
    while backend.get_password(service, f"index/{number}") is not None:
        backend.delete_password(service, f"index/{number}")
        number += 1
