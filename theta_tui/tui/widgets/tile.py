"""Framed summaries that lead somewhere: lines that fit whatever size the frame has.

When the focus goes from one to another only two frames change colour. Textual would style both tiles again and draw all
their lines; here each keeps its lines, and the frame of the lit one is laid over them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import is_not
from typing import ClassVar, Final, Protocol

from rich.segment import Segment
from rich.style import Style
from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Grid
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from theta_tui.tui import literal
from theta_tui.tui.widgets.bare import Bare
from theta_tui.tui.widgets.bars import bars, sampled
from theta_tui.tui.widgets.record_columns import cells, cut
from theta_tui.tui.widgets.record_lines import wrap

MUTED: Final = "$foreground-muted"
TALLEST: Final = 4
"""Rows of a chart at the most."""


class Part(Protocol):
    """Something a tile shows: as few lines as it can, more where there is room."""

    def lines(self, width: int, rows: int) -> list[Content]:
        """Give its lines; `rows` is how many there is room for, which some need not and some cannot keep to."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: at the right edge what must be seen, before it what may be cut at a word's end."""

    left: Content
    right: Content = field(default_factory=Content)

    def lines(self, width: int, rows: int) -> list[Content]:
        """Give the line as wide as the tile."""
        room = width - self.right.cell_length - (2 if self.right else 0)
        return [_spread(shortened(self.left, room), self.right, width)]


@dataclass(frozen=True, slots=True)
class Remark:
    """One line whose left part must be seen; beside it the first of some remarks that fits."""

    left: Content
    remarks: tuple[Content, ...] = ()

    def lines(self, width: int, rows: int) -> list[Content]:
        """Give the line as wide as the tile."""
        room = width - self.left.cell_length - 2
        return [_spread(shortened(self.left, width), self._fitting(room), width)]

    def _fitting(self, room: int) -> Content:
        return next((remark for remark in self.remarks if remark.cell_length <= room), Content(""))


@dataclass(frozen=True, slots=True)
class Names:
    """A label and names behind it: as many as fit in one line, all of them over several where there is room."""

    label: str
    names: Sequence[str]

    def lines(self, width: int, rows: int) -> list[Content]:
        """Wrap the names behind the label; where there is no room for all, end with `…` after a whole one."""
        room = max(width - cells(self.label), 8)
        pieces = wrap(", ".join(self.names), room)
        if len(pieces) > rows:
            pieces = [*pieces[: rows - 1], self._first_of(" ".join(pieces[rows - 1 :]).split(", "), room)]
        heads = [self.label, *([" " * cells(self.label)] * (len(pieces) - 1))]
        return [Content.assemble(head, (piece, MUTED)) for head, piece in zip(heads, pieces, strict=True)]

    def _first_of(self, names: Sequence[str], room: int) -> str:
        for count in range(len(names) - 1, 0, -1):
            shown = f"{', '.join(names[:count])}, …"
            if cells(shown) <= room:
                return shown
        return cut(names[0], room)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence over as many lines as it takes, behind a sign; `text` is safe, one line."""

    text: str
    sign: str = ""
    style: str = ""

    def lines(self, width: int, rows: int) -> list[Content]:
        """Wrap it, the sign before the first line only."""
        indent = len(self.sign) + 1 if self.sign else 0
        pieces = wrap(self.text, max(width - indent, 8))
        first = Content.assemble((f"{self.sign} " if self.sign else "", self.style), pieces[0])
        return [first, *(Content(" " * indent + piece) for piece in pieces[1:])]


@dataclass(frozen=True, slots=True)
class Chart:
    """A course of (moment, value) as bars."""

    points: Sequence[tuple[float, float]]
    style: str = "$primary 70%"

    def lines(self, width: int, rows: int) -> list[Content]:
        """Draw it over the whole width."""
        return [Content.styled(line, self.style) for line in bars(sampled(self.points, width), min(rows, TALLEST))]


def _spread(left: Content, right: Content, width: int) -> Content:
    return Content.assemble(left, " " * max(0, width - left.cell_length - right.cell_length), right)


def shortened(text: Content, width: int) -> Content:
    """Cut a line to `width` cells, at a word's end where there is one."""
    if text.cell_length <= width:
        return text
    kept = cut(text.plain, width)
    return Content.assemble(text[: len(kept) - 1], "…") if kept else Content("")


class Tile(Widget, can_focus=True):
    """A summary with a title; Enter goes where it leads."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", id="tile.open", show=False),
        *(
            Binding(keys, f"move('{way}')", way.title(), id=f"tile.{way}", show=False)
            for way, keys in (("left", "left,h"), ("right", "right,l"), ("up", "up,k"), ("down", "down,j"))
        ),
    ]

    DEFAULT_CSS = """
    Tile {
        height: 1fr;
        padding: 0 1;
        background: $surface;
        border: round $border;
        border-title-color: $foreground-muted;
        border-title-style: bold;
        border-subtitle-color: $foreground-muted;
    }
    """

    class Opened(Message):
        """The tile was opened, with Enter or a double click."""

        def __init__(self, tile: Tile) -> None:
            super().__init__()
            self.tile = tile

        @property
        def control(self) -> Widget:
            """The tile."""
            return self.tile

    class Moved(Message):
        """The focus is to go to the next tile that way."""

        def __init__(self, tile: Tile, way: str) -> None:
            super().__init__()
            self.tile = tile
            self.way = way

    def __init__(self, heading: str, leads_to: str, *, id: str) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self.border_title = literal.content(heading)
        self.border_subtitle = literal.content(leads_to)
        self.leads_to = leads_to
        self._parts: Sequence[Part] = (Line(Content.styled("asking…", MUTED)),)
        self._plain: list[Strip] = []
        self._lit: list[Strip] = []

    def show(self, parts: Sequence[Part]) -> None:
        """Show these parts, from top to bottom."""
        if parts != self._parts:
            self._parts = parts
            self.refresh()

    def render(self) -> Content:
        """Lay the parts out; what does not fit is counted."""
        width, height = self.content_size
        spare = height - sum(len(part.lines(width, 1)) for part in self._parts)
        lines: list[Content] = []
        for part in self._parts:
            least = len(part.lines(width, 1))
            found = part.lines(width, least + max(spare, 0))
            spare -= len(found) - least
            lines += found
        if len(lines) > height:
            hidden = len(lines) - height + 1
            lines = [*lines[: height - 1], Content.styled(f"… {hidden} more", MUTED)]
        return Content("\n").join(lines)

    @property
    def frame(self) -> list[Region]:
        """Its four edges on the screen."""
        x, y, width, height = self.region
        sides = [Region(at, y + 1, 1, height - 2) for at in (x, x + width - 1)]
        return [Region(x, y, width, 1), *sides, Region(x, y + height - 1, width, 1)]

    def render_lines(self, crop: Region) -> list[Strip]:
        """Give its lines; while it is lit, in a frame that is laid over them once."""
        if not isinstance(tiles := self.parent, Tiles) or tiles.lit is not self:
            return super().render_lines(crop)
        lines = super().render_lines(self.outer_size.region)
        if len(lines) != len(self._plain) or any(map(is_not, lines, self._plain)):
            self._plain, self._lit = lines, self._lighted(lines, tiles)
        return self._lit[crop.y : crop.bottom]

    def _lighted(self, lines: Sequence[Strip], tiles: Tiles) -> list[Strip]:
        styles = tiles.get_component_styles("tiles--lit")
        frame = Style(color=(self.background_colors[0] + styles.color).rich_color)
        title = frame + Style(reverse=styles.text_style.reverse)
        last = len(lines) - 1
        found = []
        for y, line in enumerate(lines):
            segments = list(line)
            for at in range(len(segments)) if y in (0, last) else (0, -1):
                text, style, _ = segments[at]
                segments[at] = Segment(text, (style or Style()) + (title if y == 0 and text.strip("╭─╮ ") else frame))
            found.append(Strip(segments, line.cell_length))
        for line_filter in self.get_line_filters():
            found = [line.apply_filter(line_filter, self.background_colors[1]) for line in found]
        return found

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Nothing to do: `Tiles` lights the frame, and no style depends on the focus."""

    def _on_focus(self, event: events.Focus) -> None:
        event.prevent_default()  # Textual's own would draw all of the tile again.
        self.has_focus = True

    def _on_blur(self, event: events.Blur) -> None:
        event.prevent_default()
        self.has_focus = False

    def action_open(self) -> None:
        """Go where it leads."""
        self.post_message(self.Opened(self))

    def action_move(self, way: str) -> None:
        """Ask for the next tile."""
        self.post_message(self.Moved(self, way))

    def on_click(self, event: events.Click) -> None:
        """Open it with the second click; the first takes the focus."""
        if event.chain == 2:
            self.action_open()


class Tiles(Grid, Bare):
    """The tiles side by side; lights the frame of the one that has the focus."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"tiles--lit"}
    DEFAULT_CSS = """
    Tiles > .tiles--lit { color: $primary; }
    Tiles:ansi > .tiles--lit { text-style: reverse; }
    """

    lit: Tile | None = None

    def on_mount(self) -> None:
        """Follow the focus; both frames are painted with it, not each when its tile hears of it."""
        self.watch(self.screen, "focused", self._light)

    @on(Tile.Moved)
    def _moved(self, event: Tile.Moved) -> None:
        event.stop()
        target = nearest(event.tile, [tile for tile in self.children if isinstance(tile, Tile)], event.way)
        if target is not None:
            self.screen.set_focus(target)  # `target.focus()` would draw all of it again.

    def _light(self, focused: Widget | None) -> None:
        dark, self.lit = self.lit, focused if isinstance(focused, Tile) else None
        if dark is not self.lit:
            mine = self.content_region.offset
            edges = [edge for tile in (dark, self.lit) if tile is not None for edge in tile.frame]
            self.refresh(*(edge.translate(-mine) for edge in edges))


def nearest(tile: Widget, others: Sequence[Tile], way: str) -> Tile | None:
    """Give the tile that comes next that way: the closest of those beyond the edge, in the same row or column first."""
    ahead = [(distance, other) for other in others if (distance := _distance(tile.region, other.region, way))]
    return min(ahead, key=lambda pair: pair[0])[1] if ahead else None


def _distance(here: Region, there: Region, way: str) -> tuple[int, int] | None:
    along = {
        "left": here.x - there.right,
        "right": there.x - here.right,
        "up": here.y - there.bottom,
        "down": there.y - here.bottom,
    }[way]
    if along < 0:
        return None
    return along, abs(there.x - here.x) if way in ("up", "down") else abs(there.y - here.y)
