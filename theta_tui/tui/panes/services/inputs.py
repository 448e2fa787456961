"""The inputs of a service as fields of a form, and what is filled in as arguments of a run. Pure."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final

from theta_tui.shapes.on_demand import InputVar
from theta_tui.tui.form_fields import FieldKind, FieldSpec
from theta_tui.tui.panes.services.row import ServiceRow
from theta_tui.tui.panes.services.words import example_inputs

VARIANT: Final = "variant"
MOST_BYTES: Final = 50_000_000
_KINDS: Final[Mapping[str, FieldKind]] = {
    "filename": FieldKind.FILE,
    "integer": FieldKind.INTEGER,
    "int": FieldKind.INTEGER,
    "float": FieldKind.NUMBER,
    "number": FieldKind.NUMBER,
    "bool": FieldKind.BOOL,
    "boolean": FieldKind.BOOL,
    "array": FieldKind.JSON,
    "object": FieldKind.JSON,
    "chat_array": FieldKind.MESSAGES,
}
_PICTURES: Final = (".png", ".jpg", ".jpeg", ".webp", ".gif")
_SOUNDS: Final = (".wav", ".mp3", ".flac", ".ogg", ".m4a", ".webm")
_LONG: Final = ("prompt", "text", "question", "negative_prompt")


def specs_of(row: ServiceRow) -> tuple[FieldSpec, ...]:
    """Give a field for each input, in the service's order, and one for the variant where there are several."""
    fields = tuple(_spec(item) for item in row.prediction.inputs)
    if not row.variants:
        return fields
    words = ("the default", *row.variants)
    return (*fields, FieldSpec(VARIANT, VARIANT, FieldKind.CHOICE, choices=("", *row.variants), words=words, rare=True,
                               help="Another build of the model, at another price."))  # fmt: skip


def _spec(item: InputVar) -> FieldSpec:
    kind = _KINDS.get(item.type, FieldKind.LONG if item.name in _LONG else FieldKind.TEXT)
    suffixes: tuple[str, ...] = ()
    if kind is FieldKind.FILE:
        suffixes = _SOUNDS if "audio" in item.name else _PICTURES if "im" in item.name else ()
    return FieldSpec(
        item.name, item.name, kind, required=item.required, default=item.default, help=item.description,
        suffixes=suffixes, most_bytes=MOST_BYTES if kind is FieldKind.FILE else None,
    )  # fmt: skip


def first_values(row: ServiceRow) -> dict[str, Any]:
    """Give values with which it runs at the first try; a file is for the user to name."""
    files = {item.name for item in row.prediction.inputs if item.type == "filename"}
    return {name: value for name, value in example_inputs(row.prediction).items() if name not in files}


def arguments_of(row: ServiceRow, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Give the command of a run and its arguments: files go along by their paths."""
    files = {item.name for item in row.prediction.inputs if item.type == "filename"}
    paths = {name: str(value) for name, value in values.items() if name in files and value}
    given = {name: value for name, value in values.items() if name not in files and name != VARIANT}
    more = {VARIANT: values[VARIANT]} if values.get(VARIANT) else {}
    service = row.service.alias
    if paths:
        return "theta.ondemand.inferFiles", {"service": service, "input": given, "paths": paths, **more}
    return "theta.ondemand.infer", {"service": service, "input": given, "wait": 0, **more}


def varied(inputs: Sequence[InputVar], values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the same values with another seed, where the service takes one."""
    seed = next((item for item in inputs if item.name == "seed"), None)
    if seed is None:
        return dict(values)
    number = secrets.randbelow(2**31)
    return {**values, "seed": str(number) if seed.type == "string" else number}


def summary(inputs: Mapping[str, Any], paths: Mapping[str, str]) -> str:
    """Say in a line what was asked: the first texts and the names of files."""
    said = [value for value in inputs.values() if isinstance(value, str) and value]
    return " · ".join([*(PurePath(path).name for path in paths.values()), *said[:2]]) or "no inputs"
