"""From a file to its player link, and from nothing to a livestream with a node: by keys against the demo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.tui.test_video_pane import _confirmed, _impatient, _listed, _names, _says
from theta_tui.tui.form_screen import CommandForm
from theta_tui.tui.panes.video.new_video import NewVideos
from theta_tui.tui.widgets.banner import Banner

__all__ = ["_impatient"]


async def _form(it: Any) -> Any:
    await it.until(lambda: isinstance(it.app.screen, CommandForm) and it.app.focused is not None)
    return it.app.screen.form


async def test_a_file_is_uploaded_transcoded_and_has_a_player_link(
    console: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NewVideos, "pause", 0.05)
    film = tmp_path / "film.mp4"
    film.write_bytes(b"\x00\x00\x00\x18ftypmp42" + b"x" * 40_000)
    async with console(pane="video", speed=200.0) as it:
        section = await _listed(it)
        await it.press("n")
        (await _form(it)).fill({"path": str(film)})
        await it.press("ctrl+s")
        preview = await _confirmed(it)
        await it.until(lambda: "film.mp4" in _names(section), seconds=40)
        await it.until(lambda: _says(it, "Transcode film.mp4: ready"), seconds=40)
        uploads = [call for call in it.world.calls if call.method == "PUT" and "/upload/" in call.path]
        assert len(uploads) == 1
        assert len(uploads[0].body) == film.stat().st_size
        assert len(preview["requests"]) == len([call for call in it.world.calls if call.method in ("POST", "PUT")])
        section.table.move_to(next(row.key for row in section.table.visible_rows if row.name == "film.mp4"))
        await it.until(lambda: dict(section.copy_choices()).get("Player link", "").startswith("https://"))


async def test_a_livestream_is_made_in_a_form_and_a_fourth_is_refused_with_the_reason(console: Any) -> None:
    async with console(pane="video", size=(80, 24)) as it:
        await _listed(it)
        await it.press(".")
        section = await _listed(it, "livestreams")
        for name in ("evening", "night"):
            await it.press("n")
            (await _form(it)).fill({"name": name})
            await it.press("ctrl+s")
            await _confirmed(it)
            await it.until(lambda name=name: section.row is not None and section.row.name == name)
        assert it.sent("POST", "/stream") == ["/stream", "/stream"]
        await it.press("n")
        await it.until(lambda: section.query_one(Banner).error is not None)
        assert "livestreams at the most" in section.query_one(Banner).error.message
