"""Secret values found in a text in every spelling they are printed in, broken over lines or cut to a fragment.

What a name says of its value is `redact.py`'s. Server text is searched here: all of it takes linear time.
"""

from __future__ import annotations

import base64
import html
import json
import re
import threading
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import Final
from urllib.parse import quote, quote_plus

REDACTED: Final = "[redacted]"
SHORTEST: Final = 6
"""Characters below which a value is not searched for: it would be found everywhere."""
MOST_HELD: Final = 4_096
"""Characters of a growing text that are looked at for the beginning of a secret."""

# Each blank is looked at once, whatever follows it.
_GAP = r"(?:(?:(?<![ \t])[ \t]++)?[\r\n]++[ \t]*+|\\[nr])"
_GAPS = re.compile(_GAP)
_GAPS_SO_FAR = re.compile(rf"{_GAP}|(?<![ \t])[ \t]++\Z|\\\Z")
_PERCENT = re.compile("%[0-9A-Fa-f]{2}")


class KnownSecrets:
    """Values and their spellings. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # All are replaced as a whole, so that readers need no lock.
        self._values: frozenset[str] = frozenset()
        self._needles: tuple[str, ...] = ()  # longest first
        self._sought: dict[str, tuple[str, ...]] = {}
        """Needles and fragments, by their first letter."""

    def __contains__(self, value: str) -> bool:
        return value in self._values

    def learn(self, value: str) -> None:
        """Remember a value and its spellings; one shorter than `SHORTEST` is not searched for."""
        if len(value) < SHORTEST:
            return
        with self._lock:
            self._values = self._values | {value}
            self._needles = tuple(sorted({*self._needles, *_spellings(value)}, key=lambda text: (-len(text), text)))
            sought = sorted({*self._needles, *(part for each in self._values for part in _fragments(each))})
            self._sought = {first: tuple(ones) for first, ones in groupby(sought, key=lambda each: each[0])}

    def hidden(self, text: str) -> str:
        """The text with `REDACTED` in the place of each."""
        if not self._needles:
            return text
        # What is longer is not in it.
        needles = self._needles[bisect_left(self._needles, -len(text), key=lambda needle: -len(needle)) :]
        if "%" in text:
            upper = _upper(text)
            text = upper if any(needle in upper for needle in needles) else text
        for needle in needles:
            if needle in text:
                text = text.replace(needle, REDACTED)
        for value in self._values:
            for fragment in _fragments(value):
                text = _without_cut(text, value, fragment)
        if "\n" in text or "\r" in text or "\\" in text:
            squeezed = _GAPS.sub("", text)
            for needle in needles:
                if needle in squeezed:  # broken over lines by whoever printed it
                    text = _spread(needle).sub(REDACTED, text)
        return text

    def decided(self, text: str) -> int:
        """How much of a text that still grows can be told to hold secrets or none: what is behind may be half of one.

        It does not see a secret with `MOST_HELD` characters of line breaks inside, nor what stands beside a fragment.
        """
        if not self._needles:
            return len(text)
        beyond = max(len(text) - MOST_HELD, 0)
        letters, places = _squeezed(_upper(text[beyond:]))
        begun = self._begun(letters)
        if not begun:
            return len(text)
        cut = len(letters) - begun
        while (earlier := self._around(letters, cut)) < cut:
            cut = earlier
        return beyond + places[cut]

    def _begun(self, letters: str) -> int:
        """How many letters at the end are the beginning of something that is hidden."""
        for at in range(max(len(letters) - len(self._needles[0]), 0), len(letters)):
            end = letters[at:]
            if any(len(each) > len(end) and each.startswith(end) for each in self._sought.get(end[0], ())):
                return len(end)
        return 0

    def _around(self, letters: str, cut: int) -> int:
        """Where something begins that a cut would go through; the cut itself if there is none."""
        for each in (one for ones in self._sought.values() for one in ones):
            found = letters.find(each, max(cut - len(each) + 1, 0), cut + len(each) - 1)
            if 0 <= found < cut:
                return found
        return cut


class KnownSecretsInPieces:
    """A text that comes piece by piece, without known secrets, be they whole in a piece or spread over some."""

    def __init__(self, known: KnownSecrets) -> None:
        self._known = known
        self._held = ""

    @property
    def held(self) -> str:
        """What was held back, if it is too short to tell anything: it may be shown where it can be taken back."""
        return self._held if len(self._held) < SHORTEST else ""

    def take(self, piece: str) -> str:
        """Give what can be shown now that a piece has come: its end only if no secret can begin there."""
        text = self._held + piece
        cut = self._known.decided(text)
        self._held = text[cut:]
        return self._known.hidden(text[:cut])

    def rest(self) -> str:
        """Give what was held back, once nothing more comes."""
        held, self._held = self._held, ""
        return self._known.hidden(held)


def _upper(text: str) -> str:
    return _PERCENT.sub(lambda match: match[0].upper(), text) if "%" in text else text


def _squeezed(text: str) -> tuple[str, list[int]]:
    """The text so far without line breaks and the blanks around them, and where each of its letters stands."""
    places: list[int] = []
    done = 0
    for gap in _GAPS_SO_FAR.finditer(text):
        places += range(done, gap.start())
        done = gap.end()
    places += range(done, len(text))
    return "".join(text[place] for place in places), places


def _spellings(value: str) -> Iterator[str]:
    """The value as it looks after the usual encodings. Base64 at each of its three alignments: in `user:value` too."""
    raw = value.encode("utf-8", "surrogatepass")
    yield value
    yield raw.hex()
    yield raw.hex().upper()
    yield html.escape(value)
    for spelled in (quote(raw, safe=""), quote(raw), quote_plus(raw), json.dumps(value)[1:-1], repr(value)[1:-1]):
        yield spelled
        yield spelled.replace("/", "\\/")
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(raw).decode()
        for shift in range(3):
            # The first and the last characters mix with neighbouring bytes; those between are the value's own.
            whole = encode(b"\0" * shift + raw).decode().rstrip("=")
            own = whole[(0, 2, 3)[shift] : len(whole) - (1 if (shift + len(raw)) % 3 else 0)]
            if len(own) >= SHORTEST:
                yield own


@lru_cache(256)
def _fragments(value: str) -> tuple[str, ...]:
    """Beginning and end of a long key, as servers and cut texts show them; not of one that looks like prose."""
    if len(value) < 24:
        return ()
    return tuple(
        part for part in (value[:8], value[-8:]) if any(c.isdigit() for c in part) and any(c.isalpha() for c in part)
    )


def _without_cut(text: str, value: str, fragment: str) -> str:
    """Hide a fragment together with as much of the value as stands beside it."""
    at_end = value.endswith(fragment)
    pieces: list[str] = []
    done = 0
    while (found := text.find(fragment, done)) >= 0:
        left, right = found, found + len(fragment)
        if at_end:
            while left > done and value.endswith(text[left - 1 : right]):
                left -= 1
        else:
            while right < len(text) and value.startswith(text[left : right + 1]):
                right += 1
        pieces += text[done:left], REDACTED
        done = right
    return "".join((*pieces, text[done:]))


@lru_cache(512)
def _spread(needle: str) -> re.Pattern[str]:
    return re.compile(f"{_GAP}*+".join(re.escape(character) for character in needle))
