"""Checks of the setup wizard: key and project id together, the token alone; each is shown at its field."""

from __future__ import annotations

import asyncio
from collections.abc import Container
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.widget import Widget

from theta_tui.intake import NEEDS_ID, NEEDS_KEY, PROJECT_KEY, TOKEN, Entered, Outcome, shares
from theta_tui.tui.setup_parts import SetupField
from theta_tui.tui.turns import Turns

if TYPE_CHECKING:
    from theta_tui.enrolment import Enrolment

NAMES = (PROJECT_KEY, TOKEN)


class Checks:
    """What was asked of the cloud, and what is on its way; `begin` lets it go as soon as the session is there."""

    def __init__(self, owner: Widget, key: SetupField, project: SetupField, token: SetupField) -> None:
        self._key, self._project, self._token = key, project, token
        self._turns = Turns(owner)
        self._asked: dict[str, tuple[object, str]] = {}
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

    def project_id_is(self, project_id: str) -> None:
        """Take back what was said of another project id."""
        if PROJECT_KEY in self._asked and self._asked[PROJECT_KEY][1] != project_id:
            del self._asked[PROJECT_KEY]
            self._drop(PROJECT_KEY)

    def check(self, name: str, entered: Entered, project_id: str, configured: Container[str], *, all_: bool) -> None:
        """Begin a check in the background, unless the very same was made; `all_` includes what is configured only."""
        asked = (entered.token, "") if name == TOKEN else (entered.key, project_id)
        if self._asked.get(name) == asked:
            return
        self._asked[name] = asked
        if not is_typed(name, entered) and not (all_ and name in configured):
            self._drop(name)
        elif name == TOKEN:
            self._turns.begin(name, partial(self._check_token, entered))
        elif self._is_pair(entered.key is not None or name in configured, bool(project_id)):
            self._turns.begin(name, partial(self._check_project, entered, project_id))

    async def settle(self, entered: Entered) -> SetupField | None:
        """Wait for what is on its way; gives the first field that was typed and refused."""
        await self._turns.quiet()
        pair = (self._key, self._project) if is_typed(PROJECT_KEY, entered) else ()
        fields = (*pair, self._token) if is_typed(TOKEN, entered) else pair
        verdicts = ((field, field.verdict) for field in fields)
        return next((field for field, found in verdicts if found and found.outcome is Outcome.REFUSED), None)

    def _is_pair(self, has_key: bool, has_project: bool) -> bool:
        """Whether key and project id are both known, since only both can be checked; else say what is missing."""
        if not (has_key and has_project):
            self._drop(PROJECT_KEY)
        if not has_key:
            self._project.show_verdict(NEEDS_KEY)
        elif not has_project:
            self._key.show_verdict(NEEDS_ID)
        return has_key and has_project

    def _drop(self, name: str) -> None:
        self._turns.drop(name)
        for field in (self._token,) if name == TOKEN else (self._key, self._project):
            field.show_verdict(None)

    async def _ready(self) -> Enrolment:
        await self._has_begun.wait()
        return cast("Enrolment", self._enrolment)

    async def _check_project(self, entered: Entered, project_id: str) -> None:
        self._key.show_checking()
        self._project.show_checking()
        found = await (await self._ready()).check_project(entered.key, project_id)
        for field, verdict in zip((self._key, self._project), shares(found), strict=True):
            field.show_verdict(verdict)

    async def _check_token(self, entered: Entered) -> None:
        self._token.show_checking()
        self._token.show_verdict(await (await self._ready()).check_token(entered.token))


def is_typed(name: str, entered: Entered) -> bool:
    """Whether anything that this check is about was typed."""
    return entered.token is not None if name == TOKEN else bool(entered.key or entered.project_id)
