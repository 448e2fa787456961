"""Files that are only their owner's: written whole or not at all, mode 0600, in folders of mode 0700."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

_STALE_SECONDS = 60


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in place of another so that a reader sees the old one or the new one, whole. Blocks for a moment."""
    make_folder(path.parent)
    for stale in path.parent.glob(f".{path.name}.*"):  # left by a killed process
        if time.time() - stale.stat().st_mtime > _STALE_SECONDS:
            stale.unlink(missing_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, each for its owner alone."""
    for one in reversed([folder, *folder.parents]):
        if not one.exists():
            one.mkdir(mode=0o700, exist_ok=True)
