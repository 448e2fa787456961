"""The exact requests of an act as lines to read: method, URL with query, coloured body, masked headers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

from textual.content import Content

from theta_tui.safe_text import for_block, for_line
from theta_tui.tui import literal
from theta_tui.tui.json_lines import json_lines
from theta_tui.tui.review_words import money

Json = Any

_HEAD: Final = "bold $text-primary"
_MUTED: Final = "$foreground-muted"
INDENT: Final = 2


def act_lines(preview: Mapping[str, Json], command_line: str | None = None) -> list[Content]:
    """Give every line between the facts and the buttons: notes, requests or steps, the same as a CLI line."""
    lines: list[Content] = []
    for note in preview.get("notes", ()):
        lines.append(Content.assemble(("Note  ", "bold $text-warning"), literal.content(note)))
    if lines:
        lines.append(Content(""))
    steps = preview.get("steps")
    lines += _steps(steps) if steps else _requests(preview.get("requests", ()))
    if command_line:
        lines += [Content(""), _heading("The same as a command"), *_block(command_line)]
    return lines


def _steps(steps: Sequence[Mapping[str, Json]]) -> list[Content]:
    lines = _prices(steps)
    for number, step in enumerate(steps, 1):
        if lines:
            lines.append(Content(""))
        place = f"Step {number} of {len(steps)}"
        if step.get("waits"):
            name = for_line(step["step"])
            lines.append(Content.assemble((place, _HEAD), f"  {name}  ", ("waits; reads only", _MUTED)))
            continue
        effect = str(step.get("effect", "")).upper()
        cleanup = ("  CLEAN-UP: runs also after failure or cancel", "$text-warning")
        lines.append(
            Content.assemble(
                (place, _HEAD), "  ", literal.content(step.get("summary") or step["step"]),
                (f"  {effect}{_cost(step.get('cost') or {})}", _MUTED), cleanup if step.get("cleanup") else "",
            )
        )  # fmt: skip
        lines += _requests(step.get("requests", ()), indent=INDENT)
    return lines


def _prices(steps: Sequence[Mapping[str, Json]]) -> list[Content]:
    """Give the worst case of each step that costs anything, where there are several."""
    costs = [(step, _cost(step.get("cost") or {}).removeprefix(" · ")) for step in steps]
    costs = [(step, cost) for step, cost in costs if cost]
    if len(costs) < 2:
        return []
    widest = max(len(cost) for _, cost in costs)
    said = [literal.content(step.get("summary") or step["step"]) for step, _ in costs]
    listed = [Content.assemble("  ", (cost.rjust(widest), "bold"), "  ", words)
              for (_, cost), words in zip(costs, said, strict=True)]  # fmt: skip
    return [_heading("What each may cost"), *listed]


def _cost(cost: Mapping[str, Json]) -> str:
    if cost.get("source") == "unknown price":
        return " · unknown price"
    parts = [f"≤ {money(cost['usd_estimate'])}" if cost.get("usd_estimate") else ""]
    parts += [f"{money(cost['usd_per_hour'])}/h" if cost.get("usd_per_hour") else ""]
    return "".join(f" · {part}" for part in parts if part)


def _requests(requests: Sequence[Mapping[str, Json]], *, indent: int = 0) -> list[Content]:
    lines: list[Content] = []
    before: Mapping[str, Json] = {}
    for request in requests:
        if request.get("only_after"):
            lines += [Content(""), _heading(f"Only after {for_line(request['only_after'], 40)}", indent)]
        lines += _request(request, before, indent)
        before = request
    return lines


def _request(request: Mapping[str, Json], before: Mapping[str, Json], indent: int) -> Iterator[Content]:
    """Give method and URL, then the body, then the headers: what differs from call to call comes first."""
    pad = " " * indent
    method = (for_line(request["method"], 10), "bold $text-accent")
    yield Content.assemble(pad, method, " ", literal.content(_url(request)))
    inner = indent + INDENT
    body = request.get("body")
    if body is not None and body == before.get("body"):
        yield Content.styled(f"{' ' * inner}body as above", _MUTED)
    elif body is not None:
        yield from json_lines(body, indent=inner)
    if request["headers"] == before.get("headers"):
        yield Content.styled(f"{' ' * inner}headers as above", _MUTED)
        return
    for name, value in request["headers"].items():
        yield Content.styled(f"{' ' * inner}{for_line(name, 80)}: {for_line(value)}", _MUTED)


def _url(request: Mapping[str, Json]) -> str:
    """Write URL and query; what was masked stays readable."""
    pairs = [(str(name), str(value)) for name, value in request.get("query") or ()]
    query = urlencode(pairs, safe="[]{},:", quote_via=quote)
    return f"{request['url']}?{query}" if query else str(request["url"])


def _heading(words: str, indent: int = 0) -> Content:
    return Content.assemble(" " * indent, ("── ", _MUTED), (words, _HEAD))


def _block(text: str) -> list[Content]:
    return [Content(line) for line in for_block(text).split("\n")]


def preview_text(preview: Mapping[str, Json]) -> str:
    """Give the preview as JSON, for the clipboard."""
    return json.dumps(preview, indent=2, default=str)
