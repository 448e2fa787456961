"""Opens an address in the browser of the desktop, if there is one and the address may be used."""

from __future__ import annotations

import asyncio
import webbrowser
from typing import TYPE_CHECKING

from theta_tui.errors import ThetaError

if TYPE_CHECKING:
    from theta_tui.change import Family
    from theta_tui.tui.panes.base import Pane


def open_link(pane: Pane, url: str, family: Family) -> None:
    """Open an address named by an answer; the pane's banner tells if its host may not be used."""
    try:
        allowed = pane.session.account.check_url(url, family)
    except ThetaError as error:
        pane.fail(error, cause="action")
        return
    pane.run_worker(_open(pane, allowed), group="browser")


async def _open(pane: Pane, url: str) -> None:
    if not await asyncio.to_thread(open_in_browser, url):
        pane.console_app.tell("There is no browser here; y copies the address.", severity="warning")


def open_in_browser(url: str) -> bool:
    """Open an address; False where there is no browser with a window of its own. Blocks: call it in a thread."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if type(browser) is webbrowser.GenericBrowser:  # such as lynx: it would take the console's terminal
        return False
    return bool(browser.open(url))
