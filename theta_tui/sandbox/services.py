"""The service objects of the simulated cloud, written out (wire 2.2 and 3): names, inputs, prices, context lengths."""

from __future__ import annotations

from typing import Any, Final

from theta_tui.sandbox.service_object import Service, Vars, chat_service, prediction_object, service_object, variable

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

_IMAGE_OUT: Final[Vars] = {"image_url": {"type": "string", "action": "upload", "description": "The finished image."}}
_TEXT_OUT: Final[Vars] = {"text": {"type": "string", "results_path": "text", "description": "What was understood."}}


def _effort(*levels: str) -> dict[str, Any]:
    return variable("string", f"How long to think first: {', '.join(levels)}.", default="low")


def _texts() -> list[Service]:
    return [
        chat_service(
            "glm_5_3",
            "GLM-5.3",
            (154, 484),
            1_048_576,
            90_412,
            640,
            max_tokens=8192,
            reasoning_effort=_effort("low", "high", "max"),
        ),
        chat_service(
            "glm_5_3_flash",
            "GLM-5.3 Flash",
            (17, 55),
            262_144,
            151_730,
            max_tokens=8192,
            reasoning_effort=_effort("low", "high", "max"),
        ),
        chat_service(
            "qwen3",
            "Qwen3 32B",
            (20, 40),
            32_768,
            123_456,
            40,
            max_tokens=500,
            variants=("default", "parallax_32b_fp8"),
        ),
        chat_service(
            "gpt_oss_120b",
            "GPT-OSS 120B",
            (4, 20),
            131_072,
            210_087,
            max_tokens=1800,
            reasoning_effort=_effort("low", "medium", "high"),
        ),
        chat_service("minimax_m2_5", "MiniMax M2.5", (20, 120), 196_608, 8_020, 160, max_tokens=2048, state="internal"),
    ]


def _image_file(description: str = "The image to look at: a slot filename or a public URL.") -> dict[str, Any]:
    return variable("filename", description, required=True)


def _images() -> list[Service]:
    prompt = variable("string", "What the image shows.", required=True)
    turbo = {
        "prompt": prompt,
        "steps": variable("integer", "Denoising steps.", default=2),
        "strength": variable("float", "How far to go, 0 to 1.", default=0.7),
        "guidance": variable("float", "How closely to follow the prompt.", default=0),
    }
    flux = {
        "prompt": prompt,
        "guidance": variable("float", "How closely to follow the prompt.", default=3.5),
        "height": variable("integer", "Height in pixels.", default=512),
        "width": variable("integer", "Width in pixels.", default=512),
        "num_steps": variable("integer", "Denoising steps.", default=4),
        "seed": variable("string", "The same seed and prompt give the same image."),
        "image2image_strength": variable("float", "How far to move from a given image, 0 to 1.", default=0.8),
    }
    seeded = {**_IMAGE_OUT, "used_seed": {"type": "string", "description": "The seed that was used."}}
    flux_variants = ["default", "quantized"]
    one_file = {"image_filename": _image_file("The image to change: a slot filename or a public URL.")}
    change = {
        name: prediction_object(one_file, _IMAGE_OUT, instructions, 1)
        for name, instructions in {
            "stylize": "Redraw an image in another style.",
            "upscale": "Make an image twice as large.",
            "background_removal": "Cut the subject out of an image.",
        }.items()
    }
    return [
        service_object("image_to_image", "Image to Image", "image", change, vram=16, executions=40_551),
        service_object(
            "stable_diffusion_xl_turbo",
            "Stable Diffusion XL Turbo",
            "image",
            {"predict": prediction_object(turbo, _IMAGE_OUT, "Draw an image from a prompt in a moment.", 1)},
            vram=16,
            executions=301_994,
        ),
        service_object(
            "flux",
            "FLUX.1 schnell",
            "image",
            {
                "generate_image": prediction_object(
                    flux, seeded, "Draw an image from a prompt.", 1, variants=flux_variants
                )
            },
            vram=24,
            executions=512_603,
            variants=flux_variants,
        ),
        service_object(
            "esrgan",
            "Real-ESRGAN",
            "image",
            {
                "predict": prediction_object(
                    {"input_img": _image_file()}, _IMAGE_OUT, "Make an image twice as large.", 2
                )
            },
            vram=8,
            executions=22_108,
        ),
    ]


def _senses() -> list[Service]:
    question = variable("string", "What to find out about the image.", required=True)
    detect = variable("string", "What to look for, several things separated by a full stop.", required=True)
    clip = variable("filename", "The recording: a slot filename or a public URL.", required=True)
    language = variable("string", "The spoken language, found out when absent.")
    say = {
        "text": variable("string", "What to say.", required=True),
        "voice": variable("string", f"One of {', '.join(VOICES)}.", required=True),
        "speed": variable("float", "1 is the usual speed.", default=1.0),
    }
    audio_out: Vars = {"audio_url": {"type": "string", "action": "upload", "description": "The recording, as WAV."}}
    boxes = {**_IMAGE_OUT, "boxes": {"type": "array", "description": "What was found, where, and how sure it is."}}
    see = {"input_img": _image_file()}
    return [
        service_object(
            "blip",
            "BLIP",
            "vision",
            {"predict": prediction_object(see, _TEXT_OUT, "Describe an image.", 1)},
            vram=8,
            executions=77_215,
        ),
        service_object(
            "llava",
            "LLaVA",
            "vision",
            {
                "predict": prediction_object(
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
        service_object(
            "grounding_dino",
            "Grounding DINO",
            "vision",
            {"0": prediction_object({**see, "detection_prompt": detect}, boxes, "Find things in an image.", 1)},
            vram=8,
            executions=18_342,
        ),
        # Prices of the two below are invented: per second heard and per character spoken.
        service_object(
            "whisper",
            "Whisper large v3",
            "audio",
            {
                "stt": prediction_object(
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
        service_object(
            "kokoro_82m",
            "Kokoro 82M",
            "audio",
            {"tts": prediction_object(say, audio_out, "Read a text aloud.", {"input": 1, "output": 0}, 1000)},
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
