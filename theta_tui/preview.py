"""A Change or Plan as the JSON that is shown before anything is sent. Secrets are masked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from theta_tui.change import Body, Change, Cost, FileBody, FormBody, Json, JsonBody, Plan, RawBody, Request, Step
from theta_tui.redact import REDACTED, redactor

ONCE_MORE = "If no answer comes, it is looked up; what was not done then is sent once more."
Describe = Callable[[Request], Mapping[str, Any]]
"""Gives method, url and headers of a request as the wire will send it, credentials already masked."""


def of_change(command: str, change: Change[Any], cost: Cost, describe: Describe, reason: str) -> dict[str, Json]:
    """Give the preview of a Change."""
    return {
        "applied": False,
        "reason": reason,
        "command": command,
        "effect": change.effect.value,
        "summary": change.summary,
        "target": {"kind": change.target.kind, "id": change.target.id, "name": change.target.name},
        "cost": of_cost(cost),
        "requests": [of_request(request, describe) for request in change.requests],
        **_noted([*change.notes, *([ONCE_MORE] if change.idempotent else [])]),
    }


def of_plan(command: str, plan: Plan[Any], costs: list[Cost], describe: Describe, reason: str) -> dict[str, Json]:
    """Give the preview of a Plan: its steps in order, holes visible, and the worst-case total."""
    steps = []
    remaining = iter(costs)
    for step in plan.steps:
        if isinstance(step, Step):
            shown = {
                "step": step.name,
                "summary": step.change.summary,
                "effect": step.change.effect.value,
                "cost": of_cost(next(remaining)),
                "requests": [of_request(request, describe) for request in step.change.requests],
            }
            steps.append({**shown, **({"cleanup": True} if step.cleanup else {})})
        else:
            steps.append({"step": step.name, "waits": True})
    return {
        "applied": False,
        "reason": reason,
        "command": command,
        "effect": plan.effect.value,
        "summary": plan.summary,
        "cost": of_cost(total(costs)),
        "steps": steps,
        "requests": [of_request(request, describe) for request in plan.requests],
        **_noted(
            [
                *(ONCE_MORE for change in plan.changes if change.idempotent),
                *(step.renewal.note for step in plan.steps if isinstance(step, Step) and step.renewal),
            ]
        ),
    }


def _noted(notes: list[str]) -> dict[str, Json]:
    return {"notes": list(dict.fromkeys(notes))} if notes else {}


def of_step(shown: Mapping[str, Json], number: int) -> dict[str, Json]:
    """Give the preview of one Change of a Plan whose steps do not depend on each other."""
    step = [step for step in shown["steps"] if "requests" in step][number]
    return {**{name: value for name, value in shown.items() if name != "steps"}, **step}


def of_request(request: Request, describe: Describe) -> dict[str, Json]:
    """Give one request: method, url, query, headers and body as they will be sent, secrets masked."""
    line = describe(request)
    shown: dict[str, Json] = {
        "method": line["method"],
        "url": redactor.url(str(line["url"])),
        "query": redactor.query(request.query),
        "headers": dict(line["headers"]),
        "body": of_body(request.body),
    }
    if request.only_after is not None:
        shown["only_after"] = request.only_after.value
    return shown


def of_body(body: Body | None) -> Json:
    """Give a body to look at: JSON with secrets masked, forms and bytes by their sizes."""
    if isinstance(body, JsonBody):
        return redactor.value(_thawed(body.value))
    if isinstance(body, RawBody):
        return {"bytes": len(body.data), "content_type": body.content_type, "what": body.label}
    if isinstance(body, FileBody):
        return {"bytes": body.size, "content_type": body.content_type, "what": body.name}
    if isinstance(body, FormBody):
        return [
            {"name": part.name, "filename": part.filename, "bytes": len(part.data), "content_type": part.content_type}
            for part in body.parts
        ]
    return None


def of_cost(cost: Cost) -> dict[str, Json]:
    """Give a cost: worst case of the call and price per hour in USD, null when unknown, and where it comes from."""
    shown: dict[str, Json] = {
        "usd_estimate": cost.usd,
        "usd_per_hour": cost.usd_per_hour,
        "source": cost.source if cost.is_known else "unknown price",
    }
    return {**shown, **({"note": cost.note} if cost.note else {})}


def total(costs: list[Cost]) -> Cost:
    """Add the worst cases of several acts; unknown as soon as one of them is."""
    if not all(cost.is_known for cost in costs):
        return Cost()
    hourly = sum((cost.usd_per_hour or Decimal(0) for cost in costs), Decimal(0))
    sources = dict.fromkeys(cost.source for cost in costs if not cost.is_free)
    return Cost(
        usd=sum((cost.usd or Decimal(0) for cost in costs), Decimal(0)),
        usd_per_hour=hourly or None,
        source=", ".join(sources) or "free",
        hours=max((cost.hours for cost in costs if cost.hours is not None), default=None),
    )


def _thawed(value: Json) -> Json:
    if hasattr(value, "get_secret_value"):
        return REDACTED
    if isinstance(value, Mapping):
        return {key: _thawed(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_thawed(item) for item in value]
    return str(value) if type(value).__name__ == "Hole" else value
