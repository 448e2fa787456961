from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from theta_tui.registry import commands

Call = Callable[..., Any]


def test_commands_lists_every_entry_of_the_registry_with_its_schema(call: Call) -> None:
    rows = call("commands", "--output", "json").json
    assert [row["name"] for row in rows] == list(commands())
    chat = next(row for row in rows if row["name"] == "theta.ondemand.chat")
    assert (chat["kind"], chat["effect"], chat["credentials"]) == ("mutation", "metered", ["ondemand"])
    assert "messages" in chat["params"]["properties"]


def test_commands_as_text_is_one_line_each(call: Call) -> None:
    lines = call("commands", "--output", "text").out.splitlines()
    assert len(lines) == len(commands()) + 1
    assert max(map(len, lines)) <= 100


def test_secrets_are_marked_in_the_schema_by_their_own_names(call: Call) -> None:
    rows = call("commands").json
    create = next(row for row in rows if row["name"] == "theta.deployments.create")
    assert create["params"]["properties"]["auth_password"] != "[redacted]"


def test_auth_status_tells_where_keys_live_and_no_character_of_them(call: Call, environment: dict[str, str]) -> None:
    done = call("auth", "status", THETA_CHATBOT_TOKEN="")
    sources = {row["name"]: row["source"] for row in done.json["keys"]}
    assert sources["ondemand_token"] == "THETA_ONDEMAND_API_TOKEN"
    assert sources["chatbot_token"] == "missing"
    for name in ("THETA_ONDEMAND_API_TOKEN", "THETA_EC_API_KEY", "THETA_VIDEO_SA_SECRET"):
        assert environment[name][:8] not in done.out
        assert environment[name] not in done.out + done.err


def test_forgetting_without_a_keyring_says_why_it_cannot(call: Call) -> None:
    done = call("auth", "forget", "ondemand_token")
    assert (done.code, done.error["kind"]) == (4, "no_credentials")
    assert "keyring" in done.error["message"]


def test_config_show_names_every_setting_with_its_source(call: Call) -> None:
    rows = {row["name"]: row for row in call("config", "show").json}
    assert rows["project_id"]["source"] == "THETA_EC_PROJECT_ID"
    assert rows["dry_run"]["value"] == "off"


def test_config_path_is_the_file_in_the_settings_folder(call: Call, environment: dict[str, str]) -> None:
    path = call("config", "path", "--output", "text").out.strip()
    assert path == str(Path(environment["THETA_TUI_HOME"]) / "config" / "settings.toml")


def test_config_validate_tells_each_problem_and_exits_2(call: Call, environment: dict[str, str]) -> None:
    assert call("config", "validate").json["valid"] is True
    folder = Path(environment["THETA_TUI_HOME"]) / "config"
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text('budgt_usd = 3\nproject_id = "two words"\n')
    done = call("config", "validate", THETA_EC_PROJECT_ID="")
    assert (done.code, len(done.json["problems"])) == (2, 2)
    assert "did you mean budget_usd?" in done.json["problems"][0]


def test_the_demo_answers_without_any_account(call: Call) -> None:
    done = call("--demo", "run", "theta.deployments.list", THETA_EC_API_KEY="", THETA_CONTROLLER_API_BASE_URL="")
    assert done.code == 0
    assert done.json
