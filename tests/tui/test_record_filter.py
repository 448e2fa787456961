"""What the filter language of tables finds, and what it says when it cannot be read."""

from __future__ import annotations

import time
from collections.abc import Sequence
from decimal import Decimal

import pytest

from theta_tui.tui.widgets.record_filter import FilterError, number_in, parse
from theta_tui.tui.widgets.record_terms import Field

Machine = tuple[str, str, str]
MACHINES: list[Machine] = [
    ("demo-llama", "Running", "$0.40"),
    ("demo-whisper", "Stopped", "$1.20"),
    ("API [gateway]", "Running", "$12.00"),
    ("spare disk", "Failed", ""),
]
FIELDS = [
    Field("name", "NAME", lambda row: row[0]),
    Field("status", "STATUS", lambda row: row[1]),
    Field("cost", "$/H", lambda row: row[2], lambda row: number_in(row[2])),
]


class Machines:
    """The rows, counting how often their texts are asked for."""

    def __init__(self, rows: Sequence[Machine] = MACHINES) -> None:
        self.rows = rows
        self.looked_at: list[int] = []

    def search_texts(self) -> Sequence[str]:
        found = self

        class Watched(list[str]):
            def __getitem__(self, number):  # type: ignore[no-untyped-def]
                found.looked_at.append(number)
                return super().__getitem__(number)

        return Watched("\n" + "\n".join(row).lower() for row in self.rows)


def names(text: str) -> list[str]:
    source = Machines()
    return [MACHINES[i][0] for i in parse(text, FIELDS).select(range(len(MACHINES)), source)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["demo-llama", "demo-whisper", "API [gateway]", "spare disk"]),
        ("DEMO", ["demo-llama", "demo-whisper"]),
        ("demo run", ["demo-llama"]),
        ("!demo", ["API [gateway]", "spare disk"]),
        ("!demo !failed", ["API [gateway]"]),
        ('"spare disk"', ["spare disk"]),
        ('!"spare disk" !run', ["demo-whisper"]),
        ("~dml", ["demo-llama"]),
        ("!~dm", ["API [gateway]", "spare disk"]),
        ("re:^demo-(llama|x)$", ["demo-llama"]),
        ('re:"spare\\sd"', ["spare disk"]),
        (r"re:\S+\s\[GATE", ["API [gateway]"]),
        ("status:run", ["demo-llama", "API [gateway]"]),
        ("Status:RUN", ["demo-llama", "API [gateway]"]),
        ('name:"e d"', ["spare disk"]),
        ("!status:run", ["demo-whisper", "spare disk"]),
        ("cost<1.2", ["demo-llama"]),
        ("cost<=1.2", ["demo-llama", "demo-whisper"]),
        ("$/h>$1", ["demo-whisper", "API [gateway]"]),
        ("cost>=1.20 status:run", ["API [gateway]"]),
        ("!cost>=0", ["spare disk"]),
        ("[gateway]", ["API [gateway]"]),
    ],
)
def test_each_form_finds_its_rows(text: str, found: list[str]) -> None:
    assert names(text) == found


@pytest.mark.parametrize("text", ["!", "~", "re:", "status:", "cost<", "cost>=", '"', "!~"])
def test_a_condition_that_is_still_being_typed_hides_nothing(text: str) -> None:
    assert len(names(text)) == len(MACHINES)


@pytest.mark.parametrize("text", ["https://example.test", "12:30", "<5"])
def test_text_that_only_looks_like_a_condition_is_searched(text: str) -> None:
    source = Machines([(f"see {text}", "Running", ""), *MACHINES])
    assert parse(text, FIELDS).select(range(5), source) == [0]


def test_an_unknown_column_is_named_with_those_there_are() -> None:
    with pytest.raises(FilterError, match=r'No column "colour" in colour:red\. Columns: name, status, cost;'):
        parse("demo colour:red", FIELDS)


def test_a_bad_pattern_says_what_and_where() -> None:
    with pytest.raises(FilterError, match=r"re:\(x is no pattern: .*unterminated subpattern at character 1"):
        parse("re:(x", FIELDS)


def test_a_bad_number_says_what_would_be_right() -> None:
    with pytest.raises(FilterError, match=r'"cheap" is not a number in cost<cheap\. Write cost<10'):
        parse("cost<cheap", FIELDS)


def test_comparing_a_column_without_numbers_names_those_with_numbers() -> None:
    with pytest.raises(FilterError, match=r"name has no numbers .* name:5; with numbers: cost"):
        parse("name<5", FIELDS)


@pytest.mark.parametrize("text", ["re:(a+)+$", "re:(x*)*", "re:a{99999999999}"])
def test_a_pattern_that_would_never_end_is_refused(text: str) -> None:
    with pytest.raises(FilterError, match="re:"):
        parse(text, FIELDS)


def test_a_pattern_that_python_warns_about_is_read_without_a_warning() -> None:
    assert names("re:[[x]gate") == ["API [gateway]"]


def test_fuzzy_letters_stay_within_one_value() -> None:
    assert names("~llamarun") == []


def test_fuzzy_search_of_a_hostile_value_takes_linear_time() -> None:
    source = Machines([("d" * 200_000, "", "")])
    started = time.process_time()
    assert parse("~dddddz", FIELDS).select([0], source) == []
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize(
    ("wider", "narrower"),
    [
        ("", "x"),
        ("de", "dem"),
        ("de", "de run"),
        ("status:r", "status:ru"),
        ("~dl", "~dml"),
        ("cost<5", "cost<4"),
        ("cost>=5", "cost>=50"),
        ("!demo", "!dem"),
    ],
)
def test_a_stricter_filter_narrows_and_not_the_other_way_round(wider: str, narrower: str) -> None:
    assert parse(narrower, FIELDS).narrows(parse(wider, FIELDS))
    assert not parse(wider, FIELDS).narrows(parse(narrower, FIELDS))


@pytest.mark.parametrize(
    ("text", "longer"), [("!d", "!de"), ("cost<1", "cost<12"), ("re:a", "re:ab"), ("re:a", "re:a?")]
)
def test_a_longer_text_that_is_not_stricter_does_not_narrow(text: str, longer: str) -> None:
    assert not parse(longer, FIELDS).narrows(parse(text, FIELDS))


def test_narrowing_looks_only_at_the_rows_that_passed_before() -> None:
    source = Machines()
    query = parse("demo", FIELDS)
    passed = query.select(range(len(MACHINES)), source)
    source.looked_at.clear()
    parse("demo-w", FIELDS).select(passed, source, query)
    assert source.looked_at == [0, 1]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("$1,200.50", "1200.50"),
        ("−$0.40", "-0.40"),
        ("-3", "-3"),
        ("85%", "85"),
        ("2.5k", "2500"),
        ("16 GB", "16000000000"),
        ("3h 20m", "12000"),
        ("45s", "45"),
        (".5", "0.5"),
        ("1/3", "1"),
    ],
)
def test_numbers_are_read_in_human_units(text: str, number: str) -> None:
    assert number_in(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "unknown", "—", "vm_gt1"])
def test_text_without_a_number_has_none(text: str) -> None:
    assert number_in(text) is None
