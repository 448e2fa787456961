"""Reading what is asked of agents and documents: every rule of wire 8.1 and 8.4. It refuses; it makes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from theta_tui.sandbox.answers import Refused, may, need
from theta_tui.sandbox.knowledge import LLMS

_TEXTS: Final = ("name", "system_prompt", "llm_endpoint_id")
_FIELDS: Final = (*_TEXTS, "max_tokens", "temperature", "warm_up_messages", "settings")
_METADATA: Final = frozenset({"query_type", "type", "filename", "description", "sql_schema", "sql_description"})


def read_fields(body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an agent that are given. Refuses with 400 an unknown and a wrong one."""
    unknown = sorted(set(body) - {*_FIELDS, "project_id"})
    if unknown:
        raise Refused(400, f"Unknown field: {unknown[0][:60]}")
    for name in _TEXTS:
        may(body, name, str)
    _check_number(body, "max_tokens", (int,), 1, 1_000_000)
    _check_number(body, "temperature", (int, float), 0, 2)
    if body.get("llm_endpoint_id", LLMS[0][0]) not in [llm[0] for llm in LLMS]:
        raise Refused(400, "Invalid field: llm_endpoint_id")
    _check_warm_up(may(body, "warm_up_messages", list) or [])
    _check_settings(may(body, "settings", dict) or {})
    return {name: body[name] for name in _FIELDS if body.get(name) is not None}


def read_metadata(text: str) -> dict[str, Any]:
    """The metadata of a document. Refuses with 400 what has neither of the two forms."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise Refused(400, "Part metadata is not valid JSON") from error
    if not isinstance(found, dict) or not set(found) <= _METADATA or found.get("type", "file") != "file":
        raise Refused(400, "Invalid part: metadata")
    may(found, "filename", str)
    if need(found, "query_type", str) == "text":
        need(found, "description", str)
    elif found["query_type"] == "sql":
        need(found, "sql_description", str)
        _check_schema(need(found, "sql_schema", dict))
    else:
        raise Refused(400, "Invalid field: query_type")
    return found


def _check_number(body: Mapping[str, Any], name: str, kinds: tuple[type, ...], least: float, most: float) -> None:
    value = body.get(name)
    is_number = isinstance(value, kinds) and not isinstance(value, bool)
    if value is not None and not (is_number and least <= value <= most):
        raise Refused(400, f"Invalid field: {name}")


def _check_warm_up(messages: list[Any]) -> None:
    for message in messages:
        fits = isinstance(message, dict) and set(message) == {"role", "content"}
        if not fits or message["role"] not in ("user", "assistant") or not isinstance(message["content"], str):
            raise Refused(400, "Invalid field: warm_up_messages")


def _check_settings(settings: Mapping[str, Any]) -> None:
    tools = settings.get("agent.tools", {})
    if not isinstance(tools, dict) or not all(isinstance(on, bool) for on in tools.values()):
        raise Refused(400, "Invalid field: settings.agent.tools")
    if not isinstance(settings.get("retriever.type", ""), str):
        raise Refused(400, "Invalid field: settings.retriever.type")


def _check_schema(schema: Mapping[str, Any]) -> None:
    need(schema, "table_name", str)
    for column in need(schema, "columns", list):
        if not isinstance(column, dict) or not all(isinstance(column.get(name), str) for name in ("name", "type")):
            raise Refused(400, "Invalid field: sql_schema.columns")
