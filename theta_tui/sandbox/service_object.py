"""How a service object is built (wire 2.2): inputs, predictions, prices and variants. It knows no service by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

Vars = dict[str, dict[str, Any]]
Service = dict[str, Any]

_CREATED: Final = "2025-06-01T10:00:00.000Z"
_UPDATED: Final = "2026-08-31T08:00:00.000Z"
_MESSAGE_OUT: Final[Vars] = {
    "message": {"type": "string", "results_path": "choices.0.message.content", "description": "The answer."}
}


def variable(kind: str, description: str, *, required: bool = False, default: Any = None) -> dict[str, Any]:
    """One entry of `input_vars`; it gets its index when the prediction is built."""
    var: dict[str, Any] = {"type": kind, "description": description, "required": required}
    return var if default is None else {**var, "default": default}


def _numbered(fields: Vars) -> Vars:
    return {name: {**field, "index": index} for index, (name, field) in enumerate(fields.items())}


def _inputs_of_a_chat(max_tokens: int, **more: dict[str, Any]) -> Vars:
    return {
        "messages": variable("chat_array", "The conversation so far, oldest first.", required=True),
        "max_tokens": variable("integer", "The most tokens to answer with, reasoning included.", default=max_tokens),
        "temperature": variable("float", "How free the choice of words is, 0 to 2.", default=0.5),
        "top_p": variable("float", "The share of likely words to choose from, 0 to 1.", default=0.7),
        "stream": variable("bool", "Whether the answer comes piece by piece.", default=True),
        **more,
    }


def prediction_object(
    inputs: Vars, outputs: Vars, instructions: str, cost: object, divisor: int = 1, **more: Any
) -> dict[str, Any]:
    """A prediction; its cost is in US cents for `divisor` units."""
    return {
        "rank": 1,
        "func_type": "http",
        "instructions": instructions,
        "cost": cost,
        "cost_divisor": divisor,
        "input_vars": _numbered(inputs),
        "output_vars": outputs,
        **more,
    }


def service_object(
    alias: str,
    name: str,
    workload: str,
    predictions: dict[str, dict[str, Any]],
    *,
    vram: int,
    executions: int,
    variants: Iterable[str] = (),
    state: str = "public",
) -> Service:
    """A service; its first prediction is the default one, and its ids follow from its alias."""
    templates = {
        variant: {"template_id": _ident("img_", f"{alias}/{variant}", 28), "min_vram": vram, "min_ram": vram * 2}
        for variant in variants
        if variant != "default"
    }
    service = {
        "id": _ident("srvc_", alias, 27),
        "name": name,
        "alias": alias,
        "state": state,
        "template_id": _ident("img_", alias, 28),
        "workload_type": workload,
        "predictions": predictions,
        "default_prediction": next(iter(predictions)),
        "min_vram": vram,
        "min_ram": vram * 2,
        "executions": executions,
        "rank": 0,
        "workers": 2 + executions % 5,
        "create_time": _CREATED,
        "update_time": _UPDATED,
    }
    return {**service, "variant_templates": templates} if templates else service


def _ident(prefix: str, name: str, length: int) -> str:
    word = "".join(character for character in name if character.isalnum())
    return prefix + (word + "0123456789sandbox" * 3)[:length]


def chat_service(
    alias: str, name: str, price: tuple[int, int], context: int, executions: int, vram: int = 80, **more: Any
) -> Service:
    """A language model; the price is in US cents for a million tokens in and out, the context in tokens.

    `more` are `variants`, `state`, `max_tokens` and further inputs by name.
    """
    variants, state = more.pop("variants", ()), more.pop("state", "public")
    prediction = prediction_object(
        _inputs_of_a_chat(**more),
        _MESSAGE_OUT,
        "Chat with the model.",
        {"input": price[0], "output": price[1]},
        1_000_000,
        external_price_tier="standard",
        openrouter_metadata={
            "id": alias.replace("_", "-"),
            "name": name,
            "context_length": context,
            "max_output_length": min(context // 2, 131_072),
            "input_modalities": ["text"],
            "output_modalities": ["text"],
            "supported_sampling_parameters": ["temperature", "top_p"],
        },
    )
    if variants:
        prediction["variants"] = list(variants)
    predictions = {"completions": prediction}
    return service_object(
        alias, name, "llm", predictions, vram=vram, executions=executions, variants=variants, state=state
    )
