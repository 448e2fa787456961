"""Hostile text made inert: no control, no hidden and no reordering character survives, and lengths are bounded.

Knows nothing of widgets, markup or terminals; `tui/literal.py` turns the result into what each widget needs.
"""

from __future__ import annotations

import re
import unicodedata

LINE_LIMIT = 2_000
"""Characters shown of one value in a list."""
BLOCK_LIMIT = 200_000
"""Characters shown of one value in a detail view."""
BLOCK_LINES = 5_000
"""Lines shown of one value in a detail view: a widget pays per line, even for empty ones."""

SUBSTITUTE = "\ufffd"
NEWLINE_SIGN = "↵"
TAB_WIDTH = 4
MARKS_PER_BASE = 4

_LINE_BREAKS = "\n\x0b\x0c\r\x85\u2028\u2029"
_HIDDEN = (
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional marks, overrides and isolates
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2028\u2029\u2060-\u2065\u206a-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"  # zero width, separators, fillers, variation selectors
    "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001343f"  # format characters
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # more of them; tags, further selectors
    "\ud800-\udfff\ufdd0-\ufdef"  # lone surrogates, noncharacters
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
)
_EMOJI = (
    "\xa9\xae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u27bf\u2934\u2935\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)

HOSTILE = re.compile(f"[{_HIDDEN}]")
"""One character that must never reach a terminal as it is."""

# An emoji sequence stays readable without its joiners and its presentation selector: 👩‍👧 is shown as 👩👧, and every
# terminal agrees on the width of that. Only one selector directly after an emoji goes unmarked; more carry data.
_JOINERS = re.compile(f"(?<=[{_EMOJI}])(?:\ufe0f?\u200d(?=[{_EMOJI}])|\ufe0f)|(?<=[#*0-9])\ufe0f(?=\u20e3)")
_BREAKS = re.compile(f"\r\n|[{_LINE_BREAKS}]")
_OTHER_BREAKS = re.compile("\r\n|[{}]".format(_LINE_BREAKS.replace("\n", "")))
# Marks, skin tones and trailing Hangul letters take no cell of their own. None of the first two is a word character,
# so this finds candidates without asking the Unicode database about every character.
_STACK = re.compile(f"(?:[^\\w\\s\x00-\u02ff]|[\u1160-\u11ff\ud7b0-\ud7fb]){{{MARKS_PER_BASE + 1},}}")
_STACKING_LETTERS = re.compile("[\u1160-\u11ff\ud7b0-\ud7fb\U0001f3fb-\U0001f3ff]")


def for_line(text: object, limit: int = LINE_LIMIT) -> str:
    """One line, at most `limit` characters: line breaks show as ↵, tabs as a space, a longer value ends in `…`.

    Anything that is not a string is shown as `str()` of it, `None` as nothing.
    """
    raw = _as_str(text)
    if raw.isascii() and raw.isprintable() and len(raw) <= limit:
        return raw
    head = _head(raw, limit)
    line = _inert(_BREAKS.sub(NEWLINE_SIGN, head).replace("\t", " "))
    if len(line) > limit or len(head) < len(raw):
        return line[: max(limit - 1, 0)] + "…"
    return line


def for_block(text: object, limit: int | None = BLOCK_LIMIT) -> str:
    r"""Several lines with `\n` as the only break and tabs expanded, cut with a note at `limit` characters.

    With a limit the number of lines is bounded as well (`BLOCK_LINES`); `None` cuts nothing.
    """
    raw = _as_str(text)
    head = raw if limit is None else _head(raw, limit)
    block = _inert(_OTHER_BREAKS.sub("\n", head).expandtabs(TAB_WIDTH), keep_newlines=True)
    if limit is None:
        return block
    lines = block.split("\n", BLOCK_LINES)
    if len(block) <= limit and len(head) == len(raw) and len(lines) <= BLOCK_LINES:
        return block
    note = f"… [cut: {len(raw):,} characters in all]"
    kept = "\n".join(lines[:BLOCK_LINES])
    return kept[: limit - len(note)] + note if limit > len(note) else kept[: max(limit - 1, 0)] + "…"


def has_breaks(text: str) -> bool:
    """Whether a value is of several lines, as far as it would be shown in one."""
    return _BREAKS.search(text, 0, 4 * LINE_LIMIT) is not None


def for_terminal(text: object, limit: int | None = None) -> str:
    """Human text on a plain terminal or in a file somebody will `cat`: like `for_block`, and whole unless limited."""
    return for_block(text, limit)


def filtered(text: str) -> str:
    """Take out what a terminal obeys or hides, at the last moment: whatever went wrong before, it is not written."""
    return HOSTILE.sub(lambda found: found[0] if found[0] == "\n" else SUBSTITUTE, text)


def _as_str(text: object) -> str:
    if isinstance(text, str):
        return text
    return "" if text is None else str(text)


def _head(raw: str, limit: int) -> str:
    """Enough of a huge value to fill the limit, so that its rest costs nothing."""
    return raw[: 4 * max(limit, 4)]


def _inert(text: str, *, keep_newlines: bool = False) -> str:
    if text.isascii() and (text.replace("\n", "") if keep_newlines else text).isprintable():
        return text
    if HOSTILE.search(text):
        text = HOSTILE.sub(_visible_but_newline if keep_newlines else _visible, _JOINERS.sub("", text))
    return _STACK.sub(_capped, text)


def _visible(match: re.Match[str]) -> str:
    """A control picture for C0 and DEL, the replacement character for all else."""
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else SUBSTITUTE


def _visible_but_newline(match: re.Match[str]) -> str:
    return "\n" if match[0] == "\n" else _visible(match)


def _capped(match: re.Match[str]) -> str:
    """At most `MARKS_PER_BASE` stacked characters in a row; the first beyond is marked, the others go."""
    kept: list[str] = []
    height = 0
    for character in match[0]:
        height = height + 1 if _stacks(character) else 0
        if height <= MARKS_PER_BASE:
            kept.append(character)
        elif height == MARKS_PER_BASE + 1:
            kept.append(SUBSTITUTE)
    return "".join(kept)


def _stacks(character: str) -> bool:
    category = unicodedata.category(character)  # Cn: a mark of a Unicode version newer than this Python's, perhaps
    return category[0] == "M" or category == "Cn" or _STACKING_LETTERS.match(character) is not None
