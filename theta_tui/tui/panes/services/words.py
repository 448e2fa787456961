"""A service in words: its facts, its inputs as a table, and the lines that call it from a shell. No secrets."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from textual.content import Content

from theta_tui.arguments import cli_line
from theta_tui.safe_text import for_line
from theta_tui.shapes.on_demand import InputVar, Prediction
from theta_tui.tui import literal
from theta_tui.tui.panes.services.row import ServiceRow, price_words, tokens_words
from theta_tui.tui.widgets.details import Fact
from theta_tui.tui.widgets.record_columns import cells, fill
from theta_tui.tui.widgets.record_lines import wrap
from theta_tui.tui.words import UNKNOWN, count

_MUTED = "$foreground-muted"
_LONGEST = 24
"""Cells of a name, type or default in the table of inputs."""

_EXAMPLES: dict[str, Any] = {
    "prompt": "a red lighthouse",
    "question": "What is in the picture?",
    "detection_prompt": "lighthouse",
    "text": "Hello from the terminal.",
    "voice": "af_heart",
}
_MESSAGES = [{"role": "user", "content": "Hello"}]


def facts(row: ServiceRow, width: int) -> list[Fact]:
    """Give what is known of a service; `width` is the room for the table of inputs, in cells."""
    service, prediction = row.service, row.prediction
    return [
        ("Service", _name(row)),
        ("What it does", prediction.instructions),
        ("Price", _price(row)),
        ("", _caveat(row)),
        *([("Context", tokens_words(prediction.context_tokens))] if row.category == "text" else []),
        ("Variants", ", ".join(row.variants) or "one only"),
        ("Inputs", inputs_content(prediction.inputs, width)),
        ("Gives", ", ".join(prediction.output_vars) or UNKNOWN),
        ("Predictions", _predictions(row)),
        ("Quota", "unknown until a call answers"),
        ("Workers, runs", f"{count(service.workers)}, {count(service.executions)}"),
        ("Id", service.id),
        ("Updated", service.update_time or UNKNOWN),
    ]


def _name(row: ServiceRow) -> Content:
    source = ("● live", "$text-success") if row.is_live else ("○ built-in catalogue", "$text-warning")
    alias, name = literal.content(row.service.alias, style="bold"), literal.content(row.service.name)
    return Content.assemble(alias, "  ", name, "  ", row.category, "  ", source)


def _price(row: ServiceRow) -> Content:
    words = price_words(row.price, row.category)
    if words == UNKNOWN:
        return Content.styled(UNKNOWN, _MUTED)
    return Content.assemble(words, ("  in / out" if row.category == "text" else "", _MUTED))


def _caveat(row: ServiceRow) -> Content:
    cost = row.prediction.cost
    if cost is None:
        return Content.styled("The review says what is known before anything is sent.", _MUTED)
    written = f"{cost.get('input')} / {cost.get('output')}" if isinstance(cost, dict) else str(cost)
    divisor = row.prediction.cost_divisor
    unit = f" per {_number(divisor)} units" if divisor and row.category != "text" and divisor != 1 else ""
    reading = "cents per million tokens" if row.category == "text" else f"US cents{unit}"
    return Content.styled(f"listed as {for_line(written, 40)}, read as {reading}", _MUTED)


def _number(value: Decimal) -> str:
    return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:f}"


def _predictions(row: ServiceRow) -> str:
    default = row.service.default_prediction
    names = [f"{name} (default)" if name == default else name for name in row.service.predictions]
    return ", ".join(names) or UNKNOWN


def inputs_content(inputs: Sequence[InputVar], width: int) -> Content:
    """Give the inputs as aligned lines under a head; descriptions wrap beside their column."""
    if not inputs:
        return Content.styled(UNKNOWN, _MUTED)
    rows = [("NAME", "TYPE", "NEEDED", "DEFAULT"), *(_cells(item) for item in inputs)]
    widths = [min(max(cells(row[i]) for row in rows), _LONGEST) for i in range(4)]
    room = max(width - sum(widths) - 2 * len(widths), 16)
    lines = [Content.styled(_joined(rows[0], widths) + "WHAT IT IS", f"bold {_MUTED}")]
    for item, row in zip(inputs, rows[1:], strict=True):
        described = wrap(for_line(item.description), room) if item.description else [""]
        head = Content(_joined(row, widths))
        name = Content.styled(head.plain[: widths[0]], "bold" if item.required else "")
        lines.append(Content.assemble(name, head.plain[widths[0] :], (described[0], _MUTED)))
        lines += [Content.styled(" " * head.cell_length + more, _MUTED) for more in described[1:]]
    return Content("\n").join(lines)


def _cells(item: InputVar) -> tuple[str, str, str, str]:
    default = "–" if item.default is None else for_line(item.default, 60)
    return for_line(item.name, 60), for_line(item.type, 40), "yes" if item.required else "no", default


def _joined(row: Sequence[str], widths: Sequence[int]) -> str:
    return "".join(fill(text, size) + "  " for text, size in zip(row, widths, strict=True))


def example_inputs(prediction: Prediction) -> dict[str, Any]:
    """Make up the required inputs of a prediction."""
    needed = [item for item in prediction.inputs if item.required] or list(prediction.inputs[:1])
    return {item.name: _example(item) for item in needed}


def _example(item: InputVar) -> Any:
    if item.default is not None:
        return item.default
    if item.type == "chat_array":
        return _MESSAGES
    if item.type == "filename":
        return "https://example.com/speech.wav" if "audio" in item.name else "https://example.com/picture.png"
    if item.type in ("number", "integer", "float"):
        return 1
    if item.type in ("bool", "boolean"):
        return False
    return _EXAMPLES.get(item.name, "…")


def infer_line(row: ServiceRow) -> str:
    """Write one run as a CLI line."""
    if row.category == "text":
        return cli_line("theta.ondemand.chat", {"service": row.service.alias, "messages": _MESSAGES})
    inputs = example_inputs(row.prediction)
    return cli_line("theta.ondemand.infer", {"service": row.service.alias, "input": inputs})


def curl_line(row: ServiceRow, origin: str) -> str:
    """Write one run as a curl command; the token stays in its variable (OD-5 for text, else OD-3)."""
    alias = row.service.alias
    if row.category == "text":
        path, body = "chat/completions", {"model": alias, "messages": _MESSAGES, "max_tokens": 500, "stream": False}
    else:
        path, body = f"{alias}?wait=30", {"input": example_inputs(row.prediction)}
    return " ".join([
        "curl -X POST", shlex.quote(f"{origin}/infer_request/{path}"),
        '-H "Authorization: Bearer $THETA_ONDEMAND_API_TOKEN"', "-H 'Content-Type: application/json'",
        "-d", shlex.quote(json.dumps(body, default=str)),
    ])  # fmt: skip
