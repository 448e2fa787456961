"""Tables as text for other programs: nothing in a cell is taken for anything but text."""

from __future__ import annotations

import csv
import io
import json

import pytest

from theta_tui.redact import redactor
from theta_tui.table_text import FORMS, TableText, write

TABLE = TableText(
    (("name", "NAME"), ("cost", "$/H")),
    (("demo", "0.40"), ("=HYPERLINK(1)", "-1.5"), ('quo"te, <b>|x*', "−0.40/h"), ("\x1b[2Jgone\n", "+1")),
)


def test_csv_is_read_back_by_a_spreadsheet_without_a_formula() -> None:
    rows = list(csv.reader(io.StringIO(write(TABLE, "csv"))))
    assert rows[0] == ["NAME", "$/H"]
    assert [row[0] for row in rows[1:3]] == ["demo", "'=HYPERLINK(1)"]
    assert [row[1] for row in rows[1:]] == ["0.40", "-1.5", "−0.40/h", "+1"]
    assert rows[3][0] == 'quo"te, <b>|x*'


def test_json_and_its_lines_name_the_columns_and_hold_ascii_only() -> None:
    whole, lines = write(TABLE, "json"), write(TABLE, "jsonl")
    assert json.loads(whole) == [json.loads(line) for line in lines.splitlines()]
    assert json.loads(whole)[0] == {"name": "demo", "cost": "0.40"}
    assert whole.isascii()


def test_markdown_keeps_its_columns_whatever_stands_in_a_cell() -> None:
    lines = write(TABLE, "md").splitlines()
    assert lines[:3] == ["| NAME | $/H |", "| --- | --- |", "| demo | 0.40 |"]
    assert lines[4] == '| quo"te, &lt;b&gt;\\|x\\* | −0.40/h |'


@pytest.mark.parametrize("form", FORMS)
def test_control_codes_and_known_secrets_do_not_get_out(form: str) -> None:
    redactor.learn("s3cret-of-the-table-0123456789")
    text = write(TableText(TABLE.columns, [*TABLE.rows, ("a s3cret-of-the-table-0123456789", "")]), form)
    assert "\x1b" not in text
    assert "s3cret-of-the-table" not in text
