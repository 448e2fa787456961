"""What a simulated image model draws: a small landscape that follows the prompt, and changes to a given picture."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from theta_tui.sandbox.chance import Chance
from theta_tui.sandbox.pictures import Canvas, Colour, mix

#: Sky above, sky at the horizon, sun or moon, ground above, ground below.
_Palette = tuple[Colour, Colour, Colour, Colour, Colour]
_PALETTES: Final[dict[str, _Palette]] = {
    "day": ((72, 149, 219), (202, 232, 246), (255, 244, 196), (64, 145, 168), (16, 60, 92)),
    "sunset": ((64, 42, 110), (252, 148, 88), (255, 222, 140), (140, 70, 110), (38, 24, 62)),
    "night": ((6, 10, 32), (38, 54, 98), (238, 240, 222), (18, 34, 66), (4, 8, 22)),
    "dawn": ((122, 150, 200), (252, 206, 196), (255, 236, 204), (120, 140, 168), (56, 70, 96)),
    "green": ((126, 190, 224), (226, 242, 214), (255, 248, 206), (98, 150, 84), (28, 74, 46)),
}
_MOODS: Final = {
    "night": r"night|moon|star|space|dark|galax|midnight|neon",
    "sunset": r"sunset|dusk|evening|fire|desert|mars|autumn|warm",
    "dawn": r"dawn|sunrise|morning|fog|mist|winter|snow|ice",
    "green": r"forest|tree|garden|grass|field|hill|meadow|jungle|spring|farm",
    "day": r"sea|ocean|beach|boat|sail|ship|harbou?r|summer|blue|sky",
}
_COLOURS: Final[dict[str, Colour]] = {
    "red": (204, 44, 44),
    "blue": (40, 84, 200),
    "green": (44, 150, 70),
    "yellow": (236, 196, 48),
    "orange": (238, 128, 38),
    "purple": (128, 62, 170),
    "pink": (236, 120, 170),
    "white": (244, 244, 240),
    "black": (26, 26, 30),
    "golden": (218, 172, 60),
}
_INK: Final[Colour] = (30, 30, 38)
_FOUND: Final[tuple[Colour, ...]] = ((255, 64, 64), (64, 224, 128), (64, 160, 255), (255, 208, 64))


def draw(prompt: str, seed: str, width: int = 512, height: int = 512) -> Canvas:
    """The picture for a prompt: the same prompt and seed draw the same picture."""
    words = prompt.lower()
    chance = Chance("scene", words, seed)
    palette = _PALETTES[_named(words, _MOODS) or chance.pick(tuple(_PALETTES))]
    canvas = Canvas(width, height)
    horizon = height * chance.between(55, 68) // 100
    canvas.gradient(0, horizon, palette[0], palette[1])
    _sky(canvas, chance, palette, horizon)
    canvas.gradient(horizon, height, palette[3], palette[4])
    _glitter(canvas, chance, palette, horizon)
    motif = _MOTIFS[_named(words, _SUBJECTS) or chance.pick(tuple(_MOTIFS))]
    accent = next((_COLOURS[name] for name in _COLOURS if name in words), None) or chance.pick(tuple(_COLOURS.values()))
    motif(canvas, chance, horizon, accent)
    return canvas


def stylise(canvas: Canvas) -> Canvas:
    """The same picture in four flat tones a channel, tinted."""
    tones = [bytes(min((value // 64) * 64 + lift, 255) for value in range(256)) for lift in (44, 24, 56)]
    rows = []
    for row in canvas.rows:
        line = bytearray(row)
        for channel, tone in enumerate(tones):
            line[channel::3] = row[channel::3].translate(tone)
        rows.append(line)
    return Canvas(canvas.width, canvas.height, rows)


def enlarge(canvas: Canvas) -> Canvas:
    """The same picture twice as large."""
    rows = []
    for row in canvas.rows:
        line = bytearray(len(row) * 2)
        for channel in range(3):
            line[channel::6] = line[channel + 3 :: 6] = row[channel::3]
        rows += [line, line]
    return Canvas(canvas.width * 2, canvas.height * 2, rows)


def cut_out(canvas: Canvas) -> list[bytes]:
    """One opacity byte a pixel: a subject in the middle stays, the background goes."""
    mask = []
    for y in range(canvas.height):
        across = 1 - (2 * y / canvas.height - 1) ** 2
        half = int(canvas.width * 0.38 * max(across, 0) ** 0.5)
        left = canvas.width // 2 - half
        mask.append(bytes(left) + b"\xff" * (2 * half) + bytes(canvas.width - left - 2 * half))
    return mask


def mark(canvas: Canvas, things: list[str], seed: str) -> list[dict[str, object]]:
    """Draw a box round each thing; answers label, score and box (left, top, right, bottom in pixels)."""
    found: list[dict[str, object]] = []
    for number, thing in enumerate(things):
        chance = Chance("box", thing, seed)
        left, top = canvas.width * chance.between(4, 55) // 100, canvas.height * chance.between(4, 55) // 100
        right, bottom = (
            left + canvas.width * chance.between(18, 40) // 100,
            top + canvas.height * chance.between(18, 40) // 100,
        )
        canvas.frame(left, top, right, bottom, _FOUND[number % len(_FOUND)], max(canvas.width // 128, 1))
        found.append({"label": thing, "score": chance.between(520, 970) / 1000, "box": [left, top, right, bottom]})
    return found


def _named(words: str, names: dict[str, str]) -> str | None:
    return next((name for name, pattern in names.items() if re.search(pattern, words)), None)


def _sky(canvas: Canvas, chance: Chance, palette: _Palette, horizon: int) -> None:
    unit = min(canvas.width, canvas.height)
    if palette is _PALETTES["night"]:
        for _ in range(90):
            x, y = chance.between(0, canvas.width - 1), chance.between(0, max(horizon - 1, 0))
            canvas.box(x, y, x + chance.between(1, 2), y + 1, (230, 232, 240))
    left, top = canvas.width * chance.between(15, 85) / 100, horizon * chance.between(25, 75) / 100
    for ring in (3, 2, 1, 0):
        glow = mix(palette[1], palette[2], 1 - ring / 4)
        canvas.disc(left, top, unit * (0.07 + ring * 0.012), glow)
    for _ in range(chance.between(2, 5)):
        _cloud(canvas, chance, horizon, mix(palette[1], (255, 255, 255), 0.35))


def _cloud(canvas: Canvas, chance: Chance, horizon: int, colour: Colour) -> None:
    x, y = chance.between(0, canvas.width), chance.between(horizon // 8, max(horizon // 2, horizon // 8))
    size = canvas.width * chance.between(2, 4) / 100
    for step in range(4):
        canvas.disc(x + step * size * 0.9, y - (step % 2) * size * 0.4, size * (0.8 + 0.2 * (step % 3)), colour)


def _glitter(canvas: Canvas, chance: Chance, palette: _Palette, horizon: int) -> None:
    light = mix(palette[3], palette[2], 0.45)
    for _ in range(70):
        y = chance.between(horizon, canvas.height)
        x = chance.between(0, canvas.width)
        canvas.span(y, x, x + canvas.width * chance.between(1, 7) / 100, light)


def _lighthouse(canvas: Canvas, chance: Chance, horizon: int, accent: Colour) -> None:
    x, foot = canvas.width * chance.between(25, 75) / 100, horizon + canvas.height * 0.04
    top, wide = canvas.height * 0.2, canvas.width * 0.12
    canvas.taper(x, foot - canvas.height * 0.03, foot + canvas.height * 0.08, wide * 1.4, wide * 4, (70, 66, 70))
    bands = 6
    for band in range(bands):
        upper, lower = top + (foot - top) * band / bands, top + (foot - top) * (band + 1) / bands
        widths = (wide * (0.55 + 0.45 * band / bands), wide * (0.55 + 0.45 * (band + 1) / bands))
        canvas.taper(x, upper, lower, *widths, accent if band % 2 == 0 else (240, 238, 230))
    canvas.box(x - wide * 0.45, top - wide * 0.1, x + wide * 0.45, top, _INK)
    canvas.box(x - wide * 0.24, top - wide * 0.5, x + wide * 0.24, top - wide * 0.1, (255, 240, 170))
    canvas.taper(x, top - wide * 0.85, top - wide * 0.5, 1, wide * 0.7, accent)


def _mountains(canvas: Canvas, chance: Chance, horizon: int, accent: Colour) -> None:
    for layer in range(3):
        tone = mix(mix((108, 112, 138), accent, 0.15), (32, 38, 56), layer / 3)
        for _ in range(3):
            x, height = chance.between(0, canvas.width), horizon * chance.between(25, 60) / 100 * (1 - layer * 0.2)
            canvas.taper(x, horizon - height, horizon, 1, height * 1.7, tone)
            canvas.taper(x, horizon - height, horizon - height * 0.78, 1, height * 0.37, (238, 240, 246))


def _city(canvas: Canvas, chance: Chance, horizon: int, accent: Colour) -> None:
    x = 0.0
    while x < canvas.width:
        wide, top = canvas.width * chance.between(5, 11) / 100, horizon - horizon * chance.between(20, 75) / 100
        canvas.box(x, top, x + wide - 2, horizon, mix(_INK, accent, chance.share() * 0.3))
        step = max(canvas.width // 50, 3)
        for y in range(int(top) + step, horizon - step, step * 2):
            for window in range(int(x) + step, int(x + wide) - step, step * 2):
                if chance.share() > 0.4:
                    canvas.box(window, y, window + step * 0.8, y + step, (255, 222, 136))
        x += wide


def _trees(canvas: Canvas, chance: Chance, horizon: int, accent: Colour) -> None:
    for number in range(14):
        x, foot = chance.between(0, canvas.width), horizon + canvas.height * number / 60
        size = canvas.height * (0.14 + number / 90)
        tone = mix((30, 104, 62), accent, 0.12 + chance.share() * 0.12)
        canvas.box(x - size * 0.04, foot - size * 0.1, x + size * 0.04, foot + size * 0.15, (84, 60, 42))
        for part in range(3):
            canvas.taper(x, foot - size * (1 - part * 0.28), foot - size * (0.5 - part * 0.25), 1, size * 0.62, tone)


def _boat(canvas: Canvas, chance: Chance, horizon: int, accent: Colour) -> None:
    x, size = canvas.width * chance.between(30, 70) / 100, canvas.width * 0.2
    deck = horizon + canvas.height * 0.08
    canvas.box(x - 1, deck - size * 1.3, x + 3, deck, _INK)
    for row in range(int(size * 1.15)):
        y = int(deck - size * 1.25) + row
        canvas.span(y, x + 6, x + 6 + row * 0.62, (246, 244, 236))
        canvas.span(y, x - 4 - row * 0.42, x - 4, accent)
    canvas.taper(x, deck, deck + size * 0.28, size * 1.8, size * 1.2, mix(accent, _INK, 0.4))


_SUBJECTS: Final = {
    "lighthouse": r"lighthouse|tower|castle|coast",
    "boat": r"boat|sail|ship|harbou?r|yacht",
    "city": r"city|town|street|skyline|building|neon|robot|data ?cent|gpu",
    "mountains": r"mountain|alps|snow|peak|volcano|valley|dragon",
    "trees": r"tree|forest|garden|jungle|wood|park|fox|cat|dog|bird",
}
_MOTIFS: Final[dict[str, Callable[[Canvas, Chance, int, Colour], None]]] = {
    "lighthouse": _lighthouse,
    "boat": _boat,
    "city": _city,
    "mountains": _mountains,
    "trees": _trees,
}
