"""What a request must look like on the wire, and how a recorded one is compared with it. It knows no command."""

from __future__ import annotations

import email.parser
import email.policy
import json
import re
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from unittest.mock import ANY

from theta_tui.sandbox.world import Call

KEY, BEARER, VIDEO, NOBODY = ("x-api-key",), ("authorization",), ("x-tva-sa-id", "x-tva-sa-secret"), ()
"""The families by the headers that carry their credentials (wire 1.2)."""
CREDENTIALS = {*KEY, *BEARER, *VIDEO, "x-auth-id", "x-auth-token", "cookie"}

Query = tuple[tuple[str, Any], ...]
SIGNED: Query = (("signed", ANY),)
"""The query of a presigned address: whatever it was signed with."""


@dataclass(frozen=True)
class Bytes:
    """A raw body, as it goes to a presigned address."""

    content: bytes


@dataclass(frozen=True)
class Parts:
    """A multipart body (wire 8.4): the file's name, type and bytes, then the text parts; `metadata` holds JSON."""

    file: tuple[str, str, bytes]
    project_id: str
    metadata: Any = None


@dataclass(frozen=True)
class Sent:
    """One request: `*` in the path is any one segment, `$name` an id of the world, ANY any value."""

    method: str
    path: str
    auth: tuple[str, ...]
    query: Query = ()
    body: Any = None

    def differences(self, call: Call, world: Mapping[str, str]) -> list[str]:
        """Say in which ways a recorded call is another one; [] if it is this one."""
        path = fill(self.path, world)
        pattern = re.escape(path).replace(r"\*", "[^/]+")
        headers = {name.lower(): value for name, value in call.headers}
        query = sorted(call.query if self.query is SIGNED else fill(self.query, world))
        sent_type, sent_body = _body(call, headers)
        wanted_type, wanted_body = _wanted(fill(self.body, world))
        compared = {
            "method": (self.method, call.method),
            "path": (path, path if re.fullmatch(pattern, call.path) else call.path),
            "credentials": (sorted(self.auth), sorted(CREDENTIALS & headers.keys())),
            "query": (_same_names(query, sorted(call.query)), sorted(call.query)),
            "content type": (wanted_type, sent_type),
            "body": (wanted_body, sent_body),
        }
        return [f"{part}: {wanted!r} expected, {sent!r} sent" for part, (wanted, sent) in compared.items()
                if wanted != sent]  # fmt: skip


def _same_names(wanted: list[tuple[str, Any]], sent: list[tuple[str, str]]) -> list[tuple[str, Any]]:
    """Put what was sent where any value will do, so that both print alike; names and number still count."""
    if [name for name, _ in wanted] != [name for name, _ in sent]:
        return wanted
    return [(name, got if value is ANY else value) for (name, value), (_, got) in zip(wanted, sent, strict=True)]


def _wanted(body: Any) -> tuple[str, Any]:
    if body is None:
        return "", b""
    if isinstance(body, Bytes):
        return "application/octet-stream", body.content
    return ("multipart/form-data", body) if isinstance(body, Parts) else ("application/json", body)


def _body(call: Call, headers: Mapping[str, str]) -> tuple[str, Any]:
    """Give the media type and the body in the form in which it is expected."""
    kind = headers.get("content-type", "")
    media = kind.split(";")[0]
    if media == "application/json":
        return media, json.loads(call.body)
    return (media, _parts(kind, call.body)) if media == "multipart/form-data" else (media, call.body)


def _parts(kind: str, body: bytes) -> Parts:
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    found = {part.get_param("name", header="content-disposition"): part for part in message.iter_parts()}
    file = found.pop("file")
    text = {str(name): part.get_payload(decode=True).decode() for name, part in found.items()}
    metadata = json.loads(text.pop("metadata")) if "metadata" in text else None
    content = file.get_payload(decode=True)
    return Parts((str(file.get_filename()), file.get_content_type(), content), metadata=metadata, **text)


def fill(value: Any, world: Mapping[str, str]) -> Any:
    """Put the world's ids where `$name` stands, at any depth."""
    if isinstance(value, str):
        return string.Template(value).safe_substitute(world)
    if isinstance(value, Mapping):
        return {name: fill(item, world) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(fill(item, world) for item in value)
    if isinstance(value, Parts):
        return Parts(value.file, fill(value.project_id, world), value.metadata)
    return value


@dataclass(frozen=True)
class Row:
    """A command's arguments, what it must send in this order, and what its answer must be.

    `also` are requests that may come in between, any number of times; `first` is submitted before.
    """

    arguments: Mapping[str, Any]
    sends: tuple[Sent, ...]
    answer: Callable[[Any], bool]
    also: tuple[Sent, ...] = ()
    first: tuple[str, Mapping[str, Any]] | None = None
    in_order: bool = True
