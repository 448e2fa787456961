"""Opens an address in the browser of the desktop, if there is one."""

from __future__ import annotations

import webbrowser


def open_in_browser(url: str) -> bool:
    """Open an address; False where there is no browser with a window of its own. Blocks: call it in a thread."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if type(browser) is webbrowser.GenericBrowser:  # such as lynx: it would take the console's terminal
        return False
    return bool(browser.open(url))
