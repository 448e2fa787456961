"""The line above a chat: whom it talks to and how, in the room there is; with several only what they share."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widget import Widget

from theta_tui.chats.options import Options
from theta_tui.chats.target import Target
from theta_tui.tui import literal

LEAST_SYSTEM = 14
"""Columns that the system prompt keeps before words are abbreviated."""
LONGEST_NAME = 28
MUTED = "$foreground-muted"

_LABELS: Sequence[tuple[str, str, str, str]] = (
    ("temperature", "temp ", "t ", "t"),
    ("top_p", "top_p ", "p ", "p"),
    ("max_tokens", "max ", "max ", "m"),
    ("effort", "effort ", "eff ", "e:"),
)


class Heading(Widget):
    """Partner, system prompt and settings in one line; what was chosen stands out from what is the default."""

    DEFAULT_CSS = "Heading { height: 1; padding: 0 1; background: $surface; color: $foreground; }"

    def __init__(self) -> None:
        super().__init__(id="chat-heading")
        self._targets: Sequence[Target] = (Target.service(""),)
        self._options = Options()

    def show(self, options: Options, *targets: Target) -> None:
        """Show these settings, and whom is asked with them."""
        self._targets, self._options = targets, options
        self.refresh()

    def render(self) -> Content:
        """Draw the line in the longest form that fits."""
        width = self.content_size.width
        for form in (1, 2, 3):
            left, right = self._who(form), self._how(form)
            room = width - left.cell_length - right.cell_length - 4
            if room >= LEAST_SYSTEM or form == 3:
                break
        system = self._system(room)
        gap = " " * max(width - left.cell_length - system.cell_length - right.cell_length - 2, 2)
        return Content.assemble(left, "  ", system, gap, right).truncate(width, ellipsis=True)

    def _who(self, form: int) -> Content:
        if len(self._targets) > 1:
            return Content.styled(f"Comparing {len(self._targets)}", "bold $text-primary")
        (target,) = self._targets
        name = literal.content(target.name, style="bold $text-primary").truncate(LONGEST_NAME, ellipsis=True)
        return Content.assemble(name, (f" · {target.where}", MUTED)) if form == 1 else name

    def _how(self, form: int) -> Content:
        return knobs(self._targets[0], self._options, form) if len(self._targets) == 1 else Content("")

    def _system(self, room: int) -> Content:
        prompt = self._options.system
        if not prompt.strip():
            words = next((words for words in ("no system prompt", "no prompt", "–") if len(words) <= room), "")
            return Content.styled(words, MUTED)
        label = "system: " if room >= 30 else "s: "
        shown = literal.content(" ".join(prompt.split()), style="italic")
        return Content.assemble((label, MUTED), shown).truncate(max(room, 0), ellipsis=True)


def knobs(target: Target, options: Options, form: int) -> Content:
    """Give the settings that a partner is asked with, in one of three forms, the first the longest."""
    asked = options.over(target.defaults)
    parts = []
    for name, *labels in _LABELS:
        if name != "effort" and name not in target.settings:
            continue
        value = getattr(asked, name)
        if name == "effort" and not target.efforts:
            value = None
        is_chosen = getattr(options, name) is not None and value is not None
        shown = "–" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
        style = "bold" if is_chosen else MUTED
        parts.append(Content.assemble((labels[form - 1], MUTED), literal.content(shown, style=style)))
    return Content("  " if form < 3 else " ").join(parts)
