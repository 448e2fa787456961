"""Recordings made on the spot: babble that follows a text, or a short tune, as real WAV. It knows no voice names."""

from __future__ import annotations

import io
import wave
from array import array
from math import exp, pi, sin
from typing import Final

from theta_tui.sandbox.chance import Chance

RATE: Final = 16_000
_LONGEST_SECONDS: Final = 30

#: The two lowest formants in Hz of each vowel; `r`-like and nasal sounds borrow one.
_FORMANTS: Final = {
    "a": (730, 1090),
    "e": (530, 1840),
    "i": (270, 2290),
    "o": (570, 840),
    "u": (300, 870),
    "y": (290, 2100),
    "r": (490, 1350),
    "l": (360, 1300),
    "m": (280, 900),
    "n": (300, 1400),
    "w": (300, 700),
}
_HISSES: Final = frozenset("sfzxvhcj")
_SCALE: Final = (261.63, 293.66, 329.63, 392.0, 440.0, 523.25)


def speak(text: str, *, pitch: float = 120.0, speed: float = 1.0) -> bytes:
    """A WAV in which something like a voice says the text: 16 kHz, mono, 16 bits. At most 30 seconds."""
    chance = Chance("voice", text)
    unit = 0.075 / min(max(speed, 0.25), 4.0)
    samples = array("h")
    pieces: dict[tuple[str, int], array[int]] = {}
    for letter in text.lower():
        if len(samples) >= _LONGEST_SECONDS * RATE:
            break
        sound, seconds = _sound(letter), unit * (2.2 if letter in ".!?\n" else 1.0)
        tone = chance.between(-6, 8)
        key = (sound, tone)
        if key not in pieces:
            pieces[key] = _piece(sound, pitch * (1 + tone / 100), seconds)
        samples.extend(pieces[key])
    return _wav(samples[: _LONGEST_SECONDS * RATE] or array("h", bytes(RATE)), text)


def sing(text: str, *, notes: int = 12) -> bytes:
    """A WAV with a short tune that depends on the text."""
    chance = Chance("tune", text)
    samples = array("h")
    for _ in range(notes):
        pitch, length = chance.pick(_SCALE), chance.pick((0.18, 0.18, 0.36))
        for at in range(int(RATE * length)):
            swell = exp(-4 * at / (RATE * length)) * min(at / 200, 1)
            wobble = sin(2 * pi * pitch * at / RATE) + 0.4 * sin(4 * pi * pitch * at / RATE)
            samples.append(int(9000 * swell * wobble))
    return _wav(samples, text)


def wav_seconds(data: bytes) -> float | None:
    """How long a WAV recording is, or None if the bytes are no WAV."""
    chunks = _riff_chunks(data)
    form = chunks.get(b"fmt ", b"")
    if len(form) < 16 or b"data" not in chunks:
        return None
    bytes_a_second = int.from_bytes(form[8:12], "little")
    return len(chunks[b"data"]) / bytes_a_second if bytes_a_second else None


def wav_comment(data: bytes) -> str:
    """The text our own recordings carry as a comment; empty for others."""
    info = _riff_chunks(data).get(b"LIST", b"")
    if not info.startswith(b"INFOICMT"):
        return ""
    length = int.from_bytes(info[8:12], "little")
    return info[12 : 12 + length].rstrip(b"\0").decode("utf-8", "replace")


def _sound(letter: str) -> str:
    if letter in _FORMANTS:
        return letter
    if letter in _HISSES:
        return "hiss"
    return "stop" if letter.isalnum() else "pause"


def _piece(sound: str, pitch: float, seconds: float) -> array[int]:
    size = int(RATE * seconds)
    if sound == "pause":
        return array("h", bytes(2 * size))
    if sound in ("hiss", "stop"):
        noise = Chance("noise", sound)
        loud = 1800 if sound == "hiss" else 3200
        fade = 1.5 if sound == "hiss" else 14.0
        return array("h", (int(loud * exp(-fade * at / size) * (2 * noise.share() - 1)) for at in range(size)))
    low, high = _FORMANTS[sound]
    period = int(RATE / pitch)
    samples = array("h")
    for at in range(size):
        age = (at % period) / RATE
        voice = exp(-260 * age) * sin(2 * pi * low * age) + 0.5 * exp(-340 * age) * sin(2 * pi * high * age)
        swell = min(at, size - at, 160) / 160
        samples.append(int(9500 * swell * voice))
    return samples


def _wav(samples: array[int], comment: str) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(RATE)
        recording.writeframes(samples.tobytes())
    note = comment.encode("utf-8", "replace")[:4000] + b"\0"
    note += b"\0" * (len(note) % 2)
    info = b"INFOICMT" + len(note).to_bytes(4, "little") + note
    whole = target.getvalue() + b"LIST" + len(info).to_bytes(4, "little") + info
    return whole[:4] + (len(whole) - 8).to_bytes(4, "little") + whole[8:]


def _riff_chunks(data: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return found
    at = 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        found.setdefault(data[at : at + 4], data[at + 8 : at + 8 + length])
        at += 8 + length + length % 2
    return found
