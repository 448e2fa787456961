"""What a haystack may hide a value in, opened: codes, entities, line wraps, frames, base64, archives, UTF-16."""

from __future__ import annotations

import base64
import binascii
import gzip
import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.leaks.canaries import CANARIES, spellings

_OSC = re.compile(rb"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?")
_CODES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[^\[\]PX^_])")
_TAGS = re.compile(r"<[^<>]{0,2000}>")
_BREAKS = re.compile(r"[\s\u00a0\u2500-\u259f│┃↵\\]+")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_GZIP = b"\x1f\x8b\x08"
DEEPEST = 3
"""Archives within archives that are opened."""


def found_in(data: bytes) -> list[str]:
    """Name every canary in these bytes, with its spelling and where it was hidden; empty when it is clean."""
    hits = []
    for how, text in _readings(data):
        for name, value in CANARIES.items():
            hits += [f"{name} {spelling} in {how}" for spelling, needle in spellings(value) if needle in text]
    return hits


def found_in_files(folder: Path) -> list[str]:
    """Name every canary in the files of a folder: their content, their names, and archives among them."""
    hits = []
    for path in sorted(folder.rglob("*")):
        hits += [f"the name {path}: {hit}" for hit in found_in(str(path).encode())]
        if path.is_file() and not path.is_symlink():
            hits += [f"{path}: {hit}" for hit in found_in(path.read_bytes())]
    return hits


def _readings(data: bytes, depth: int = 0) -> Iterator[tuple[str, str]]:
    plain = data.decode("utf-8", "replace")
    yield "the bytes", plain
    yield "UTF-16", data.replace(b"\0", b"").decode("utf-8", "replace")
    coded = b"".join(_OSC.findall(data)).decode("utf-8", "replace")
    yield "control sequences", coded
    bare = _CODES.sub(b"", data).decode("utf-8", "replace")
    yield "text without codes", bare
    page = html.unescape(_TAGS.sub("", bare)).replace("\u00a0", " ")
    yield "a page", page
    yield "wrapped lines", _BREAKS.sub("", bare)
    yield "a wrapped page", _BREAKS.sub("", page)
    if depth < DEEPEST:
        for kind, inner in _opened(data):
            for how, text in _readings(inner, depth + 1):
                yield f"{kind}, {how}", text


def _opened(data: bytes) -> Iterator[tuple[str, bytes]]:
    for match in _BASE64.finditer(data):
        for shift in range(4 if len(match[0]) < 4_000 else 1):
            word = match[0][shift:].rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
            try:
                yield "base64", base64.b64decode(word[: len(word) // 4 * 4])
            except binascii.Error:
                continue
    at = data.find(_GZIP)
    while at >= 0:
        with suppress(zlib.error):
            yield "gzip", zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data[at:], 20_000_000)
        at = data.find(_GZIP, at + 1)
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield f"archive {name}", archive.read(name)


def zipped(data: bytes) -> bytes:
    """Give an archive with one file, for the controls."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.txt", data)
    return kept.getvalue()


def zipped_twice(data: bytes) -> bytes:
    """Give gzip in base64, for the controls."""
    return base64.b64encode(gzip.compress(data))
