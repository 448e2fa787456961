"""Opens a file of this machine with whatever the system has for it. A fixed command, no shell."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path


def open_file(path: Path) -> bool:
    """Open a file in a window of its own; False where nothing can. Blocks shortly: call it in a thread."""
    opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if opener is None:
        return False
    try:
        subprocess.Popen(  # noqa: S603 the program is fixed, the path is our own
            [opener, str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    return True
