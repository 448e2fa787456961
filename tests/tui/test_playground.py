"""Models by the call, from the inputs to what came of it: by keys against the demo."""

from __future__ import annotations

import json
import math
import struct
import wave
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from theta_tui.shapes.on_demand import InputVar, Service
from theta_tui.tui.panes.services.inputs import arguments_of, specs_of, varied
from theta_tui.tui.panes.services.result_view import ResultView
from theta_tui.tui.panes.services.row import ServiceRow
from theta_tui.tui.panes.services.run_form import RunForm
from theta_tui.tui.panes.services.run_list import RunList
from theta_tui.tui.review import ReviewModal
from theta_tui.tui.widgets.picture import picture_lines, with_boxes


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "seen.png"
    Image.new("RGB", (64, 48), (200, 40, 40)).save(path)
    return path


async def _run(it: Any, alias: str, values: dict[str, Any] | None = None) -> Any:
    """Press the keys from the list of services to the result; give the result's view."""
    services = it.pane.services
    await it.until(lambda: services.loaded_at is not None and services.table.visible_rows)
    assert services.table.move_to(alias)
    await it.press("r")
    await it.until(lambda: isinstance(it.app.screen, RunForm) and it.app.focused is not None)
    if values:
        it.app.screen.form.fill({**it.app.screen.form.values(), **values})
    await it.press("ctrl+s")
    await it.until(lambda: isinstance(it.app.screen, ReviewModal) and it.app.screen.armed)
    await it.press("y")
    return await _result(it)


async def _result(it: Any) -> Any:
    await it.until(lambda: isinstance(it.app.screen, ResultView) and it.app.screen.result is not None, seconds=40)
    await it.until(lambda: "Fetching the result" not in it.shown())
    return it.app.screen


def test_an_image_is_drawn_in_half_blocks_and_a_broken_one_not_at_all(picture: Path, tmp_path: Path) -> None:
    lines = picture_lines(picture, 32, 10)
    assert 1 <= len(lines) <= 10
    assert {line.plain for line in lines} == {"▀" * len(lines[0].plain)}
    broken = tmp_path / "broken.png"
    broken.write_bytes(picture.read_bytes()[:40])
    assert picture_lines(broken, 32, 10) == []
    boxed = tmp_path / "boxed.png"
    assert with_boxes(picture, [{"box": [2, 2, 30, 30], "label": "x"}], boxed)
    assert boxed.read_bytes() != picture.read_bytes()
    assert not with_boxes(picture, [{"box": "?"}], boxed)


def test_another_seed_is_taken_where_there_is_one() -> None:
    seed = InputVar(name="seed", type="string")
    assert varied([seed], {"prompt": "x", "seed": "1"})["seed"] != "1"
    assert varied([], {"prompt": "x"}) == {"prompt": "x"}


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
async def test_an_image_is_generated_at_the_first_try_and_seen(console: Any, size: tuple[int, int]) -> None:
    async with console(pane="services", size=size, speed=50.0) as it:
        view = await _run(it, "flux")
        assert "▀▀▀" in it.shown()
        (file,) = view.result.files
        assert file.suffix == ".png"
        assert file.stat().st_mode & 0o777 == 0o600
        assert it.sent("POST") == ["/infer_request/flux"]
        await it.press("escape")
        await it.until(lambda: it.pane.part == "runs" and it.pane.runs.row is not None)
        assert it.pane.runs.row.state == "success"
        assert "$0.0100" in it.pane.runs.table.copy_row()
        await it.press("v")
        await it.until(lambda: isinstance(it.app.screen, RunForm) and it.app.screen.form.values().get("seed"))


async def test_a_recording_is_transcribed_from_disk(console: Any, tmp_path: Path) -> None:
    sound = tmp_path / "said.wav"
    with wave.open(str(sound), "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(8000)
        written.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(at / 10))) for at in range(8000)))
    async with console(pane="services", speed=50.0) as it:
        view = await _run(it, "whisper", {"audio_filename": str(sound)})
        assert "A clip of 1.0 seconds" in view.result.text
        uploaded = [call for call in it.world.calls if call.method == "PUT"]
        assert [len(call.body) for call in uploaded] == [sound.stat().st_size]


async def test_an_image_is_captioned_and_what_is_in_it_is_boxed(console: Any, picture: Path) -> None:
    async with console(pane="services", speed=50.0) as it:
        view = await _run(it, "blip", {"input_img": str(picture)})
        assert "64 by 48" in view.result.text
        await it.press("escape")
        await it.until(lambda: it.pane.part == "runs")
        await it.press("comma")
        await it.until(lambda: it.pane.part == "services")
        view = await _run(it, "grounding_dino", {"input_img": str(picture), "detection_prompt": "lighthouse"})
        assert view.result.boxes
        assert view.result.files[-1].name.endswith("-boxes.png")
        assert view.result.boxes[0]["label"] == "lighthouse"


async def test_a_run_that_goes_on_is_followed_and_picked_up_after_a_restart(
    console: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RunList, "look_seconds", 0.05)
    async with console(pane="services", speed=50.0) as it:
        await _run(it, "flux", {"prompt": "a heron"})
        await it.press("escape")
        journal = it.app.session.journal
        (run,) = await journal.runs("demo")
        assert json.loads(json.dumps(run.output))["image_url"].startswith("http")
    async with console(pane="services") as it:
        await it.until(lambda: it.pane.services.loaded_at is not None)
        await it.press(".")
        await it.until(lambda: it.pane.part == "runs" and it.pane.runs.row is not None)
        assert "a heron" in it.shown()
        assert it.pane.runs.row.state == "success"


def test_the_variant_is_offered_only_where_there_are_several() -> None:
    one = ServiceRow(Service.read({"alias": "x", "predictions": {}}))
    assert specs_of(one) == ()
    assert arguments_of(one, {"variant": "q"})[1]["variant"] == "q"
