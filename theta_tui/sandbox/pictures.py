"""Pictures drawn on the spot with nothing but zlib: pixels, PNG writing and reading. It knows no prompts."""

from __future__ import annotations

import struct
import zlib
from math import sqrt

Colour = tuple[int, int, int]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}


class Canvas:
    """Rows of RGB bytes. Shapes are drawn as horizontal spans, so that half a megapixel takes milliseconds."""

    def __init__(self, width: int, height: int, rows: list[bytearray] | None = None) -> None:
        self.width = width
        self.height = height
        self.rows = rows if rows is not None else [bytearray(width * 3) for _ in range(height)]

    def span(self, y: int, left: float, right: float, colour: Colour) -> None:
        """Colour one row from left to right; what lies outside is cut off."""
        start, stop = max(int(left), 0), min(int(right), self.width)
        if 0 <= y < self.height and start < stop:
            self.rows[y][start * 3 : stop * 3] = bytes(colour) * (stop - start)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """A filled rectangle."""
        for y in range(int(top), int(bottom)):
            self.span(y, left, right, colour)

    def frame(self, left: int, top: int, right: int, bottom: int, colour: Colour, thick: int = 4) -> None:
        """The border of a rectangle."""
        self.box(left, top, right, top + thick, colour)
        self.box(left, bottom - thick, right, bottom, colour)
        self.box(left, top, left + thick, bottom, colour)
        self.box(right - thick, top, right, bottom, colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A filled circle around (x, y)."""
        for row in range(int(y - radius), int(y + radius) + 1):
            half = sqrt(max(radius * radius - (row - y) ** 2, 0))
            self.span(row, x - half, x + half, colour)

    def taper(self, x: float, top: float, bottom: float, narrow: float, wide: float, colour: Colour) -> None:
        """A tower, roof or tree: from a narrow top to a wide bottom (widths in pixels), centred on x."""
        for row in range(int(top), int(bottom)):
            half = (narrow + (wide - narrow) * (row - top) / max(bottom - top, 1)) / 2
            self.span(row, x - half, x + half, colour)

    def gradient(self, top: int, bottom: int, above: Colour, below: Colour) -> None:
        """Whole rows which pass from one colour into another."""
        for y in range(max(top, 0), min(bottom, self.height)):
            self.rows[y][:] = bytes(mix(above, below, (y - top) / max(bottom - top, 1))) * self.width


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """A colour between two: share 0 is the one, 1 the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def png(canvas: Canvas, *, note: str = "", alpha: list[bytes] | None = None) -> bytes:
    """The canvas as a PNG file; the note becomes its Description, `alpha` one opacity byte a pixel."""
    lines = canvas.rows if alpha is None else [_with_alpha(*pair) for pair in zip(canvas.rows, alpha, strict=True)]
    header = struct.pack(">IIBBBBB", canvas.width, canvas.height, 8, 2 if alpha is None else 6, 0, 0, 0)
    pixels = b"".join(b"\0" + bytes(line) for line in lines)
    text = _chunk(b"iTXt", b"Description\0\0\0\0\0" + note.encode("utf-8", "replace")) if note else b""
    return b"".join(
        (_SIGNATURE, _chunk(b"IHDR", header), text, _chunk(b"IDAT", zlib.compress(pixels, 6)), _chunk(b"IEND", b""))
    )


def read_png(data: bytes, *, most_pixels: int = 2_000_000) -> Canvas | None:
    """The pixels of an 8-bit, non-interlaced PNG of moderate size, transparency dropped; None for any other file."""
    chunks = png_chunks(data)
    header = chunks.get(b"IHDR", b"")
    if len(header) != 13:
        return None
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if depth != 8 or interlaced or kind not in _CHANNELS or not 0 < width * height <= most_pixels:
        return None
    channels = _CHANNELS[kind]
    stride = width * channels
    try:
        flat = zlib.decompressobj().decompress(chunks.get(b"IDAT", b""), (stride + 1) * height)
    except zlib.error:
        return None
    if len(flat) != (stride + 1) * height:
        return None
    rows: list[bytearray] = []
    above = bytearray(stride)
    for start in range(0, len(flat), stride + 1):
        line = bytearray(flat[start + 1 : start + 1 + stride])
        _unfilter(flat[start], line, above, channels)
        rows.append(_as_rgb(line, channels))
        above = line
    return Canvas(width, height, rows)


def png_chunks(data: bytes) -> dict[bytes, bytes]:
    """The chunks of a PNG by type, parts of the same type joined; empty if it is no PNG."""
    found: dict[bytes, bytes] = {}
    if not data.startswith(_SIGNATURE):
        return found
    at = len(_SIGNATURE)
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        found[kind] = found.get(kind, b"") + data[at + 8 : at + 8 + length]
        at += 12 + length
    return found


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def _with_alpha(row: bytearray, alpha: bytes) -> bytes:
    line = bytearray(len(alpha) * 4)
    for channel in range(3):
        line[channel::4] = row[channel::3]
    line[3::4] = alpha
    return bytes(line)


def _as_rgb(line: bytearray, channels: int) -> bytearray:
    if channels == 3:
        return line
    rgb = bytearray(len(line) // channels * 3)
    for channel in range(3):
        rgb[channel::3] = line[channel if channels == 4 else 0 :: channels]
    return rgb


def _unfilter(kind: int, line: bytearray, above: bytearray, step: int) -> None:
    if kind == 0:
        return
    for at in range(len(line)):
        left = line[at - step] if at >= step else 0
        corner = above[at - step] if at >= step else 0
        line[at] = (line[at] + _guess(kind, left, above[at], corner)) & 0xFF


def _guess(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 1:
        return left
    if kind == 2:
        return up
    if kind == 3:
        return (left + up) // 2
    near = left + up - corner
    return min((left, up, corner), key=lambda one: abs(near - one)) if kind == 4 else 0
