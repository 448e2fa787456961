"""Measures the contrast of every text on real screens in every shipped theme: `python -m tests.contrast` prints it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.geometry import Region
from textual.widget import Widget

from tests.tour import Walk, stops, walking
from theta_tui.tui import looks

LEAST = 4.5
SIZE = (140, 40)
_NOT_TEXT = frozenset(" ─│┌┐└┘├┤┬┴┼╭╮╰╯━┃═▁▂▃▄▅▆▇█▉▊▋▌▍▎▏▐▔▕▀░▒▓▗▖▝▘▲▼╵╷╴╶\xa0")
XTERM = TerminalTheme(
    (0, 0, 0),
    (229, 229, 229),
    [(0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229)],
    [(127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255),
     (255, 255, 255)],
)  # fmt: skip
"""The palette that a terminal theme is measured with: xterm's own."""

Rgb = tuple[int, int, int]


@dataclass(frozen=True, order=True)
class Pair:
    """A text on its background: their contrast, where it was seen, and the text."""

    contrast: float
    theme: str
    stop: str
    text: str
    colours: str


def luminance(colour: Rgb) -> float:
    """Give the relative luminance as WCAG 2 defines it."""
    parts = (part / 255 for part in colour)
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    """Give the contrast of two colours, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def colours_of(style: Style, depth: ColorSystem) -> tuple[Rgb, Rgb]:
    """Give text and background as a terminal of this depth shows them."""
    text, ground = (
        _shown(colour, depth, is_text=is_text) for colour, is_text in ((style.color, True), (style.bgcolor, False))
    )
    return (ground, text) if style.reverse else (text, ground)


def _shown(colour: RichColor | None, depth: ColorSystem, *, is_text: bool) -> Rgb:
    if colour is None:
        return tuple(XTERM.foreground_color if is_text else XTERM.background_color)
    return tuple(colour.downgrade(depth).get_truecolor(XTERM, foreground=is_text))


def pairs(walk: Walk, stop: str, depth: ColorSystem = ColorSystem.TRUECOLOR) -> Iterator[Pair]:
    """Give every text of the uppermost screen with its contrast; what a dialog dims behind itself is not meant."""
    region = _in_front(walk)
    for y, strip in enumerate(walk.app.screen._compositor.render_strips()):
        if region.y <= y < region.bottom:
            for segment in strip.crop(region.x, region.right):
                text = "".join(letter for letter in segment.text if letter not in _NOT_TEXT)
                if text:
                    yield _pair(walk, stop, segment, depth)


def _pair(walk: Walk, stop: str, segment: Segment, depth: ColorSystem) -> Pair:
    text, ground = colours_of(segment.style or Style(), depth)
    shown = "#{:02x}{:02x}{:02x} on #{:02x}{:02x}{:02x}".format(*text, *ground)
    return Pair(contrast(text, ground), walk.app.theme, stop, segment.text.strip()[:40], shown)


def _in_front(walk: Walk) -> Region:
    frames: list[Widget] = list(walk.app.screen.query(".modal--frame"))
    return frames[-1].region if frames else walk.app.screen.region


async def measure(*depths: ColorSystem, last: str = "") -> dict[ColorSystem, list[Pair]]:
    """Walk to the `last` stop, put on every theme at each, and give each pair of colours per depth, the least first."""
    found: dict[tuple[ColorSystem, str, str], Pair] = {}
    with tempfile.TemporaryDirectory() as home:
        async with walking(Path(home), SIZE) as walk:
            async for stop in stops(walk):
                for theme in looks.themes(looks.shipped_folder()):
                    walk.app.theme = theme.name
                    await walk.pilot.pause()
                    for depth in depths:
                        for pair in pairs(walk, stop, depth):
                            found.setdefault((depth, pair.theme, pair.colours), pair)
                if stop == last:
                    break
    return {wanted: sorted(pair for (depth, *_), pair in found.items() if depth is wanted) for wanted in depths}


def _words(pair: Pair) -> str:
    return f"{pair.theme:<20} {pair.contrast:5.2f}  {pair.colours}  {pair.stop}: {pair.text}"


def report(found: list[Pair]) -> str:
    """Give the least contrast of each theme, and where it is."""
    least: dict[str, Pair] = {}
    for pair in found:
        least.setdefault(pair.theme, pair)
    lines = [_words(pair) for _, pair in sorted(least.items())]
    lines += [f"below {LEAST}: {_words(pair)}" for pair in found if pair.contrast < LEAST]
    return "\n".join([f"{'theme':<20} least  text on background, {len(found)} pairs in all", *lines])


async def main() -> None:
    """Print what was measured in true colour and in 256 colours."""
    for depth, found in (await measure(ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT)).items():
        print(f"{depth.name.lower()}\n{report(found)}\n")  # noqa: T201 what the command is for


if __name__ == "__main__":
    asyncio.run(main())
