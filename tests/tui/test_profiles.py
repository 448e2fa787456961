"""Profiles in the console: switched in place by list and by line, with colour, badge and protection in force."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr
from textual.widgets import Input

from theta_tui.launch import Launch
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World
from theta_tui.settings import FILE_NAME
from theta_tui.tui.app import ThetaApp
from theta_tui.tui.profiles import ProfilePicker
from theta_tui.tui.review import ReviewModal
from theta_tui.tui.setup import SetupWizard
from theta_tui.tui.unlocking import Unlock
from theta_tui.vault import MemoryBackend, Vault
from theta_tui.vault.encrypted_file import EncryptedFile

from .conftest import Console

Opens = Callable[..., AbstractAsyncContextManager["Live"]]

FILE = """
[profiles.default]
project_id = "{project}"
[profiles.prod]
project_id = "{project}"
colour = "red"
badge = "PROD"
protection = "confirm"
budget_usd = 2.50
[profiles.audit]
project_id = "{project}"
protection = "read-only"
"""


class Live(Console):
    """A console on live hosts that are a sandbox."""

    @property
    def status(self) -> str:
        return self.shown().split("\n")[0]


@pytest.fixture
def live(tmp_path: Path, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> Opens:
    """Open the console on the default profile; keys come from the environment."""

    @asynccontextmanager
    async def opened(
        *, pane: str = "network", size: tuple[int, int] = (140, 40), **environ: str
    ) -> AsyncIterator[Live]:
        monkeypatch.setattr("theta_tui.session.Vault", functools.partial(Vault, backend=MemoryBackend()))
        (tmp_path / "config").mkdir(exist_ok=True)
        (tmp_path / "config" / FILE_NAME).write_text(FILE.format(project=sandbox.world.project_id))
        variables = sandbox.environment()
        for name in ("THETA_EC_PROJECT_ID", "THETA_ORG_ID"):
            variables.pop(name, None)
        app = ThetaApp(Launch(environ={**variables, "THETA_TUI_HOME": str(tmp_path), **environ}, pane=pane))
        async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
            it = Live(app, pilot)
            await it.until(lambda: app.session is not None and app.shell.current is not None)
            yield it

    return opened


async def line(it: Live, text: str) -> None:
    await it.press("colon")
    await it.until(lambda: bool(it.app.screen.query("#line")))
    it.app.screen.query_one("#line", Input).value = text
    await it.press("enter")


async def profile(it: Live, name: str) -> None:
    await it.until(lambda: it.app.session is not None and it.app.session.settings.profile == name)
    await it.until(lambda: it.app.shell.current is not None and it.pane.is_mounted)


async def test_a_profile_is_chosen_from_the_list_and_its_badge_is_always_there(live: Opens) -> None:
    async with live() as it:
        assert "PROD" not in it.status
        first, pane = it.app.session, it.app.shell.current
        await it.press("P")
        await it.until(lambda: isinstance(it.app.screen, ProfilePicker))
        shown = it.shown()
        for words in ("default", "in use", "prod", "confirm · $2.50 a day", "PROD", "audit", "read-only", "demo"):
            assert words in shown
        await it.type("prod")
        await it.press("enter")
        await profile(it, "prod")
        assert it.app.session is not first
        assert it.app.shell.current is not pane
        await it.until(lambda: "prod  PROD " in it.status and "CONFIRM" in it.status)
        assert it.app.session is not None
        assert it.app.session.policy().cap_usd == 2.50
        await it.pilot.resize_terminal(60, 24)
        await it.until(lambda: len(it.status) == 60)
        assert "PROD" in it.status


async def test_protection_is_enforced_in_the_review_by_typing_the_profiles_name(live: Opens, world: World) -> None:
    async with live() as it:
        await line(it, "profile prod")
        await profile(it, "prod")
        await line(it, "run theta.project.update name=Renamed")
        await it.until(lambda: isinstance(it.app.screen, ReviewModal))
        modal = it.app.screen
        await it.until(lambda: "prod" in it.shown() and bool(modal.query("#typed")))
        typed = modal.query_one("#typed", Input)
        typed.value = world.project_id[-6:]
        await it.press("y")
        await it.pilot.pause()
        assert it.app.screen is modal
        typed.value = "prod"
        await it.until(lambda: not modal.query_one("#confirm").disabled)
        modal.query_one("#confirm").focus()
        await it.press("enter")
        await it.until(lambda: not isinstance(it.app.screen, ReviewModal))
        await it.until(lambda: [one.method for one in world.calls if one.method != "GET"] != [])


async def test_a_read_only_profile_cannot_be_switched_to_writing(live: Opens) -> None:
    async with live() as it:
        await line(it, "profile audit")
        await profile(it, "audit")
        await it.until(lambda: "READ-ONLY" in it.status)
        await it.press("ctrl+r")
        await it.until(lambda: any("demand it" in words for _, _, words in it.app.messages))
        assert "READ-ONLY" in it.status
        await line(it, "profile default")
        await profile(it, "default")
        await it.until(lambda: "READ-ONLY" not in it.status)


async def test_a_switch_thrown_by_hand_goes_along(live: Opens) -> None:
    async with live() as it:
        await it.press("ctrl+t")
        await it.until(lambda: "DRY-RUN" in it.status)
        await line(it, "profile prod")
        await profile(it, "prod")
        await it.until(lambda: "DRY-RUN" in it.status)


async def test_an_unknown_profile_is_refused_and_a_new_one_opens_setup(live: Opens) -> None:
    bare = dict.fromkeys(("THETA_EC_API_KEY", "THETA_ONDEMAND_API_TOKEN"), "")
    async with live(**bare) as it:
        await it.until(lambda: isinstance(it.app.screen, SetupWizard) or it.app.session is not None)
        if isinstance(it.app.screen, SetupWizard):
            await it.press("escape")
        await line(it, "profile prdo")
        await it.until(lambda: "Did you mean prod?" in it.shown())
        await it.press("escape")
        await line(it, "profile new lab")
        await profile(it, "lab")
        await it.until(lambda: isinstance(it.app.screen, SetupWizard))


async def test_nothing_at_work_is_broken_off(live: Opens) -> None:
    async with live() as it:
        it.app.set_busy("x", "an upload")
        await line(it, "profile prod")
        await it.until(lambda: any("Still at work: an upload" in words for _, _, words in it.app.messages))
        assert it.app.session is not None
        assert it.app.session.settings.profile == "default"


async def test_a_variable_that_goes_before_every_profile_is_named(live: Opens) -> None:
    async with live(THETA_EC_PROJECT_ID="prj_environment") as it:
        await line(it, "profile prod")
        await profile(it, "prod")
        await it.until(lambda: any("THETA_EC_PROJECT_ID is set" in words for _, _, words in it.app.messages))


async def test_a_locked_file_of_keys_is_opened_by_its_passphrase(
    live: Opens, tmp_path: Path, sandbox: SandboxServer
) -> None:
    token, base = sandbox.world.keys.ondemand_token, sandbox.environment()["THETA_ONDEMAND_API_BASE_URL"]
    vault = Vault("default", {}, backend=EncryptedFile(tmp_path / "data", "correct horse battery"))
    await vault.put("ondemand_token", SecretStr(token), origin=base, overridden=True)
    async with live(THETA_VAULT="file", THETA_ONDEMAND_API_TOKEN="") as it:
        await it.until(lambda: isinstance(it.app.screen, Unlock))
        await it.type("wrong-passphrase")
        await it.press("enter")
        await it.until(lambda: isinstance(it.app.screen, Unlock) and "does not open" in it.shown())
        await it.type("correct horse battery")
        assert "correct" not in it.shown()
        await it.press("enter")
        await it.until(lambda: not isinstance(it.app.screen, Unlock))
        assert it.app.session is not None
        await it.until(lambda: it.app.session is not None and not it.app.session.vault.is_locked)
        assert (await it.app.session.configured())["ondemand"] == "encrypted file"
