"""Print the figures: all of them, or those of the parts named: programs, streams, tables."""

from __future__ import annotations

import sys

from tests.benchmarks import programs, streams, tables
from tests.benchmarks.figures import table

PARTS = {"programs": programs.measure, "streams": streams.measure, "tables": tables.measure}


def main(names: list[str]) -> int:
    """Measure and print; 2 for a part that does not exist."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        sys.stderr.write(f"There is no {unknown[0]!r}; there are: {', '.join(PARTS)}.\n")
        return 2
    for name in names or PARTS:
        sys.stdout.write(f"\n{name}\n{table(PARTS[name]())}\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
