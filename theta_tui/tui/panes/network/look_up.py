"""What can be looked up on the chain: which command a typed word means, and a found thing as a row. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from theta_tui.errors import UsageError
from theta_tui.shapes.network import (
    Account,
    Block,
    BlockAtHeight,
    ChainStatus,
    ChainTransaction,
    NodeVersion,
    PendingTransactions,
)
from theta_tui.tui.json_lines import json_text
from theta_tui.tui.widgets.details import Fact
from theta_tui.tui.widgets.record_table import Cell, Column
from theta_tui.tui.words import UNKNOWN, span

HELP: Final = "0x… address or hash, or a height in digits"
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_HASH: Final = re.compile(r"0x[0-9a-fA-F]{64}", re.ASCII)
_HEIGHT: Final = re.compile(r"[0-9]{1,40}", re.ASCII)

Asked = tuple[str, dict[str, Any]]
"""A command and its arguments."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something the node told: what kind it is, what was asked for, when, and the shape itself."""

    kind: str
    what: str
    at: float
    value: Any
    command: str
    is_own: bool = False
    """Whether the pane asks for it by itself."""

    @property
    def key(self) -> str:
        """What identifies it."""
        return f"{self.kind} {self.what}"


def read_word(text: str) -> tuple[Asked, ...]:
    """Give what a word may mean, the likeliest first; UsageError says what would be right."""
    word = text.strip().replace(",", "")
    if _ADDRESS.fullmatch(word):
        return (("theta.chain.account", {"address": word}),)
    if _HASH.fullmatch(word):
        return (("theta.chain.transaction", {"hash": word}), ("theta.chain.block", {"hash": word}))
    if _HEIGHT.fullmatch(word):
        return (("theta.chain.blockByHeight", {"height": word}),)
    digits = len(word) - 2 if word.startswith("0x") else len(word)
    raise UsageError(
        f"{word[:24]!r} has {digits} characters after 0x and is neither address nor hash nor height.",
        hint="An address is 0x and 40 hex digits, a hash 0x and 64, a height digits only.",
    )


def is_something(value: Any) -> bool:
    """Whether the node knew what was asked for."""
    if isinstance(value, BlockAtHeight):
        return value.block is not None
    return bool(getattr(value, "raw", None))


def summary(found: Found) -> str:
    """Say in a line what it is."""
    value = found.value
    if isinstance(value, ChainStatus):
        return f"height {digits(value.latest_finalized_block_height)}, {behind_words(value, found.at)}"
    if isinstance(value, NodeVersion):
        return f"{value.version or UNKNOWN} of {value.timestamp or 'an unknown day'}"
    if isinstance(value, PendingTransactions):
        waiting = len(value.tx_hashes)
        return "1 transaction waits for a block" if waiting == 1 else f"{waiting} transactions wait for a block"
    if isinstance(value, Account):
        return f"{value.theta or UNKNOWN} THETA, {value.tfuel or UNKNOWN} TFUEL, sequence {value.sequence or UNKNOWN}"
    if isinstance(value, ChainTransaction):
        return f"{value.type_name or 'transaction'}, {value.status or UNKNOWN}, block {digits(value.block_height)}"
    block = value.block if isinstance(value, BlockAtHeight) else value
    if isinstance(block, Block):
        count = len(block.transactions)
        return f"height {digits(block.height)}, {block.status_name or UNKNOWN}, {count} transactions"
    return "no block of this height is final yet"


def facts(found: Found) -> list[Fact]:
    """Give everything that is known of it."""
    value = found.value
    more: list[Fact] = []
    if isinstance(value, ChainStatus):
        more = [("Syncing", "yes: what it tells is old" if value.syncing else "no"),
                ("Epoch", digits(value.current_epoch)),
                ("Final block", value.latest_finalized_block_hash)]  # fmt: skip
    elif isinstance(value, ChainTransaction):
        more = [("Hash", value.hash), ("In block", value.block_hash)]
    elif isinstance(value, PendingTransactions):
        more = [("Hashes", "\n".join(value.tx_hashes))]
    elif isinstance(value, (Block, BlockAtHeight)):
        block = value.block if isinstance(value, BlockAtHeight) else value
        more = [] if block is None else [("Hash", block.hash), ("Parent", block.parent), ("Proposer", block.proposer),
                                         ("Transactions", _transactions(block.transactions))]  # fmt: skip
    told = datetime.fromtimestamp(found.at).strftime("%H:%M:%S")
    return [("What", found.kind), ("Asked for", found.what), ("Answer", summary(found)), *more, ("As of", told)]


def behind_words(status: ChainStatus, now: float) -> str:
    """Say how old the last final block is, and whether the node is still syncing."""
    state = "syncing" if status.syncing else "in step"
    if not status.latest_finalized_block_time.isdecimal():
        return state
    return f"{state}, last block {span(max(now - int(status.latest_finalized_block_time[:12]), 0.0))} ago"


def digits(text: str) -> str:
    """Write a long number with separators; what is none stays as it is."""
    return f"{int(text):,}" if text.isascii() and text.isdecimal() and len(text) <= 40 else text or UNKNOWN


def as_json(found: Found) -> Any:
    """Give the node's object."""
    from theta_tui.shapes.base import as_json as shaped

    return shaped(found.value)


def _transactions(found: Sequence[ChainTransaction]) -> str:
    lines = [f"{one.type_name or 'transaction':<16} {one.hash}" for one in found]
    return "\n".join(lines) or "none"


def _answer_cell(found: Found) -> Cell:
    value = found.value
    if isinstance(value, ChainStatus):
        return (f"◌ {summary(found)}", "warn") if value.syncing else (f"● {summary(found)}", "ok")
    return summary(found)


COLUMNS: tuple[Column[Found], ...] = (
    Column("kind", "KIND", lambda row: row.kind, priority=1, min_width=12),
    Column("what", "ASKED FOR", lambda row: row.what or ("–", "muted"), priority=3, min_width=10, max_width=68),
    Column("answer", "ANSWER", _answer_cell, priority=1, grow=True, min_width=24,
           sort=lambda row: json_text(as_json(row))),
    Column("at", "AS OF", lambda row: datetime.fromtimestamp(row.at, UTC).astimezone().strftime("%H:%M:%S"), priority=2,
           sort=lambda row: row.at),
)  # fmt: skip
