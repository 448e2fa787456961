"""What may be written on the command line: subcommands, options, arguments. Loads nothing of what they lead to."""

from __future__ import annotations

import argparse
import sys

from theta_tui.headless import option_values
from theta_tui.headless.help_text import AUTH_NOTES, CHAT_NOTES, COMPLETION_NOTES, EXAMPLES, RUN_NOTES, SMOKE_NOTES

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing typing would slow --help down
    from collections.abc import Mapping
    from typing import Any, NoReturn

DEFAULTS: Mapping[str, Any] = {
    "profile": None,
    "read_only": False,
    "log": None,
    "demo": False,
    "speed": None,
    "fresh": False,
    "output": None,
    "subcommand": None,
}


argparse._ = str  # type: ignore[attr-defined]
"""argparse looks through the disk for translations of each of its words, 300 times for `--help`; ours are English."""


def read_options(argv: list[str]) -> argparse.Namespace:
    """Read a command line; UsageError in one line. Words of `run` and `chat` may stand among the options."""
    parser = build_parser()
    _refuse_unknown_options(parser, argv)
    options, rest = parser.parse_known_args(argv, argparse.Namespace(**DEFAULTS))
    wordy = {"run": "pairs", "chat": "text"}.get(options.subcommand or "")
    if wordy is not None:
        flags = [word for word in rest if word.startswith("-")]
        getattr(options, wordy).extend(word for word in rest if not word.startswith("-"))
        rest = flags
    if rest:
        from theta_tui.errors import UsageError

        raise UsageError(f"Unknown option or word: {rest[0][:60]}.", hint="`theta-tui --help` shows what there is.")
    return options


def _refuse_unknown_options(parser: Parser, argv: list[str]) -> None:
    """Name an option before the subcommand that is none: argparse would take its value for the subcommand."""
    known = parser.option_names
    for word in argv:
        name = word.partition("=")[0]
        if not word.startswith("-") or word == "--":
            return
        if word.startswith("--") and name not in known:
            from difflib import get_close_matches

            from theta_tui.errors import UsageError

            near = get_close_matches(name, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else "`theta-tui --help` shows what there is."
            raise UsageError(f"Unknown option: {name[:60]}.", hint=hint)


class Parser(argparse.ArgumentParser):
    """argparse whose errors are UsageErrors of one line, with the nearest name where there is one."""

    def known(self) -> list[argparse.Action]:
        """Give every option, word and group of subcommands."""
        return self._actions

    @property
    def option_names(self) -> tuple[str, ...]:
        """Give every option as it is written."""
        return tuple(name for action in self._actions for name in action.option_strings)

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print."""
        from difflib import get_close_matches

        from theta_tui.errors import UsageError

        hint = f"`{self.prog} --help` shows what there is."
        if "invalid choice: " in message and " (choose from " in message:
            message, _, choices = message.partition(" (choose from ")
            wrong = message.rpartition("invalid choice: ")[2].strip("'\"")
            names = [name.strip(" '\")") for name in choices.split(",")]
            near = get_close_matches(wrong, names, n=1)
            message = f"There is no {wrong!r} here."
            hint = f"Did you mean {near[0]}?" if near else f"Choose from: {', '.join(names)}."
        raise UsageError(f"{message[:1].upper()}{message[1:].rstrip('.')}.", hint=hint)


def build_parser() -> Parser:
    """Build the parser; importing nothing of what it leads to."""
    parser = Parser(
        prog="theta-tui",
        description="The operator console for Theta EdgeCloud. Without a subcommand it opens in the terminal.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", "-V", action=_Version)
    _add_common(parser)
    subs = parser.add_subparsers(dest="subcommand", metavar="SUBCOMMAND", title="subcommands")
    run = _add(subs, "run", "run one command and print its result", epilog=RUN_NOTES)
    run.add_argument("command", metavar="COMMAND", help="name or alias, such as theta.billing.balance")
    run.add_argument("pairs", metavar="key=value", nargs="*", default=[], help="arguments: key=text or key:=JSON")
    run.add_argument("--args", metavar="JSON|-", help="arguments as one JSON object; - reads standard input")
    _add_consent(run)
    _add_result(run)
    _add_result(_add(subs, "commands", "list every command: name, kind, effect, credentials, help"))
    _add_chat(subs)
    _add_setup(subs)
    smoke = _add(subs, "smoke", "try some services with one small call each, within a budget", epilog=SMOKE_NOTES)
    _add_consent(smoke)
    _add_output(smoke)
    _add_output(_add(subs, "doctor", "check keys, hosts, clock, terminal, keyring and disk; say how to mend them"))
    _add_mcp(subs)
    _add_groups(subs)
    completion = _add(subs, "completion", "print a completion script for a shell", epilog=COMPLETION_NOTES)
    completion.add_argument("shell", choices=("bash", "zsh", "fish"), help="whose script")
    sandbox = _add(subs, "sandbox", "serve the simulated cloud on loopback until Ctrl-C")
    sandbox.add_argument("--port", type=option_values.port, default=0, help="the port; any free one by default")
    return parser


def _add_chat(subs: Any) -> None:
    chat = _add(subs, "chat", "chat with a model; the answer streams to stdout", epilog=CHAT_NOTES)
    chat.add_argument("text", metavar="TEXT", nargs="*", help="the question; else standard input, else a conversation")
    chat.add_argument(
        "--model",
        "--service",
        dest="service",
        metavar="WHO",
        help="whom to ask (qwen3, or chat_service of the settings)",
    )
    chat.add_argument("--system", metavar="TEXT", help="the system prompt")
    chat.add_argument(
        "--file", metavar="PATH", action="append", default=[], help="send a text file or an image with the question"
    )
    chat.add_argument("--lines", action="store_true", help="read a conversation from standard input, a message a line")
    former = chat.add_mutually_exclusive_group()
    former.add_argument("--continue", dest="go_on", action="store_true", help="go on with the last chat")
    former.add_argument("--chat", metavar="NUMBER", type=option_values.chat, help="go on with a stored chat")
    _add_consent(chat)
    _add_output(chat)


def _add_setup(subs: Any) -> None:
    setup = _add(subs, "setup", "enter keys and preferences: in the console, in plain lines, or from variables")
    how = setup.add_mutually_exclusive_group()
    how.add_argument("--plain", action="store_true", help="ask in plain lines on the terminal")
    how.add_argument(
        "--from-env",
        metavar="FILE",
        nargs="?",
        const="",
        help="take over THETA_* of the environment or of a dotenv file",
    )
    setup.add_argument("--no-check", action="store_true", help="with --from-env: store keys without asking the cloud")
    _add_output(setup)


def _add_mcp(subs: Any) -> None:
    mcp = _add(subs, "mcp", "serve the commands to an MCP client on stdin and stdout")
    mcp.add_argument("--allow-writes", action="store_true", help="let previewed changes be sent once confirmed")
    mcp.add_argument(
        "--tool-names", choices=("dotted", "underscore"), default="dotted", help="how tools are named (dotted)"
    )
    verbs = mcp.add_subparsers(dest="verb", metavar="VERB")
    install = _add(verbs, "install", "write a client's configuration, without a secret")
    clients = ("claude-desktop", "claude-code", "cursor", "vscode")
    install.add_argument("--client", choices=clients, required=True, help="whose configuration to write")
    _add_output(install)


def _add_groups(subs: Any) -> None:
    auth = _add(subs, "auth", "where each key lives; store, rotate, move, show or forget one", epilog=AUTH_NOTES)
    verbs = auth.add_subparsers(dest="verb", metavar="VERB", required=True)
    _add_output(_add(verbs, "status", "show where each key lives, never the key"))
    store = _add(verbs, "set", "store a credential, or rotate it: the new one is checked before the old one goes")
    store.add_argument("name", metavar="NAME", help="as `auth status` names it, such as ondemand_token")
    store.add_argument(
        "source", metavar="SOURCE", nargs="?", default="-", help="@env:NAME, @file:PATH or - (asked for)"
    )
    store.add_argument("--no-check", action="store_true", help="store it without asking the cloud")
    _add_output(store)
    move = _add(verbs, "move", "move the keys of the profile from another place to where keys are kept now")
    move.add_argument("source", metavar="PLACE", choices=("keyring", "file", "plain"), help="keyring, file or plain")
    _add_output(move)
    reveal = _add(verbs, "reveal", "show the login of an endpoint or the key of a livestream, on a terminal only")
    reveal.add_argument("name", metavar="NAME", help="as `auth status` names it, such as endpoint/9f3c1a7be0d24586")
    forget = _add(verbs, "forget", "delete a stored credential")
    forget.add_argument("name", metavar="NAME", nargs="?", help="as `auth status` names it, such as ondemand_token")
    forget.add_argument("--all", action="store_true", help="every credential of the profile")
    _add_output(forget)
    config = _add(subs, "config", "show, change, validate or find the settings")
    verbs = config.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb, words in (
        ("show", "show every setting and where it comes from"),
        ("validate", "check the settings file and the variables"),
        ("profiles", "list the profiles: project, protection, budget"),
        ("path", "print where the settings file is"),
    ):
        _add_output(_add(verbs, verb, words))
    change = _add(verbs, "set", "write a setting into the file, comments kept; with --profile for that profile")
    change.add_argument("name", metavar="NAME", help="as `config show` names it; keys.ACTION and columns.TABLE too")
    change.add_argument("value", metavar="VALUE", nargs="?", help="without one the setting is taken out of the file")
    _add_output(change)


def _add(subs: Any, name: str, words: str, epilog: str | None = None) -> argparse.ArgumentParser:
    formatter = argparse.RawDescriptionHelpFormatter
    added: argparse.ArgumentParser = subs.add_parser(
        name,
        help=words,
        description=f"{words[:1].upper()}{words[1:]}.",
        epilog=epilog,
        formatter_class=formatter,
        allow_abbrev=False,
    )
    _add_common(added)
    return added


def _add_common(parser: argparse.ArgumentParser) -> None:
    """Options that may stand before and after the subcommand; absent ones leave the defaults alone."""
    absent = argparse.SUPPRESS
    parser.add_argument("--profile", metavar="NAME", default=absent, help="profile of settings and keys")
    parser.add_argument("--read-only", action="store_true", default=absent, help="refuse every change")
    parser.add_argument("--log", metavar="FILE", default=absent, help="append every request as a JSON line")
    parser.add_argument("--demo", action="store_true", default=absent, help="use the embedded simulated cloud")
    parser.add_argument(
        "--speed", metavar="N", type=option_values.speed, default=absent, help="clock of the simulated cloud (10)"
    )
    parser.add_argument("--fresh", action="store_true", default=absent, help="empty the demo's data folder first")


def _add_consent(parser: argparse.ArgumentParser) -> None:
    answer = parser.add_mutually_exclusive_group()
    answer.add_argument("--yes", "-y", action="store_true", help="the yes to what it changes or spends")
    parser.add_argument("--confirm", metavar="PROFILE", help="with --yes: the protected profile that may be changed")
    answer.add_argument("--dry-run", action="store_true", help="show what would be sent and send nothing")
    parser.add_argument("--max-usd", metavar="N", type=option_values.usd, help="the most this act may reserve, in USD")


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", choices=("json", "text"), default=argparse.SUPPRESS, help="form of the result")


def _add_result(parser: argparse.ArgumentParser) -> None:
    forms = ("json", "jsonl", "text")
    parser.add_argument("--output", choices=forms, default=argparse.SUPPRESS, help="form; jsonl: a line per record")
    parser.add_argument("--query", metavar="EXPR", help="what to print of the result, as a JMESPath expression")


class _Version(argparse.Action):
    """Prints the version without asking the package's metadata, which is slow."""

    def __init__(self, option_strings: list[str], dest: str, **kept: Any) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, help="print the version")

    def __call__(self, parser: argparse.ArgumentParser, *given: Any) -> None:
        from theta_tui import __version__

        sys.stdout.write(f"theta-tui {__version__}\n")
        parser.exit()
