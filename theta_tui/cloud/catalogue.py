"""The built-in catalogue (wire 3): what is known of services when the live list cannot be had.

The live list decides wherever it answers. The per-model rules of wire 2.14, which no list tells, are in
`shapes.chat_models`.
"""

from __future__ import annotations

from theta_tui.shapes.chat_models import ROUTES
from theta_tui.shapes.on_demand import Service

KNOWN_MODELS = frozenset(ROUTES)

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
