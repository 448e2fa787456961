"""Changes whose answer was lost: looked up when a session begins and after each loss, and told.

Nothing is sent again. What the lists do not prove is left to the user, in Activity.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, cast

from theta_tui.errors import ThetaError

if TYPE_CHECKING:
    from theta_tui.session import Session
    from theta_tui.shapes.outcomes import Outcomes
    from theta_tui.tui.app import ThetaApp

PAUSE_SECONDS: Final = 10.0
"""Between two looks while the cloud may still be about to do it, or cannot be reached."""
FOLLOWED_SECONDS: Final = 900.0
"""For how long a change is looked for without being asked to."""


class LookUps:
    """The looks of one session, one at a time."""

    def __init__(self, app: ThetaApp, session: Session) -> None:
        self._app = app
        self._session = session
        self._is_looking = False
        self._told: set[int] = set()

    def begin(self, stale: frozenset[str] = frozenset()) -> None:
        """Look, if that is not being done already; also when something became `stale`."""
        if not self._is_looking and self._app.session is self._session:
            self._is_looking = True
            # The method, not its coroutine: a console that ends at once never begins it.
            self._app.run_worker(cast(Any, self._look), group="unsettled")

    async def _look(self) -> None:
        try:
            while True:
                if not await self._look_once():
                    return
                await asyncio.sleep(PAUSE_SECONDS)
        finally:
            self._is_looking = False

    async def _look_once(self) -> bool:
        """Look once; give whether to look again."""
        if self._app.session is not self._session:
            return False
        try:
            left = {item.number: item for item in await self._session.account.unsettled()}
            if not left:
                return False
            found: Outcomes = await self._session.ask("theta.cleanup.reconcile")
        except ThetaError as error:
            self._app.report(error, cause="refresh")
            return False
        self._tell(found)
        if found.settled:
            self._session.tell_stale("deployments", "billing")
        return any(left[one.number].age < FOLLOWED_SECONDS for one in found.unknown if one.number in left)

    def _tell(self, found: Outcomes) -> None:
        for one in found.settled:
            self._app.tell(f"No answer came to: {one.summary or one.command}. {one.words}", severity="warning")
        new = [one for one in found.unknown if one.number not in self._told]
        self._told |= {one.number for one in new}
        for one in new:
            what = one.summary or one.command
            words = (
                f"Nobody knows what became of: {what}. {one.words} It is not sent again; u in 0 Activity settles it."
            )
            self._app.tell(words, severity="warning")
