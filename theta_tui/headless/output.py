"""What a headless command says: the result on stdout, everything else on stderr, as JSON, JSON lines or text.

The one exit for results: secrets are hidden and hostile text is made inert here.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TextIO

from theta_tui import safe_text
from theta_tui.errors import CloudError, ThetaError
from theta_tui.headless import exact_json, plain_text
from theta_tui.headless.attempt_log import AttemptLog
from theta_tui.headless.json_query import Query, QueryFailed
from theta_tui.redact import redactor

JSON, LINES, TEXT = "json", "jsonl", "text"


class NotWritten(ThetaError):
    """The result is there and stdout does not take it: a full disk, for example."""

    next_step = "What was asked for has been done; do not simply repeat it."


class NotSelected(ThetaError):
    """The result is there and `--query` does not fit it; the whole result has been printed."""

    next_step = "The whole result was printed. What was asked for has been done; do not simply repeat it."


def default_form() -> str:
    """Give the form used when none is asked for: text on a terminal, JSON into a pipe or file."""
    return TEXT if sys.stdout.isatty() else JSON


class Output:
    """The two streams of one command, in one form. `query` selects from results after secrets are hidden.

    `log` is the file of `--log` while one is open.
    """

    def __init__(self, form: str | None = None, query: str | None = None) -> None:
        """UsageError for a query that cannot be read."""
        self.form = form or default_form()
        self.log: AttemptLog | None = None
        self._query = None if query is None else Query(query)

    @property
    def is_json(self) -> bool:
        """Whether a program reads this."""
        return self.form in (JSON, LINES)

    @property
    def is_lines(self) -> bool:
        """Whether it is read line by line: one for each record and event."""
        return self.form == LINES

    def result(self, value: object, *, asked_for: Collection[str] = (), whole: bool = False) -> None:
        """Print what the cloud gave; fields with a secret's name and known secrets are hidden.

        As JSON lines each record has its own, unless it is to stay `whole`. Raises NotSelected.
        """
        self._show(redactor.answer(value, asked_for=asked_for), whole)

    def own(self, value: object) -> None:
        """Print an object of ours, which has no secret fields; known secrets are hidden all the same."""
        self._show(_without_known(value))

    def event(self, kind: str, text: str) -> None:
        """Print a piece of a streaming answer at once, as a JSON line."""
        self._write(exact_json.dumps({"kind": kind, "text": redactor.known(text)}) + "\n")

    def preview(self, shown: Mapping[str, Any]) -> None:
        """Print a preview, already redacted, always as JSON: it is the answer of a command that was not applied."""
        self._write(exact_json.dumps(_without_known(shown), indented=sys.stdout.isatty()) + "\n")

    def text(self, piece: str) -> None:
        """Print a piece of running text at once."""
        self._write(safe_text.for_terminal(redactor.known(piece)))

    def think(self, piece: str) -> None:
        """Print a piece of reasoning on stderr."""
        _to_stderr(safe_text.for_terminal(redactor.known(piece)))

    def say(self, words: str) -> None:
        """Talk on stderr: one or more lines for people."""
        _to_stderr(safe_text.for_terminal(redactor.text(words)) + "\n")

    def warn(self, words: str) -> None:
        """Tell on stderr what the user should know although the command goes on."""
        if self.is_json:
            _to_stderr(exact_json.dumps({"warning": redactor.text(words)}) + "\n")
        else:
            self.say(f"theta-tui: {words}")

    def error(self, error: ThetaError) -> None:
        """Tell on stderr what went wrong: one JSON line, or one line and the next step."""
        # Our own words need no guessing at names such as `auth_password: missing`; the cloud's do.
        clean = redactor.text if isinstance(error, CloudError) else redactor.known
        message, hint = clean(error.message), clean(error.hint)
        if self.is_json:
            told = {**error.as_dict(), "message": message, **({"hint": hint} if hint else {})}
            _to_stderr(exact_json.dumps({"error": _without_known(told)}) + "\n")
            return
        message, hint = safe_text.for_line(message), safe_text.for_line(hint)
        _to_stderr(f"theta-tui: {error.kind}: {message}\n" + (f"  {hint}\n" if hint else ""))

    def _show(self, clean: object, whole: bool = False) -> None:
        if self._query is None:
            self._print(clean, whole)
            return
        try:
            selected = self._query.of(clean)
        except QueryFailed as error:
            self._print(clean, whole)
            raise NotSelected(f"--query does not fit the result: {error}.") from None
        self._print(selected, whole)

    def _print(self, shown: object, whole: bool = False) -> None:
        if self.is_lines:
            lines = [shown] if whole else records_of(shown)
            self._write("".join(f"{exact_json.dumps(line)}\n" for line in lines))
        elif self.is_json:
            self._write(exact_json.dumps(shown, indented=sys.stdout.isatty()) + "\n")
        else:
            self._write(plain_text.readable(shown, shutil.get_terminal_size((100, 24)).columns) + "\n")

    def _write(self, text: str) -> None:
        try:
            _put(sys.stdout, text)
        except BrokenPipeError:
            _hush()
            raise
        except OSError as error:
            _hush()
            raise NotWritten(f"The result could not be written: {error.strerror}.") from None


def records_of(value: object) -> Sequence[object]:
    """Give what has a line of its own: the items of a list, the records of an object's only list, else the value.

    An empty list counts as one of records where it comes first, as in a listing.
    """
    if isinstance(value, (list, tuple)):
        return value
    if not isinstance(value, Mapping):
        return [value]
    lists = [item for at, item in enumerate(value.values()) if _are_records(item, is_first=at == 0)]
    return lists[0] if len(lists) == 1 else [value]


def _are_records(value: object, *, is_first: bool) -> bool:
    if not isinstance(value, (list, tuple)):
        return False
    return all(isinstance(item, Mapping) for item in value) and bool(value or is_first)


def _without_known(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _without_known(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_known(item) for item in value]
    return redactor.known(value) if isinstance(value, str) else value


def _to_stderr(text: str) -> None:
    try:
        _put(sys.stderr, text)
    except OSError:
        return  # nobody listens; the exit status still tells


def _put(stream: TextIO, text: str) -> None:
    """Write at once; what the terminal's encoding lacks is replaced rather than fatal."""
    encoding = stream.encoding or "utf-8"
    stream.write(safe_text.filtered(text).encode(encoding, "replace").decode(encoding, "replace"))
    stream.flush()


def _hush() -> None:
    """Let the interpreter end quietly although nobody takes our output any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
