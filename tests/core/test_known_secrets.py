"""Secrets in a text that comes piece by piece: what is shown of it is what would be shown of the whole."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theta_tui.redact import REDACTED, Redactor

KEY = "tk-4f1c0a9d/4f1c8e7b+6a5d4c3b"
OTHER = "4c3b-aaaabaaaac"
"""It begins as the other ends, and repeats itself."""
SPELLINGS = {
    "plain": KEY,
    "base64 after another": base64.b64encode(f"user:{KEY}".encode()).decode(),
    "for a URL, in small letters": quote(KEY, safe="").lower(),
    "hex": KEY.encode().hex(),
    "broken over lines": f"{KEY[:9]}\r\n    {KEY[9:]}",
    "with line breaks escaped": f"{KEY[:5]}\\n{KEY[5:12]}\\n{KEY[12:]}",
    "its beginning": KEY[:10],
    "its end": KEY[-8:],
    "two, one over the other": f"{KEY[:-4]}{OTHER}",
}
TEXTS = [*SPELLINGS.values(), KEY[:4], KEY[8:16], "aaaab", "tk", "%2", " ", "\n", "\\n", "Grüße", "the answer"]


def _redactor() -> Redactor:
    redactor = Redactor()
    for value in (KEY, OTHER):
        redactor.learn(value)
    return redactor


def _shown(redactor: Redactor, pieces: Iterable[str]) -> str:
    growing = redactor.piecewise()
    return "".join([*map(growing.take, pieces), growing.rest()])


def _cut(text: str, size: int) -> Sequence[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 20])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_secret_spread_over_pieces_is_hidden(spelling: str, size: int) -> None:
    redactor = _redactor()
    text = f"Your key is {SPELLINGS[spelling]}, is it not?"
    assert REDACTED in redactor.known(text)
    assert _shown(redactor, _cut(text, size)) == redactor.known(text)


@pytest.mark.parametrize("at", range(len(KEY) + 1))
def test_a_secret_cut_anywhere_is_hidden(at: int) -> None:
    assert _shown(_redactor(), [f"before {KEY[:at]}", f"{KEY[at:]} after"]) == f"before {REDACTED} after"


@given(st.lists(st.one_of(st.sampled_from(TEXTS), st.text(max_size=4)), max_size=8).map("".join), st.data())
def test_no_piece_shows_a_secret(text: str, data: st.DataObject) -> None:
    redactor = _redactor()
    sizes = data.draw(st.lists(st.integers(1, 9), min_size=1, max_size=20))
    pieces, at = [], 0
    while at < len(text):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(text[at : at + size])
        at += size
    shown = _shown(redactor, pieces)
    assert redactor.known(shown) == shown
    assert KEY not in shown
    assert OTHER not in shown


def test_text_without_secrets_is_shown_at_once() -> None:
    growing = _redactor().piecewise()
    pieces = ["The ", "sky ", "is ", "blue", ".\n"]
    assert [growing.take(piece) for piece in pieces] == pieces
    assert growing.rest() == ""


def test_a_long_text_costs_the_same_for_each_piece() -> None:
    # What is looked at again with each piece would be billions of characters here.
    growing = _redactor().piecewise()
    for piece in ("tk-4f1c 0a9d ", "tk-4f\n\n\n"):
        shown = "".join(growing.take(piece) for _ in range(20_000)) + growing.rest()
        assert shown == piece * 20_000
