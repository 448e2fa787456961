"""Containers that show nothing of their own: all their lines are one and the same blank line, made once.

Textual draws every layer of a screen, also what lies wholly beneath others; for a full screen of nested containers that
is most of its first paint. Knows nothing of what is put inside.
"""

from __future__ import annotations

from textual.containers import Container, Horizontal, Vertical
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Bare(Widget):
    """For widgets with neither a frame nor content: draws its first line and gives it for every other one.

    Named after what it is mixed into: Textual takes the style sheet's rules from the first base alone.
    """

    def render_lines(self, crop: Region) -> list[Strip]:
        """Give one line as often as lines are wanted."""
        return super().render_lines(Region(crop.x, 0, crop.width, min(crop.height, 1))) * crop.height


class BareContainer(Container, Bare):
    """A container without a frame."""


class BareHorizontal(Horizontal, Bare):
    """A row without a frame."""


class BareVertical(Vertical, Bare):
    """A column without a frame."""
