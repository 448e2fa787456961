"""Files that are only their owner's: written whole or not at all, mode 0600, in folders of mode 0700."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
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


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other processes from changing a file meanwhile; Windows has no such lock, the last one wins there."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    make_folder(path.parent)
    descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
