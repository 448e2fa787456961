"""An image as half blocks, two pixels to a cell; without colours as shades. Pillow is imported when one is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from rich.style import Style
from textual.content import Content, Span
from textual.style import Style as TextualStyle

LARGEST_PIXELS: Final = 64_000_000
_SHADES: Final = " ░▒▓█"
_COLOURS: Final = ("#ff5d5d", "#38d9a9", "#ffd43b", "#74c0fc", "#e599f7")


def picture_lines(path: Path, width: int, rows: int, *, in_colour: bool = True) -> list[Content]:
    """Draw an image into at most `width` cells and `rows` lines; nothing if it cannot be read. Blocks: use a thread."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as opened:
            if opened.width * opened.height > LARGEST_PIXELS:
                return []
            image = opened.convert("RGB")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError):
        return []
    scale = min(width / image.width, 2 * rows / image.height, 1.0)
    size = (max(round(image.width * scale), 1), max(round(image.height * scale / 2), 1) * 2)
    pixels = image.resize(size).load()
    line = _line if in_colour else _shaded
    return [line(pixels, size[0], y) for y in range(0, size[1], 2)]


def _shaded(pixels: Any, width: int, y: int) -> Content:
    """Draw by brightness alone: what is brighter fills more of its cell."""
    brightness = (sum(pixels[x, y]) + sum(pixels[x, y + 1]) for x in range(width))
    return Content("".join(_SHADES[each * len(_SHADES) // (6 * 256)] for each in brightness))


def _line(pixels: Any, width: int, y: int) -> Content:
    spans = [Span(x, x + 1, TextualStyle.from_rich_style(_style(pixels[x, y], pixels[x, y + 1]))) for x in range(width)]
    return Content("▀" * width, spans=spans)


def _style(upper: tuple[int, int, int], lower: tuple[int, int, int]) -> Style:
    return Style(color="#{:02x}{:02x}{:02x}".format(*upper), bgcolor="#{:02x}{:02x}{:02x}".format(*lower))


def with_boxes(path: Path, boxes: Sequence[Mapping[str, Any]]) -> bytes | None:
    """Draw boxes (`box`: four numbers) onto an image; give it as PNG, None if it cannot be done. Blocks."""
    from PIL import Image, ImageDraw, UnidentifiedImageError

    try:
        with Image.open(path) as opened:
            image = opened.convert("RGB")
        draw = ImageDraw.Draw(image)
        for number, one in enumerate(boxes):
            corners = [float(value) for value in one["box"]]
            colour = _COLOURS[number % len(_COLOURS)]
            if len(corners) == 4 and corners[0] <= corners[2] and corners[1] <= corners[3]:
                draw.rectangle(corners, outline=colour, width=max(image.width // 160, 1))
        drawn = BytesIO()
        image.save(drawn, "PNG")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, ValueError, KeyError, TypeError):
        return None
    return drawn.getvalue()
