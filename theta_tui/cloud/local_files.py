"""Files of this computer which the user names for an upload: looked at once, so that what is shown is what is sent."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

from theta_tui.change import FileBody
from theta_tui.errors import UsageError

MOST_BYTES = 10 * 1024**3
FRESH_ADDRESS = "If an upload is refused or breaks off, a fresh address is asked for once and gets the whole file."
"""What the review says of an upload; asking for an address is free as far as is known (OD-8, VD-1)."""


async def file_body(path: str) -> FileBody:
    """Describe a file as it is now; UsageError for anything but a regular file of 1 byte to 10 GB that can be read."""
    return await asyncio.to_thread(_look, path)


def _look(path: str) -> FileBody:
    try:
        absolute = Path(path).expanduser().absolute()
        seen = absolute.stat()
        readable = os.access(absolute, os.R_OK)
    except OSError as error:
        raise UsageError(f"The file {path} cannot be read: {error.strerror}.") from None
    except (ValueError, RuntimeError):  # a NUL in it, or a home that nobody knows
        raise UsageError("The path cannot name a file.") from None
    if not stat.S_ISREG(seen.st_mode):
        raise UsageError(f"{path} is not a regular file.")
    if not readable:
        raise UsageError(f"The file {path} cannot be read: permission denied.")
    if not 0 < seen.st_size <= MOST_BYTES:
        size = "is empty" if seen.st_size == 0 else f"has {seen.st_size / 1024**3:.1f} GB; 10 GB are the most"
        raise UsageError(f"The file {path} {size}.")
    return FileBody(str(absolute), seen.st_size, seen.st_mtime_ns)
