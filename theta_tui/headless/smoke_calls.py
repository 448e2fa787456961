"""What the smoke test asks each service: the smallest call it can answer, from its own inputs. Sends nothing."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from theta_tui.headless import samples
from theta_tui.settings import Settings
from theta_tui.shapes.on_demand import InputVar, Service
from theta_tui.shapes.routing import tasks_of

CHAT, INFER, FILES = "theta.ondemand.chat", "theta.ondemand.infer", "theta.ondemand.inferFiles"

QUESTION = "Reply with one word: ready."
WORDS = {
    "prompt": "a small red lighthouse",
    "text": "Ready.",
    "question": "What is in the picture?",
    "detection_prompt": "square",
}
"""What is given for inputs of these names."""

DEFAULT_WAIT = 30


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the smoke test: a command and its arguments."""

    service: str
    command: str
    arguments: Mapping[str, Any]


def call_for(service: Service, settings: Settings) -> Call | None:
    """Give the smallest call of a service's default prediction; None if it wants an input that nobody can guess."""
    wait = DEFAULT_WAIT if settings.wait_seconds is None else int(settings.wait_seconds)
    if any(task == "chat" for task, _ in tasks_of(service)):
        messages = [{"role": "user", "content": QUESTION}]
        return Call(service.alias, CHAT, {"service": service.alias, "messages": messages, "stream": False})
    needed = [item for item in service.prediction.inputs if item.required]
    files = {item.name: _file(item) for item in needed if item.type == "filename"}
    words = {item.name: _words(item) for item in needed if item.type != "filename"}
    if None in words.values() or not service.predictions:
        return None
    given = {"service": service.alias, "input": words, "wait": wait}
    if not files:
        return Call(service.alias, INFER, given)
    return Call(service.alias, FILES, {**given, "files": files, **follow(settings)})


def follow(settings: Settings) -> dict[str, int]:
    """Give how long a pending job is followed, in ms; one look where it is not to be followed."""
    if not settings.poll_until_done:
        return {"interval_ms": 60_000, "timeout_ms": 1000}
    return {
        "interval_ms": int(settings.poll_interval_seconds * 1000),
        "timeout_ms": int(settings.poll_timeout_seconds * 1000),
    }


def _file(item: InputVar) -> dict[str, str]:
    is_sound = re.search(r"audio|voice|sound|speech", item.name) is not None
    name, data = ("tone.wav", samples.recording()) if is_sound else ("square.png", samples.picture())
    return {"filename": name, "content": base64.b64encode(data).decode("ascii"), "encoding": "base64"}


def _words(item: InputVar) -> Any:
    """Give something to say for an input: known by name, its default, or the first of the choices it names."""
    if item.name in WORDS:
        return WORDS[item.name]
    if item.default not in (None, ""):
        return item.default
    choices = re.match(r"One of ([\w-]+)", item.description)
    return choices[1] if choices else None
