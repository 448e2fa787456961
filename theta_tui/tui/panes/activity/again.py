"""How to do a change again: its arguments, as they were kept with its preview, and the lines for a shell.

Secrets are masked there; what had one cannot be done again from here.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from theta_tui.arguments import cli_line
from theta_tui.errors import UsageError
from theta_tui.explain import curl
from theta_tui.journal import Entry, LoggedRequest
from theta_tui.redact import REDACTED
from theta_tui.registry import find


def preview_of(entry: Entry) -> Mapping[str, Any]:
    """Give the preview as it was shown, secrets masked; empty if it cannot be read."""
    return {name: value for name, value in _kept(entry).items() if name != "calls"}


def calls_of(entry: Entry) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Give commands and arguments that do the same, one for each of several objects; none where they are not whole."""
    calls = _kept(entry).get("calls") or ()
    if REDACTED in json.dumps(calls):
        return ()
    try:
        for name, arguments in calls:
            find(name).parse(arguments)
    except (UsageError, ValueError, TypeError):
        return ()
    return tuple((name, arguments) for name, arguments in calls)


def command_line(entry: Entry) -> str | None:
    """Write a change as a CLI line, or as one for each of several objects."""
    return "\n".join(cli_line(*call) for call in calls_of(entry)) or None


def _kept(entry: Entry) -> Mapping[str, Any]:
    try:
        found = json.loads(entry.preview_json)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def curl_of_change(entry: Entry) -> str | None:
    """Write the first request of a change as a curl command; what was masked stays a variable."""
    requests = preview_of(entry).get("requests") or ()
    first = requests[0] if requests and isinstance(requests[0], dict) else None
    if first is None or not first.get("url"):
        return None
    return curl(first)


def curl_of_request(row: LoggedRequest) -> str:
    """Write a logged request as a curl command; credentials and bodies are not kept, so neither is there."""
    return f"curl -X {row.method} {shlex.quote(row.url)}"
