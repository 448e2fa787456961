"""A new file that only its user can read, named after what is in it; nothing is ever written over."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from theta_tui.errors import UsageError
from theta_tui.safe_text import for_line

LONGEST_NAME: Final = 60
_DEVICE: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows takes for devices, with any ending."""


def file_name(title: str, ending: str, unnamed: str = "chat") -> str:
    """Make a title the name of a file that every system takes."""
    words = re.sub(r"[^\w .-]+", " ", for_line(title)).split()
    name = "-".join(words)[:LONGEST_NAME].strip(".-_ ") or unnamed
    name = f"{unnamed}-{name}" if _DEVICE.fullmatch(name) else name
    return f"{name}.{ending}"


def write_new(path: str, text: str) -> Path:
    """Write a new file that only its user can read; UsageError if there is one already, or none can be written."""
    file = Path(path.strip()).expanduser()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
                opened.write(text)
        except OSError:
            with suppress(OSError):
                file.unlink()
            raise
    except FileExistsError:
        raise UsageError(f"{file.name} is there already; nothing was written. Give another name.") from None
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or "not a path").lower()
        raise UsageError(f"{path.strip()[:200]} cannot be written: {why}.") from None
    return file
