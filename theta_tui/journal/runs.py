"""Runs of models by the call: what was asked, how it stands, what came of it. They survive restarts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from theta_tui.journal import money
from theta_tui.journal.store import Store, kept, storable

if TYPE_CHECKING:
    from sqlite3 import Connection, Row

KEPT: Final = 1_000
"""Runs of a profile that are kept, the newest."""


_NAMES: Final = (
    "profile, service, request_id, created, state, inputs, paths, variant, output, error, cost_usd, seconds, files"
)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run. `state` is the cloud's word, `cost_usd` in USD; `files` are paths of saved results."""

    id: int
    service: str
    request_id: str
    state: str
    inputs: Mapping[str, Any]
    paths: Mapping[str, str] = field(default_factory=dict)
    variant: str = ""
    output: Any = None
    error: str = ""
    cost_usd: Decimal | None = None
    seconds: float | None = None
    files: Sequence[str] = ()
    created: float = 0.0


class Runs:
    """The journal's list of runs."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add_run(self, profile: str, run: RunRecord) -> int:
        """Write a run down; give its number. The oldest beyond a thousand are forgotten."""
        row = (profile, storable(run.service), run.request_id, self._store.now(), *_changing(run))

        def add(connection: Connection) -> int:
            marks = ", ".join("?" * len(row))
            number = connection.execute(f"INSERT INTO runs ({_NAMES}) VALUES ({marks})", row).lastrowid  # noqa: S608
            kept = "SELECT id FROM runs WHERE profile = ? ORDER BY id DESC LIMIT ?"
            query = f"DELETE FROM runs WHERE profile = ? AND id NOT IN ({kept})"  # noqa: S608
            connection.execute(query, (profile, profile, KEPT))
            return int(number or 0)

        return await self._store.write(add)

    async def update_run(self, run: RunRecord) -> None:
        """Write down how a run stands now."""
        query = (
            "UPDATE runs SET request_id = ?, state = ?, inputs = ?, paths = ?, variant = ?, output = ?, error = ?,"
            " cost_usd = ?, seconds = ?, files = ? WHERE id = ?"
        )
        await self._store.write(lambda connection: connection.execute(query, (run.request_id, *_changing(run), run.id)))

    async def forget_run(self, number: int) -> None:
        """Forget a run; files it saved stay."""
        await self._store.write(lambda connection: connection.execute("DELETE FROM runs WHERE id = ?", (number,)))

    async def runs(self, profile: str, limit: int = 200) -> list[RunRecord]:
        """List the runs of a profile, newest first."""
        query = "SELECT * FROM runs WHERE profile = ? ORDER BY id DESC LIMIT ?"
        return await self._store.read(lambda c: [_run(row) for row in c.execute(query, (profile, limit))], [])


def _changing(run: RunRecord) -> tuple[Any, ...]:
    return (
        storable(run.state), _json(run.inputs), _json(run.paths), storable(run.variant), _json(run.output),
        kept(run.error), money.to_text(run.cost_usd), run.seconds, _json(list(run.files)),
    )  # fmt: skip


def _json(value: Any) -> str:
    return kept(json.dumps(value, default=_number))


def _number(value: object) -> object:
    """Write an exact number as JSON's own; anything else as text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


def _run(row: Row) -> RunRecord:
    plain = ("id", "service", "request_id", "state", "variant", "error", "seconds", "created")
    told = {name: row[name] for name in plain}
    read = {name: json.loads(row[name]) for name in ("inputs", "paths", "output", "files")}
    return RunRecord(**told, **read, cost_usd=money.from_text(row["cost_usd"]))
