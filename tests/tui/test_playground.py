"""Models by the call, from the inputs to what came of it: by keys against the demo."""

from __future__ import annotations

import math
import struct
import time
import wave
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from theta_tui.journal import Journal, runs
from theta_tui.journal.runs import RunRecord
from theta_tui.review import Answer, Review, Verdict
from theta_tui.shapes.on_demand import InputVar, Service
from theta_tui.tui.panes.services.inputs import arguments_of, specs_of, varied
from theta_tui.tui.panes.services.result_view import ResultView
from theta_tui.tui.panes.services.row import ServiceRow
from theta_tui.tui.panes.services.run_form import RunForm
from theta_tui.tui.panes.services.run_list import RunList
from theta_tui.tui.review import ReviewModal
from theta_tui.tui.widgets.picture import picture_lines, with_boxes


class Yes:
    async def review(self, review: Review) -> Verdict:
        return Verdict(Answer.CONFIRM)


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
    drawn = with_boxes(picture, [{"box": [2, 2, 30, 30], "label": "x"}])
    assert drawn is not None
    assert drawn != picture.read_bytes()
    assert with_boxes(picture, [{"box": "?"}]) is None


def test_without_colours_an_image_is_drawn_in_shades(tmp_path: Path) -> None:
    from PIL import Image

    picture = tmp_path / "grey.png"
    Image.linear_gradient("L").save(picture)
    shades = [line.plain[0] for line in picture_lines(picture, 64, 32, in_colour=False)]
    assert shades == sorted(shades, key=" ░▒▓█".index)
    assert set(shades) == set(" ░▒▓█")


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
        assert [file.stat().st_mode & 0o777 for file in view.result.files] == [0o600, 0o600]
        assert view.result.boxes[0]["label"] == "lighthouse"


async def test_a_run_is_written_down_before_it_is_sent_and_outlives_its_form(console: Any) -> None:
    async with console(pane="services", speed=50.0, THETA_HTTP_TIMEOUT_MS="20000") as it:
        journal = it.app.session.journal
        it.world.faults.add({"kind": "slow", "seconds": 1.0, "match": {"method": "POST", "path": "/infer_request"}})
        await it.until(lambda: it.pane.services.table.visible_rows)
        it.pane.services.table.move_to("flux")
        await it.press("r")
        await it.until(lambda: isinstance(it.app.screen, RunForm) and it.app.focused is not None)
        await it.press("ctrl+s")
        await it.until(lambda: isinstance(it.app.screen, ReviewModal) and it.app.screen.armed)
        assert await journal.runs("demo") == []
        confirmed = time.time()
        await it.press("y")
        await it.until(lambda: it.sent("POST"))
        (run,) = await journal.runs("demo")
        assert (run.state, run.request_id) == ("sending", "")
        assert run.created >= confirmed
        await it.press("escape")
        await it.until(lambda: it.app.screen is it.app.shell)
        await it.until(lambda: not it.app.busy)
        (run,) = await journal.runs("demo")
        assert run.request_id
        assert run.state in ("pending", "processing", "success")


async def test_a_run_whose_outcome_nobody_knows_is_kept_as_uncertain(console: Any) -> None:
    async with console(pane="services") as it:
        it.world.faults.add({"kind": "status", "status": 502, "match": {"method": "POST", "path": "/infer_request"}})
        await it.until(lambda: it.pane.services.table.visible_rows)
        it.pane.services.table.move_to("flux")
        await it.press("r")
        await it.until(lambda: isinstance(it.app.screen, RunForm) and it.app.focused is not None)
        await it.press("ctrl+s")
        await it.until(lambda: isinstance(it.app.screen, ReviewModal) and it.app.screen.armed)
        await it.press("y")
        await it.until(lambda: isinstance(it.app.screen, RunForm) and not it.app.busy and "uncertain" in it.shown())
        (run,) = await it.app.session.journal.runs("demo")
        assert run.state == "uncertain"
        assert len(it.sent("POST")) == 1


async def test_a_run_of_an_earlier_console_is_picked_up_and_one_that_is_gone_is_called_lost(
    console: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RunList, "look_seconds", 0.05)
    async with console(pane="services", speed=5.0) as it:
        session = it.app.session
        asked = {"service": "flux", "input": {"prompt": "a heron"}, "wait": 0}
        job = (await session.submit("theta.ondemand.infer", asked, reviewer=Yes())).value
        assert not job.is_over
        inputs = {"prompt": "a heron"}
        for request_id in ("infr_rqst_nobody", job.id):
            run = RunRecord(0, "flux", request_id, job.state, inputs)
            await session.journal.add_run("demo", run)
        await it.until(lambda: it.pane.services.loaded_at is not None)
        await it.press(".")
        rows = it.pane.runs.table
        await it.until(lambda: [row.state for row in rows.visible_rows] == ["success", "lost"], seconds=40)
        assert "? lost" in it.shown()
        assert [row.state for row in await session.journal.runs("demo")] == ["success", "lost"]


async def test_the_runs_of_one_profile_push_out_none_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "KEPT", 3)
    journal = await Journal.open(tmp_path / "journal.sqlite3")
    await journal.add_run("quiet", RunRecord(0, "flux", "q", "success", {}))
    for number in range(6):
        await journal.add_run("busy", RunRecord(0, "flux", str(number), "success", {}))
    assert [run.request_id for run in await journal.runs("busy")] == ["5", "4", "3"]
    assert [run.request_id for run in await journal.runs("quiet")] == ["q"]
    await journal.close()


def test_the_variant_is_offered_only_where_there_are_several() -> None:
    one = ServiceRow(Service.read({"alias": "x", "predictions": {}}))
    assert specs_of(one) == ()
    assert arguments_of(one, {"variant": "q"})[1]["variant"] == "q"
