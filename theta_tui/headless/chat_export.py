"""A chat as a file: Markdown to read, or JSON with everything the store knows of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from theta_tui.errors import UsageError
from theta_tui.headless import exact_json
from theta_tui.redact import redactor

if TYPE_CHECKING:
    from theta_tui.journal import Message

MARKDOWN, JSON = "md", "json"


def save(form: str, path: str, title: str, messages: Sequence[Message]) -> Path:
    """Write a chat to a new file that only its user can read; UsageError if that cannot be done."""
    written = {MARKDOWN: as_markdown, JSON: as_json}.get(form)
    if written is None:
        raise UsageError(f"{form[:20]!r} is no form to save a chat in.", hint=":save md FILE, or :save json FILE.")
    file = Path(path).expanduser()
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(redactor.known(written(title, messages)))
    except FileExistsError:
        raise UsageError(f"{path[:200]} is there already; nothing was written.", hint="Give another name.") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise UsageError(f"{path[:200]} cannot be written: {why.lower()}.") from None
    return file


def as_markdown(title: str, messages: Sequence[Message]) -> str:
    """Write who said what."""
    said = [f"**{speaker(message)}**\n\n{message.text}" for message in messages]
    return "\n\n".join([f"# {title or 'Chat'}", *said]) + "\n"


def as_json(title: str, messages: Sequence[Message]) -> str:
    """Write every message with its state and figures."""
    chat = {"title": title, "messages": [_message(message) for message in messages]}
    return exact_json.dumps(chat, indented=True) + "\n"


def speaker(message: Message) -> str:
    """Name who said it."""
    return "You" if message.role == "user" else str(message.meta.get("title") or message.role)


def _message(message: Message) -> dict[str, Any]:
    shown: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.reasoning:
        shown["reasoning"] = message.reasoning
    shown["created"] = datetime.fromtimestamp(message.created, UTC).isoformat(timespec="seconds")
    if message.role != "user":
        shown["state"] = message.state
        kept = ("model", "usage", "cost_usd", "request_id", "seconds", "first_token_seconds", "notes")
        shown |= {name: message.meta[name] for name in kept if message.meta.get(name) not in (None, [], {})}
    return shown
