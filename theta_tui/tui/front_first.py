"""What is painted, put together from the front: no widget is asked for lines of which nothing can be seen.

Textual's own compositor asks every widget within the box around what changed for all of its lines, also the layers that
lie wholly beneath others, and throws away what is hidden. Knows nothing of what the widgets show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import cast

from textual._compositor import Compositor
from textual.geometry import Region
from textual.strip import Strip


class FrontFirst(Compositor):
    """The compositor of our screens; gives the same picture."""

    def _render_chops(self, crop: Region, is_rendered_line: Callable[[int], bool]) -> Sequence[Mapping[int, Strip]]:
        """Fill the pieces of the wanted lines between the cuts; the first widget that reaches one has it."""
        cuts, left, right = self.cuts, crop.x, crop.right
        chops: list[dict[int, Strip | None]] = [dict.fromkeys(line[:-1]) for line in cuts]
        missing = {
            y: [at for at, end in pairwise(cuts[y]) if at < right and end > left]
            for y in crop.line_range
            if is_rendered_line(y)
        }
        for widget, (region, clip) in self.visible_widgets.items():
            shown = region.intersection(clip)
            x, end = shown.x, shown.right
            lines = [y for y in shown.line_range if y in missing and any(x <= at < end for at in missing[y])]
            if not lines:
                continue
            top = lines[0]
            strips = widget.render_lines(Region(x - region.x, top - region.y, shown.width, lines[-1] + 1 - top))
            for y in lines:
                here = [cut for cut in cuts[y] if x <= cut <= end]
                chop, wanted = chops[y], missing[y]
                for at, strip in zip(here, strips[y - top].divide([cut - x for cut in here[1:]]), strict=False):
                    if at in wanted:
                        chop[at] = strip
                        wanted.remove(at)
                if not wanted:
                    del missing[y]
            if not missing:
                break
        return cast("Sequence[Mapping[int, Strip]]", chops)  # What is left empty is not in what is painted.
