"""A screen as an SVG picture, cell by cell: lines and blocks are drawn as shapes, so that no font leaves gaps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.strip import Strip

from theta_tui.tui.widgets.record_columns import cells

WIDTH, HEIGHT, SIZE = 8.4, 18.0, 14
"""One cell, and the letters in it."""
MARGIN, BAR = 10.0, 34.0
FONTS = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"
BLOCKS = {letter: (0.0, 1 - step / 8, 1.0, step / 8) for step, letter in enumerate("▁▂▃▄▅▆▇█", 1)}
BLOCKS |= {letter: (0.0, 0.0, 1 - step / 8, 1.0) for step, letter in enumerate("▉▊▋▌▍▎▏", 1)}
BLOCKS |= {
    "▀": (0.0, 0.0, 1.0, 0.5),
    "▐": (0.5, 0.0, 0.5, 1.0),
    "▔": (0.0, 0.0, 1.0, 0.125),
    "▕": (0.875, 0.0, 0.125, 1.0),
}
ARMS = {
    "─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu", "├": "udr", "┤": "udl", "┬": "lrd", "┴": "lru",
    "┼": "lrud", "╭": "rd", "╮": "ld", "╰": "ru", "╯": "lu", "━": "lr", "╷": "d", "╵": "u",
}  # fmt: skip
"""Line letters: to which sides of its cell each reaches from the middle."""


def svg(strips: list[Strip], palette: TerminalTheme, title: str) -> str:
    """Draw the lines of a screen in a window."""
    columns = max(strip.cell_length for strip in strips)
    width, height = columns * WIDTH + 2 * MARGIN, len(strips) * HEIGHT + BAR + MARGIN
    ground = _hex(None, palette, is_text=False)
    classes: dict[str, str] = {}
    body = "\n".join(piece for y, strip in enumerate(strips) for piece in _line(y, strip, palette, classes))
    styles = "".join(f".{name}{{{rules}}}" for rules, name in classes.items())
    dots = "".join(f'<circle cx="{22 + 20 * n}" cy="17" r="6" fill="{fill}"/>'
                   for n, fill in enumerate(("#ff5f57", "#febc2e", "#28c840")))  # fmt: skip
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}">\n'
        f"<style>text{{font:{SIZE}px {FONTS};white-space:pre}}rect{{shape-rendering:crispEdges}}{styles}</style>\n"
        f'<rect width="{width:g}" height="{height:g}" rx="8" fill="{ground}"/>{dots}\n'
        f'<text x="{width / 2:g}" y="22" text-anchor="middle" fill="#8a94a6">{escape(title)}</text>\n'
        f"{body}\n</svg>\n"
    )


def words_of(picture: str) -> str:
    """Give the words of a picture, one space between them."""
    return " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", picture))


def _line(y: int, strip: Strip, palette: TerminalTheme, classes: dict[str, str]) -> Iterator[str]:
    x = 0
    grounds: list[tuple[int, int, str]] = []
    pieces: list[str] = []
    for segment in strip:
        style = segment.style or Style()
        text, ground = _colours(style, palette)
        width = cells(segment.text)
        if grounds and grounds[-1][2] == ground:
            grounds[-1] = (grounds[-1][0], grounds[-1][1] + width, ground)
        else:
            grounds.append((x, width, ground))
        pieces += _pieces(x, y, segment, text, style, classes)
        x += width
    page = _hex(None, palette, is_text=False)
    for start, width, ground in grounds:
        if ground != page:
            yield _rect(start, y, (0, 0, width, 1), ground)
    yield from pieces


def _pieces(x: int, y: int, segment: Segment, colour: str, style: Style, classes: dict[str, str]) -> Iterator[str]:
    """Draw blocks and lines as shapes, and every word where its first letter stands."""
    for found in re.finditer(
        r"([▀-▐▔▕])\1*|([─-╿])\2*|[^\s▀-▐▔▕─-╿]+(?: (?=[^\s▀-▐▔▕─-╿])[^\s▀-▐▔▕─-╿]+)*", segment.text
    ):
        at, letters = x + cells(segment.text[: found.start()]), found[0]
        if letters[0] in BLOCKS:
            yield _block(at, y, letters, colour)
        elif letters[0] in ARMS:
            yield _arms(at, y, letters, colour)
        else:
            yield _word(at, y, letters, _class(colour, style, classes))


def _block(x: int, y: int, letters: str, colour: str) -> str:
    left, top, wide, high = BLOCKS[letters[0]]
    if wide == 1.0:
        return _rect(x, y, (left, top, len(letters), high), colour)
    return "".join(_rect(x + n, y, (left, top, wide, high), colour) for n in range(len(letters)))


def _arms(x: int, y: int, letters: str, colour: str) -> str:
    middle, line = (x + 0.5) * WIDTH + MARGIN, (y + 0.5) * HEIGHT + BAR
    if letters[0] in "─━":
        return f'<path d="M{x * WIDTH + MARGIN:g} {line:g}h{len(letters) * WIDTH:g}" stroke="{colour}"/>'
    ends = {"l": f"h{-WIDTH / 2:g}", "r": f"h{WIDTH / 2:g}", "u": f"v{-HEIGHT / 2:g}", "d": f"v{HEIGHT / 2:g}"}
    paths = "".join(
        f"M{middle + n * WIDTH:g} {line:g}{ends[side]}" for n, letter in enumerate(letters) for side in ARMS[letter]
    )
    return f'<path d="{paths}" stroke="{colour}"/>'


def _word(x: int, y: int, text: str, name: str) -> str:
    left, base = x * WIDTH + MARGIN, y * HEIGHT + BAR + 0.74 * HEIGHT
    return f'<text class="{name}" x="{left:g}" y="{base:g}" textLength="{cells(text) * WIDTH:g}">{escape(text)}</text>'


def _rect(x: int, y: int, box: tuple[float, float, float, float], colour: str) -> str:
    left, top, wide, high = box
    return (
        f'<rect x="{(x + left) * WIDTH + MARGIN:g}" y="{(y + top) * HEIGHT + BAR:g}" '
        f'width="{wide * WIDTH:g}" height="{high * HEIGHT:g}" fill="{colour}"/>'
    )


def _class(colour: str, style: Style, classes: dict[str, str]) -> str:
    rules = f"fill:{colour}"
    rules += ";font-weight:bold" if style.bold else ""
    rules += ";font-style:italic" if style.italic else ""
    rules += ";text-decoration:underline" if style.underline else ""
    rules += ";opacity:.6" if style.dim else ""
    return classes.setdefault(rules, f"c{len(classes)}")


def _colours(style: Style, palette: TerminalTheme) -> tuple[str, str]:
    text, ground = _hex(style.color, palette, is_text=True), _hex(style.bgcolor, palette, is_text=False)
    return (ground, text) if style.reverse else (text, ground)


def _hex(colour: RichColor | None, palette: TerminalTheme, *, is_text: bool) -> str:
    found = (colour or RichColor.default()).get_truecolor(palette, foreground=is_text)
    return found.hex
