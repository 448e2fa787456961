"""The last word of a program that made a mistake: a redacted stack without values, in a file only its user can read.

Standard library and the redactor only: it must work when everything else does not.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from types import TracebackType

PREFIX = "crash-"
KEPT = 20
"""How many crash files are left in the folder."""


def write(error: BaseException, folder: Path) -> str:
    """Write the stack of an error to a new file (0600, its folder 0700); give the one line to show."""
    import traceback

    from theta_tui.redact import redactor

    name = type(error).__name__
    stack = redactor.text("".join(traceback.format_exception(error)))
    path = folder / f"{PREFIX}{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _forget_old(folder)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as stream:
            stream.write(f"{stack}\n")
    except OSError as failed:
        why = failed.strerror or type(failed).__name__
        return f"theta-tui: stopped by a mistake of its own ({name}); the details could not be written: {why}."
    return f"theta-tui: stopped by a mistake of its own ({name}); the details are in {path}"


def install(folder: Path) -> None:
    """Send uncaught errors of the main thread and of others to a file; only the main one's line is shown."""
    _forbid_core_dumps()

    def end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        sys.stderr.write(write(error, folder) + "\n")

    def end_thread(arguments: threading.ExceptHookArgs) -> None:
        # A terminal that went away takes the thread that writes to it along; that is no mistake.
        if arguments.exc_value is not None and not isinstance(arguments.exc_value, OSError):
            write(arguments.exc_value, folder)

    sys.excepthook = end
    threading.excepthook = end_thread


def _forget_old(folder: Path) -> None:
    for old in sorted(folder.glob(f"{PREFIX}*.txt"))[: -KEPT or None]:
        old.unlink(missing_ok=True)


def _forbid_core_dumps() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
