"""A picture and a recording made on the spot, for trying models: small, and nobody's."""

from __future__ import annotations

import io
import math
import struct
import wave
import zlib

SIDE = 64
RATE = 16_000


def picture() -> bytes:
    """Give a PNG of a red square on blue, 64 pixels wide."""
    blue, red = b"\x20\x40\xa0", b"\xc0\x30\x30"
    edge, middle = SIDE // 4, SIDE // 2
    plain, crossed = blue * SIDE, blue * edge + red * middle + blue * edge
    rows = b"".join(b"\0" + (crossed if edge <= row < edge + middle else plain) for row in range(SIDE))
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def recording(seconds: float = 1.0) -> bytes:
    """Give a WAV of a quiet tone: 16 kHz, mono, 16 bits."""
    samples = (int(3000 * math.sin(2 * math.pi * 440 * at / RATE)) for at in range(int(RATE * seconds)))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return file.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
