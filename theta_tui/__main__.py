"""The program's entry: the console draws before its options are read; anything else is the command line's."""

from __future__ import annotations

import sys

CONSOLE_FLAGS = ("--demo", "--fresh", "--read-only")
"""With these words alone, or none, the console is meant and nothing can be misspelt: argparse is not needed."""


def main(argv: list[str] | None = None) -> int:
    """Run the program; gives its exit status. What is not needed is not imported."""
    words = sys.argv[1:] if argv is None else argv
    if all(word in CONSOLE_FLAGS for word in words):
        from theta_tui.console import open_at_once

        return open_at_once(words)
    if words in (["--version"], ["-V"]):
        from theta_tui import __version__

        sys.stdout.write(f"theta-tui {__version__}\n")
        return 0
    from theta_tui.cli import main as headless

    return headless(words)


if __name__ == "__main__":
    sys.exit(main())
