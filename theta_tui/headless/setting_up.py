"""`theta-tui setup`: the console with the wizard, its twin in plain lines, or variables taken over."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping


def setup(options: Namespace, environ: Mapping[str, str]) -> int:
    """Give the exit status of whichever way was asked for."""
    if options.from_env is not None:
        from theta_tui.headless.taking_over import take_over

        return take_over(options, environ)
    if options.plain:
        from theta_tui.headless.plain_setup import plain_setup

        return plain_setup(options, environ)
    from theta_tui.console import launch_for, open_console

    return open_console(launch_for(options, environ, setup=True))
