"""What each simulated model that does not speak makes of its inputs (wire 3.2, 3.3). It knows no jobs and no HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from theta_tui.sandbox import media
from theta_tui.sandbox.chance import Chance
from theta_tui.sandbox.services import VOICES

ReadFile = Callable[[str], bytes | None]
Inputs = Mapping[str, Any]


class Failed(Exception):
    """The model could not do it; the text becomes the job's `error_message`."""


@dataclass(frozen=True)
class Product:
    """What came out: plain fields, files by field name, and the units of input and output to be paid."""

    fields: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    usage: tuple[int, int] = (0, 1)


def make(alias: str, prediction: str, inputs: Inputs, read_file: ReadFile) -> Product:
    """Do the work of a service; blocks for some milliseconds. Raises Failed with the reason when it cannot be done."""
    return _CRAFTS[alias](prediction, inputs, read_file)


def _paint(prediction: str, inputs: Inputs, read_file: ReadFile) -> Product:
    prompt = inputs["prompt"]
    seed = str(inputs.get("seed") or Chance("seed", prompt).between(1, 2**31))
    image = media.picture(prompt, seed, inputs.get("width", 512), inputs.get("height", 512))
    return Product({"used_seed": seed} if prediction == "generate_image" else {}, {"image_url": image})


def _change(prediction: str, inputs: Inputs, read_file: ReadFile) -> Product:
    return Product(files={"image_url": media.changed(_photo(inputs["image_filename"], read_file), prediction)})


def _enlarge(prediction: str, inputs: Inputs, read_file: ReadFile) -> Product:
    return Product(files={"image_url": media.changed(_photo(inputs["input_img"], read_file), "upscale")})


def _describe(prediction: str, inputs: Inputs, read_file: ReadFile) -> Product:
    return Product({"text": media.caption(_photo(inputs["input_img"], read_file))})


def _answer(prediction: str, inputs: Inputs, read_file: ReadFile) -> Product:
    return Product({"text": media.answer(_photo(inputs["input_img"], read_file), inputs["question"])})


def _detect(prediction: str, inputs: Inputs, read_file: ReadFile) -> Product:
    image, boxes = media.detected(_photo(inputs["input_img"], read_file), inputs["detection_prompt"])
    return Product({"boxes": boxes}, {"image_url": image})


def _listen(prediction: str, inputs: Inputs, read_file: ReadFile) -> Product:
    data = _file(inputs["audio_filename"], read_file)
    seconds = media.clip_seconds(data)
    if seconds is None:
        raise Failed("Input file is not a readable recording")
    return Product({"text": media.transcript(data, seconds)}, usage=(max(round(seconds), 1), 0))


def _speak(prediction: str, inputs: Inputs, read_file: ReadFile) -> Product:
    if inputs["voice"] not in VOICES:
        raise Failed(f"Unknown voice: {inputs['voice'][:60]}")
    sound = media.recording(inputs["text"], inputs["voice"], inputs.get("speed", 1.0))
    return Product(files={"audio_url": sound}, usage=(len(inputs["text"]), 0))


def _file(value: str, read_file: ReadFile) -> bytes:
    data = read_file(value)
    if data is None:
        raise Failed(f"Input file not found: {value[:120]}")
    return data


def _photo(value: str, read_file: ReadFile) -> media.Photo:
    photo = media.look(_file(value, read_file))
    if photo is None:
        raise Failed("Input file is not a readable image")
    return photo


_CRAFTS: Final[dict[str, Callable[[str, Inputs, ReadFile], Product]]] = {
    "flux": _paint,
    "stable_diffusion_xl_turbo": _paint,
    "image_to_image": _change,
    "esrgan": _enlarge,
    "blip": _describe,
    "llava": _answer,
    "grounding_dino": _detect,
    "whisper": _listen,
    "kokoro_82m": _speak,
}
