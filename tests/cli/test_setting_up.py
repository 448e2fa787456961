"""`theta-tui setup` without the console: variables taken over, and the questions in plain lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from theta_tui.sandbox.world import World

Call = Callable[..., Any]
Start = Callable[..., Any]

PASSPHRASE = "correct horse battery"
FILE = {"THETA_VAULT": "file", "THETA_VAULT_PASSPHRASE": PASSPHRASE}
NO_KEYS = dict.fromkeys(
    (
        "THETA_EC_API_KEY",
        "THETA_EC_PROJECT_ID",
        "THETA_ORG_ID",
        "THETA_ONDEMAND_API_TOKEN",
        "THETA_VIDEO_SA_ID",
        "THETA_VIDEO_SA_SECRET",
        "THETA_CHATBOT_TOKEN",
    ),
    "",
)
WRONG = "wr0ngkey1234567890abcdefghijklmn"


def dotenv(world: World, folder: Path, **more: str) -> Path:
    """Write the original skill's variables down."""
    lines = {
        "THETA_EC_API_KEY": world.keys.project_api_key,
        "THETA_EC_PROJECT_ID": world.project_id,
        "THETA_ONDEMAND_API_KEY": world.keys.ondemand_token,
        "THETA_DRY_RUN": "1",
        "THETA_MAX_BUDGET_USD": "2.00",
        **more,
    }
    path = folder / "skill.env"
    path.write_text("".join(f"export {name}='{value}'\n" for name, value in lines.items()))
    return path


def settings_file(environment: Mapping[str, str]) -> Path:
    return Path(environment["THETA_TUI_HOME"]) / "config" / "settings.toml"


def test_the_skills_variables_become_a_profile_with_keys_checked_and_kept(
    call: Call, world: World, environment: Mapping[str, str], tmp_path: Path
) -> None:
    path = dotenv(world, tmp_path, THETA_CONTROLLER_API_BASE_URL="https://evil.example", THETA_PROXY="http://evil:1")
    done = call("setup", "--from-env", str(path), "--profile", "work", **FILE, **NO_KEYS)
    assert done.code == 0, done.err
    rows = {row["name"]: row for row in done.json["taken"]}
    assert rows["ec_api_key"]["to"] == rows["ondemand_token"]["to"] == "encrypted file"
    assert rows["ec_api_key"]["check"].startswith("verified")
    assert rows["ondemand_token"] | {"from": "THETA_ONDEMAND_API_KEY", "check": "verified"} == rows["ondemand_token"]
    assert rows["org_id"]["from"] == "the cloud"
    assert done.json["left_alone"] == ["THETA_CONTROLLER_API_BASE_URL", "THETA_PROXY"]
    assert "delete them there" in done.err
    text = settings_file(environment).read_text()
    assert "[profiles.work]" in text
    assert "evil" not in text
    for secret in (world.keys.project_api_key, world.keys.ondemand_token):
        assert secret not in text + done.out + done.err
    assert {one.method for one in world.calls} == {"GET"}
    found = call("run", "theta.project.get", "--profile", "work", **FILE, **NO_KEYS)
    assert (found.code, found.json["name"]) == (0, "Sandbox")
    profiles = {row["name"]: row for row in call("config", "profiles", **NO_KEYS).json}
    assert profiles["work"]["project_id"] == world.project_id
    assert profiles["work"]["budget_usd"] == 2
    assert profiles["default"]["is_in_use"]


def test_a_refused_key_stops_everything_before_anything_is_stored(
    call: Call, world: World, environment: Mapping[str, str], tmp_path: Path
) -> None:
    path = dotenv(world, tmp_path, THETA_ONDEMAND_API_KEY=WRONG)
    done = call("setup", "--from-env", str(path), **FILE, **NO_KEYS)
    assert done.code == 1
    assert "THETA_ONDEMAND_API_KEY was refused" in done.err
    assert WRONG not in done.err
    assert not settings_file(environment).exists()
    assert not list(Path(environment["THETA_TUI_HOME"]).rglob("keys.sealed"))


def test_the_environment_itself_can_be_taken_over_without_asking_the_cloud(call: Call, world: World) -> None:
    done = call("setup", "--from-env", "--no-check", **FILE)
    assert done.code == 0, done.err
    assert {row["check"] for row in done.json["taken"]} == {None}
    assert [one.path for one in world.calls] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("OTHER=1\n", "no THETA_* variable"),
        ("THETA_EC_API_KEY='two words'\n", "THETA_EC_API_KEY: The project API key holds a space"),
        ("THETA_EC_API_KEY=https://x.example/s3cret\n", "THETA_EC_API_KEY: This is an address"),
        ("THETA_MAX_BUDGET_USD=lots\n", "THETA_MAX_BUDGET_USD: budget_usd must be a plain number"),
        ("nonsense\n", "line 1 is not NAME=value"),
    ],
)
def test_what_cannot_be_taken_over_is_named_in_one_line(call: Call, tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "x.env"
    path.write_text(text)
    done = call("setup", "--from-env", str(path), **FILE, **NO_KEYS)
    assert done.code == 2
    assert said in done.err
    assert "s3cret" not in done.err


def test_names_of_other_programs_are_named_and_never_taken(call: Call, world: World, tmp_path: Path) -> None:
    path = dotenv(world, tmp_path, ON_DEMAND_API_ACCESS_TOKEN="k3y0123456789", PROJECT_ID="prj_other")
    done = call("setup", "--from-env", str(path), "--no-check", **FILE, **NO_KEYS)
    assert done.code == 0, done.err
    assert "ON_DEMAND_API_ACCESS_TOKEN may be your THETA_ONDEMAND_API_TOKEN" in done.err
    assert "PROJECT_ID may be your" not in done.err
    assert "k3y0123456789" not in done.out + done.err


def test_every_variable_of_the_skill_is_taken_or_named(call: Call, world: World, tmp_path: Path) -> None:
    """The whole table of wire 13, in one file."""
    keys, endpoint = world.keys, "https://abc.onthetaedgecloud.com"
    secrets = {
        "THETA_INFERENCE_AUTH_TOKEN": "inferencetoken0123456789",
        "THETA_VIDEO_SA_ID": keys.video_sa_id,
        "THETA_VIDEO_SA_SECRET": keys.video_sa_secret,
        "THETA_CHATBOT_TOKEN": keys.chatbot_token,
    }
    plain = {
        "THETA_ORG_ID": world.org_id,
        "THETA_INFERENCE_ENDPOINT": endpoint,
        "THETA_INFERENCE_MODEL": "llama",
        "THETA_HTTP_TIMEOUT_MS": "15000",
        "THETA_HTTP_MAX_RETRIES": "1",
        "THETA_HTTP_RETRY_BACKOFF_MS": "100",
        "THETA_WAIT_SECONDS": "10",
        "THETA_POLL_UNTIL_DONE": "0",
        "THETA_POLL_INTERVAL_SECONDS": "2",
        "THETA_POLL_TIMEOUT_SECONDS": "90",
        "SERVICES": "flux,whisper",
    }
    addresses = {"THETA_CHAIN_RPC_URL": "http://localhost:16888/rpc", "THETA_API_BASE_URL": "https://x.example"}
    path = dotenv(world, tmp_path, **secrets, **plain, **addresses)
    done = call("setup", "--from-env", str(path), "--no-check", "--profile", "skill", **FILE, **NO_KEYS)
    assert done.code == 0, done.err
    taken = {row["from"] for row in done.json["taken"]}
    assert set(secrets) | set(plain) <= taken
    assert set(done.json["left_alone"]) == set(addresses)
    shown = {row["name"]: row["value"] for row in call("config", "show", "--profile", "skill", **NO_KEYS).json}
    assert (shown["inference_endpoint"], shown["smoke_services"], shown["dry_run"]) == (endpoint, "flux, whisper", "on")


def test_without_a_keyring_nothing_is_written_and_the_way_out_is_named(
    call: Call, world: World, environment: Mapping[str, str], tmp_path: Path
) -> None:
    done = call("setup", "--from-env", str(dotenv(world, tmp_path)), **NO_KEYS)
    assert done.code == 4
    assert "config set vault file" in done.err
    assert not settings_file(environment).exists()


def test_the_questions_in_plain_lines_lead_from_nothing_to_a_checked_key(
    terminal: Start, call: Call, world: World, environment: Mapping[str, str]
) -> None:
    it = terminal("setup", "--plain", **NO_KEYS)
    answers = (
        ("Numbers [12]: ", "1, 2"),
        ("Address or id: ", "https://www.thetaedgecloud.com/nothing"),
        ("There is no prj_… id in it", ""),
        ("Address or id: ", f"https://www.thetaedgecloud.com/dashboard/{world.project_id}/x"),
        ("Enter skips): ", WRONG),
        ("refused: 401", ""),
        ("Enter skips): ", world.keys.project_api_key),
        ('verified · project "Sandbox".', ""),
        ("Not shown as you type (Enter skips): ", world.keys.ondemand_token),
        ("the keyring (cannot be used: ", ""),
        ("Number [2]: ", "1"),
        ("the keyring cannot be used", ""),
        ("Number [2]: ", "2"),
        ("(dry-run)? [y/N] ", ""),
        ("(read-only)? [y/N] ", "n"),
        ("(confirm)? [y/N] ", "y"),
        ("[no limit]: ", "two"),
        ("Write a plain number", ""),
        ("[no limit]: ", "$2.50"),
        ("New passphrase: ", PASSPHRASE),
        ("Once more: ", PASSPHRASE),
    )
    for question, answer in answers:
        it.seen_since(question)
        if answer or question.endswith(("? [y/N] ",)):
            it.type(answer + "\n")
    it.seen_since("Done. Try next:")
    assert it.wait() == 0
    for secret in (PASSPHRASE, WRONG, world.keys.project_api_key, world.keys.ondemand_token):
        assert secret not in it.text
    text = settings_file(environment).read_text()
    assert 'vault = "file"' in text
    assert world.project_id in text
    assert 'budget_usd = "2.50"' in text
    assert 'protection = "confirm"' in text
    found = call("run", "theta.project.get", THETA_VAULT_PASSPHRASE=PASSPHRASE, **NO_KEYS)
    assert (found.code, found.json["name"]) == (0, "Sandbox")


def test_the_end_of_input_stores_nothing(terminal: Start, environment: Mapping[str, str]) -> None:
    it = terminal("setup", "--plain", **FILE, **NO_KEYS)
    it.until("Numbers [12]: ")
    it.type("\x04")
    assert it.wait() == 3
    assert "Nothing was stored" in it.text
    assert not settings_file(environment).exists()


def test_plain_lines_need_a_terminal(call: Call) -> None:
    done = call("setup", "--plain", **NO_KEYS)
    assert done.code == 2
    assert "--from-env" in done.err
