"""The user's keys: they do what they say, the key line, help and palette show them, conflicts are told at the start."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from theta_tui.settings import FILE_NAME
from theta_tui.tui.keymap import PRESETS, keymap_of
from theta_tui.tui.review import ReviewModal

from .conftest import Console

Opens = Callable[..., AbstractAsyncContextManager[Console]]


def write(home: Path, text: str) -> None:
    (home / "config").mkdir()
    (home / "config" / FILE_NAME).write_text(text, "utf-8")


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_names_actions_that_exist_and_does_not_contradict_itself(preset: str) -> None:
    found = keymap_of({"preset": preset})
    assert found.problems == ()
    assert set(found.keys) == set(PRESETS[preset])


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ({"shell.zom": "z"}, "keys.shell.zom: there is no such action; did you mean shell.zoom?"),
        ({"shell.zoom": "hyper"}, "keys.shell.zoom: 'hyper' is no key; write ctrl+x, X, f5 or space."),
        ({"shell.zoom": ""}, "keys.shell.zoom: '' is no key; write ctrl+x, X, f5 or space."),
        ({"preset": "emacs"}, "keys.preset: 'emacs' is none of default, vim, tmux-safe."),
        (
            {"deployments.ready": "d"},
            "keys: d is both Ready? (deployments.ready) and Delete (deployments.delete)",
        ),
        (
            {"table.sort": "x"},
            "keys: x is both Sort (table.sort) and Stop (deployments.stop)",
        ),
    ],
)
def test_what_does_not_fit_is_told_in_one_line(written: dict[str, str], problem: str) -> None:
    assert any(told.startswith(problem) for told in keymap_of(written).problems)


def test_keys_that_are_never_at_work_together_are_no_conflict() -> None:
    swapped = {"deployments.stop": "d", "deployments.delete": "x"}
    assert keymap_of(swapped).problems == ()
    assert keymap_of({"agents.chat": "n"}).problems == ()


async def test_a_moved_key_does_it_and_is_shown_everywhere(console: Opens, tmp_path: Path) -> None:
    write(tmp_path, '[keys]\n"deployments.stop" = "X"\n"shell.help" = "f12"\n"shell.pause" = "n"\n')
    async with console(pane="deployments", speed=0) as it:
        await it.until(lambda: "Running" in it.shown())
        told = [words for _, severity, words in it.app.messages if severity == "warning"]
        assert len(told) == 1
        assert told[0].startswith("keys: n is both Pause (shell.pause) and New (")
        assert "X Stop" in it.shown()
        assert "f12 Help" in it.shown().replace("F12", "f12")
        await it.press("x")
        await it.pilot.pause()
        assert not isinstance(it.app.screen, ReviewModal)
        await it.press("X")
        await it.until(lambda: isinstance(it.app.screen, ReviewModal))
        await it.press("escape", "f12")
        await it.until(lambda: "Keys that work here" in it.shown())
        await it.type("Stop")
        await it.until(lambda: re.search(r"Stop  Stop the deployment.* X +│", it.shown()))
        assert it.sent("POST") == it.sent("PUT") == []


async def test_a_preset_is_in_force(console: Opens, tmp_path: Path) -> None:
    write(tmp_path, '[keys]\npreset = "tmux-safe"\n')
    async with console() as it:
        await it.press("ctrl+g")
        await it.pilot.pause()
        assert "Go to" not in it.shown().split("\n")[2]
        await it.press("f12")
        await it.until(lambda: "digit or name" in it.shown())
        await it.press("4")
        await it.until(lambda: it.pane.id == "deployments")
        await it.press("D")
        await it.until(lambda: "DRY-RUN" in it.shown())
