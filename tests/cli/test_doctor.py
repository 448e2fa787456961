"""`theta-tui doctor`: everything looked at, each failure with its fix, never longer than a few seconds."""

from __future__ import annotations

import email.utils
import http.server
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from theta_tui.change import Reached
from theta_tui.headless import cloud_checks, machine_checks
from theta_tui.headless.findings import State
from theta_tui.sandbox.world import World

Call = Callable[..., Any]
CLEAN = {"HTTP_PROXY": "", "https_proxy": ""}


@pytest.fixture(autouse=True)
def no_ignored_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine that runs the tests is reported."""
    from theta_tui.settings import ignored_variables

    for name in ignored_variables():
        monkeypatch.delenv(name)


def of(done: Any, area: str) -> list[dict[str, Any]]:
    return [finding for finding in done.json["findings"] if finding["area"] == area]


def words(done: Any, area: str) -> str:
    return " | ".join(finding["words"] for finding in of(done, area))


def test_all_is_well_on_the_simulated_cloud(call: Call) -> None:
    done = call("doctor", "--output", "json")
    assert (done.code, done.json["ok"]) == (0, True), done.out
    areas = {finding["area"] for finding in done.json["findings"]}
    assert areas == {"settings", "keys", "keyring", "hosts", "clock", "disk", "terminal", "clipboard", "variables"}
    assert "on-demand access token: from THETA_ONDEMAND_API_TOKEN, verified" in words(done, "keys")
    assert "answers in" in words(done, "hosts")


def test_it_changes_nothing_and_shows_no_key(call: Call, world: World, environment: Mapping[str, str]) -> None:
    done = call("doctor")
    assert {one.method for one in world.calls} <= {"GET", "HEAD"}
    for name in ("THETA_EC_API_KEY", "THETA_ONDEMAND_API_TOKEN", "THETA_VIDEO_SA_SECRET"):
        assert environment[name] not in done.out + done.err


def test_text_output_has_a_glyph_an_area_and_the_fix_below(call: Call) -> None:
    done = call("doctor", "--output", "text", THETA_EC_API_KEY="wrong-key-0123456789")
    assert done.code == 1
    lines = done.out.splitlines()
    at = next(index for index, line in enumerate(lines) if line.startswith("✗ keys"))
    assert "project API key: from THETA_EC_API_KEY; auth: " in lines[at]
    assert lines[at + 1].strip().startswith("→ ")


def test_missing_keys_are_told_with_where_to_find_them_and_are_no_failure(call: Call) -> None:
    names = ("THETA_EC_API_KEY", "THETA_ONDEMAND_API_TOKEN", "THETA_VIDEO_SA_ID", "THETA_VIDEO_SA_SECRET")
    done = call("doctor", "--output", "json", THETA_CHATBOT_TOKEN="", **dict.fromkeys(names, ""))
    assert done.code == 0
    assert words(done, "keys").count("missing") == 5
    assert "no key at all" in words(done, "keys")
    assert all("Dashboard" in finding["fix"] for finding in of(done, "keys")[:3])


def test_hosts_that_are_not_there_fail_with_the_fix(call: Call) -> None:
    families = ("ONDEMAND", "CONTROLLER", "PLATFORM", "AI", "VIDEO")
    nowhere = {f"THETA_{family}_API_BASE_URL": "http://127.0.0.1:9" for family in families}
    done = call("doctor", "--output", "json", **nowhere)
    assert done.code == 1
    [host] = of(done, "hosts")
    assert host["state"] == "failed"
    assert "was not reached" in host["words"]
    assert "THETA_PROXY" in host["fix"]


def test_a_host_that_hangs_does_not_hold_it_up(call: Call, world: World) -> None:
    world.faults.add({"kind": "hang", "times": None})
    started = time.monotonic()
    done = call("doctor", "--output", "json")
    assert time.monotonic() - started <= 5.0
    assert done.code == 1
    assert {"hosts", "disk", "keyring"} <= {finding["area"] for finding in done.json["findings"]}


class Wrong(http.server.BaseHTTPRequestHandler):
    """A host whose clock is ten minutes behind."""

    def do_HEAD(self) -> None:
        self.send_response_only(404)
        self.send_header("Date", email.utils.formatdate(time.time() - 600, usegmt=True))
        self.end_headers()

    def log_message(self, *given: Any) -> None:
        pass


@pytest.fixture
def wrong_clock() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Wrong) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_wrong_clock_is_found_by_a_hosts_date(call: Call, wrong_clock: str) -> None:
    done = call("doctor", "--output", "json", THETA_AI_API_BASE_URL=wrong_clock)
    [clock] = of(done, "clock")
    assert (clock["state"], done.code) == ("failed", 1)
    assert "600 s ahead of the cloud's" in clock["words"] or "599 s" in clock["words"] or "601 s" in clock["words"]
    assert "NTP" in clock["fix"]


def test_a_date_that_cannot_be_read_says_nothing() -> None:
    for date in (None, "", "yesterday", "Mon, 99 Foo 2026"):
        assert cloud_checks.skew(Reached("https://x", 200, 0.1, time.time(), date)) is None


def test_settings_that_cannot_be_read_fail_with_their_place(call: Call, environment: Mapping[str, str]) -> None:
    folder = Path(environment["THETA_TUI_HOME"]) / "config"
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text("budgt_usd = 3\n")
    done = call("doctor", "--output", "json")
    assert done.code == 1
    assert "settings.toml line 1" in words(done, "settings")


def test_a_variable_that_makes_a_session_impossible_is_a_finding_and_the_rest_is_still_looked_at(call: Call) -> None:
    done = call("doctor", "--output", "json", THETA_PROXY="ftp://nonsense")
    assert done.code == 1
    assert "THETA_PROXY must be" in words(done, "settings")
    assert of(done, "disk")


def test_ignored_variables_are_named_with_what_to_use_instead(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    done = call("doctor", "--output", "json")
    found = {finding["words"]: finding for finding in of(done, "variables")}
    assert "THETA_PROXY" in found["HTTPS_PROXY is set and ignored"]["fix"]
    assert "THETA_CA_BUNDLE" in found["SSL_CERT_FILE is set and ignored"]["fix"]
    assert done.code == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_fails(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert machine_checks.folder("data", tmp_path / "in").state is State.FAILED


def test_a_folder_that_is_a_file_fails_with_the_fix(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    finding = machine_checks.folder("data", tmp_path / "file" / "data")
    assert finding.state is State.FAILED
    assert "THETA_TUI_HOME" in finding.fix


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({"TERM": "xterm-kitty"}, "kitty: kitty graphics, kitty keyboard"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "wezterm: kitty graphics, sixel, kitty keyboard"),
        ({"TERM": "foot"}, "foot: sixel, kitty keyboard"),
        ({"TERM": "xterm-256color"}, "unknown terminal: pictures as half blocks"),
        ({"TERM": "tmux-256color", "TMUX": "x", "KITTY_WINDOW_ID": "1"}, "within tmux"),
    ],
)
def test_abilities_are_guessed_from_variables(environ: dict[str, str], wanted: str) -> None:
    assert wanted in machine_checks.abilities(environ)


def test_on_a_terminal_kind_size_and_abilities_are_told(terminal: Callable[..., Any]) -> None:
    screen = terminal("doctor", COLORTERM="truecolor")
    assert screen.wait(20) == 0, screen.text
    assert "TERM is xterm-256color; 16 million colours" in screen.text
    assert "100 columns, 30 rows" in screen.text


def test_a_dumb_terminal_fails(terminal: Callable[..., Any]) -> None:
    screen = terminal("doctor", TERM="dumb")
    assert screen.wait(20) == 1
    assert "TERM is dumb" in screen.text


def test_a_program_of_its_own_ends_in_time_although_everything_hangs(program: Callable[..., Any], world: World) -> None:
    world.faults.add({"kind": "hang", "times": None})
    started = time.monotonic()
    done = program("doctor", "--output", "json")
    assert done.code == 1
    assert time.monotonic() - started < 8  # the start of the interpreter included, on a busy machine


def test_the_profiles_protection_and_budget_are_told(call: Call, environment: Mapping[str, str]) -> None:
    folder = Path(environment["THETA_TUI_HOME"]) / "config"
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text('[profiles.prod]\nprotection = "confirm"\nbudget_usd = "2.50"\n')
    told = words(call("doctor", "--profile", "prod", "--output", "json"), "settings")
    assert "protection confirm: the profile's name typed for each change, $2.50 a day" in told
    assert "protection open: a yes for each change, no daily budget" in words(
        call("doctor", "--output", "json"), "settings"
    )


def test_moved_keys_are_told_with_what_they_meet(call: Call, environment: Mapping[str, str]) -> None:
    folder = Path(environment["THETA_TUI_HOME"]) / "config"
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text('[keys]\nshell.zoom = "z"\ndeployments.ready = "d"\n')
    done = call("doctor", "--output", "json")
    assert "2 keys moved: shell.zoom on z, deployments.ready on d" in words(done, "keyboard")
    [conflict] = [one for one in of(done, "keyboard") if one["state"] == "note"]
    assert "d is both Ready? (deployments.ready) and Delete (deployments.delete)" in conflict["words"]
    assert "config set keys.ACTION KEY" in conflict["fix"]


def test_keys_in_a_plain_file_are_never_called_well_kept(call: Call, world: World) -> None:
    stored = call("auth", "set", "ondemand_token", "@env:MINE", MINE=world.keys.ondemand_token, THETA_VAULT="plain")
    assert stored.json["in"] == "plain file"
    [finding] = of(call("doctor", "--output", "json", THETA_VAULT="plain"), "keyring")
    assert finding["state"] == "note"
    assert "not encrypted" in finding["words"]
    assert call("auth", "status", THETA_VAULT="plain").json["keyring"] == "plain file, not encrypted"
