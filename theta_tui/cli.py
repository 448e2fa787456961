"""The command line: which room does what was written. Only argparse is imported before that is known."""

from __future__ import annotations

import argparse
import sys

from theta_tui.headless.command_line import read_options

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing typing would slow --help down
    from collections.abc import Callable, Mapping

    from theta_tui.errors import ThetaError

    Handler = Callable[[argparse.Namespace, Mapping[str, str]], int]

HANDLERS: Mapping[str, str] = {
    "run": "headless.running:run_command",
    "chat": "headless.line_chat:chat",
    "commands": "headless.command_list:list_commands",
    "auth": "headless.keys:auth",
    "config": "headless.preferences:config",
    "sandbox": "headless.standalone:serve",
    "setup": "headless.setting_up:setup",
    "completion": "headless.shell_completion:print_script",
    "smoke": "headless.smoke:smoke",
    "doctor": "headless.doctor:doctor",
    "mcp": "mcp.command:mcp",
}
"""Subcommand → `module:function`, imported when asked for; it takes the options and the environment."""

READER_GONE, INTERRUPTED = 141, 130
"""Exit statuses as a shell gives them for SIGPIPE and SIGINT."""


def main(argv: list[str], environ: Mapping[str, str] | None = None) -> int:
    """Do what a command line says; gives the exit status. `environ` is taken from the process when None."""
    try:
        return _handle(read_options(argv), environ)
    except SystemExit as asked:  # --help has been printed
        return int(asked.code or 0)
    except BrokenPipeError:
        return READER_GONE
    except KeyboardInterrupt:
        sys.stderr.write("theta-tui: interrupted\n")
        return INTERRUPTED
    except _theta_error() as error:
        from theta_tui.environment import take_environment, taken_secrets
        from theta_tui.headless.output import Output
        from theta_tui.redact import redactor

        if environ is None:  # a line that could not be read may hold a secret
            take_environment()
            for secret in taken_secrets():
                redactor.learn(secret)
        Output(_form_of_errors(argv)).error(error)
        return error.exit_code


def _theta_error() -> type[ThetaError]:
    """Give the root of our errors; imported only when something went wrong."""
    from theta_tui.errors import ThetaError

    return ThetaError


def _handle(options: argparse.Namespace, environ: Mapping[str, str] | None) -> int:
    from pathlib import Path

    options.log = Path(options.log) if options.log else None
    if options.subcommand is None:
        from theta_tui.console import launch_for, open_console

        return open_console(launch_for(options))
    from importlib import import_module

    from theta_tui import crash, settings

    options.ignored = settings.ignored_variables()
    if environ is None:
        environ = settings.take_environment()
        crash.install(settings.data_dir(environ))
    module, _, name = HANDLERS[options.subcommand].partition(":")
    handler: Handler = getattr(import_module(f"theta_tui.{module}"), name)
    return handler(options, environ)


def _form_of_errors(argv: list[str]) -> str:
    """Tell the form of an error although the options may not have been understood."""
    words = [*argv, ""]
    asked = next((word.partition("=")[2] or words[at + 1] for at, word in enumerate(argv)
                  if word.partition("=")[0] == "--output"), None)  # fmt: skip
    if asked in ("json", "jsonl", "text"):
        return asked
    prints_json = any(word in ("run", "commands", "auth", "config") for word in argv)
    return "text" if sys.stdout.isatty() or not prints_json else "json"
