"""The built-in catalogue (wire 3): what is known of services when the live list cannot be had.

The live list decides wherever it answers. `ROUTES` holds the per-model rules of wire 2.14, which no list tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from theta_tui.shapes.on_demand import Service


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
KNOWN_MODELS = frozenset(ROUTES)

EFFORTS: dict[str, tuple[str, ...]] = {
    "gpt_oss_120b": ("low", "medium", "high"),
    "glm_5_3": ("low", "high", "max"),
    "glm_5_3_flash": ("low", "high", "max"),
}

_CHAT = ("messages*", "max_tokens", "temperature", "top_p", "stream")

_KNOWN: tuple[tuple[str, str, str, tuple[str, ...], str, tuple[str, ...]], ...] = (
    ("qwen3", "Qwen3", "completions", _CHAT, "message", ("default", "parallax_32b_fp8")),
    ("glm_5_3", "GLM-5.3", "completions", _CHAT, "message", ()),
    ("glm_5_3_flash", "GLM-5.3 Flash", "completions", _CHAT, "message", ()),
    ("gpt_oss_120b", "GPT OSS 120B", "completions", (*_CHAT, "reasoning_effort"), "message", ()),
    ("llama_3_1_70b", "Llama 3.1 70B", "completions", _CHAT, "message", ("default", "quantized")),
    ("stable_diffusion_xl_turbo", "Stable Diffusion XL Turbo", "predict",
     ("prompt*", "steps", "strength", "guidance"), "image_url", ()),
    ("flux", "FLUX", "generate_image",
     ("prompt*", "guidance", "height", "width", "num_steps", "seed"), "image_url", ("default", "quantized")),
    ("image_to_image", "Image to Image", "stylize", ("image_filename*",), "image_url", ()),
    ("esrgan", "ESRGAN", "predict", ("input_img*",), "image_url", ()),
    ("blip", "BLIP", "predict", ("input_img*",), "text", ()),
    ("llava", "LLaVA", "predict", ("input_img*", "question*"), "text", ("quantized",)),
    ("grounding_dino", "Grounding DINO", "0", ("input_img*", "detection_prompt*"), "image_url", ()),
    ("whisper", "Whisper", "stt", ("audio_filename*", "language"), "text", ()),
    ("kokoro_82m", "Kokoro 82M", "predict", ("text*", "voice*", "speed"), "audio_url", ()),
)  # fmt: skip

_TYPES = {
    "messages": "chat_array",
    "max_tokens": "integer",
    "steps": "integer",
    "num_steps": "integer",
    "height": "integer",
    "width": "integer",
    "temperature": "float",
    "top_p": "float",
    "strength": "float",
    "guidance": "float",
    "speed": "float",
    "stream": "bool",
    "input_img": "filename",
    "image_filename": "filename",
    "audio_filename": "filename",
}


def built_in_services() -> tuple[Service, ...]:
    """Give the catalogue as services tagged `catalog`."""
    return tuple(_service(*row) for row in _KNOWN)


def _service(
    alias: str, name: str, prediction: str, inputs: tuple[str, ...], output: str, variants: tuple[str, ...]
) -> Service:
    input_vars = {
        field.rstrip("*"): {
            "type": _TYPES.get(field.rstrip("*"), "string"),
            "index": index,
            "required": field.endswith("*"),
        }
        for index, field in enumerate(inputs)
    }
    body = {
        "input_vars": input_vars,
        "output_vars": {output: {"type": "string"}},
        "variants": list(variants),
    }
    source = {
        "alias": alias,
        "name": name,
        "state": "public",
        "default_prediction": prediction,
        "predictions": {prediction: body},
    }
    return Service.read(source).model_copy(update={"source": "catalog"})
