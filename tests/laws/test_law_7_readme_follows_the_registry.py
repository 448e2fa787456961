"""Law 7: the README's tables are generated from the registry and the error tree."""

from __future__ import annotations

import importlib.util
import re
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


def test_every_promise_names_tests_that_are_there() -> None:
    promised = (
        (ROOT / "README.md").read_text("utf-8").partition("## What it promises")[2].partition("\n\n`.ci/full`")[0]
    )
    rows = [row for row in promised.splitlines() if row.startswith("| ") and not row.startswith("| Promise")]
    assert len(rows) >= 10
    for row in rows:
        named = re.findall(r"`([\w/]+(?:\.py)?)`", row.split("|")[2])
        assert named, row
        assert all((ROOT / "tests" / name).exists() for name in named), row
