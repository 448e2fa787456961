"""Law 7: the README's command table is generated from the registry."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_readme_shows_every_command_as_the_registry_has_it() -> None:
    spec = importlib.util.spec_from_file_location("write_commands", ROOT / "tests" / "write_commands.py")
    assert spec is not None
    assert spec.loader is not None
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    text = (ROOT / "README.md").read_text("utf-8")
    assert writer.BEGIN in text
    assert writer.with_table(text) == text, "run `python -m tests.write_commands`"
