"""Safe text as the literal type each widget takes; the only way for server text to get on the screen.

Handing a widget a bare `str` makes Textual read it as markup, which can run actions and raise: not even `escape` helps.

| Widget | Use |
|---|---|
| Static, Label, Button, Checkbox, Option, Select, Collapsible and Tab titles, border titles, tooltips | `content` |
| DataTable cells and labels, Tree labels, RichLog | `rich` |
| Input value and placeholder, Header title | `plain` |
| notifications | `toast` |
"""

from __future__ import annotations

from typing import Any, Literal

from rich.text import Text
from textual.app import App
from textual.content import Content

from theta_tui.safe_text import LINE_LIMIT, for_block, for_line

TITLE_LIMIT = 80

Severity = Literal["information", "warning", "error"]


def content(text: object, *, block: bool = False, style: str | None = None) -> Content:
    """Text for widgets that take `Content`: one line, or several with `block`. `style` is ours, never the server's."""
    shown = for_block(text) if block else for_line(text)
    return Content.styled(shown, style) if style else Content(shown)


def rich(text: object, *, style: str = "") -> Text:
    """One line for widgets that take Rich's `Text`: they would read a `str` as markup and do not take `Content`."""
    return Text(for_line(text), style=style)


def plain(text: object) -> str:
    """One line for the few places that take only a string and show it literally."""
    return for_line(text)


def toast(
    app: App[Any], text: object, title: object = None, severity: Severity = "information", timeout: float | None = None
) -> None:
    """Show a notification with markup off; `timeout` in seconds, `None` for the app's own."""
    app.notify(
        for_block(text, LINE_LIMIT),
        title=for_line(title, TITLE_LIMIT),
        severity=severity,
        timeout=timeout,
        markup=False,
    )
