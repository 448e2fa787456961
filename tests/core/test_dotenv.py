"""Dotenv files: read as shells and libraries do, never run, never quoted in an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from theta_tui.dotenv import read_dotenv
from theta_tui.errors import UsageError


def test_lines_are_read_as_shells_do_and_nothing_is_expanded(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    lines = ["\ufeff# keys", "", "A=plain value # a comment", "export B='single $A #x' # y", ' C = "a\\"b\\n$A" ', "D="]
    path.write_text("\n".join([*lines, "E=a#b\r", "F=$(id)", ""]))
    assert read_dotenv(path) == {
        "A": "plain value",
        "B": "single $A #x",
        "C": 'a"b\n$A',
        "D": "",
        "E": "a#b",
        "F": "$(id)",
    }


@pytest.mark.parametrize("line", ["no equals sign", "1A=s3cret", 'A="s3cret', "A='s3cret", 'A="x" s3cret', "s3cret: x"])
def test_a_line_that_cannot_be_read_is_named_by_number_and_not_quoted(tmp_path: Path, line: str) -> None:
    path = tmp_path / "keys.env"
    path.write_text(f"GOOD=1\n{line}\n")
    with pytest.raises(UsageError, match=r"keys\.env line 2 is not NAME=value") as refused:
        read_dotenv(path)
    assert "s3cret" not in str(refused.value.as_dict())


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_dotenv(tmp_path / "absent")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_dotenv(tmp_path / "binary")
