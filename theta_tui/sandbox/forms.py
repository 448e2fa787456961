"""Strict reading of multipart bodies (RFC 7578), as they arrive with documents. It knows no documents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from theta_tui.sandbox.answers import Refused

MOST_BYTES: Final = 20 * 1024 * 1024
_BOUNDARY: Final = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s;,"]{1,70}))')
_ATTRIBUTE: Final = re.compile(r';\s*([a-z]+)="([^"\r\n]*)"')
_ESCAPES: Final = {"%22": '"', "%0D": "\r", "%0A": "\n"}


@dataclass(frozen=True)
class FormPart:
    """One part of a form; `filename` is None for a text part."""

    data: bytes
    filename: str | None = None
    content_type: str | None = None


async def read_form(
    request: Request, *, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, FormPart]:
    """The parts by name. Refuses with 400 another content type, broken framing, unknown, repeated or missing parts."""
    kind = request.headers.get("content-type", "")
    boundary = _BOUNDARY.search(kind)
    if not kind.startswith("multipart/form-data") or boundary is None:
        raise Refused(400, "Content-Type must be multipart/form-data")
    body = await request.body()
    if len(body) > MOST_BYTES:
        raise Refused(413, "Document is larger than 20 MB")
    found: dict[str, FormPart] = {}
    for block in _blocks(body, (boundary[1] or boundary[2]).encode()):
        name, part = _part(block)
        if name in found or name not in (*required, *optional):
            raise Refused(400, f"Unknown or repeated part: {name[:60]}")
        found[name] = part
    for name in required:
        if name not in found:
            raise Refused(400, f"Missing required part: {name}")
    return found


def text_of(part: FormPart, name: str) -> str:
    """The text of a part that is no file. Refuses with 400 a file and anything but UTF-8."""
    if part.filename is not None:
        raise Refused(400, f"Part {name} must not be a file")
    try:
        return part.data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(400, f"Part {name} is not UTF-8") from error


def _blocks(body: bytes, boundary: bytes) -> list[bytes]:
    blocks = (b"\r\n" + body).split(b"\r\n--" + boundary)
    framed = len(blocks) > 2 and blocks[0] == b"" and blocks[-1].strip(b"\r\n") == b"--"
    if not framed or any(not block.startswith(b"\r\n") for block in blocks[1:-1]):
        raise Refused(400, "Request body is not valid multipart/form-data")
    return [block[2:] for block in blocks[1:-1]]


def _part(block: bytes) -> tuple[str, FormPart]:
    head, gap, data = block.partition(b"\r\n\r\n")
    headers = {}
    for line in head.split(b"\r\n"):
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if not colon:
            raise Refused(400, "A part has a broken header")
        headers[name.strip().lower()] = value.strip()
    disposition = headers.get("content-disposition", "")
    attributes = {name: _unescaped(value) for name, value in _ATTRIBUTE.findall(disposition)}
    if not gap or not disposition.startswith("form-data") or "name" not in attributes:
        raise Refused(400, "A part has no name")
    return attributes["name"], FormPart(data, attributes.get("filename"), headers.get("content-type"))


def _unescaped(text: str) -> str:
    return re.sub("%(?:22|0D|0A)", lambda match: _ESCAPES[match[0]], text)
