"""Text can be read in every shipped theme: 4.5 is what WCAG 2 asks of text (AA)."""

from __future__ import annotations

from rich.color import ColorSystem

from tests.contrast import LEAST, contrast, measure, report
from theta_tui.tui import looks


def test_contrast_is_what_wcag_says() -> None:
    assert round(contrast((0, 0, 0), (255, 255, 255)), 2) == 21
    assert round(contrast((119, 119, 119), (255, 255, 255)), 2) == 4.48


async def test_every_text_on_real_screens_has_enough_contrast_in_every_shipped_theme_and_in_256_colours() -> None:
    depths = ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT
    for found in (await measure(*depths, last="chat")).values():
        assert {pair.theme for pair in found} == {theme.name for theme in looks.themes(looks.shipped_folder())}
        assert {"review-dry-run", "palette-selection", "playground-form", "chat"} <= {pair.stop for pair in found}
        assert found[0].contrast >= LEAST, report(found)
