"""The check itself: what is planted is found in each haystack and spelling, and nothing where there is nothing."""

from __future__ import annotations

import base64
import gzip
import html
import json
import sqlite3
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.leaks.canaries import CANARIES, spellings
from tests.leaks.haystack import found_in, found_in_files, zipped, zipped_twice

VALUE = CANARIES["THETA_EC_API_KEY"]
RAW = VALUE.encode()


def _wrapped(text: str) -> bytes:
    """A frame of a terminal that breaks a long word, as the review's does."""
    return "\n".join(f"│ \x1b[38;2;1;2;3m{line:<12}\x1b[0m │" for line in textwrap.wrap(f"key: {text}", 12)).encode()


def _coloured(text: str) -> bytes:
    return "".join(f"\x1b[3{at % 8}m{letter}" for at, letter in enumerate(text)).encode()


CONTROLS: Mapping[str, bytes] = {
    "stdout": b"key=" + RAW,
    "stderr, after an error": b"Illegal header value b'" + RAW + b"'",
    "terminal, coloured letter by letter": _coloured(VALUE),
    "terminal, wrapped in a frame": _wrapped(VALUE),
    "terminal, broken by CR LF": RAW[:9] + b"\r\n" + RAW[9:],
    "window title": b"\x1b]0;" + RAW + b"\x07",
    "clipboard by OSC 52": b"\x1b]52;c;" + base64.b64encode(RAW) + b"\x07",
    "screenshot": f"<svg><text>key&#160;{html.escape(VALUE)}</text></svg>".encode(),
    "screenshot, in pieces": f"<text>{html.escape(VALUE[:9])}</text><text>{html.escape(VALUE[9:])}</text>".encode(),
    "log line": json.dumps({"headers": {"x-api-key": VALUE}}).encode(),
    "log line within a log line": json.dumps(json.dumps({"key": VALUE})).encode(),
    "URL in a query": b"GET /x?key=" + quote(VALUE, safe="").encode(),
    "URL in a path": b"GET /" + quote(VALUE).encode(),
    "basic authorisation": b"Authorization: Basic " + base64.b64encode(b"user:" + RAW),
    "traceback with locals": f"│ headers = {{'x-api-key': {VALUE!r}}} │".encode(),
    "crash file, hex": RAW.hex().encode(),
    "UTF-16 file": VALUE.encode("utf-16"),
    "reversed": RAW[::-1],
    "first characters": b"sk-" + RAW[:8] + b"...",
    "last characters": b"****" + RAW[-8:],
    "gzip": gzip.compress(b"..." + RAW),
    "gzip in base64": zipped_twice(RAW),
    "wheel": zipped(RAW),
    "command line of a process": b"curl\0-H\0x-api-key: " + RAW + b"\0",
    "environment of a child": b"PATH=/bin\0THETA_EC_API_KEY=" + RAW + b"\0",
    "MCP answer": json.dumps({"jsonrpc": "2.0", "result": {"content": [{"text": json.dumps(VALUE)}]}}).encode(),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_a_planted_leak_is_found(name: str, record_property: Callable[[str, object], None]) -> None:
    assert found_in(CONTROLS[name])
    record_property("control", name)


def test_a_row_that_was_deleted_is_found_in_the_free_pages(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    path = tmp_path / "journal.sqlite3"
    journal = sqlite3.connect(path)
    journal.execute("PRAGMA secure_delete = OFF")
    with journal:
        journal.execute("CREATE TABLE said (text TEXT)")
        journal.execute("INSERT INTO said VALUES (?)", (VALUE,))
    with journal:
        journal.execute("DELETE FROM said")
    journal.close()
    assert found_in_files(tmp_path)
    record_property("control", "free pages of the journal")


def test_a_file_that_is_called_like_a_key_is_found(tmp_path: Path) -> None:
    (tmp_path / VALUE.replace("/", "_")[-12:]).write_bytes(b"")
    assert found_in_files(tmp_path)


@pytest.mark.parametrize("value", CANARIES.values(), ids=CANARIES)
def test_every_canary_is_found_in_every_spelling_and_told_from_the_others(value: str) -> None:
    for _, needle in spellings(value):
        assert found_in(f"see {needle} there".encode())
    assert all(len({hit.split()[0] for hit in found_in(needle.encode())}) == 1 for _, needle in spellings(value))


def test_nothing_is_found_where_there_is_nothing() -> None:
    assert found_in(json.dumps({"x-api-key": "[redacted]", "id": "prj_1", "text": "a key is a key"}).encode()) == []
    assert found_in(Path(__file__).read_bytes()) == []
