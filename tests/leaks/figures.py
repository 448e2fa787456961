"""The leak figures, of what the tests put on record: haystacks with their size, canaries, controls found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from tests.leaks.canaries import CANARIES, spellings
from tests.under_watch import Case


def table(cases: Sequence[Case]) -> str:
    """Make the table; "" when no haystack was looked through."""
    sizes: dict[str, int] = defaultdict(int)
    controls: set[str] = set()
    looked = [case for case in cases if any(kind in ("haystack", "control") for kind, _ in case.properties)]
    for case in looked:
        for kind, value in case.properties:
            if kind == "control":
                controls.add(str(value))
            if kind == "haystack":
                sizes[_kind(value[0])] += int(value[1])
    if not sizes:
        return ""
    failed = sum(case.outcome == "failed" for case in cases if "tests/leaks/" in case.name)
    lines = [f"{name:<52}{size:>14,} bytes" for name, size in sorted(sizes.items())]
    ways = sum(1 for _ in spellings(next(iter(CANARIES.values()))))
    told = f"{len(sizes)} haystacks, {len(CANARIES)} canaries in {ways} spellings, {len(controls)} controls found"
    return "\n".join([*lines, f"{told}, {failed} tests with a hit"])


def _kind(name: str) -> str:
    return name.partition(" of ")[0] if name.startswith(("stdout of", "stderr of")) and "MCP" not in name else name
