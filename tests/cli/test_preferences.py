"""`theta-tui config`: written with the comments kept, checked with lines and nearest names; protected profiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from theta_tui.sandbox.world import World

Call = Callable[..., Any]


@pytest.fixture
def file(environment: Mapping[str, str]) -> Path:
    folder = Path(environment["THETA_TUI_HOME"]) / "config"
    folder.mkdir(parents=True)
    return folder / "settings.toml"


def test_settings_are_written_where_they_were_meant_and_comments_stay(call: Call, file: Path) -> None:
    file.write_text('# mine\ntheme = "theta-dark"  # at night\n')
    assert call("config", "set", "theme", "theta-light").code == 0
    assert call("config", "set", "dry_run", "yes", "--profile", "lab").json["for"] == "profile lab"
    assert call("config", "set", "budget_usd", "2.50", "--profile", "lab").code == 0
    assert call("config", "set", "chat_fallbacks", "gpt_oss, llama").code == 0
    assert call("config", "set", "vault_command", "pass show 'theta keys/{name}'").code == 0
    assert call("config", "set", "columns.deployments", "status,name").code == 0
    assert call("config", "set", "keys.deployments.stop", "ctrl+x").code == 0
    assert file.read_text() == (
        '# mine\ntheme = "theta-light"  # at night\nchat_fallbacks = ["gpt_oss", "llama"]\n'
        'vault_command = ["pass", "show", "theta keys/{name}"]\n\n'
        '[profiles.lab]\ndry_run = true\nbudget_usd = "2.50"\n\n'
        '[columns]\ndeployments = ["status", "name"]\n\n[keys]\n"deployments.stop" = "ctrl+x"\n'
    )
    assert call("config", "validate").json["valid"] is True
    assert call("config", "set", "theme").code == 0
    assert "theme" not in file.read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("budgt_usd", "3"), "There is no setting 'budgt_usd'"),
        (("budget_usd", "lots"), "budget_usd must be a plain number"),
        (("protection", "none"), "protection must be one of open, confirm, read-only"),
        (("keys.deplyments.stop", "x"), "did you mean deployments.stop?"),
        (("keys.deployments.stop", "ctrl+nothing"), "'ctrl+nothing' is no key"),
        (("keys.preset", "emacs"), "none of default, vim, tmux-safe"),
        (("columns.deployments", ","), "At least one column"),
        (("ondemand_token", "s3cret"), "There is no setting"),
    ],
)
def test_what_cannot_be_written_is_told_and_nothing_is(
    call: Call, file: Path, words: tuple[str, ...], said: str
) -> None:
    done = call("config", "set", *words)
    assert done.code == 2
    assert said in done.err
    assert not file.exists()


def test_a_stronger_variable_is_named(call: Call, file: Path) -> None:
    done = call("config", "set", "dry_run", "off", THETA_DRY_RUN="1")
    assert "THETA_DRY_RUN is set and goes before" in done.err
    assert file.exists()


def test_validate_looks_at_every_profile_and_at_the_keyboard(call: Call, file: Path) -> None:
    file.write_text(
        '[profiles.lab]\nbudget_usd = "lots"\n[profiles.prod]\nprotektion = "open"\n'
        '[keys]\n"deployments.ready" = "d"\n"shell.zom" = "z"\n'
    )
    done = call("config", "validate")
    assert done.code == 2
    assert done.json["problems"] == [
        "settings.toml line 4: unknown setting 'protektion'; did you mean protection?",
        "settings.toml line 2: budget_usd must be a plain number such as 2.50; taken as 0 to be safe.",
        "keys.shell.zom: there is no such action; did you mean shell.zoom?",
        "keys: d is both Ready? (deployments.ready) and Delete (deployments.delete); move one of them.",
    ]


def test_a_misspelt_profile_is_refused_and_not_run_without_its_protection(call: Call, file: Path, world: World) -> None:
    file.write_text('[profiles.prod]\nprotection = "read-only"\n')
    create = ("run", "theta.deployments.create", "deployment_template_id=x", "vm_id=vm_gt1", "--yes")
    for done in (call(*create, "--profile", "prdo"), call(*create, THETA_PROFILE="prdo")):
        assert done.code == 2
        assert "There is no profile 'prdo'." in done.err
        assert "Did you mean prod?" in done.err
    assert world.calls == []
    assert call("run", "theta.health", "--profile", "default").code == 0


def test_a_protected_profile_wants_to_be_named_by_scripts(call: Call, file: Path, world: World) -> None:
    file.write_text(
        '[profiles.prod]\nprotection = "confirm"\nbadge = "PROD"\n[profiles.audit]\nprotection = "read-only"\n'
    )
    template = call("run", "theta.deployments.listStandard", "category=serving").json["templates"][0]["id"]
    create = ("run", "theta.deployments.create", f"deployment_template_id={template}", "vm_id=vm_gt1", "--yes")
    refused = call(*create, "--profile", "prod")
    assert (refused.code, refused.json["reason"], len(world.deployments)) == (3, "read_only", 0)
    assert call(*create, "--profile", "prod", "--confirm", "default").code == 3
    assert call(*create, "--profile", "audit", "--confirm", "audit").code == 3
    assert (call(*create, "--profile", "prod", "--confirm", "prod").code, len(world.deployments)) == (0, 1)
    chat = ("run", "theta.ondemand.chat", "--args", '{"messages":[{"role":"user","content":"hi"}]}', "--yes")
    assert call(*chat, "--profile", "prod").code == 0
    assert call(*chat, "--profile", "audit").code == 3
