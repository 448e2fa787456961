"""Strict reading of what a job is asked for: prediction, variant, inputs by name and type (wire 2.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from theta_tui.sandbox.answers import Refused, may
from theta_tui.sandbox.service_object import Service

_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "filename": (str,),
    "number": (int, float),
    "float": (int, float),
    "integer": (int,),
    "bool": (bool,),
    "boolean": (bool,),
    "array": (list,),
    "chat_array": (list,),
}


def prediction_of(service: Service, name: str | None) -> str:
    """The prediction to run, the default one when none is named. Refuses with 400 an unknown one."""
    wanted = name or service["default_prediction"]
    if wanted not in service["predictions"]:
        raise Refused(400, f"prediction not found: {wanted[:60]}")
    return str(wanted)


def variant_of(prediction: Mapping[str, Any], body: Mapping[str, Any]) -> str | None:
    """The variant asked for. Refuses with 400 one the prediction does not have."""
    variant = may(body, "variant", str)
    if variant is not None and variant not in prediction.get("variants", ()):
        raise Refused(400, f"variant not found: {variant[:60]}")
    return variant


def webhook_of(body: Mapping[str, Any]) -> str | None:
    """The webhook asked for; it is kept and never called, because the sandbox calls nobody."""
    webhook = may(body, "webhook", str)
    if webhook is not None and urlsplit(webhook).scheme not in ("http", "https"):
        raise Refused(400, "Invalid field: webhook")
    return webhook


def inputs_of(prediction: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs by name as they were given. Refuses with 400 a missing, unknown or wrongly typed one."""
    given = body.get("input")
    if not isinstance(given, dict):
        raise Refused(400, "Missing required field: input")
    known = prediction["input_vars"]
    for name in given:
        if name not in known:
            raise Refused(400, f"Unknown input: {name[:60]}")
    for name, var in known.items():
        _check(name, var, given.get(name))
    return given


def file_fields(prediction: Mapping[str, Any], body: Mapping[str, Any]) -> list[str]:
    """The file inputs to open slots for: those named in `input_fields`, or all. Refuses with 400 any other name."""
    files = [name for name, var in prediction["input_vars"].items() if var["type"] == "filename"]
    named = may(body, "input_fields", list)
    if named is None:
        return files
    for name in named:
        if name not in files:
            raise Refused(400, f"Invalid input field: {str(name)[:60]}")
    return named


def _check(name: str, var: Mapping[str, Any], value: object) -> None:
    if value in (None, ""):
        if var["required"]:
            raise Refused(400, f"Missing required input: {name}")
        return
    kinds = _KINDS[var["type"]]
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise Refused(400, f"Invalid input: {name} must be of type {var['type']}")
