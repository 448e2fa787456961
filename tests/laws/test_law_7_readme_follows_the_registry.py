"""Law 7: the README's tables are generated from the registry and the error tree."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_readme_shows_every_command_and_error_as_the_code_has_it() -> None:
    spec = importlib.util.spec_from_file_location("write_readme", ROOT / "tests" / "write_readme.py")
    assert spec is not None
    assert spec.loader is not None
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    text = (ROOT / "README.md").read_text("utf-8")
    assert all(f"<!-- {name}: begin -->" in text for name in writer.TABLES)
    assert writer.with_tables(text) == text, "run `python -m tests.write_readme`"
