"""What colours reach a terminal: none with NO_COLOR, its own sixteen where it has no more."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Start = Callable[..., Any]

_SGR = re.compile(r"\x1b\[([\d;:]*)m")
_COLOUR = re.compile(r"(^|;)(3[0-8]|4[0-8]|9\d|10\d|38|48)(;|:|$)")


def _colours(text: str) -> set[str]:
    return {code for code in _SGR.findall(text) if _COLOUR.search(code)}


@pytest.mark.parametrize(("variables", "is_coloured"), [({"NO_COLOR": "1"}, False), ({}, True)])
def test_no_color_leaves_no_colour_at_all(
    terminal: Start, tmp_path: Path, variables: dict[str, str], is_coloured: bool
) -> None:
    (tmp_path / "home" / "config").mkdir(parents=True)
    (tmp_path / "home" / "config" / "settings.toml").write_text('theme = "theta-dark"\n')
    program = terminal("--demo", "--fresh", **variables)
    program.until("support-chat")
    program.type("4")
    program.until("Readiness   ")
    program.type("x")
    program.until("Dry run")
    program.until_quiet()
    assert bool(_colours(program.text)) is is_coloured
    assert "\x1b[1" in program.text


def test_a_terminal_of_sixteen_colours_gets_its_own(terminal: Start) -> None:
    program = terminal("--demo", "--fresh", TERM="xterm-16color")
    program.until("support-chat")
    program.until_quiet()
    assert not [code for code in _colours(program.text) if "38;" in code or "48;" in code]
    assert not [code for code in _colours(program.text) if re.search(r"(^|;)(4[0-7]|10[0-7])(;|$)", code)]
