"""What is known of chat models that no list tells (wire 2.14, 14.2): routes, defaults, efforts. Tables, no code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, Literal


@dataclass(frozen=True, slots=True)
class ChatRoute:
    """How to talk to one model: OD-3 (`job`) or OD-5 (`openai`) first, and its defaults (wire 2.14, 14.2)."""

    first: Literal["job", "openai"] = "job"
    max_tokens: int = 500
    wait: int = 30
    stream: bool = False
    variant: str | None = None
    reasoning_effort: str | None = None
    extra: tuple[tuple[str, Any], ...] = ()


TEMPERATURE = 0.5
TOP_P = 0.7
MOST_TOKENS = 5000
"""Defaults of every chat, and the longest answer of an on-demand model (wire 14.2)."""

ROUTES: dict[str, ChatRoute] = {
    "qwen3": ChatRoute(wait=60, stream=True, variant="parallax_32b_fp8"),
    "gpt_oss_120b": ChatRoute(first="openai", max_tokens=1800, reasoning_effort="low"),
    "glm_5_3": ChatRoute(first="openai", reasoning_effort="low"),
    "glm_5_3_flash": ChatRoute(first="openai", reasoning_effort="low"),
    "glm_5_2": ChatRoute(max_tokens=5000, extra=(("enable_thinking", False),)),
    "llama_3_1_70b": ChatRoute(),
    "llama_3_8b": ChatRoute(),
    "minimax_m2_5": ChatRoute(),
}
OTHER_ROUTE = ChatRoute(first="openai")
"""For models that the table does not know."""

EFFORTS: dict[str, tuple[str, ...]] = {
    "gpt_oss_120b": ("low", "medium", "high"),
    "glm_5_3": ("low", "high", "max"),
    "glm_5_3_flash": ("low", "high", "max"),
}

_SEES: Final = re.compile(
    r"(?:^|[^a-z])(?:vlm?|llava|pixtral|minicpm-?v|internvl|glm-?4(?:\.\d)?v|gemma-?3(?!.*(?:1b|270m))|llama-?4|omni|kimi-vl)"
    r"(?:[^a-z]|$)|vision|gpt-?4o|idefics|molmo",
    re.IGNORECASE,
)
"""No list of the cloud tells which models take images; their makers write it into the names."""


def takes_images(model: str) -> bool:
    """Whether a model of this name is known to take images."""
    return _SEES.search(model.replace("_", "-")) is not None
