"""Which process wrote a row, and whether it is still there: a token of boot, process, start time and opening."""

from __future__ import annotations

import os
import sys
import uuid
from pathlib import Path

_open_here: set[str] = set()


def take_token() -> str:
    """Give the token of a journal that this process opens; it is alive until it is given back."""
    pid = os.getpid()
    token = f"{_boot()}:{pid}:{_started(pid)}:{uuid.uuid4().hex[:8]}"
    _open_here.add(token)
    return token


def give_back(token: str) -> None:
    """Say that this journal is closed."""
    _open_here.discard(token)


def is_alive(token: str) -> bool:
    """Whether the journal with this token is still open; without proof it is not."""
    boot, _, rest = token.partition(":")
    pid_text, _, rest = rest.partition(":")
    if boot != _boot() or not pid_text.isdigit():
        return False
    pid = int(pid_text)
    if pid == os.getpid():
        return token in _open_here
    return _exists(pid) and _started(pid) == rest.partition(":")[0]


def _exists(pid: int) -> bool:
    if sys.platform == "win32":  # signal 0 is not harmless there
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


def _started(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]
