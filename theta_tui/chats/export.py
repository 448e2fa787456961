"""A chat as a file: Markdown of one branch to read, or JSON of all branches, which can be imported again.

Known secrets are masked. Writing it is `new_file`'s.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from theta_tui.chats.plain_html import without_html
from theta_tui.journal import Attachment, Chat, Message
from theta_tui.redact import redactor
from theta_tui.safe_text import for_block, for_line

FORMAT: Final = "theta-tui chat"
Files = Mapping[int, Sequence[Attachment]]

_FIGURES: Final = ("model", "usage", "finish_reason", "cost_usd", "cost_is_estimate", "request_id", "seconds",
                   "first_token_seconds", "notes", "note", "target")  # fmt: skip


def as_markdown(title: str, thread: Sequence[Message], files: Files | None = None) -> str:
    """Write who said what on one branch; HTML in it is text."""
    parts = [f"# {_in_line(for_line(title)) or 'Chat'}"]
    for message in thread:
        speaker = "You" if message.role == "user" else for_line(message.meta.get("title") or message.role)
        attached = [f"*Attached: {for_line(file.name)}*" for file in (files or {}).get(message.id, ())]
        notes = [f"*({message.state})*"] if message.state in ("cut", "stopped", "failed") else []
        said = without_html(for_block(message.text, None).strip("\n"))
        parts += [f"**{_in_line(speaker)}**", *map(_in_line, attached), *filter(None, [said]), *notes]
    return redactor.known("\n\n".join(parts) + "\n")


def as_json(chat: Chat, messages: Sequence[Message], files: Files | None = None) -> str:
    """Write all branches with what is known of each answer; `parent` names the message that one follows."""
    told = {
        "format": FORMAT,
        "version": 1,
        "title": chat.title,
        "model": chat.service,
        "options": dict(chat.options),
        "created": _time(chat.created),
        "changed": _time(chat.changed),
        "shown": chat.leaf,
        "messages": [_message(message, (files or {}).get(message.id, ())) for message in messages],
    }
    return redactor.known(json.dumps(told, indent=2, ensure_ascii=True, default=str)) + "\n"


def _in_line(words: str) -> str:
    return words.replace("<", "&lt;")


def _message(message: Message, files: Sequence[Attachment]) -> dict[str, Any]:
    told: dict[str, Any] = {"id": message.id, "parent": message.parent_id, "role": message.role}
    told["content"] = message.text
    if message.reasoning:
        told["reasoning"] = message.reasoning
    told |= {"state": message.state, "created": _time(message.created)}
    told |= {name: message.meta[name] for name in _FIGURES if message.meta.get(name) not in (None, [], {})}
    if files:
        told["attachments"] = [
            {"name": file.name, "media": file.media, "data": base64.b64encode(file.data).decode("ascii")}
            for file in files
        ]
    return told


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
