"""The setup wizard in the real console: real keys, real pastes, keyrings that work and keyrings that do not."""

from __future__ import annotations

import asyncio
import functools
import html
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr
from textual import events
from textual.message import Message
from textual.pilot import Pilot
from textual.scroll_view import ScrollView
from textual.widgets import Input

from theta_tui.change import Family
from theta_tui.errors import UsageError
from theta_tui.intake import Outcome, key_in, project_id_in
from theta_tui.launch import Launch
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World
from theta_tui.tui.app import ThetaApp
from theta_tui.tui.moving import MoveQuestion
from theta_tui.tui.panes.chat import ChatPane
from theta_tui.tui.review import ReviewModal
from theta_tui.tui.setup import FIRST_QUESTION, SetupWizard
from theta_tui.tui.setup_keys import KeysPage
from theta_tui.tui.setup_places import PlacesPage
from theta_tui.tui.setup_safety import SafetyPage
from theta_tui.tui.unlocking import Unlock
from theta_tui.tui.widgets.choices import Choices
from theta_tui.tui.widgets.secret_input import SecretInput
from theta_tui.tui.widgets.ticks import Ticks
from theta_tui.vault import Backend, MemoryBackend, Vault
from theta_tui.vault.encrypted_file import EncryptedFile

PATIENCE_SECONDS = 60.0
WRONG = "wr0ngkey1234567890abcdefghijklmn"


class Failing(MemoryBackend):
    """A keyring that breaks at every question."""

    def get_password(self, service: str, username: str, /) -> str | None:
        raise RuntimeError("bus error, and a text that nobody should see")


class Losing(MemoryBackend):
    """A keyring that loses what it is given."""

    def set_password(self, service: str, username: str, password: str, /) -> None:
        pass


class Mute(MemoryBackend):
    """A keyring that answers only when the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = threading.Event()

    def get_password(self, service: str, username: str, /) -> str | None:
        self.may_answer.wait(30)
        return super().get_password(service, username)


@dataclass
class Opened:
    """The console on live hosts that are a sandbox, with the keyring of the test."""

    app: ThetaApp
    pilot: Pilot[int]
    world: World
    home: Path

    @property
    def wizard(self) -> SetupWizard:
        assert isinstance(self.app.screen, SetupWizard)
        return self.app.screen

    @property
    def is_open(self) -> bool:
        return isinstance(self.app.screen, SetupWizard)

    @property
    def keys(self) -> KeysPage:
        return self.wizard.query_one(KeysPage)

    @property
    def place(self) -> str:
        """Where the keys would be kept."""
        return self.wizard.query_one(PlacesPage).chosen.kind

    def outcomes(self) -> list[Outcome | None]:
        return [field.verdict.outcome if field.verdict else None for field in self.keys.fields]

    def shown(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in line) for line in strips)

    def said(self) -> str:
        """What is on the screen, as one line without borders."""
        return " ".join(self.shown().replace("│", " ").split())

    async def until(self, predicate: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
        end = time.monotonic() + seconds
        while not predicate():
            assert time.monotonic() < end, f"waited in vain\n{self.shown()}"
            await self.pilot.pause()
            await asyncio.sleep(0.01)

    async def opened(self) -> None:
        """Wait for the wizard and go to the page of keys."""
        await self.until(lambda: self.is_open and isinstance(self.app.focused, Ticks))
        await self.pilot.press("enter")
        await self.until(lambda: isinstance(self.app.focused, Input))

    async def places(self) -> None:
        """Wait until it is known where keys can be kept, and go to that page."""
        await self.opened()
        self.wizard.query_one("#ondemand_token").focus()
        await self.paste(self.world.keys.ondemand_token)
        await self.until(lambda: self.wizard.is_known)
        await self.pilot.press("ctrl+n")
        await self.until(lambda: self.wizard.step == "places" and isinstance(self.app.focused, Ticks))

    async def choose(self, kind: str) -> None:
        """Choose a place."""
        ticks = self.wizard.query_one("#where", Ticks)
        at = [row.key for row in ticks.rows].index(kind)
        await self.pilot.press(*(["down"] * (at - ticks.cursor) or ["up"] * (ticks.cursor - at)), "space")
        assert self.place == kind

    async def paste(self, text: str) -> None:
        self.app.post_message(events.Paste(text))
        await self.pilot.pause()

    async def fill(self, *texts: str) -> None:
        """Paste into one field after the other, each left with Enter."""
        for text in texts:
            if text:
                await self.paste(text)
            await self.pilot.press("enter")

    async def save(self) -> None:
        await self.pilot.press("ctrl+s")
        await self.until(lambda: self.is_open and self.wizard.step == "done" and "Try next" in self.shown())

    async def settled(self, *outcomes: Outcome | None) -> None:
        await self.until(lambda: self.keys.is_settled and self.outcomes() == list(outcomes))
        await self.pilot.pause()

    def settings_file(self) -> str:
        path = self.home / "config" / "settings.toml"
        return path.read_text("utf-8") if path.exists() else ""

    async def configured(self) -> dict[str, str | None]:
        assert self.app.session is not None
        return await self.app.session.configured()


Opens = Callable[..., AbstractAsyncContextManager[Opened]]


@pytest.fixture
def live(tmp_path: Path, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> Opens:
    """Open the console without credentials on hosts that are a sandbox."""

    @asynccontextmanager
    async def opened(
        backend: Backend | None = None,
        *,
        size: tuple[int, int] = (80, 24),
        limit: float = 3.0,
        hosts: str | None = None,
        demo: bool = False,
        **environ: str,
    ) -> AsyncIterator[Opened]:
        monkeypatch.setattr(
            "theta_tui.session.Vault", functools.partial(Vault, backend=backend or MemoryBackend(), limit=limit)
        )
        bases = {name: hosts or value for name, value in sandbox.environment().items() if name.endswith("_BASE_URL")}
        launch = Launch(environ={**bases, "THETA_TUI_HOME": str(tmp_path), **environ}, demo=demo, pane="network")
        app = ThetaApp(launch)
        async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
            it = Opened(app, pilot, sandbox.world, tmp_path)
            await it.until(lambda: app.session is not None and app.shell.current is not None)
            yield it

    return opened


def dashboard(world: World) -> str:
    return f"https://www.thetaedgecloud.com/dashboard/ai?next=%2Fproject%2F{world.project_id}%2Fservices\n"


# What a paste holds


@pytest.mark.parametrize(
    "text",
    [
        "prj_a1b2c3",
        "  prj_a1b2c3\n",
        "https://www.thetaedgecloud.com/dashboard/prj_a1b2c3/deployments?x=1",
        "https://x.example/?next=%2Fproject%2Fprj_a1b2c3%3Ftab",
        "My project is prj_a1b2c3, see\nhttps://x.example/prj_a1b2c3/keys",
    ],
)
def test_the_project_id_is_found_anywhere_in_a_text(text: str) -> None:
    assert project_id_in(text) == "prj_a1b2c3"


@pytest.mark.parametrize("text", ["https://www.thetaedgecloud.com/dashboard", "prj_", "prj_a1 or prj_b2"])
def test_no_project_id_or_several_are_not_guessed(text: str) -> None:
    with pytest.raises(UsageError, match="prj_…"):
        project_id_in(text)


@pytest.mark.parametrize(
    "text", ["", " \n", "two words", "two\nlines", "“quoted”", "https://x.example/key", "prj_a1b2c3", "k" * 2000]
)
def test_what_cannot_be_a_key_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        key_in(text, "ec_api_key")
    assert not text.strip() or text.strip() not in f"{caught.value.message} {caught.value.hint}"
    assert "\n" not in caught.value.message


# Opening and leaving


async def test_it_opens_by_itself_without_credentials_goes_back_and_is_left_by_esc(live: Opens) -> None:
    async with live() as it:
        await it.until(lambda: it.is_open and "What is it for?" in it.shown())
        for words in ("1 What for › 2 Keys › 3 Where › 4 Safety › 5 Done", "Videos and livestreams", "Try the demo"):
            assert words in it.shown()
        await it.opened()
        for words in ("Project API key", "Project id", "On-demand access token", "Create API Key", "Try the demo"):
            assert words in it.shown()
        await it.pilot.press("escape")
        await it.until(lambda: it.wizard.step == "purposes")
        await it.pilot.press("escape")
        await it.until(lambda: not it.is_open)
        assert it.settings_file() == ""


async def test_only_the_keys_of_what_is_switched_on_are_asked_for(live: Opens) -> None:
    async with live() as it:
        await it.until(lambda: it.is_open and isinstance(it.app.focused, Ticks))
        await it.pilot.press("space", "down", "space", "down", "space", "enter")
        await it.until(lambda: isinstance(it.app.focused, SecretInput))
        assert [field.asked.name for field in it.keys.fields] == ["video_sa_id", "video_sa_secret"]
        assert "Project API key" not in it.shown()
        await it.pilot.press("escape", "space", "enter")
        await it.until(lambda: "Switch on at least one" in it.shown())


async def test_it_stays_closed_with_a_credential_and_opens_with_its_source_on_request(
    live: Opens, world: World
) -> None:
    async with live(THETA_EC_API_KEY=world.keys.project_api_key) as it:
        await it.until(lambda: it.app.pulse is not None)
        assert not it.is_open
        it.app.action_setup()
        await it.until(lambda: it.is_open and "● from THETA_EC_API_KEY" in it.shown())
        await it.opened()
        assert "leave empty to keep it" in it.shown()
        assert world.keys.project_api_key not in it.shown()
        await it.pilot.press("ctrl+s")
        await it.until(lambda: not it.is_open)
        assert (await it.configured())["controller"] == "THETA_EC_API_KEY"


async def test_one_key_leaves_for_the_demo_while_a_field_has_the_focus(live: Opens) -> None:
    async with live() as it:
        await it.opened()
        assert isinstance(it.app.focused, SecretInput)
        await it.pilot.press("ctrl+t")
        await it.until(lambda: it.app.demo is not None and it.app.session is not None and it.app.launch.demo)
        await it.until(lambda: not it.is_open and "DEMO" in it.shown())
        assert it.app.session is not None
        assert it.app.session.settings.profile == "demo"


async def test_from_the_demo_it_sets_up_the_live_hosts(live: Opens, world: World) -> None:
    async with live(demo=True) as it:
        assert it.app.demo is not None
        it.app.action_setup()
        await it.opened()
        await it.fill(world.keys.project_api_key, dashboard(world))
        await it.settled(Outcome.VERIFIED, Outcome.VERIFIED, None)
        await it.save()
        assert not it.app.launch.demo
        assert it.app.session is not None
        assert it.app.session.settings.profile == "default"
        assert it.app.session.settings.project_id == world.project_id


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (140, 40)])
async def test_everything_is_reached_by_keyboard_and_nothing_is_cut_off(live: Opens, size: tuple[int, int]) -> None:
    async with live(size=size) as it:
        await it.until(lambda: it.is_open and it.wizard.is_known)
        assert await walk(it, 4) == ["for", "demo", "next", "save"]
        await it.opened()
        buttons = ["demo", "next", "save"] if size[0] < 76 else ["demo", "verify", "next", "save"]
        stops = ["ec_api_key", "project_id", "ondemand_token", *buttons]
        assert await walk(it, len(stops)) == stops
        for words in ("ctrl+t", "Next", "ctrl+n", "Save", "ctrl+s"):
            assert words in it.shown()
        await it.paste(it.world.keys.ondemand_token)
        await it.pilot.press("ctrl+n")
        await it.until(lambda: it.wizard.step == "places" and isinstance(it.app.focused, Ticks))
        stops = ["where", *buttons]
        assert await walk(it, len(stops)) == stops
        await it.pilot.press("ctrl+n")
        await it.until(lambda: it.wizard.step == "safety" and isinstance(it.app.focused, Choices))
        assert await walk(it, 6) == ["protection", "dry_run", "read_only", "budget_usd", "demo", "save"]


async def walk(it: Opened, stops: int) -> list[str | None]:
    """Go round by Tab; gives where it stopped, each in full sight."""
    seen = []
    for _ in range(stops):
        focused = it.app.focused
        assert focused is not None
        seen.append(focused.id)
        assert it.app.screen.region.contains_region(focused.region), (focused.id, focused.region)
        assert focused.region.height >= 1
        await it.pilot.press("tab")
    return seen


# How many inputs it takes


async def test_a_key_and_an_address_pasted_anywhere_and_one_key_to_save_are_enough(live: Opens, world: World) -> None:
    keyring = MemoryBackend()
    async with live(keyring) as it:
        await it.until(lambda: it.is_open and isinstance(it.app.focused, Ticks))
        await it.paste(world.keys.project_api_key)  # the first input
        await it.until(lambda: it.wizard.step == "keys" and it.keys.entered.secrets)
        await it.paste(dashboard(world))  # the second
        await it.settled(Outcome.VERIFIED, Outcome.VERIFIED, None)
        await it.save()  # the third
        assert world.keys.project_api_key in keyring._kept.values()
        assert (await it.configured())["controller"] == "keyring"
        assert it.app.session is not None
        assert it.app.session.settings.project_id == world.project_id


async def test_from_nothing_to_the_first_answer_of_the_demo_takes_three_keys(live: Opens) -> None:
    async with live() as it:
        await it.until(lambda: it.is_open)
        await it.pilot.press("ctrl+t")
        await it.until(lambda: it.app.launch.demo and isinstance(it.app.shell.current, ChatPane))
        assert it.app.demo is not None
        it.app.demo.server.world.pace = 0
        await it.until(lambda: FIRST_QUESTION in it.shown())
        await it.pilot.press("enter")
        await it.until(
            lambda: isinstance(it.app.screen, ReviewModal) and not it.app.screen.query_one("#confirm").disabled
        )
        await it.pilot.press("y")
        await it.until(lambda: "tok/s" in it.shown() or "tokens" in it.shown())


# Checking


async def test_key_and_dashboard_address_reach_verified_and_are_kept_in_the_keyring(live: Opens, world: World) -> None:
    keyring = MemoryBackend()
    async with live(keyring) as it:
        await it.opened()
        await it.fill(f"  {world.keys.project_api_key}\n", dashboard(world))
        await it.settled(Outcome.VERIFIED, Outcome.VERIFIED, None)
        assert 'verified · project "Sandbox"' in it.shown()
        assert world.project_id in it.shown()
        await it.fill(world.keys.ondemand_token)
        await it.settled(Outcome.VERIFIED, Outcome.VERIFIED, Outcome.VERIFIED)
        await it.save()
        sources = await it.configured()
        assert (sources["controller"], sources["platform"], sources["ondemand"]) == ("keyring",) * 3
        assert world.project_id in it.settings_file()
        assert world.org_id in it.settings_file()
        await it.until(lambda: it.app.pulse is not None and it.app.pulse.balance_usd is not None)
    async with live(keyring) as again:
        await again.until(lambda: again.app.pulse is not None)
        assert not again.is_open
        assert (await again.configured())["ondemand"] == "keyring"


async def test_a_wrong_key_is_refused_with_the_reason_and_nothing_is_stored(live: Opens, world: World) -> None:
    keyring = MemoryBackend()
    async with live(keyring) as it:
        await it.opened()
        await it.fill(WRONG, world.project_id)
        await it.settled(Outcome.REFUSED, Outcome.UNCHECKED, None)
        assert "refused: 401" in it.shown()
        assert "Unauthorized" in it.shown()
        await it.pilot.press("ctrl+s")
        await it.until(lambda: "Nothing was stored" in it.shown())
        assert it.is_open
        assert it.app.focused is it.keys.fields[0].line
        assert keyring._kept == {}
        assert it.settings_file() == ""
        await it.fill(world.keys.project_api_key)
        await it.settled(Outcome.VERIFIED, Outcome.VERIFIED, None)
        await it.save()
        assert world.keys.project_api_key in keyring._kept.values()


async def test_a_project_that_the_key_does_not_open_is_the_one_to_blame(live: Opens, world: World) -> None:
    async with live() as it:
        await it.opened()
        await it.fill(world.keys.project_api_key, "prj_someoneelses")
        await it.settled(Outcome.UNCHECKED, Outcome.REFUSED, None)
        assert "refused: 403" in it.shown()
        assert "The key must belong to this project" in it.said()


async def test_a_wrong_token_is_refused(live: Opens) -> None:
    async with live() as it:
        await it.opened()
        await it.fill("", "", WRONG)
        await it.settled(None, None, Outcome.REFUSED)


async def test_a_token_that_a_public_route_takes_is_called_unproven(live: Opens, world: World) -> None:
    async with live() as it:
        await it.opened()
        public = {"status": "success", "body": {"services": [{"alias": "flux", "state": "public"}]}}
        world.faults.add({"kind": "json", "match": {"path": "/service/(?!list)"}, "times": None, "body": public})
        await it.fill("", "", WRONG)
        await it.settled(None, None, Outcome.ACCEPTED)
        await it.until(lambda: "accepted (unproven)" in it.shown())


async def test_a_video_account_is_checked_once_both_halves_are_there(live: Opens, world: World) -> None:
    async with live() as it:
        await it.until(lambda: it.is_open and isinstance(it.app.focused, Ticks))
        await it.pilot.press("space", "down", "space", "down", "space", "enter")
        await it.until(lambda: isinstance(it.app.focused, SecretInput))
        await it.fill(world.keys.video_sa_id)
        await it.settled(Outcome.UNCHECKED, None)
        await it.until(lambda: "It is checked with the video service account secret." in it.said())
        await it.fill(WRONG)
        await it.settled(Outcome.UNCHECKED, Outcome.REFUSED)
        it.wizard.query_one("#video_sa_secret").focus()
        await it.fill(world.keys.video_sa_secret)
        await it.settled(Outcome.VERIFIED, Outcome.VERIFIED)
        await it.save()
        assert (await it.configured())["video"] == "keyring"


async def test_an_endpoint_of_ones_own_is_asked_for_its_models_and_a_foreign_one_refused(
    live: Opens, world: World
) -> None:
    async with live() as it:
        await it.until(lambda: it.is_open and isinstance(it.app.focused, Ticks))
        await it.pilot.press("space", "down", "space", "down", "down", "space", "enter")
        await it.until(lambda: it.app.focused is not None and it.app.focused.id == "inference_endpoint")
        await it.fill("https://evil.example/v1")
        await it.settled(Outcome.REFUSED, None, None, None)
        assert "evil" not in {call.headers.get("host", "") for call in world.calls}
        await it.pilot.press("ctrl+s")
        await it.until(lambda: "Nothing was stored" in it.shown())
        assert it.settings_file() == ""


async def test_checking_sends_reads_only(live: Opens, world: World) -> None:
    async with live() as it:
        await it.opened()
        await it.fill(world.keys.project_api_key, world.project_id, world.keys.ondemand_token)
        await it.settled(Outcome.VERIFIED, Outcome.VERIFIED, Outcome.VERIFIED)
        assert world.calls
        assert {call.method for call in world.calls} == {"GET"}


async def test_verify_checks_what_was_configured_before(live: Opens, world: World) -> None:
    environ = {"THETA_EC_API_KEY": WRONG, "THETA_EC_PROJECT_ID": world.project_id}
    async with live(**environ, THETA_ONDEMAND_API_TOKEN=world.keys.ondemand_token) as it:
        it.app.action_setup()
        await it.until(lambda: it.is_open and "from THETA_ONDEMAND_API_TOKEN" in it.said())
        await it.opened()
        assert it.outcomes() == [None, None, None]
        await it.pilot.press("ctrl+r")
        await it.settled(Outcome.REFUSED, Outcome.UNCHECKED, Outcome.VERIFIED)
        it.wizard.query_one("#ondemand_token").focus()
        await it.fill(world.keys.ondemand_token)
        await it.save()  # what was refused was not typed here: it does not keep the token from being stored


async def test_esc_during_a_check_leaves_at_once_and_stores_nothing(live: Opens, world: World) -> None:
    keyring = MemoryBackend()
    async with live(keyring) as it:
        await it.opened()
        world.faults.add({"kind": "hang", "match": {"path": "/project/"}, "times": None})
        await it.fill(world.keys.project_api_key, world.project_id)
        await it.until(lambda: "checking" in it.shown())
        await it.pilot.press("ctrl+s", "escape", "escape")
        await it.until(lambda: not it.is_open, seconds=1.0)
        assert keyring._kept == {}
        assert it.settings_file() == ""


async def test_half_of_a_pair_says_what_it_waits_for(live: Opens, world: World) -> None:
    async with live() as it:
        await it.opened()
        await it.fill(world.keys.project_api_key)
        await it.settled(Outcome.UNCHECKED, None, None)
        assert "It is checked with the project id." in it.shown()


async def test_without_network_and_keyring_it_still_works_and_says_so(live: Opens, world: World) -> None:
    async with live(Failing(), hosts="http://127.0.0.1:9") as it:
        await it.opened()
        await it.fill(world.keys.project_api_key, world.project_id)
        await it.settled(Outcome.UNCHECKED, Outcome.UNCHECKED, None)
        assert "offline: not checked" in it.shown()
        await it.pilot.press("ctrl+s")
        await it.until(lambda: it.wizard.step == "places" and "Choose where to keep the keys" in it.shown())
        await it.save()
        assert (await it.configured())["controller"] == "this run"
        assert "kept for this run only" in it.said()
        assert "export THETA_EC_API_KEY=…" in it.shown()
        assert "Still missing: on-demand access token." in it.said()


# Where they are kept


async def test_a_failing_keyring_is_named_and_nothing_lasting_is_chosen_for_the_user(live: Opens) -> None:
    async with live(Failing()) as it:
        await it.places()
        assert "the keyring failed (RuntimeError)" in it.said()
        assert "nobody should see" not in it.shown()
        assert it.place == "environment"
        await it.save()
        assert (await it.configured())["ondemand"] == "this run"
        assert [path.name for path in it.home.rglob("keys*")] == []


async def test_a_mute_keyring_is_named_within_its_limit_while_the_wizard_lives(live: Opens) -> None:
    keyring = Mute()
    async with live(keyring, limit=2.0) as it:
        await it.opened()
        await it.pilot.press("a", "b")
        assert it.wizard.query_one("#ec_api_key", Input).value == "ab"
        await it.until(lambda: it.wizard.is_known)
        await it.pilot.press("backspace", "backspace")
        await it.paste(it.world.keys.ondemand_token)
        await it.pilot.press("ctrl+n")
        await it.until(lambda: "did not answer within 2 s" in it.said())
        assert it.place == "environment"
        keyring.may_answer.set()


async def test_a_keyring_that_was_unlocked_meanwhile_is_found_by_asking_again(live: Opens) -> None:
    keyring = Mute()
    async with live(keyring, limit=0.5) as it:
        await it.places()
        assert it.place == "environment"
        keyring.may_answer.set()
        await it.pilot.press("ctrl+r")
        await it.until(lambda: it.place == "keyring")
        await it.save()
        assert (await it.configured())["ondemand"] == "keyring"


async def test_a_wrong_passphrase_leaves_the_file_to_be_tried_again(live: Opens, tmp_path: Path) -> None:
    sealed = Vault("default", {}, backend=EncryptedFile(tmp_path / "data", "correct horse battery"))
    await sealed.put("chatbot_token", SecretStr("k3y0123456789"), origin="https://ai.thetaedgecloud.com")
    async with live(Failing()) as it:
        await it.places()
        for passphrase in ("wrong horse battery", "correct horse battery"):
            await it.choose("file")
            await it.pilot.press("ctrl+s")
            await it.until(lambda: isinstance(it.app.screen, Unlock))
            await it.paste(passphrase)
            await it.pilot.press("enter")
            if passphrase.startswith("wrong"):
                await it.until(lambda: isinstance(it.app.screen, Unlock) and "does not open" in it.shown())
                await it.pilot.press("escape")
                await it.until(lambda: it.is_open and "Nothing was stored" in it.said())
        await it.until(lambda: it.is_open and it.wizard.step == "done")
        assert (await it.configured())["ondemand"] == "encrypted file"


async def test_a_keyring_that_loses_keys_leaves_the_wizard_open_with_the_other_ways(live: Opens) -> None:
    async with live(Losing()) as it:
        await it.places()
        assert "Losing" in it.shown()
        assert it.place == "keyring"
        await it.pilot.press("ctrl+s")
        await it.until(lambda: "did not give back" in it.said())
        assert it.settings_file() == ""
        await it.save()
        assert (await it.configured())["ondemand"] == "this run"


async def test_this_run_only_leaves_nothing_in_the_keyring(live: Opens) -> None:
    keyring = MemoryBackend()
    async with live(keyring) as it:
        await it.places()
        assert "MemoryBackend" in it.shown()
        await it.choose("environment")
        await it.save()
        assert keyring._kept == {}
        assert (await it.configured())["ondemand"] == "this run"
        assert "export THETA_ONDEMAND_API_TOKEN=…" in it.shown()


async def test_an_encrypted_file_asks_for_a_passphrase_and_is_found_at_the_next_start(
    live: Opens, world: World
) -> None:
    async with live(Failing()) as it:
        await it.places()
        await it.choose("file")
        await it.pilot.press("ctrl+s")
        await it.until(lambda: isinstance(it.app.screen, Unlock))
        for _ in range(2):
            await it.paste("correct horse battery")
            await it.pilot.press("enter")
        await it.until(lambda: it.is_open and it.wizard.step == "done")
        assert 'vault = "file"' in it.settings_file()
        assert (await it.configured())["ondemand"] == "encrypted file"
        kept = (it.home / "data" / "keys.sealed").read_text()
        assert world.keys.ondemand_token not in kept
    async with live(Failing()) as again:
        await again.until(lambda: isinstance(again.app.screen, Unlock))
        await again.paste("correct horse battery")
        await again.pilot.press("enter")
        await again.until(lambda: not isinstance(again.app.screen, Unlock))
        assert (await again.configured())["ondemand"] == "encrypted file"


async def test_a_plain_file_is_never_chosen_for_the_user_and_marked_for_good(live: Opens, world: World) -> None:
    async with live(Failing(), size=(120, 30)) as it:
        await it.places()
        await it.choose("plain")
        assert "not encrypted" in it.said()
        await it.save()
        path = it.home / "data" / "keys.plain.json"
        assert world.keys.ondemand_token in path.read_text()
        assert path.stat().st_mode & 0o777 == 0o600
        await it.pilot.press("enter")
        await it.until(lambda: "PLAIN KEYS" in it.shown().splitlines()[0])


@pytest.mark.parametrize(("key", "stays"), [("m", False), ("escape", True)])
async def test_keys_kept_before_are_moved_along_if_wished(live: Opens, key: str, stays: bool) -> None:
    keyring = MemoryBackend()
    async with live(keyring, size=(120, 30)) as it:
        await it.opened()
        await it.fill(f"{it.world.keys.project_api_key}\n", dashboard(it.world))
        await it.save()
        await it.pilot.press("escape")
        it.app.action_setup()
        await it.places()
        await it.choose("plain")
        await it.pilot.press("ctrl+s")
        await it.until(lambda: isinstance(it.app.screen, MoveQuestion))
        assert "Still in the keyring: project API key" in it.said()
        await it.pilot.press(key)
        await it.until(lambda: it.is_open and it.wizard.step == "done")
        path = it.home / "data" / "keys.plain.json"
        await it.until(lambda: stays or it.world.keys.project_api_key in path.read_text())
        assert (it.world.keys.project_api_key in keyring._kept.values()) is stays
        assert (it.world.keys.project_api_key in path.read_text()) is not stays


async def test_a_password_manager_is_asked_by_its_command_and_what_it_lacks_is_named(
    live: Opens, world: World, tmp_path: Path
) -> None:
    manager = tmp_path / "manager"
    manager.write_text(
        f'#!/bin/sh\ncase "$1" in ondemand_token*) echo {world.keys.ondemand_token};; *) exit 1;; esac\n'
    )
    manager.chmod(0o700)
    async with live() as it:
        await it.places()
        await it.choose("command")
        await it.pilot.press("ctrl+s")
        await it.until(lambda: "a list of words" in it.said())
        it.wizard.query_one("#command", Input).value = f"{manager} {{name}}"
        await it.save()
        assert "from your password manager" in it.said()
        assert (await it.configured())["ondemand"] == "credential command"
        assert 'vault = "command"' in it.settings_file()
        it.app.action_setup()
        await it.opened()
        it.wizard.query_one("#ec_api_key").focus()
        await it.fill(world.keys.project_api_key, world.project_id)
        await it.settled(Outcome.VERIFIED, Outcome.VERIFIED, None)
        await it.save()
        assert "does not give this project API key yet" in it.said()
        assert (await it.configured())["controller"] == "this run"


# Safety


async def test_protection_dry_run_and_budget_are_in_force_at_once(live: Opens) -> None:
    async with live() as it:
        await it.opened()
        await it.pilot.press("ctrl+n")
        await it.until(lambda: isinstance(it.app.focused, Choices))
        await it.pilot.press("right", "tab", "right", "tab", "tab", "t", "w", "o")
        await it.pilot.press("ctrl+s")
        await it.until(lambda: "It is a plain number such as 2.50." in it.shown())
        it.wizard.query_one("#budget_usd", Input).value = "$2.50"
        await it.save()
        assert it.app.session is not None
        policy = it.app.session.policy()
        assert (policy.is_guarded, policy.dry_run, policy.read_only, policy.cap_usd) == (
            True,
            True,
            False,
            Decimal("2.50"),
        )
        assert "Safety: confirm, dry-run, $2.50 a day." in it.said()
        it.app.action_setup()
        await it.opened()
        assert it.wizard.query_one(SafetyPage).values() == {}


async def test_dry_run_switched_on_by_hand_survives_setup(live: Opens, world: World) -> None:
    async with live() as it:
        await it.opened()
        assert it.app.session is not None
        it.app.session.dry_run = True
        await it.fill("", "", world.keys.ondemand_token)
        await it.save()
        assert it.app.session.dry_run


async def test_a_project_id_from_the_environment_is_not_pretended_to_change(live: Opens, world: World) -> None:
    async with live(THETA_EC_PROJECT_ID=world.project_id) as it:
        await it.until(lambda: it.is_open and "from THETA_EC_PROJECT_ID" in it.shown())
        await it.opened()
        it.wizard.query_one("#project_id", Input).focus()
        it.wizard.query_one("#project_id", Input).value = ""
        await it.fill("prj_another")
        await it.until(lambda: "THETA_EC_PROJECT_ID goes before" in it.shown())
        await it.pilot.press("ctrl+s")
        assert it.is_open
        assert it.settings_file() == ""


# Input that cannot be right


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("two words", "holds a space"),
        ("line\nbreak", "line break"),
        ("https://www.thetaedgecloud.com/x", "This is an address"),
        ("prj_a1b2c3", "This is a project id"),
    ],
)
async def test_what_is_no_key_is_named_at_the_field_at_once(live: Opens, text: str, words: str) -> None:
    async with live() as it:
        await it.opened()
        await it.paste(text)
        await it.until(lambda: words in it.said())
        assert it.wizard.query_one("#ec_api_key", Input).value == ""
        await it.pilot.press("ctrl+s")
        await it.until(lambda: "Nothing is entered yet" in it.shown())


async def test_what_holds_no_project_id_is_never_shown(live: Opens) -> None:
    async with live() as it:
        await it.opened()
        await it.pilot.press("tab")
        await it.paste(WRONG)
        await it.until(lambda: "There is no prj_… id" in it.shown())
        assert WRONG not in it.shown()


async def test_saving_nothing_says_so(live: Opens) -> None:
    async with live() as it:
        await it.opened()
        await it.pilot.press("ctrl+s")
        await it.until(lambda: "Nothing is entered yet" in it.shown())


# The secret is nowhere


async def test_a_typed_secret_is_neither_copied_nor_cut(live: Opens, world: World) -> None:
    secret = world.keys.ondemand_token
    async with live() as it:
        await it.opened()
        line = it.wizard.query_one("#ec_api_key", SecretInput)
        await it.pilot.press(*secret)
        assert line.value == secret
        for keys in (("ctrl+shift+a", "ctrl+c"), ("ctrl+shift+a", "ctrl+x"), ("home", "shift+end", "super+c")):
            await it.pilot.press(*keys)
            assert it.app.clipboard == ""
            assert line.value == secret
        await it.until(lambda: "never copied" in it.shown())


async def test_backspace_gives_up_a_secret_that_was_taken(live: Opens) -> None:
    async with live() as it:
        await it.opened()
        await it.paste(WRONG)
        await it.pilot.press("enter", "shift+tab")
        line = it.wizard.query_one("#ec_api_key", SecretInput)
        assert line.value == ""
        assert line.secret is not None
        await it.pilot.press("backspace")
        assert line.secret is None


async def test_messages_of_the_line_carry_no_text(live: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    posted: list[str] = []
    original = ScrollView.post_message

    def watch(widget: ScrollView, message: Message) -> bool:
        posted.append(f"{type(message).__name__} {vars(message)}")
        return original(widget, message)

    async with live() as it:
        await it.opened()
        line = it.wizard.query_one("#ec_api_key", SecretInput)
        monkeypatch.setattr(ScrollView, "post_message", watch)
        await it.pilot.press(*WRONG, "enter")
        await it.until(lambda: line.secret is not None)
    told = [words for words in posted if not words.startswith("Key ")]
    assert any(words.startswith("Entered ") for words in told)
    assert not [words for words in told if WRONG[:6] in words]


async def test_the_typed_secrets_are_nowhere_afterwards(
    live: Opens, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    secrets = (world.keys.project_api_key, world.keys.ondemand_token, WRONG)
    pictures: list[str] = []
    async with live() as it:
        await it.opened()
        await it.paste(WRONG)
        pictures.append(it.app.export_screenshot())
        await it.pilot.press("enter")
        await it.fill(world.project_id)
        await it.settled(Outcome.REFUSED, Outcome.UNCHECKED, None)
        pictures.append(it.app.export_screenshot())
        await it.pilot.press("shift+tab", "shift+tab")
        await it.fill(world.keys.project_api_key, "", world.keys.ondemand_token)
        await it.settled(Outcome.VERIFIED, Outcome.VERIFIED, Outcome.VERIFIED)
        pictures.append(it.app.export_screenshot())
        title = f"{it.app.title} {it.app.sub_title} {it.app.screen.title}"
        await it.save()
        pictures.append(it.app.export_screenshot())
        told = f"{it.app.messages} {title} {it.app.clipboard} {caplog.text} {it.app.session!r} {it.app.session.vault!r}"
    files = [path for path in it.home.rglob("*") if path.is_file()]
    assert any(path.name.startswith("journal") for path in files)
    haystacks = [html.unescape(picture).replace("\xa0", " ") for picture in pictures]
    haystacks += [told, *(path.read_bytes().decode("utf-8", "replace") for path in files)]
    assert "verified" in haystacks[2]
    for secret in secrets:
        for haystack in haystacks:
            assert secret not in haystack
            assert secret[:12] not in haystack
            assert secret[-12:] not in haystack


async def test_families_with_one_key_are_all_served(live: Opens, world: World) -> None:
    async with live() as it:
        await it.opened()
        await it.fill(world.keys.project_api_key, world.project_id)
        await it.settled(Outcome.VERIFIED, Outcome.VERIFIED, None)
        await it.save()
        assert it.app.session is not None
        for family in (Family.CONTROLLER, Family.PLATFORM):
            found = await it.app.session.keys.find(family, "ec_api_key")
            assert found.source == "keyring"
