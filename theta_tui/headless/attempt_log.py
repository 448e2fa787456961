"""`--log FILE`: requests, waits, reviews and decisions as JSON lines, redacted, in a file only its user can read."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from theta_tui.errors import UsageError
from theta_tui.headless import exact_json
from theta_tui.redact import redactor

if TYPE_CHECKING:
    from theta_tui.change import Attempt, Waiting
    from theta_tui.review import Review


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
        self._append("attempt", attempt.started, line)

    def wait(self, command: str, waiting: Waiting) -> None:
        """Append one wait before a change is sent again, with the error it follows."""
        line = {
            "command": command,
            "error": waiting.error,
            "message": redactor.text(waiting.message),
            "seconds": round(waiting.seconds, 4),
            "attempt": waiting.attempt,
            "attempts": waiting.attempts,
        }
        self._append("wait", time.time(), line)

    def review(self, review: Review) -> None:
        """Append one review as it was shown; amounts in USD."""
        line = {
            **_named(review),
            "summary": redactor.text(review.summary),
            "cost": {
                "usd": review.cost.usd,
                "usd_per_hour": review.cost.usd_per_hour,
                "worst_usd": review.worst_usd,
                "source": review.cost.source,
            },
            "spent_usd": review.spent_usd,
            "cap_usd": review.cap_usd,
            "reason": review.block.reason if review.block else None,
        }
        self._append("review", time.time(), line)

    def decision(self, review: Review, reason: str) -> None:
        """Append what was decided: `confirm`, or the reason for sending nothing; the cost in USD at worst."""
        self._append("decision", time.time(), {**_named(review), "cost": review.worst_usd, "reason": reason})

    def _append(self, kind: str, when: float, line: Mapping[str, Any]) -> None:
        moment = datetime.fromtimestamp(when, UTC).isoformat(timespec="milliseconds")
        if self._is_open:
            try:
                text = exact_json.dumps({"time": moment, "kind": kind, **line})
                os.write(self._descriptor, f"{text}\n".encode("ascii"))
            except OSError:
                self.close()

    def close(self) -> None:
        """Close the file."""
        if self._is_open:
            self._is_open = False
            os.close(self._descriptor)


def _named(review: Review) -> dict[str, Any]:
    return {"command": review.command, "effect": review.effect.value}
