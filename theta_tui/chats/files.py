"""Files that go with a question: read and checked, and how a question with files is told to a model."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from theta_tui.errors import UsageError
from theta_tui.journal import Attachment

LARGEST_TEXT: Final = 200_000
"""Bytes of a text file: it is sent as a part of the message."""
LARGEST_IMAGE: Final = 5_000_000
"""Bytes of an image."""
MOST_FILES: Final = 10
TEXT: Final = "text/plain"

_SIGNS: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def read_file(path: str) -> Attachment:
    """Read a file of text or an image; UsageError for one that is missing, too large, or neither."""
    file = Path(path.strip()).expanduser()
    try:
        size = file.stat().st_size
        if file.is_dir():
            raise UsageError(f"{file.name} is a folder: name a file in it.")
        if size > LARGEST_IMAGE:
            raise UsageError(f"{file.name} has {size:,} bytes: {_limits()}.")
        data = file.read_bytes()
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or "not a path").lower()
        raise UsageError(f"{path.strip()[:200]} cannot be read: {why}.") from None
    media = media_of(data)
    if media is None:
        raise UsageError(f"{file.name} is neither text in UTF-8 nor an image in PNG, JPEG, GIF or WebP.")
    if media == TEXT and size > LARGEST_TEXT:
        raise UsageError(f"{file.name} has {size:,} bytes: {_limits()}.")
    if not data:
        raise UsageError(f"{file.name} is empty.")
    return Attachment(file.name, media, data)


def media_of(data: bytes) -> str | None:
    """Tell by its bytes what a file is: an image that models know, text, or nothing for a message (None)."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    for sign, media in _SIGNS:
        if data.startswith(sign):
            return media
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else TEXT


def is_image(file: Attachment) -> bool:
    """Whether a file is sent as an image."""
    return file.media.startswith("image/")


def content_of(text: str, files: Sequence[Attachment], *, sees: bool) -> str | list[dict[str, Any]]:
    """Give a question as a model is told it: texts below it, images as data URLs, or named if it does not take them."""
    said = [text] if text else []
    said += [_block(file) for file in files if not is_image(file)]
    images = [file for file in files if is_image(file)]
    if not images or not sees:
        return "\n\n".join([*said, *(f"(an image, {file.name}, that you cannot see)" for file in images)])
    urls = [f"data:{file.media};base64,{base64.b64encode(file.data).decode('ascii')}" for file in images]
    parts: list[dict[str, Any]] = [{"type": "text", "text": "\n\n".join(said)}] if said else []
    return [*parts, *({"type": "image_url", "image_url": {"url": url}} for url in urls)]


def _block(file: Attachment) -> str:
    text = file.data.decode("utf-8", "replace")
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{file.name}:\n{fence}\n{text}{'' if text.endswith(chr(10)) else chr(10)}{fence}"


def _limits() -> str:
    return f"a text may have {LARGEST_TEXT:,}, an image {LARGEST_IMAGE:,}"
