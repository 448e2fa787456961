"""Prints the leak figures: `python -m tests.leaks [--full]`. It reads what `tests/leaks` put on record."""

from __future__ import annotations

import sys

from tests.leaks.figures import table
from tests.under_watch import run


def main() -> int:
    """Run the tests and print the table; the exit status is pytest's."""
    status, watch = run(["leaks"], full="--full" in sys.argv)
    sys.stdout.write(table(watch.cases) + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
