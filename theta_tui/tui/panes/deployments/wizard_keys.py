"""The steps of the wizard for a new deployment, and the keys of each."""

from __future__ import annotations

from typing import Final, Literal

from theta_tui.tui.actions import Action

StepName = Literal["template", "machine", "options"]
STEPS: Final[tuple[tuple[StepName, str], ...]] = (
    ("template", "Template"),
    ("machine", "Machine"),
    ("options", "Options"),
)

_NEXT = Action("wizard.next", "ctrl+n,ctrl+s", "Next", "next", "Go on to the next step.", 2, priority=True)
_BACK = Action("wizard.back", "escape", "Back", "step_back", "Back one step; what was typed stays.", 3)
_RETRY = Action("wizard.retry", "R", "Ask again", "retry", "Ask for the lists again.", 8)
_CHOOSE = Action("wizard.choose", "enter", "Choose", "next", "Choose what the cursor is on.", 1)
_OTHER = Action("wizard.other", "t", "Kind", "other_category", "Show serving, prototyping or own templates.", 4)
_OWN = Action("wizard.own", "N", "New template", "own", "Make a template of your own.", 6)
_SEARCH = Action("wizard.search", "slash", "Search", "search", "Search the templates.", 5)
_REVIEW = Action("wizard.review", "ctrl+n", "Review", "next", "Show what will be sent.", 1)
_FIELDS = Action("wizard.fields", "tab", "Next field", "next_field", "Go to the next field.", 4)

KEYS: Final[dict[StepName, tuple[Action, ...]]] = {
    "template": (_CHOOSE, _BACK, _OTHER, _SEARCH, _OWN, _RETRY),
    "machine": (_CHOOSE, _BACK, _RETRY),
    "options": (_REVIEW, _FIELDS, _BACK),
}
"""What the key line shows."""
WIZARD: Final = (_NEXT, _BACK, _RETRY)
"""What every step binds; the rest is bound where it works."""
