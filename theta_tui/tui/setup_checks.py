"""Checks of the setup wizard: each purpose by itself, in the background; what is found out is shown at its fields."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from textual.widget import Widget

from theta_tui.intake import Entered, Outcome, Verdict, shares
from theta_tui.purposes import Purpose
from theta_tui.tui.setup_parts import SetupField
from theta_tui.tui.turns import Turns

if TYPE_CHECKING:
    from theta_tui.enrolment import Enrolment

_PAID_ONLY: Final = Verdict(Outcome.UNCHECKED, "not checked", "Only a paid chat would tell.")


class Checks:
    """What was asked of the cloud, and what is on its way; `begin` lets it go as soon as the session is there."""

    def __init__(self, owner: Widget, fields: Mapping[str, SetupField]) -> None:
        self._fields = fields
        self._turns = Turns(owner)
        self._asked: dict[str, tuple[object, ...]] = {}
        self._enrolment: Enrolment | None = None
        self._has_begun = asyncio.Event()

    @property
    def is_settled(self) -> bool:
        """Whether no check is on its way."""
        return self._turns.is_quiet

    def begin(self, enrolment: Enrolment) -> None:
        """Take what asks the cloud."""
        self._enrolment = enrolment
        self._has_begun.set()

    def forget(self) -> None:
        """Let everything be asked again."""
        self._asked.clear()

    def changed(self, purpose: Purpose, entered: Entered) -> None:
        """Take back what was said of something else than what is typed now."""
        if self._asked.get(purpose.name, ()) not in ((), _typed(purpose, entered)):
            del self._asked[purpose.name]
            self._drop(purpose)

    def check(self, purpose: Purpose, entered: Entered, *, all_: bool = False) -> None:
        """Begin a check in the background, unless the very same was made; `all_` includes what is configured only."""
        typed = _typed(purpose, entered)
        if self._asked.get(purpose.name) == typed:
            return
        self._asked[purpose.name] = typed
        if all_ or any(typed):
            self._turns.begin(purpose.name, partial(self._ask, purpose, entered))
        else:
            self._drop(purpose)

    async def settle(self, entered: Entered, purposes: Iterable[Purpose]) -> SetupField | None:
        """Wait for what is on its way; gives the first field that was refused with what was typed."""
        await self._turns.quiet()
        asked = [name for purpose in purposes if any(_typed(purpose, entered)) for name in purpose.asks]
        verdicts = ((self._fields[name], self._fields[name].verdict) for name in asked)
        return next((field for field, found in verdicts if found and found.outcome is Outcome.REFUSED), None)

    def _drop(self, purpose: Purpose) -> None:
        self._turns.drop(purpose.name)
        for name in purpose.asks:
            self._fields[name].show_verdict(None)

    async def _ask(self, purpose: Purpose, entered: Entered) -> None:
        """Ask, showing at each field of the check that it is on its way, and then what is said of it."""
        await self._has_begun.wait()
        enrolment = cast("Enrolment", self._enrolment)
        typed = [name for name in purpose.asks if name in entered]
        names = typed if await enrolment.lacks(purpose, entered) else [*dict.fromkeys((*purpose.needs, *typed))]
        for name in purpose.asks:
            if name in names:
                self._fields[name].show_checking()
            else:
                self._fields[name].show_verdict(None)
        verdict = await enrolment.check(purpose, entered) or _PAID_ONLY
        for name, share in shares(verdict, names).items():
            self._fields[name].show_verdict(share)


def _typed(purpose: Purpose, entered: Entered) -> tuple[object, ...]:
    """Give what is typed for a purpose, to compare."""
    return tuple(entered.secrets.get(name) or entered.values.get(name) for name in purpose.asks)
