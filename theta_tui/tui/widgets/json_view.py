"""JSON as coloured lines that are safe to show. The highlighter is imported at first use."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from textual.content import Content

from theta_tui.redact import redactor
from theta_tui.safe_text import for_block

LARGEST = 200_000
"""Characters beyond which JSON is shown without colours."""


def json_text(value: Any) -> str:
    """Write a value as indented JSON, secrets masked, everything outside ASCII escaped."""
    return json.dumps(redactor.value(value), indent=2, default=_plain)


def json_content(value: Any, *, dark: bool = True) -> Content:
    """Give a value as coloured lines."""
    return code_content(json_text(value), "json", dark=dark)


def code_content(text: str, language: str, *, dark: bool = True) -> Content:
    """Give source text as coloured lines; plain when it is very long."""
    safe = for_block(text)
    if len(safe) > LARGEST:
        return Content(safe)
    from rich.syntax import Syntax

    highlighted = Syntax(
        safe, language, theme="ansi_dark" if dark else "ansi_light", background_color="default"
    ).highlight(safe)
    highlighted.rstrip()
    return Content.from_rich_text(highlighted)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if hasattr(value, "get_secret_value"):
        return "[redacted]"
    return str(value)
