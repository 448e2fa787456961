"""Choices that look free and never change: the same words give the same picture, tune and answer. It knows no cloud."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """A stream of numbers that depends only on the parts it was made from, on every Python and machine."""

    def __init__(self, *parts: object) -> None:
        self._key = "\x1f".join(str(part) for part in parts).encode("utf-8", "replace")
        self._count = 0

    def number(self) -> int:
        """The next whole number of 64 bits."""
        self._count += 1
        digest = hashlib.blake2b(self._key, digest_size=8, salt=self._count.to_bytes(16, "big")).digest()
        return int.from_bytes(digest, "big")

    def between(self, least: int, most: int) -> int:
        """A whole number from least to most, both included."""
        return least + self.number() % (most - least + 1)

    def share(self) -> float:
        """A number from 0 up to 1."""
        return (self.number() >> 11) / (1 << 53)

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices."""
        return choices[self.number() % len(choices)]

    def shuffled(self, choices: Sequence[T]) -> list[T]:
        """All of the choices in another order."""
        return sorted(choices, key=lambda _: self.number())
