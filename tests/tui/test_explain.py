from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

from theta_tui.tui.explain import ExplainScreen


async def explained(it: Any) -> ExplainScreen:
    await it.press("e")
    await it.until(lambda: isinstance(it.app.screen, ExplainScreen) and it.app.screen.text)
    screen: ExplainScreen = it.app.screen
    return screen


async def test_a_list_and_what_is_done_to_its_row_are_explained_in_three_forms(console: Any) -> None:
    async with console(pane="deployments") as it:
        await it.until(lambda: it.pane.row is not None)
        name = it.pane.row.name
        before = len(it.world.calls)
        screen = await explained(it)
        assert screen.text == "theta-tui run theta.deployments.list"
        await it.press("right")
        await it.until(lambda: screen.text.startswith("curl -X GET 'http://127.0.0.1"))
        assert '-H "x-api-key: $THETA_EC_API_KEY"' in screen.text
        await it.press("right")
        await it.until(lambda: "os.environ['THETA_EC_API_KEY']" in screen.text)
        compile(screen.text, "explained", "exec")
        await it.press("down", "left")
        await it.until(lambda: f"Start {name}" in it.shown() and "/start" in screen.text)
        assert [call for call in it.world.calls[before:] if call.method != "GET"] == []


async def test_the_python_form_does_what_the_pane_did(console: Any) -> None:
    async with console(pane="deployments") as it:
        await it.until(lambda: it.pane.row is not None)
        found = await it.app.session.explain("theta.deployments.list")
        environ = {"THETA_EC_API_KEY": it.app.demo.environ["THETA_EC_API_KEY"]}
        command = [sys.executable, "-c", found.python]
        ran = await asyncio.to_thread(subprocess.run, command, env=environ, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        assert it.pane.row.name in ran.stdout


async def test_a_pane_with_nothing_to_explain_says_so(console: Any) -> None:
    async with console(pane="overview") as it:
        await it.until(lambda: it.pane.loaded_at is not None)
        await it.press("e")
        await it.until(lambda: "Nothing to explain here." in it.shown())
