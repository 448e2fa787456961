from __future__ import annotations

import itertools
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theta_tui.errors import ProtocolError
from theta_tui.wire import sse
from theta_tui.wire.sse import EVENT_CAP, EventReader


def slow_lines(data: bytes) -> list[bytes]:
    """Cut at CR, LF and CRLF, one byte after the other."""
    lines, current, at = [], b"", 0
    while at < len(data):
        byte = data[at : at + 1]
        if byte in (b"\r", b"\n"):
            lines.append(current)
            current = b""
            if byte == b"\r" and data[at + 1 : at + 2] == b"\n":
                at += 1
        else:
            current += byte
        at += 1
    return [*lines, current] if current else lines


def slow_reference(data: bytes) -> list[tuple[str, str]]:
    """The standard's algorithm; an open last event is dispatched as well."""
    lines = slow_lines(data.removeprefix(b"\xef\xbb\xbf"))
    found, values, name = [], [], ""
    for line in [*lines, b""]:
        if line == b"":
            if values:
                found.append((name or "message", "\n".join(values)))
            values, name = [], ""
        elif not line.startswith(b":"):
            field, _, value = line.partition(b":")
            text = value.removeprefix(b" ").decode("utf-8", "replace")
            if field == b"data":
                values.append(text)
            elif field == b"event":
                name = text
    return found


def read(pieces) -> list[tuple[str, str]]:
    reader = EventReader()
    events = [event for piece in pieces for event in reader.feed(piece)]
    return [(event.name, event.data) for event in [*events, *reader.close()]]


SAMPLE = (
    b'\xef\xbb\xbf: hello\r\n\r\ndata: {"a": "\xc3\xa4\xe2\x80\xa8\xc2\x85\x0b\x0c\x1c"}\r\r'
    b"data:one\r\ndata: two\r\n\r\n"
    b"event: error\ndata:  x\nid: 7\nretry: 5\n\ndata\n\nnothing: here\n\ndata: [DONE]"
)

MB = 1024 * 1024
WORDS = b"data: |data:|data|event: |event|: c|\r|\n|\r\n|\n\n|x| |:|{}|[DONE]|id: 1|\x0b|\x00".split(b"|")
PIECES = st.sampled_from([*WORDS, b"\xc3\xa4", b"\xe2\x80\xa8", b"\xff", b"\xef\xbb\xbf"])


def test_the_sample_gives_what_the_standard_says():
    assert read([SAMPLE]) == slow_reference(SAMPLE)
    assert read([SAMPLE])[0] == ("message", '{"a": "ä\u2028\x85\x0b\x0c\x1c"}')
    assert read([SAMPLE])[-1] == ("message", "[DONE]")


def test_a_split_at_any_byte_changes_nothing():
    expected = slow_reference(SAMPLE)
    for at in range(len(SAMPLE) + 1):
        assert read([SAMPLE[:at], b"", SAMPLE[at:]]) == expected
    for size in (1, 2, 3):
        assert read(SAMPLE[at : at + size] for at in range(0, len(SAMPLE), size)) == expected


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=25).map(b"".join), st.lists(st.integers(0, 120), max_size=6))
def test_any_stream_in_any_pieces_equals_the_slow_reference(data, cuts):
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[start:end] for start, end in itertools.pairwise(edges)] or [data]
    assert read(pieces) == slow_reference(data)


@pytest.mark.parametrize("piece", [b"x" * 1000, b"data: y\n" * 100, b": z" * 300, b"data:\n" * 100])
def test_an_event_or_line_over_one_megabyte_is_refused(piece):
    with pytest.raises(ProtocolError, match="1 MB"):
        read(piece for _ in range(EVENT_CAP // 90 + 1))


def in_pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map(b"".join), st.sampled_from([1, 2, 3]))
def test_any_stream_in_the_smallest_pieces_equals_the_slow_reference(data, size):
    assert read(in_pieces(data, size)) == slow_reference(data)


@pytest.mark.parametrize(("piece", "data"), [(b"x" * 4096, 4096), (b"data: y\n" * 512, 1024)], ids=["line", "event"])
def test_no_more_than_the_cap_is_taken_of_sixteen_megabytes(piece, data):
    given = itertools.count(1)
    with pytest.raises(ProtocolError, match="1 MB"):
        read(piece for _ in zip(range(16 * MB // len(piece)), given, strict=False))
    assert (next(given) - 1) * data <= EVENT_CAP + data


SHAPES = {
    "one event in small pieces": lambda share: in_pieces(b"data: " + b"x" * (MB * share // 16 - 64), 64),
    "one event of many lines": lambda share: in_pieces((b"data: " + b"x" * 50 + b"\n") * (17_000 * share // 16), 64),
    "many events in one piece": lambda share: [b"data: {}\n\n" * (MB // 160 * share)],
    "many events in small pieces": lambda share: in_pieces(b"data: {}\n\n" * (MB // 320 * share), 64),
    "comments": lambda share: in_pieces(b": still here\n" * (MB // 160 * share), 64),
    "blank lines of each kind": lambda share: in_pieces(b"\r\n\r\n\n" * (MB // 320 * share), 64),
}


class CountingSplitter:
    """Splits lines as the reader does, and counts the bytes it is given."""

    def __init__(self, real) -> None:
        self.real, self.seen = real, 0

    def split(self, chunk):
        self.seen += len(chunk)
        return self.real.split(chunk)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_every_byte_is_looked_at_once_and_every_piece_and_line_costs_the_same(shape, monkeypatch):
    splitter = CountingSplitter(sse._LINE_END)
    monkeypatch.setattr(sse, "_LINE_END", splitter)
    reader, joined, calls = EventReader(), 0, 0
    end_of_line = reader._line

    def counted():
        nonlocal joined
        joined += reader._line_size
        return end_of_line()

    def profiled(frame, event, argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    reader._line = counted
    pieces = shape(4)
    whole = b"".join(pieces)
    sys.setprofile(profiled)
    try:
        for piece in pieces:
            for _ in reader.feed(piece):
                pass
            assert all(len(kept) <= len(piece) for kept in reader._pieces[-1:])  # kept as it came, joined at the end
    finally:
        sys.setprofile(None)
    assert splitter.seen <= len(whole)
    assert joined <= len(whole)
    assert calls <= 20 * len(pieces) + 25 * (whole.count(b"\n") + whole.count(b"\r"))
