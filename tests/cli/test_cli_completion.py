from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from theta_tui.cli import HANDLERS
from theta_tui.headless.shell_completion import arguments, script
from theta_tui.registry import aliases, commands

Call = Callable[..., Any]

WITHOUT_BASH = shutil.which("bash") is None
needs_bash = pytest.mark.skipif(WITHOUT_BASH, reason="there is no bash here")

ASK = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
_theta_tui
for word in "${COMPREPLY[@]}"; do printf '%s\\n' "$word"; done
"""
"""What bash does at a Tab; the last word is the one at the cursor."""


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., list[str]]:
    file = tmp_path_factory.mktemp("completion") / "theta-tui.bash"
    file.write_text(script("bash"))

    def press(*words: str) -> list[str]:
        done = subprocess.run(
            ["bash", "-c", ASK, "bash", str(file), "theta-tui", *words],
            cwd=file.parent, capture_output=True, text=True, timeout=20, check=True,
        )  # fmt: skip
        assert done.stderr == ""
        return done.stdout.split("\n")[:-1]

    return press


@needs_bash
def test_the_first_word_is_a_subcommand_or_an_option(tab: Callable[..., list[str]]) -> None:
    assert set(tab("")) == set(HANDLERS)
    assert set(tab("c")) == {name for name in HANDLERS if name.startswith("c")}
    assert {"--profile", "--demo", "--version", "--help"} <= set(tab("--"))
    assert tab("--pro") == ["--profile"]


@needs_bash
def test_after_run_come_all_commands_and_aliases(tab: Callable[..., list[str]]) -> None:
    assert set(tab("run", "")) == {*commands(), *aliases()}
    assert tab("run", "theta.heal") == ["theta.health"]
    assert tab("--profile", "work", "--demo", "run", "theta.heal") == ["theta.health"]


@needs_bash
def test_after_a_command_come_its_arguments_and_the_options_of_run(tab: Callable[..., list[str]]) -> None:
    assert set(tab("run", "theta.ondemand.infer", "")) == set(arguments()["theta.ondemand.infer"])
    assert tab("run", "infer", "--yes", "serv") == ["service="]
    assert tab("run", "infer", "service", "=", "qwen3", "in") == ["input="]
    assert tab("run", "infer", "--max") == ["--max-usd"]


@needs_bash
def test_options_with_choices_complete_them_in_both_spellings(tab: Callable[..., list[str]]) -> None:
    assert tab("run", "--output", "") == ["json", "jsonl", "text"]
    assert tab("chat", "--output", "j") == ["json"]
    assert tab("run", "--output", "=") == ["json", "jsonl", "text"]
    assert tab("run", "--output", "=", "jsonl", "theta.heal") == ["theta.health"]
    assert tab("mcp", "install", "--client", "cu") == ["cursor"]
    assert tab("completion", "") == ["bash", "zsh", "fish"]


@needs_bash
def test_where_anything_may_stand_nothing_is_suggested(tab: Callable[..., list[str]]) -> None:
    assert tab("run", "--query", "") == []
    assert tab("run", "infer", "service", "=") == []
    assert tab("run", "infer", "service", "=", "q") == []
    assert tab("run", "no.such.command", "") == []


@needs_bash
def test_a_log_file_is_completed_from_the_folder(tab: Callable[..., list[str]]) -> None:
    assert tab("--log", "theta-t") == ["theta-tui.bash"]


@needs_bash
def test_subcommands_of_subcommands_are_completed(tab: Callable[..., list[str]]) -> None:
    assert {"show", "set", "validate", "profiles", "path"} == set(tab("config", ""))
    assert "--output" in tab("config", "show", "")


@needs_bash
def test_bash_takes_what_the_program_prints(tmp_path: Path) -> None:
    line = f'source <("{sys.executable}" -m theta_tui completion bash) && complete -p theta-tui && compgen -A function'
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith("complete -F _theta_tui theta-tui\n")
    assert "_theta_tui_candidates" in done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_script_names_everything_and_holds_no_machine_path(call: Call, shell: str) -> None:
    done = call("completion", shell)
    assert (done.code, done.err, done.out) == (0, "", script(shell))
    for word in (*HANDLERS, *commands(), *aliases(), "service=", "--max-usd", "--query"):
        assert re.search(rf"(?<![\w.]){re.escape(word)}(?!\w)", done.out), word
    assert str(Path.home()) not in done.out
    assert sys.prefix not in done.out
    assert done.out.isascii()


def test_every_word_of_the_scripts_is_plain_so_that_no_shell_reads_more_into_it() -> None:
    for name, fields in arguments().items():
        assert re.fullmatch(r"[\w.]+", name)
        assert all(re.fullmatch(r"\w+=", field) for field in fields)


def test_an_unknown_shell_is_one_clear_line(call: Call) -> None:
    done = call("completion", "bsh", "--output", "text")
    assert (done.code, done.out) == (2, "")
    assert "Did you mean bash?" in done.err
