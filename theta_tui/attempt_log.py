"""`--log FILE`: every request of the wire as one JSON line, redacted, in a file only its user can read."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from theta_tui.errors import UsageError
from theta_tui.redact import redactor

if TYPE_CHECKING:
    from theta_tui.change import Attempt


class AttemptLog:
    """An open log file. Lines are appended one by one; a full disk ends the log, not the work."""

    def __init__(self, path: Path) -> None:
        """Open the file for appending (0600); UsageError if that cannot be done."""
        try:
            self._descriptor = os.open(path.expanduser(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise UsageError(f"--log: {path.name} cannot be written ({why}).") from None
        self._is_open = True

    def write(self, attempt: Attempt) -> None:
        """Append one attempt."""
        line = {
            "time": datetime.fromtimestamp(attempt.started, UTC).isoformat(timespec="milliseconds"),
            "command": attempt.command,
            "method": attempt.method,
            "url": redactor.url(attempt.url),
            "family": attempt.family.value,
            "attempt": attempt.number,
            "status": attempt.status,
            "error": attempt.error,
            "message": redactor.text(attempt.message),
            "request_id": attempt.request_id,
            "seconds": round(attempt.seconds, 4),
            "sent": attempt.sent,
            "bytes_out": attempt.sizes[0],
            "bytes_in": attempt.sizes[1],
        }
        if self._is_open:
            try:
                os.write(self._descriptor, f"{json.dumps(line)}\n".encode("ascii"))
            except OSError:
                self.close()

    def close(self) -> None:
        """Close the file."""
        if self._is_open:
            self._is_open = False
            os.close(self._descriptor)
