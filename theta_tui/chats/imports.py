"""Chats from elsewhere: ChatGPT's `conversations.json` with its trees, plain lists of messages, and our own exports.

What cannot be a message of ours (system notes, calls of tools) is passed over, and what followed it is kept.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from theta_tui.chats.files import media_of
from theta_tui.errors import UsageError
from theta_tui.journal import Attachment, Told

LARGEST: Final = 200_000_000
"""Bytes of a file."""
FORMS: Final = "conversations.json of ChatGPT, a list of messages with role and content, or a chat exported here"
_ROLES: Final = ("user", "assistant")


@dataclass(frozen=True)
class Imported:
    """A chat to take in. `origin` tells it apart, so that it is not taken in twice; `leaf` is a place in `messages`."""

    title: str
    messages: Sequence[Told]
    origin: str
    service: str = ""
    leaf: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


def read_chats(path: str) -> list[Imported]:
    """Read all chats of a file; UsageError for one that cannot be read or has none. It takes time: not in the loop."""
    file = Path(path.strip()).expanduser()
    try:
        if (size := file.stat().st_size) > LARGEST:
            raise UsageError(f"{file.name} has {size:,} bytes; {LARGEST:,} is the most that is read.")
        value = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{path.strip()[:200]} cannot be read: {(error.strerror or 'no file').lower()}.") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{file.name} is no JSON. Known are: {FORMS}.") from None
    found = [chat for chat in _chats(value, file.stem) if chat.messages]
    if not found:
        raise UsageError(f"There is no chat in {file.name}. Known are: {FORMS}.")
    return found


def _chats(value: object, name: str) -> Iterator[Imported]:
    if isinstance(value, Mapping):
        if isinstance(value.get("conversations"), list):
            yield from _chats(value["conversations"], name)
        elif isinstance(value.get("mapping"), Mapping):
            yield _tree(value, name)
        elif isinstance(value.get("messages"), list):
            yield _plain(value, value["messages"], name)
    elif isinstance(value, list):
        if any(isinstance(each, Mapping) and "role" in each for each in value):
            yield _plain({}, value, name)
        else:
            for each in value:
                if isinstance(each, Mapping):
                    yield from _chats(each, name)


def _tree(value: Mapping[str, Any], name: str) -> Imported:
    """Read a tree of nodes; the way of nodes that are passed over leads on to their children."""
    mapping, messages, places = value["mapping"], list[Told](), dict[str, int | None]()
    for node in _from_the_root(mapping):
        above = places.get(str(mapping[node].get("parent")))
        told = _of_node(mapping[node].get("message"), above)
        last = messages[above] if above is not None else None
        if told is None:
            places[node] = above
        elif last is not None and last.role == told.role == "assistant":
            # A model that used a tool speaks in several nodes: one answer for whoever reads it.
            messages[above] = Told(  # type: ignore[index]
                role=last.role,
                text=f"{last.text}\n\n{told.text}",
                parent=last.parent,
                meta=last.meta,
                created=last.created,
            )
            places[node] = above
        else:
            places[node] = len(messages)
            messages.append(told)
    title = _text(value.get("title")) or name
    origin = _text(value.get("conversation_id")) or _text(value.get("id")) or _print_of(title, messages)
    service = next((str((told.meta or {}).get("model")) for told in messages if (told.meta or {}).get("model")), "")
    return Imported(title, messages, f"openai/{origin}", service, places.get(str(value.get("current_node"))))


def _from_the_root(mapping: Mapping[str, Any]) -> Iterator[str]:
    """Give the nodes, parents before children, each once."""
    waiting = [
        str(node)
        for node, each in mapping.items()
        if isinstance(each, Mapping) and str(each.get("parent")) not in mapping
    ][::-1]
    seen: set[str] = set()
    while waiting:
        node = waiting.pop()
        if node in seen or not isinstance(mapping.get(node), Mapping):
            continue
        seen.add(node)
        yield node
        children = mapping[node].get("children")
        waiting.extend(str(child) for child in reversed(children if isinstance(children, list) else []))


def _of_node(message: object, parent: int | None) -> Told | None:
    if not isinstance(message, Mapping):
        return None
    author, meta = message.get("author"), message.get("metadata")
    role = author.get("role") if isinstance(author, Mapping) else None
    hidden = isinstance(meta, Mapping) and meta.get("is_visually_hidden_from_conversation")
    text = _words(message.get("content"))
    if role not in _ROLES or hidden or not text.strip() or message.get("recipient") not in (None, "all"):
        return None
    model = _text(meta.get("model_slug")) if isinstance(meta, Mapping) else ""
    return Told(
        role=str(role),
        text=text,
        parent=parent,
        meta={"model": model, "title": model} if role == "assistant" else {},
        created=_seconds(message.get("create_time")),
    )


def _plain(about: Mapping[str, Any], listed: Sequence[object], name: str) -> Imported:
    """Read a list of messages, each after the one before unless it names a parent; system messages are the prompt."""
    messages, places, leaf = list[Told](), dict[object, int | None](), None
    system: list[str] = []
    for each in listed:
        if not isinstance(each, Mapping):
            continue
        role, text = each.get("role"), _words(each.get("content"))
        parent = places.get(each["parent"]) if "parent" in each else (len(messages) - 1 if messages else None)
        if role in ("system", "developer") and text.strip():
            system.append(text)
        if role not in _ROLES or not text.strip():
            places[each.get("id")] = parent
            continue
        places[each.get("id")] = len(messages)
        messages.append(_listed(each, text, parent, _text(about.get("model"))))
    if about.get("shown") is not None:
        leaf = places.get(about["shown"])
    title = _text(about.get("title")) or (messages[0].text[:60].split("\n")[0] if messages else name)
    given = about.get("options")
    options = dict(given) if isinstance(given, Mapping) else {}
    if system:
        options["system"] = "\n\n".join(system)
    return Imported(title, messages, _print_of(title, messages), _text(about.get("model")), leaf, options)


def _listed(message: Mapping[str, Any], text: str, parent: int | None, model: str) -> Told:
    model = _text(message.get("model")) or model
    return Told(
        role=str(message["role"]),
        text=text,
        parent=parent,
        reasoning=_text(message.get("reasoning")),
        meta={"model": model, "title": model} if message["role"] == "assistant" else {},
        created=_seconds(message.get("created") or message.get("create_time") or message.get("timestamp")),
        files=_files(message.get("attachments")),
    )


def _files(listed: object) -> tuple[Attachment, ...]:
    found = []
    for each in listed if isinstance(listed, list) else ():
        data = _bytes(each.get("data")) if isinstance(each, Mapping) else b""
        if data and (media := media_of(data)):
            found.append(Attachment(Path(_text(each.get("name"))).name or "file", media, data))
    return tuple(found)


def _bytes(text: object) -> bytes:
    try:
        return base64.b64decode(_text(text), validate=True)
    except ValueError:
        return b""


def _words(content: object) -> str:
    """Give the text of a content in any of its forms; what is no text is left out."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n\n".join(filter(None, (_words(part) for part in content)))
    if isinstance(content, Mapping):
        if isinstance(content.get("parts"), list):
            return _words(content["parts"])
        if content.get("content_type") == "code":
            return f"```{_text(content.get('language'))}\n{_text(content.get('text'))}\n```"
        return _text(content.get("text"))
    return ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value) if 0 < value < 1e11 else None
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _print_of(title: str, messages: Sequence[Told]) -> str:
    said = "\0".join([title, *(f"{told.role}\0{told.text}" for told in messages)])
    return sha256(said.encode("utf-8", "replace")).hexdigest()[:24]
