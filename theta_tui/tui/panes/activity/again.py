"""How to do a change again: its arguments, read back from the preview that was kept, and the lines for a shell.

A preview masks secrets; what had one cannot be done again from here.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from theta_tui.arguments import cli_line
from theta_tui.errors import UsageError
from theta_tui.explain import curl
from theta_tui.journal import Entry, LoggedRequest
from theta_tui.redact import REDACTED
from theta_tui.registry import find

_CHAT_FIELDS = ("messages", "max_tokens", "temperature", "top_p", "stream", "reasoning_effort", "tools", "tool_choice")


def preview_of(entry: Entry) -> Mapping[str, Any]:
    """Give the preview as it was shown, secrets masked; empty if it cannot be read."""
    try:
        found = json.loads(entry.preview_json)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def arguments_of(entry: Entry) -> dict[str, Any] | None:
    """Give arguments that the command takes and that would do the same; None where they cannot be told."""
    requests = [item for item in preview_of(entry).get("requests") or () if isinstance(item, dict)]
    if not requests:
        return None
    body = requests[0].get("body")
    try:
        command = find(entry.command)
        told = _arguments(entry, requests, body if isinstance(body, dict) else {})
        found = {name: value for name, value in told.items() if name in command.params.model_fields}
        command.parse(found)
    except UsageError:
        return None
    return found if told and REDACTED not in json.dumps(found, default=str) else None


def command_line(entry: Entry) -> str | None:
    """Write a change as a CLI line."""
    arguments = arguments_of(entry)
    return None if arguments is None else cli_line(entry.command, arguments)


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


def _arguments(entry: Entry, requests: Sequence[Mapping[str, Any]], body: Mapping[str, Any]) -> dict[str, Any]:
    verb = entry.command.rpartition(".")[2]
    if entry.command == "theta.ondemand.chat":
        inputs = body["input"] if isinstance(body.get("input"), dict) else body
        chosen = {name: inputs[name] for name in _CHAT_FIELDS if name in inputs}
        return {"service": entry.target_id, **chosen, **_present(body, "variant")}
    if entry.command == "theta.ondemand.infer":
        asked = {str(name): value for name, value in requests[0].get("query") or ()}
        return {
            "service": entry.target_id,
            "input": body.get("input"),
            **_present(body, "variant", "webhook"),
            **_present(asked, "prediction"),
        }
    if entry.command == "theta.deployments.create":
        return dict(body)
    if entry.command.startswith("theta.deployments.") and verb in ("start", "stop", "delete"):
        return _deployment(entry, [str(request.get("url", "")) for request in requests])
    return {}


def _present(source: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: source[name] for name in names if source.get(name)}


def _deployment(entry: Entry, urls: Sequence[str]) -> dict[str, Any]:
    """Read shard and suffix, or the base id, from `/deployment/{shard}/{suffix}` and `/deployment/base/{id}`."""
    found: dict[str, Any] = {"name": entry.target_name} if entry.target_name else {}
    for url in urls:
        path = urlsplit(url).path.strip("/").split("/")
        if path[0] not in ("deployment", "deployments") or len(path) < 3:
            continue
        if path[1] == "base":
            found.setdefault("deployment_id", path[2])
        else:
            found.setdefault("shard", path[1])
            found.setdefault("suffix", path[2])
    return found
