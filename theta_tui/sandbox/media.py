"""What simulated models make of files: looks at uploaded bytes, and makes pictures, recordings and words about them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Final

from theta_tui.sandbox import scenes, sounds
from theta_tui.sandbox.chance import Chance
from theta_tui.sandbox.pictures import Canvas, png, png_chunks, read_png

#: Pixels; wider or higher wishes are clamped to these.
SMALLEST, LARGEST = 64, 1024

_WORDS_A_SECOND: Final = 2.6
_SPOKEN: Final = (
    "So the first thing we looked at was how quickly a machine becomes ready after it has been started.",
    "Most of the time it takes a minute or two, and the large ones need about ten.",
    "We kept the results in a table, because the numbers only make sense side by side.",
    "If the queue is long, it is cheaper to wait than to start a second machine.",
    "Let us come back to that after the break and see whether the costs have changed.",
    "In the end the small model was good enough for nearly everything we tried.",
)
_SEEN: Final = (
    "a landscape with a wide sky and calm water in the foreground",
    "a scene with a low horizon, soft light and one tall shape",
    "an outdoor view in muted colours with clouds near the horizon",
    "a simple composition with a bright disc in the sky",
)


@dataclass(frozen=True)
class Photo:
    """An image file as far as it could be understood: pixels, and the words it carries if it is one of ours."""

    width: int
    height: int
    note: str
    seed: str
    canvas: Canvas | None


def look(data: bytes) -> Photo | None:
    """What an image file (PNG, JPEG, GIF, WebP) is, or None if the bytes are no image."""
    size = _image_size(data)
    if size is None or not all(size):
        return None
    note = png_chunks(data).get(b"iTXt", b"").rpartition(b"\0")[2].decode("utf-8", "replace")
    return Photo(*size, note, hashlib.sha256(data).hexdigest()[:12], read_png(data))


def picture(prompt: str, seed: str, width: int = 512, height: int = 512) -> bytes:
    """A PNG that follows the prompt; sizes in pixels are clamped to 64-1024 and to multiples of 8."""
    return png(scenes.draw(prompt, seed, _clamped(width), _clamped(height)), note=prompt)


def changed(photo: Photo, how: str) -> bytes:
    """A PNG of the photo after `stylize`, `upscale` or `background_removal`."""
    canvas = _canvas(photo)
    if how == "upscale":
        return png(scenes.enlarge(canvas), note=photo.note)
    if how == "background_removal":
        return png(canvas, note=photo.note, alpha=scenes.cut_out(canvas))
    return png(scenes.stylise(canvas), note=photo.note)


def detected(photo: Photo, prompt: str) -> tuple[bytes, list[dict[str, object]]]:
    """A PNG of the photo with a box round each thing named, and the boxes."""
    canvas = _canvas(photo)
    things = [thing.strip() for thing in re.split(r"[.,;]", prompt) if thing.strip()][:8]
    boxes = scenes.mark(canvas, things, photo.seed)
    return png(canvas, note=photo.note), boxes


def caption(photo: Photo) -> str:
    """One sentence about the photo which names its real size."""
    shown = photo.note.rstrip(".") or Chance("seen", photo.seed).pick(_SEEN)
    return f"{shown} ({photo.width} by {photo.height} pixels)"


def answer(photo: Photo, question: str) -> str:
    """An answer to a question about the photo."""
    words = question.lower()
    if re.search(r"size|large|big|resolution|pixel|dimension", words):
        return f"The image is {photo.width} pixels wide and {photo.height} pixels high."
    chance = Chance("answer", question, photo.seed)
    if re.search(r"how many", words):
        count = chance.pick(("one", "two", "three", "about five"))
        return f"I can make out {count}. The image shows {caption(photo)}."
    if re.match(r"\s*(is|are|does|do|can|has|was)\b", words):
        return f"{chance.pick(('Yes', 'No', 'Probably'))}. The image shows {caption(photo)}."
    return f"The image shows {caption(photo)}. As to “{question.strip()[:200]}”: nothing else in it stands out."


def recording(text: str, voice: str, speed: float = 1.0) -> bytes:
    """A WAV of the text: babble in a high or low voice, or a tune when the text asks for music."""
    if re.search(r"♪|\b(sing|song|melody|music)\b", text.lower()):
        return sounds.sing(text)
    base = 195 if voice[1:2] == "f" else 112
    return sounds.speak(text, pitch=base + Chance("pitch", voice).between(-12, 12), speed=speed)


def clip_seconds(data: bytes) -> float | None:
    """How long a recording is: read from a WAV, estimated from the size of an MP3, Ogg, FLAC or MP4; else None."""
    if (seconds := sounds.wav_seconds(data)) is not None:
        return seconds
    known = data[:3] == b"ID3" or data[:4] in (b"OggS", b"fLaC") or data[4:8] == b"ftyp" or data[:1] == b"\xff"
    return len(data) / 16_000 if known else None


def transcript(data: bytes, seconds: float) -> str:
    """What was said: the very text of one of our own recordings, else sentences that fit its length in seconds."""
    if spoken := sounds.wav_comment(data):
        return spoken
    chance = Chance("spoken", hashlib.sha256(data).hexdigest())
    words = " ".join(chance.shuffled(_SPOKEN) * (int(seconds * _WORDS_A_SECOND) // 90 + 1)).split()
    said = " ".join(words[: max(int(seconds * _WORDS_A_SECOND), 3)]).rstrip(".,")
    return f"{said}. (A clip of {seconds:.1f} seconds.)"


def content_type(data: bytes) -> tuple[str, str]:
    """Media type and file ending of bytes we made."""
    return ("audio/wav", "wav") if data[:4] == b"RIFF" else ("image/png", "png")


def _clamped(pixels: Any) -> int:
    return max(SMALLEST, min(int(pixels), LARGEST)) // 8 * 8


def _canvas(photo: Photo) -> Canvas:
    if photo.canvas is not None:
        return photo.canvas
    return scenes.draw(photo.note, photo.seed, _clamped(photo.width), _clamped(photo.height))


def _image_size(data: bytes) -> tuple[int, int] | None:
    header = png_chunks(data).get(b"IHDR", b"")
    if len(header) == 13:
        return int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) >= 10:
        return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp_size(data)
    return _jpeg_size(data) if data[:3] == b"\xff\xd8\xff" else None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    if data[12:16] == b"VP8X" and len(data) >= 30:
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if data[12:16] == b"VP8 " and len(data) >= 30:
        return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    if data[12:16] == b"VP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
