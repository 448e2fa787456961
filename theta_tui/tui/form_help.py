"""What is said of a field while it is at hand: what it is for, and how it is written."""

from __future__ import annotations

from typing import Final

from textual.content import Content

from theta_tui.tui import literal
from theta_tui.tui.form_fields import FieldKind, FieldSpec

_HOW: Final = {
    FieldKind.PAIRS: "NAME=value, one a line.",
    FieldKind.JSON: "As JSON.",
    FieldKind.MESSAGES: "Lines that begin with system:, user: or assistant: begin a message.",
    FieldKind.SECRET: "Typed here only; never shown.",
    FieldKind.FILE: "→ completes, ctrl+f browses.",
}


def help_of(spec: FieldSpec) -> Content:
    """Say what a field is for, and how it is written."""
    return Content.assemble(literal.content(spec.help), "  ", literal.content(_how(spec), style="$foreground-disabled"))


def _how(spec: FieldSpec) -> str:
    if spec.multiple:
        return f"Of {', '.join(map(str, spec.choices))}; one a line." if spec.choices else "One a line."
    has_range = spec.minimum is not None and spec.maximum is not None
    return f"{spec.minimum} to {spec.maximum}." if has_range else _HOW.get(spec.kind, "")
