"""The service objects of the simulated cloud, written out (wire 2.2 and 3): names, inputs, prices, context lengths."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

#: The newest live list (L3, 2026-08-31), in its order.
LIVE: Final = (
    "glm_5_3",
    "glm_5_3_flash",
    "qwen3",
    "image_to_image",
    "stable_diffusion_xl_turbo",
    "blip",
    "llava",
    "whisper",
    "esrgan",
)

#: Documented, but not in the newest list. Offered so that the demo shows reasoning kept apart (gpt_oss_120b), an image
#: with many inputs and variants (flux), speech output (kokoro_82m) and a prediction named "0" (grounding_dino).
EXTRA: Final = ("gpt_oss_120b", "flux", "kokoro_82m", "grounding_dino")

#: Answers when called by name, but is `internal`: clients must not list it. It puts its thoughts in think tags.
HIDDEN: Final = ("minimax_m2_5",)

_VOICE_NAMES: Final = (
    "af_alloy af_aoede af_bella af_heart af_jessica af_kore af_nicole af_nova af_river af_sarah af_sky am_adam am_echo "
    "am_eric am_fenrir am_liam am_michael am_onyx am_puck am_santa bf_alice bf_emma bf_isabella bf_lily bm_daniel "
    "bm_fable bm_george bm_lewis"
)
VOICES: Final = tuple(_VOICE_NAMES.split())

Vars = dict[str, dict[str, Any]]
Service = dict[str, Any]

_CREATED: Final = "2025-06-01T10:00:00.000Z"
_UPDATED: Final = "2026-08-31T08:00:00.000Z"


def _var(kind: str, description: str, *, required: bool = False, default: Any = None) -> dict[str, Any]:
    var: dict[str, Any] = {"type": kind, "description": description, "required": required}
    return var if default is None else {**var, "default": default}


def _numbered(fields: Vars) -> Vars:
    return {name: {**field, "index": index} for index, (name, field) in enumerate(fields.items())}


def _inputs_of_a_chat(max_tokens: int, **more: dict[str, Any]) -> Vars:
    return {
        "messages": _var("chat_array", "The conversation so far, oldest first.", required=True),
        "max_tokens": _var("integer", "The most tokens to answer with, reasoning included.", default=max_tokens),
        "temperature": _var("float", "How free the choice of words is, 0 to 2.", default=0.5),
        "top_p": _var("float", "The share of likely words to choose from, 0 to 1.", default=0.7),
        "stream": _var("bool", "Whether the answer comes piece by piece.", default=True),
        **more,
    }


_IMAGE_OUT: Final[Vars] = {"image_url": {"type": "string", "action": "upload", "description": "The finished image."}}
_TEXT_OUT: Final[Vars] = {"text": {"type": "string", "results_path": "text", "description": "What was understood."}}
_MESSAGE_OUT: Final[Vars] = {
    "message": {"type": "string", "results_path": "choices.0.message.content", "description": "The answer."}
}


def _prediction(
    inputs: Vars, outputs: Vars, instructions: str, cost: object, divisor: int = 1, **more: Any
) -> dict[str, Any]:
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


def _service(
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


def _chat(
    alias: str, name: str, price: tuple[int, int], context: int, executions: int, vram: int = 80, **more: Any
) -> Service:
    variants, state = more.pop("variants", ()), more.pop("state", "public")
    prediction = _prediction(
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
    return _service(alias, name, "llm", predictions, vram=vram, executions=executions, variants=variants, state=state)


def _effort(*levels: str) -> dict[str, Any]:
    return _var("string", f"How long to think first: {', '.join(levels)}.", default="low")


def _texts() -> list[Service]:
    return [
        _chat(
            "glm_5_3",
            "GLM-5.3",
            (154, 484),
            1_048_576,
            90_412,
            640,
            max_tokens=8192,
            reasoning_effort=_effort("low", "high", "max"),
        ),
        _chat(
            "glm_5_3_flash",
            "GLM-5.3 Flash",
            (17, 55),
            262_144,
            151_730,
            max_tokens=8192,
            reasoning_effort=_effort("low", "high", "max"),
        ),
        _chat(
            "qwen3",
            "Qwen3 32B",
            (20, 40),
            32_768,
            123_456,
            40,
            max_tokens=500,
            variants=("default", "parallax_32b_fp8"),
        ),
        _chat(
            "gpt_oss_120b",
            "GPT-OSS 120B",
            (4, 20),
            131_072,
            210_087,
            max_tokens=1800,
            reasoning_effort=_effort("low", "medium", "high"),
        ),
        _chat("minimax_m2_5", "MiniMax M2.5", (20, 120), 196_608, 8_020, 160, max_tokens=2048, state="internal"),
    ]


def _image_file(description: str = "The image to look at: a slot filename or a public URL.") -> dict[str, Any]:
    return _var("filename", description, required=True)


def _images() -> list[Service]:
    prompt = _var("string", "What the image shows.", required=True)
    turbo = {
        "prompt": prompt,
        "steps": _var("integer", "Denoising steps.", default=2),
        "strength": _var("float", "How far to go, 0 to 1.", default=0.7),
        "guidance": _var("float", "How closely to follow the prompt.", default=0),
    }
    flux = {
        "prompt": prompt,
        "guidance": _var("float", "How closely to follow the prompt.", default=3.5),
        "height": _var("integer", "Height in pixels.", default=512),
        "width": _var("integer", "Width in pixels.", default=512),
        "num_steps": _var("integer", "Denoising steps.", default=4),
        "seed": _var("string", "The same seed and prompt give the same image."),
        "image2image_strength": _var("float", "How far to move from a given image, 0 to 1.", default=0.8),
    }
    seeded = {**_IMAGE_OUT, "used_seed": {"type": "string", "description": "The seed that was used."}}
    flux_variants = ["default", "quantized"]
    one_file = {"image_filename": _image_file("The image to change: a slot filename or a public URL.")}
    change = {
        name: _prediction(one_file, _IMAGE_OUT, instructions, 1)
        for name, instructions in {
            "stylize": "Redraw an image in another style.",
            "upscale": "Make an image twice as large.",
            "background_removal": "Cut the subject out of an image.",
        }.items()
    }
    return [
        _service("image_to_image", "Image to Image", "image", change, vram=16, executions=40_551),
        _service(
            "stable_diffusion_xl_turbo",
            "Stable Diffusion XL Turbo",
            "image",
            {"predict": _prediction(turbo, _IMAGE_OUT, "Draw an image from a prompt in a moment.", 1)},
            vram=16,
            executions=301_994,
        ),
        _service(
            "flux",
            "FLUX.1 schnell",
            "image",
            {"generate_image": _prediction(flux, seeded, "Draw an image from a prompt.", 1, variants=flux_variants)},
            vram=24,
            executions=512_603,
            variants=flux_variants,
        ),
        _service(
            "esrgan",
            "Real-ESRGAN",
            "image",
            {"predict": _prediction({"input_img": _image_file()}, _IMAGE_OUT, "Make an image twice as large.", 2)},
            vram=8,
            executions=22_108,
        ),
    ]


def _senses() -> list[Service]:
    question = _var("string", "What to find out about the image.", required=True)
    detect = _var("string", "What to look for, several things separated by a full stop.", required=True)
    clip = _var("filename", "The recording: a slot filename or a public URL.", required=True)
    language = _var("string", "The spoken language, found out when absent.")
    say = {
        "text": _var("string", "What to say.", required=True),
        "voice": _var("string", f"One of {', '.join(VOICES)}.", required=True),
        "speed": _var("float", "1 is the usual speed.", default=1.0),
    }
    audio_out: Vars = {"audio_url": {"type": "string", "action": "upload", "description": "The recording, as WAV."}}
    boxes = {**_IMAGE_OUT, "boxes": {"type": "array", "description": "What was found, where, and how sure it is."}}
    see = {"input_img": _image_file()}
    return [
        _service(
            "blip",
            "BLIP",
            "vision",
            {"predict": _prediction(see, _TEXT_OUT, "Describe an image.", 1)},
            vram=8,
            executions=77_215,
        ),
        _service(
            "llava",
            "LLaVA",
            "vision",
            {
                "predict": _prediction(
                    {**see, "question": question},
                    _TEXT_OUT,
                    "Answer a question about an image.",
                    1,
                    variants=["default", "quantized"],
                )
            },
            vram=24,
            executions=64_870,
            variants=("default", "quantized"),
        ),
        _service(
            "grounding_dino",
            "Grounding DINO",
            "vision",
            {"0": _prediction({**see, "detection_prompt": detect}, boxes, "Find things in an image.", 1)},
            vram=8,
            executions=18_342,
        ),
        # Prices of the two below are invented: per second heard and per character spoken.
        _service(
            "whisper",
            "Whisper large v3",
            "audio",
            {
                "stt": _prediction(
                    {"audio_filename": clip, "language": language},
                    _TEXT_OUT,
                    "Write down what is said.",
                    {"input": 1, "output": 0},
                    100,
                )
            },
            vram=10,
            executions=140_020,
        ),
        _service(
            "kokoro_82m",
            "Kokoro 82M",
            "audio",
            {"tts": _prediction(say, audio_out, "Read a text aloud.", {"input": 1, "output": 0}, 1000)},
            vram=4,
            executions=33_917,
        ),
    ]


def _catalogue() -> tuple[Service, ...]:
    known = {service["alias"]: service for service in (*_texts(), *_images(), *_senses())}
    ordered = [known[alias] for alias in (*LIVE, *EXTRA, *HIDDEN)]
    for rank, service in enumerate(ordered, start=1):
        service["rank"] = rank
    return tuple(ordered)


SERVICES: Final = _catalogue()
