"""One line of the list: a service and what it costs in words; its columns."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from theta_tui.shapes.on_demand import MILLION, Category, Prediction, Price, Service
from theta_tui.tui.widgets.record_table import Cell, Column
from theta_tui.tui.words import UNKNOWN, count

CATEGORIES: tuple[Category, ...] = ("text", "image", "vision", "audio", "video", "other")

_THOUSAND = Decimal(1000)


@dataclass(frozen=True)
class ServiceRow:
    """A service with what is derived from it, made once."""

    service: Service

    @property
    def fault(self) -> str:
        """What kept it from being read."""
        return self.service.fault

    @cached_property
    def category(self) -> Category:
        """What it makes."""
        return self.service.category

    @cached_property
    def prediction(self) -> Prediction:
        """Its default prediction."""
        return self.service.prediction

    @cached_property
    def price(self) -> Price:
        """The price of its default prediction."""
        return self.service.price()

    @cached_property
    def variants(self) -> tuple[str, ...]:
        """The variants it offers, each once."""
        return tuple(dict.fromkeys((*self.prediction.variants, *self.service.variant_templates)))

    @property
    def is_live(self) -> bool:
        """Whether the cloud lists it now."""
        return self.service.source == "live"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ServiceRow) and self.service == other.service

    __hash__ = None  # type: ignore[assignment]


def price_words(price: Price, category: Category) -> str:
    """Say what it costs and per what: tokens for text, calls or images for the rest, units where it counts those."""
    if price.output_usd is None:
        return UNKNOWN
    into, out = price.input_usd or Decimal(0), price.output_usd
    if category == "text":
        return f"{amount(into * MILLION)} / {amount(out * MILLION)} per M tokens"
    if price.is_per_token:
        sides = [amount(side * _THOUSAND) for side in (into, out) if side] or [amount(Decimal(0))]
        return f"{' / '.join(sides)} per 1,000 units"
    return f"{amount(into + out)} / {'image' if category == 'image' else 'call'}"


def amount(usd: Decimal) -> str:
    """Write a price in USD with two places, or as many as a small one takes."""
    text = f"{usd:,.6f}".rstrip("0")
    whole, _, places = text.partition(".")
    return f"${whole}.{places.ljust(2, '0')}"


def tokens_words(tokens: int | None) -> str:
    """Write a context window: 131k, 1.0M."""
    if tokens is None:
        return UNKNOWN
    if tokens >= 1_000_000:
        return f"{tokens / 1_000_000:.1f}M"
    return f"{tokens / 1000:.0f}k" if tokens >= 1000 else str(tokens)


def _price_cell(row: ServiceRow) -> Cell:
    words = price_words(row.price, row.category)
    return (words, "muted") if words == UNKNOWN else words


def _context_cell(row: ServiceRow) -> Cell:
    if row.category != "text":
        return "–", "muted"
    words = tokens_words(row.prediction.context_tokens)
    return (words, "muted") if words == UNKNOWN else words


def _number_cell(value: int | None) -> Cell:
    return (UNKNOWN, "muted") if value is None else count(value)


def _source_cell(row: ServiceRow) -> Cell:
    return ("● live", "ok") if row.is_live else ("○ catalogue", "warn")


def _price_rank(row: ServiceRow) -> Any:
    return row.price.of_tokens(1, 1)


COLUMNS: tuple[Column[ServiceRow], ...] = (
    Column("alias", "ALIAS", lambda row: row.service.alias, priority=1, max_width=34, grow=True, min_width=16),
    Column("name", "NAME", lambda row: row.service.name, priority=6, min_width=14, max_width=32),
    Column("category", "CATEGORY", lambda row: row.category, priority=3),
    Column("price", "PRICE", _price_cell, priority=2, sort=_price_rank),
    Column("context", "CONTEXT", _context_cell, priority=5, align="right",
           sort=lambda row: row.prediction.context_tokens, numeric=True),
    Column("workers", "WORKERS", lambda row: _number_cell(row.service.workers), priority=7, numeric=True,
           sort=lambda row: row.service.workers),
    Column("variants", "VARIANTS", lambda row: ", ".join(row.variants) or ("–", "muted"), priority=9, max_width=30),
    Column("source", "SOURCE", _source_cell, priority=4),
    Column("runs", "RUNS", lambda row: _number_cell(row.service.executions), priority=8, numeric=True,
           sort=lambda row: row.service.executions),
)  # fmt: skip
