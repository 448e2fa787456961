from __future__ import annotations

import json
import shlex
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from theta_tui.arguments import cli_line, parse_pairs, read_object, split_words, take_secrets
from theta_tui.errors import UsageError


def test_text_and_json_are_told_apart_by_the_colon() -> None:
    assert parse_pairs(["a=1", "b:=[1, 2.50]", "c:=true", "d="]) == {
        "a": "1",
        "b": [1, Decimal("2.50")],
        "c": True,
        "d": "",
    }


def test_a_value_may_hold_equals_signs_and_colons() -> None:
    assert parse_pairs(["url=https://x.test/?a=b:=c"]) == {"url": "https://x.test/?a=b:=c"}


def test_a_dot_nests() -> None:
    assert parse_pairs(["payload.name=x", "payload.n:=1"]) == {"payload": {"name": "x", "n": 1}}


@pytest.mark.parametrize(
    "pairs",
    [
        ["word"],
        ["=x"],
        ["a b=1"],
        ["a:={"],
        ["a:=NaN"],
        ["a=1", "a=2"],
        ["a=1", "a.b=2"],
        ['a:={"x":1,"x":2}'],
        ["a:="],
    ],
)
def test_what_cannot_be_read_is_one_line_without_the_value(pairs: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        parse_pairs([*pairs])
    assert "\n" not in caught.value.message


def test_a_broken_json_value_is_not_repeated_in_the_error() -> None:
    with pytest.raises(UsageError) as caught:
        parse_pairs(['password:="hunter22'])
    assert "hunter22" not in f"{caught.value.message} {caught.value.hint}"
    assert "password" in caught.value.message


def test_args_must_be_an_object() -> None:
    assert read_object('{"wait": 5}') == {"wait": 5}
    with pytest.raises(UsageError):
        read_object("[1]")


def test_a_line_splits_like_a_shell_and_keeps_json_whole() -> None:
    line = """run theta.x text="two words" j:={"k": "v w", "n": [1, 2]} n:=5 --args '{"a": "b c"}'"""
    assert split_words(line) == [
        "run", "theta.x", "text=two words", 'j:={"k": "v w", "n": [1, 2]}', "n:=5", "--args", '{"a": "b c"}',
    ]  # fmt: skip


def test_an_open_quote_is_an_error() -> None:
    with pytest.raises(UsageError):
        split_words('run x "open')


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), st.text() | st.integers() | st.booleans()))
def test_a_command_line_reads_back_as_the_same_arguments(arguments: dict[str, object]) -> None:
    line = cli_line("theta.x", arguments)
    assert line.isascii()
    words = shlex.split(line)
    assert words == split_words(line)
    assert words[:3] == ["theta-tui", "run", "theta.x"]
    assert (json.loads(words[4]) if arguments else {}) == arguments


def test_a_command_line_names_variables_in_place_of_secrets() -> None:
    line = cli_line("theta.x", {"authPassword": SecretStr("hunter22"), "payload": {"password": SecretStr("hunter23")}})
    assert "hunter2" not in line
    assert "@env:AUTH_PASSWORD" in line
    assert "@env:PASSWORD" in line


def test_secrets_come_from_variables_and_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-file\n")
    fields = {"authPassword": "@env:PW", "registry_password": f"@file:{tmp_path / 'key'}", "name": "@env:PW"}
    taken = take_secrets(fields, {"auth_password", "registry_password"}, {"PW": "from-env"})
    assert taken == {"authPassword": "from-env", "registry_password": "from-file", "name": "@env:PW"}


@pytest.mark.parametrize("value", ["hunter22", "@env:MISSING", "@file:/nowhere/at/all"])
def test_a_secret_that_is_written_out_or_missing_is_refused_without_showing_it(value: str) -> None:
    with pytest.raises(UsageError) as caught:
        take_secrets({"password": value}, {"password"}, {})
    assert "hunter22" not in f"{caught.value.message} {caught.value.hint}"
    assert "password" in caught.value.message


def test_a_plain_secret_is_accepted_where_that_is_allowed() -> None:
    assert take_secrets({"password": "hunter22"}, {"password"}, {}, plain=True) == {"password": "hunter22"}
