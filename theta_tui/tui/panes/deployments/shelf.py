"""Where the wizard's templates come from: the standard ones by category, and the project's own, which it keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from theta_tui.shapes.deployments import Template
from theta_tui.tui.form_screen import open_form

if TYPE_CHECKING:
    from theta_tui.tui.panes.base import Pane


@dataclass(frozen=True, slots=True)
class Shelf:
    """One source of templates: its word, the command that lists it, and what to say when it is empty."""

    word: str
    command: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    empty: str = "No template here. t shows the next kind."


SHELVES: Final = (
    Shelf("serving", "theta.deployments.listStandard", {"category": "serving", "number": 200}),
    Shelf("prototyping", "theta.deployments.listStandard", {"category": "prototyping", "number": 200}),
    Shelf(
        "own",
        "theta.deployments.listCustom",
        {"number": 200},
        "No template of your own yet. A template names an image, its port and its environment.\n\nN makes one.",
    ),
)


def shelf(word: str) -> Shelf:
    """Give a shelf by its word."""
    return next(each for each in SHELVES if each.word == word)


def next_word(word: str) -> str:
    """Give the word of the next shelf, round and round."""
    words = [each.word for each in SHELVES]
    return words[(words.index(word) + 1) % len(words)]


def fields_of(template: Template) -> dict[str, Any]:
    """Give what a template of one's own is made of, as the form to change it begins with."""
    fields = {
        "template_id": template.id,
        "name": template.name,
        "description": template.description,
        "container_image": next(iter(template.container_images), None),
        "container_port": template.container_port,
        "env_vars": {name: value or "" for name, value in template.env_vars.items()} or None,
        "tags": list(template.tags) or None,
    }
    return {name: value for name, value in fields.items() if value}


async def keep_own(pane: Pane, verb: str, template: Template | None) -> None:
    """Make, change or delete a template of one's own ("create", "update", "delete"), through form and review."""
    app, command = pane.console_app, f"theta.templates.{verb}"
    if template is None:
        await open_form(app, command, title="New template of your own")
    elif verb == "delete":
        await pane.submit(command, {"template_id": template.id, "name": template.name or None})
    else:
        title = f"Change the template {template.name or template.id}"
        await open_form(app, command, values=fields_of(template), fixed=("template_id",), title=title)
