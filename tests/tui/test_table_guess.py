from __future__ import annotations

import csv
import io
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theta_tui.tui.panes.agents.column_text import ColumnLine, description, read_columns, write_columns
from theta_tui.tui.panes.agents.table_guess import SEPARATORS, TYPES, guess_table, table_name, type_of

WORDS = st.text("abcdefghij XYZäöü_'\"\n,;|\t", min_size=1, max_size=12).filter(lambda text: text.strip(" \t\n"))
NAMES = st.text("abcdefgh_ij", min_size=1, max_size=10).filter(lambda text: text not in ("e",))
VALUES = {
    "INTEGER": st.integers(-(2**63) + 1, 2**63 - 1).map(str),
    "REAL": st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: f"{value:.4f}"),
    "BOOLEAN": st.sampled_from(["true", "false", "True", "FALSE"]),
    "DATE": st.dates(date(1000, 1, 1)).map(str),
    "TIMESTAMP": st.datetimes(datetime(1000, 1, 1)).map(lambda when: when.isoformat(timespec="seconds")),
    "TEXT": st.text("xyz äö,;", min_size=1, max_size=9).filter(lambda text: text.strip()),
}


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, str, list[str], list[str], int]:
    """A CSV text with its separator, names, types and number of rows."""
    names = draw(st.lists(NAMES, min_size=2, max_size=6, unique=True))
    types = draw(st.lists(st.sampled_from(TYPES), min_size=len(names), max_size=len(names)))
    count = draw(st.integers(1, 8))
    rows = [[draw(VALUES[kind]) for kind in types] for _ in range(count)]
    separator = draw(st.sampled_from(SEPARATORS))
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows([names, *rows])
    return out.getvalue(), separator, names, types, count


@given(tables())
def test_names_types_and_rows_of_a_table_are_found_whatever_separates_them(table: tuple[str, ...]) -> None:
    text, separator, names, types, count = table
    found = guess_table(text, "things.tsv" if separator == "\t" else "things.csv")
    assert found is not None
    if len(found.columns) == len(names):  # a separator within the values may look as regular
        assert [column.name for column in found.columns] == names
        assert [column.type for column in found.columns] == types
        assert found.rows == count
        assert found.note == ""
    else:
        assert any(other in text for other in SEPARATORS if other != separator)


@given(tables())
def test_a_tab_separated_table_needs_no_guess_of_its_separator(table: tuple[str, ...]) -> None:
    text, separator, names, types, _ = table
    if separator != "\t":
        return
    found = guess_table(text, "things.tsv")
    assert found is not None
    assert [(column.name, column.type) for column in found.columns] == list(zip(names, types, strict=True))


@given(st.text(max_size=300), st.text(max_size=20))
def test_any_text_gives_a_usable_table_or_none(text: str, filename: str) -> None:
    found = guess_table(text, filename)
    if found is not None:
        names = [column.name for column in found.columns]
        assert names
        assert len(set(names)) == len(names)
        assert all(name.strip() and "\n" not in name for name in names)
        assert {column.type for column in found.columns} <= set(TYPES)
    name = table_name(filename)
    assert name
    assert name.isascii()
    assert not name[0].isdigit()


@given(st.lists(st.builds(ColumnLine, WORDS.map(lambda text: " ".join(text.split())), st.sampled_from(TYPES),
                          st.text("ab c|", max_size=10).map(str.strip)),
                min_size=1, unique_by=lambda column: column.name))  # fmt: skip
def test_columns_are_read_as_they_were_written(columns: list[ColumnLine]) -> None:
    assert read_columns(write_columns(columns)) == columns


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "", "-3"], "INTEGER"),
        (["1", "2.5"], "REAL"),
        (["1e6", ".5"], "REAL"),
        (["007", "12"], "TEXT"),
        (["9" * 25], "TEXT"),
        (["2026-02-30"], "TEXT"),
        (["2026-02-28"], "DATE"),
        (["2026-02-28 10:00", "2026-02-28T10:00:30Z"], "TIMESTAMP"),
        (["", ""], "TEXT"),
        (["."], "TEXT"),
        (["yes", "no"], "TEXT"),
    ],
)
def test_the_narrowest_type_that_fits_every_value_is_taken(values: list[str], kind: str) -> None:
    assert type_of(values) == kind


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("1,Ada\n2,Bob\n", "looks like data"),
        ("id,name\n1,Ada\n2\n", "1 of 2 rows"),
        ("id,,id\n1,2,3\n", "name of its own"),
        ("id,name\n", "no row"),
    ],
)
def test_what_is_odd_about_a_table_is_said(text: str, note: str) -> None:
    found = guess_table(text, "a.csv")
    assert found is not None
    assert note in found.note


def test_a_header_with_a_byte_order_mark_and_spaces_is_read() -> None:
    found = guess_table("\ufeffOrder id; Placed \n17;2026-05-01\n", "Orders 2026.csv")
    assert found is not None
    assert [(column.name, column.type, column.sample) for column in found.columns] == [
        ("Order id", "INTEGER", "17"),
        ("Placed", "DATE", "2026-05-01"),
    ]
    assert found.name == "orders_2026"


@pytest.mark.parametrize(
    ("text", "words"),
    [("id", "line 1"), ("id | TEXT\n| TEXT", "line 2"), ("id | A\nid | B", "twice"), ("  \n", "needs a column")],
)
def test_a_wrong_line_is_named_with_what_would_be_right(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_columns(text)


def test_what_columns_mean_goes_into_the_description() -> None:
    columns = read_columns("id | INTEGER | number of the order\nplaced | DATE")
    assert description("Orders", columns) == "Orders Columns: id: number of the order."
    assert description("Orders.", [ColumnLine("a", "TEXT")]) == "Orders."
