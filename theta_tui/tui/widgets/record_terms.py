"""What a filter is made of: conditions on rows, each of which knows when another one is at least as strict.

Pure: a condition sees rows through `Field` and `Source`; how it is typed is `record_filter`'s business.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any, Protocol

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


@dataclass(frozen=True, slots=True)
class Field:
    """What a column offers to the filter; `number` is None where there is nothing to compare."""

    name: str
    title: str
    text: Callable[[Any], str]
    number: Callable[[Any], Decimal | None] | None = None


class Source(Protocol):
    """Where terms look: the rows, and one lower-cased text per row with a line break before each value."""

    @property
    def rows(self) -> Sequence[Any]:
        """All rows."""

    def search_texts(self) -> Sequence[str]:
        """The search text of each row, in the order of `rows`."""


class Term(Protocol):
    """One condition; `implied_by` says whether whatever passes `other` passes this one as well."""

    def keep(self, among: Sequence[int], source: Source) -> list[int]:
        """Give those row numbers of `among` that pass."""

    def implied_by(self, other: Term) -> bool:
        """Say whether `other` is at least as strict."""


@dataclass(frozen=True, slots=True)
class Word:
    """The text stands somewhere in the row."""

    text: str

    def keep(self, among: Sequence[int], source: Source) -> list[int]:
        """Give the rows that hold the text."""
        word, texts = self.text, source.search_texts()
        return [i for i in among if word in texts[i]]

    def implied_by(self, other: Term) -> bool:
        """A longer word that holds this one is stricter."""
        return isinstance(other, Word) and self.text in other.text


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression finds something in one value (`shown` is what was typed)."""

    shown: str
    regex: re.Pattern[str]

    def keep(self, among: Sequence[int], source: Source) -> list[int]:
        """Give the rows in which the expression finds something."""
        find, texts = self.regex.search, source.search_texts()
        return [i for i in among if find(texts[i])]

    def implied_by(self, other: Term) -> bool:
        """Only the same expression is known to be as strict; fuzzy words know more."""
        if self.shown.startswith("~") and isinstance(other, Pattern) and other.shown.startswith("~"):
            letters = iter(other.shown)
            return all(letter in letters for letter in self.shown)
        return self == other


@dataclass(frozen=True, slots=True)
class InColumn:
    """The text stands in one column."""

    field: Field
    text: str

    def keep(self, among: Sequence[int], source: Source) -> list[int]:
        """Give the rows whose value in this column holds the text."""
        word, text_of, rows = self.text, self.field.text, source.rows
        return [i for i in among if word in text_of(rows[i]).lower()]

    def implied_by(self, other: Term) -> bool:
        """A longer text in the same column is stricter."""
        return isinstance(other, InColumn) and other.field is self.field and self.text in other.text


@dataclass(frozen=True, slots=True)
class Compared:
    """The number in one column is below or above a bound; rows without a number never pass."""

    field: Field
    sign: str
    bound: Decimal

    def keep(self, among: Sequence[int], source: Source) -> list[int]:
        """Give the rows whose number compares as asked."""
        number_of, holds, bound, rows = self.field.number, _COMPARISONS[self.sign], self.bound, source.rows
        if number_of is None:
            return []
        numbers = ((i, number_of(rows[i])) for i in among)
        return [i for i, number in numbers if number is not None and holds(number, bound)]

    def implied_by(self, other: Term) -> bool:
        """The same comparison with a tighter bound is stricter."""
        if not isinstance(other, Compared) or (other.field, other.sign) != (self.field, self.sign):
            return False
        return other.bound <= self.bound if self.sign.startswith("<") else other.bound >= self.bound


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a term."""

    term: Term

    def keep(self, among: Sequence[int], source: Source) -> list[int]:
        """Give the rows that do not pass the term."""
        found = set(self.term.keep(among, source))
        return [i for i in among if i not in found]

    def implied_by(self, other: Term) -> bool:
        """The other way round: leaving out more is stricter."""
        return isinstance(other, Not) and other.term.implied_by(self.term)


@dataclass(frozen=True, slots=True)
class Query:
    """A filter that was understood."""

    terms: tuple[Term, ...] = ()

    def narrows(self, wider: Query) -> bool:
        """Say whether every row that passes this passes `wider` too, so that its answer can be filtered further."""
        return all(any(old.implied_by(new) for new in self.terms) for old in wider.terms)

    def select(self, among: Sequence[int], source: Source, known: Query | None = None) -> list[int]:
        """Give the row numbers of `among` that pass, in their order; `known` terms already hold for all of them."""
        kept = list(among)
        for term in self.terms:
            if known is None or term not in known.terms:
                kept = term.keep(kept, source)
        return kept
