"""Plan records: which steps of a workflow were begun and what they created, so that clean-up survives a kill."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from theta_tui.journal import owners
from theta_tui.journal.store import Store, storable

if TYPE_CHECKING:
    from sqlite3 import Connection, Row


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One thing that happened in a plan: the step, its state ("sending", "done", …) and the ids known by then."""

    name: str
    state: str
    ids: Mapping[str, str]
    at: float


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """A plan as it was left. `clean` is False if its clean-up failed, None if it never came to an end."""

    id: int
    profile: str
    command: str
    summary: str
    created: float
    clean: bool | None
    steps: tuple[PlanStep, ...]

    @property
    def ids(self) -> dict[str, str]:
        """Everything that was created or answered: hole name → value, the later winning."""
        return {name: value for step in self.steps for name, value in step.ids.items()}


class Plans:
    """The journal's record of workflows."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def begin_plan(self, profile: str, command: str, summary: str) -> int:
        """Write down that a plan begins; give its id."""
        row = (profile, command, storable(summary), self._store.owner, self._store.now())
        query = "INSERT INTO plans (profile, command, summary, owner, created) VALUES (?, ?, ?, ?, ?)"
        return await self._store.write(lambda connection: int(connection.execute(query, row).lastrowid or 0))

    async def plan_step(self, plan: int, name: str, state: str, ids: Mapping[str, str]) -> None:
        """Write down how far a step is, and the ids known so far."""
        row = (plan, storable(name), state, storable(json.dumps(dict(ids))), self._store.now())
        query = "INSERT INTO plan_steps (plan_id, name, state, ids, at) VALUES (?, ?, ?, ?, ?)"
        await self._store.write(lambda connection: connection.execute(query, row))

    async def finish_plan(self, plan: int, *, clean: bool) -> None:
        """Write down that a plan is over; with `clean` False something that it made may still be there."""
        row = (self._store.now(), int(clean), plan)
        query = "UPDATE plans SET finished = ?, clean = ? WHERE id = ?"
        await self._store.write(lambda connection: connection.execute(query, row))

    async def unfinished_plans(self, profile: str) -> list[PlanRecord]:
        """List the plans of processes that are gone which never ended or could not clean up, oldest first."""

        def find(connection: Connection) -> list[PlanRecord]:
            rows = connection.execute(
                "SELECT * FROM plans WHERE profile = ? AND (finished IS NULL OR clean = 0) ORDER BY id", (profile,)
            ).fetchall()
            left = [row for row in rows if row["finished"] is not None or not owners.is_alive(row["owner"])]
            return [_record(connection, row) for row in left]

        return await self._store.read(find, [])


def _record(connection: Connection, row: Row) -> PlanRecord:
    steps = connection.execute("SELECT * FROM plan_steps WHERE plan_id = ? ORDER BY id", (row["id"],))
    return PlanRecord(
        id=row["id"],
        profile=row["profile"],
        command=row["command"],
        summary=row["summary"],
        created=row["created"],
        clean=None if row["clean"] is None else bool(row["clean"]),
        steps=tuple(PlanStep(step["name"], step["state"], json.loads(step["ids"]), step["at"]) for step in steps),
    )
