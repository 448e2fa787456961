"""The last word of a program that made a mistake: a redacted stack without values, in a file only its user can read.

Standard library and the redactor only: it must work when everything else does not.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

PREFIX = "crash-"
KEPT = 20
"""How many crash files are left in the folder."""


def write(error: BaseException, folder: Path, *, goes_on: bool = False) -> str:
    """Write the stack of an error to a new file (0600, its folder 0700); give the one line to show."""
    import traceback

    did = "went on after" if goes_on else "stopped by"
    words = f"theta-tui: {did} a mistake of its own ({type(error).__name__})"
    try:
        path = _put("".join(traceback.format_exception(error)), folder)
    except OSError as failed:
        return f"{words}; the details could not be written: {failed.strerror or type(failed).__name__}."
    return f"{words}; the details are in {path}"


def _put(text: str, folder: Path) -> Path:
    """Append redacted text to the crash file of this process and second."""
    from theta_tui.environment import taken_secrets
    from theta_tui.private_file import make_folder
    from theta_tui.redact import redactor

    for secret in taken_secrets():  # no session may have told the redactor yet
        redactor.learn(secret)
    path = folder / f"{PREFIX}{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    make_folder(folder)
    _forget_old(folder)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as stream:
        stream.write(f"{redactor.text(text)}\n")
    return path


def install(folder: Path) -> None:
    """Send what nobody catches to a file, from wherever it comes; one line on stderr tells of it.

    That is: uncaught errors of the main thread, of other threads and of finalisers, and whatever is logged as a warning
    or worse by a library. The console takes `tell` over, since its screen is no place for lines.
    """
    _forbid_core_dumps()

    def end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            tell(write(error, folder))

    def go_on(arguments: threading.ExceptHookArgs | sys.UnraisableHookArgs) -> None:
        # A terminal that went away takes the thread that writes to it along; that is no mistake.
        if arguments.exc_value is not None and not isinstance(arguments.exc_value, (OSError, SystemExit)):
            tell(write(arguments.exc_value, folder, goes_on=True))

    sys.excepthook = end
    threading.excepthook = go_on
    sys.unraisablehook = go_on
    _keep_log(folder)


def tell(words: str) -> None:
    """Say the one line, by whatever means `tell_by` has named."""
    _means[-1](words)


def tell_by(means: Callable[[str], None]) -> None:
    """Name another means of saying the one line."""
    _means.append(means)


def _to_stderr(words: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(words + "\n")


_means: list[Callable[[str], None]] = [_to_stderr]


def _keep_log(folder: Path) -> None:
    """Write warnings of libraries to the file as well: Python would print them as they are, values and all."""
    import logging

    class Diary(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            with contextlib.suppress(OSError):
                _put(self.format(record), folder)

    logging.getLogger().addHandler(Diary(logging.WARNING))
    logging.captureWarnings(True)


def _forget_old(folder: Path) -> None:
    for old in sorted(folder.glob(f"{PREFIX}*.txt"))[: -KEPT or None]:
        old.unlink(missing_ok=True)


def _forbid_core_dumps() -> None:
    """Leave no memory of ours to a core file, and none to a program that takes them whatever their limit is."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # a kernel or a container without it
            Path("/proc/self/coredump_filter").write_text("0")  # which kinds of memory: none
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
