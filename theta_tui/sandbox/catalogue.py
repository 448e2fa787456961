"""Looking services up, as OD-1 and OD-2 answer them (wire 2.2, 2.3). It knows no requests and no jobs."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from theta_tui.sandbox.service_object import Service
from theta_tui.sandbox.services import SERVICES


def find(id_or_alias: str) -> Service | None:
    """The service of this id or alias, internal ones too, or None. The caller must not change it."""
    return next((service for service in SERVICES if id_or_alias in (service["id"], service["alias"])), None)


def listed() -> list[Service]:
    """What OD-1 answers: all services, the internal one too (clients hide it); the caller may change the copies."""
    return deepcopy(list(SERVICES))


def expanded(service: Service) -> Service:
    """The service with its template id replaced by an object (`expand=template_id`)."""
    template = {
        "id": service["template_id"],
        "name": service["name"],
        "category": "serving",
        "create_time": service["create_time"],
    }
    return {**service, "template_id": template}


def price(prediction: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """`prediction_cost` and its divisor, in US cents (wire 1.6); a plain number is the price of one output."""
    cost = prediction["cost"]
    both = cost if isinstance(cost, dict) else {"input": 0, "output": cost}
    return dict(both), prediction["cost_divisor"]
