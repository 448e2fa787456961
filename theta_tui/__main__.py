"""The program's entry: `theta-tui` alone opens the console, with any words the command line is read."""

from __future__ import annotations

import sys


def main(argv: list[str] | None = None) -> int:
    """Run the program; gives its exit status. What is not needed is not imported."""
    words = sys.argv[1:] if argv is None else argv
    if words in (["--version"], ["-V"]):
        from theta_tui import __version__

        sys.stdout.write(f"theta-tui {__version__}\n")
        return 0
    if words:
        from theta_tui.cli import main as headless

        return headless(words)
    from theta_tui.console import open_console
    from theta_tui.launch import Launch

    return open_console(Launch())


if __name__ == "__main__":
    sys.exit(main())
