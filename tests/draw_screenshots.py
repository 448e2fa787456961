"""Draws screenshots/ from the demo: `python -m tests.draw_screenshots`; `--to FOLDER [--theme NAME]` all screens."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from rich.segment import Segment
from rich.terminal_theme import TerminalTheme
from textual.color import Color
from textual.strip import Strip

from tests.contrast import XTERM
from tests.picture import svg, words_of
from tests.tour import stops, walking
from theta_tui.tui.app import ThetaApp

FOLDER = Path(__file__).resolve().parent.parent / "screenshots"
SIZES = {"": (140, 40), "-80x24": (80, 24)}
SHOWN = frozenset({
    "overview", "services", "deployments", "review", "chat", "compute", "billing", "agents", "video", "playground",
    "activity",
})  # fmt: skip
"""The screens that are kept in the repository."""

MASKS = tuple((re.compile(pattern), words) for pattern, words in (
    (r"\d\d:\d\d:\d\d", "14:30:05"),
    (r"\b\d\d:\d\d\b", "14:30"),
    (r"20\d\d-\d\d-\d\d", "2026-05-26"),
    (r"\.\d{3}Z", ".000Z"),
    (r"20\d{6}-\d{6}", "20260526-143005"),
    (r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b", "Tue"),
    (r"\b\d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b", "26 May"),
    (r"127\.0\.0\.1:\d{5}", "127.0.0.1:47100"),
    (r"/tmp/theta-[\w-]{8}/data", "~/.local/share/theta-tui"),
    (r"0\.\d\d s to first token · \d\d tokens/s", "0.40 s to first token · 45 tokens/s"),
    (r"chatcmpl-[0-9a-f]{24}", "chatcmpl-249176e75fbd89b42f65749a"),
))  # fmt: skip
"""What differs from one drawing to the next, and what stands for it, just as long."""


_TIMES = re.compile(r"26 May 14:30(?=.*26 May 14:30)")
_EARLIER = ("25 May 16:30", "26 May 03:30")
"""What the ends of a plot are called, where one line names several moments."""


def steady(strip: Strip) -> Strip:
    """Give a line with nothing in it that another drawing would show differently."""
    return Strip([Segment(_masked(segment.text), segment.style) for segment in strip], strip.cell_length)


def _masked(text: str) -> str:
    for pattern, words in MASKS:
        text = pattern.sub(words, text)
    earlier = iter(_EARLIER)
    return _TIMES.sub(lambda found: next(earlier, found[0]), text)


async def pictures(size: tuple[int, int], theme: str, *, everything: bool) -> AsyncIterator[tuple[str, str]]:
    """Walk through the demo and give name and picture of every screen that is to be drawn."""
    with tempfile.TemporaryDirectory(prefix="theta-") as home:
        async with walking(Path(home), size, pace=1.0) as walk:
            walk.app.theme = theme
            async for name in stops(walk, everything=everything):
                if everything or name in SHOWN:
                    strips = [steady(strip) for strip in walk.app.screen._compositor.render_strips()]
                    yield name, svg(strips, palette_of(walk.app), "theta-tui")


def palette_of(app: ThetaApp) -> TerminalTheme:
    """Give the terminal that the console is drawn on: of the theme's colours, where it has any."""
    theme = app.current_theme
    if theme.ansi or theme.background is None or theme.foreground is None:
        return XTERM
    colours = (tuple(Color.parse(colour).rgb) for colour in (theme.background, theme.foreground))
    return TerminalTheme(*colours, [tuple(XTERM.ansi_colors[number]) for number in range(8)])


async def draw(size: tuple[int, int], suffix: str, theme: str, folder: Path, *, everything: bool) -> None:
    """Draw the screens of one size."""
    async for name, picture in pictures(size, theme, everything=everything):
        (folder / f"{name}{suffix}.svg").write_text(picture, "utf-8")


def _draw(job: tuple[str, tuple[int, int]], theme: str, folder: Path, everything: bool) -> None:
    asyncio.run(draw(job[1], job[0], theme, folder, everything=everything))


def main() -> int:
    """Draw both sizes side by side; with `--check` only tell which pictures show other words than the console."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, help="draw every screen, dialogs too, into this folder")
    parser.add_argument("--theme", default="theta-dark")
    parser.add_argument("--check", action="store_true", help="exit 1 if screenshots/ is no longer what is seen")
    wanted = parser.parse_args()
    os.environ["COLORTERM"] = "truecolor"
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) if wanted.check else wanted.to or FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        draw_one = partial(_draw, theme=wanted.theme, folder=folder, everything=bool(wanted.to))
        with ProcessPoolExecutor(len(SIZES)) as side_by_side:
            list(side_by_side.map(draw_one, SIZES.items()))
        return report_stale(folder) if wanted.check else 0


def report_stale(fresh: Path) -> int:
    """Name the pictures whose words differ from fresh ones; 1 if there are any."""
    stale = [file.name for file in sorted(fresh.iterdir()) if _words(FOLDER / file.name) != _words(file)]
    for name in stale:
        missing = sorted(_words(fresh / name) ^ _words(FOLDER / name))
        sys.stderr.write(f"{name} is not what is seen: {' '.join(missing[:8])}; python -m tests.draw_screenshots\n")
    return 1 if stale else 0


def _words(file: Path) -> set[str]:
    """Give the words of a picture: what is made of letters alone, since figures and ids may differ."""
    text = words_of(file.read_text("utf-8")) if file.exists() else ""
    return set(re.findall(r"(?<![\w.-])[A-Za-z]{3,}(?![\w-])", text))


if __name__ == "__main__":
    sys.exit(main())
