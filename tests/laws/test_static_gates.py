"""What no code of ours may do, read from its syntax. Each gate names its few exceptions, and is shown to catch one."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

import theta_tui

PACKAGE = Path(theta_tui.__file__).parent
SANDBOX = "a stranger to the rest: its own supervisor ends what it starts"


def dotted(node: ast.AST) -> str:
    """A name with its dots: `os.environ.get` of a call or attribute; "" for what is none."""
    if isinstance(node, ast.Call):
        return dotted(node.func)
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def last(node: ast.AST) -> str:
    return dotted(node).rpartition(".")[2]


def imports(name: str) -> Callable[[ast.AST], bool]:
    """Whether a node imports a package."""

    def found(node: ast.AST) -> bool:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        return any(one.split(".")[0] == name for one in names)

    return found


def reads_environment(node: ast.AST) -> bool:
    return (isinstance(node, ast.Attribute) and dotted(node) == "os.environ") or (
        isinstance(node, ast.Call) and dotted(node) in ("os.getenv", "os.putenv", "os.unsetenv")
    )


def writes_a_file(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if last(node) in ("write_text", "write_bytes"):
        return True
    if last(node) not in ("open", "fdopen"):
        return False
    modes = [*node.args, *(word.value for word in node.keywords if word.arg == "mode")]
    written = [mode.value for mode in modes if isinstance(mode, ast.Constant) and isinstance(mode.value, str)]
    return any(set(mode) <= set("rwabxt+") and set(mode) & set("wax+") for mode in written)


def starts_a_task(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and last(node) in ("create_task", "ensure_future")


def drops_its_task(node: ast.AST) -> bool:
    """A task whose outcome nobody can look at: not even kept."""
    return isinstance(node, ast.Expr) and starts_a_task(node.value)


def swallows(node: ast.AST) -> bool:
    if not isinstance(node, ast.ExceptHandler):
        return False
    broad = node.type is None or last(node.type) in ("Exception", "BaseException")
    return broad and all(isinstance(one, (ast.Pass, ast.Continue)) for one in node.body)


def suppresses_everything(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and last(node) == "suppress" and any(
        last(argument) in ("Exception", "BaseException") for argument in node.args
    )  # fmt: skip


MONEY = ("usd", "cents", "price", "cost", "balance", "spent", "budget", "amount")


def is_money(name: str) -> bool:
    return any(word in MONEY for word in name.lower().split("_"))


def counts_money_in_floats(node: ast.AST) -> bool:
    if isinstance(node, (ast.AnnAssign, ast.arg)) and node.annotation is not None:
        name = node.arg if isinstance(node, ast.arg) else last(node.target)
        return is_money(name) and any(last(one) == "float" for one in ast.walk(node.annotation))
    return isinstance(node, ast.Call) and dotted(node) == "float" and any(
        is_money(last(part)) for part in node.args if isinstance(part, (ast.Name, ast.Attribute))
    )  # fmt: skip


def follows_redirects(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.keyword)
        and node.arg == "follow_redirects"
        and not (isinstance(node.value, ast.Constant) and node.value.value is False)
    )


def trusts_the_environment(node: ast.AST) -> bool:
    """A client made without saying that proxies and certificates come from our own settings only."""
    makes = isinstance(node, ast.Call) and last(node) in ("Client", "AsyncClient", "AsyncHTTPTransport")
    return makes and not any(word.arg == "trust_env" for word in node.keywords)  # type: ignore[attr-defined]


def skips_verification(node: ast.AST) -> bool:
    off = isinstance(node, ast.keyword) and node.arg == "verify" and isinstance(node.value, ast.Constant)
    return (off and node.value.value is False) or last(node) in ("CERT_NONE", "_create_unverified_context")  # type: ignore[attr-defined]


def prints(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and dotted(node) in ("print", "sys.stdout.write", "sys.__stdout__.write")


def calls(*names: str) -> Callable[[ast.AST], bool]:
    return lambda node: isinstance(node, ast.Call) and last(node) in names


def builds_text_for_a_widget(node: ast.AST) -> bool:
    """Text put together on the spot, where a widget would read it as markup."""
    if not isinstance(node, ast.Call) or last(node) not in ("update", "add_row", "add_column", "set_label", "Label"):
        return False
    return any(is_built(argument) for argument in node.args)


def masks(node: ast.AST) -> bool:
    """A masked line of Textual's own: Ctrl+C sends its text to the clipboard in clear."""
    return isinstance(node, ast.keyword) and node.arg == "password" and ast.unparse(node.value) == "True"


def is_built(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp):
        return is_built(node.left) or is_built(node.right) or isinstance(node.op, ast.Mod)
    if isinstance(node, ast.IfExp):
        return is_built(node.body) or is_built(node.orelse)
    return isinstance(node, ast.Call) and last(node) in ("str", "format", "repr")


@dataclass(frozen=True)
class Gate:
    """What is refused, where (a folder or file of the package), except in these files and why; and one thing caught."""

    name: str
    refuses: Callable[[ast.AST], bool]
    control: str
    where: str = ""
    outside: str = ""
    allowed: Mapping[str, str] = field(default_factory=dict)

    def found(self, source: str) -> list[int]:
        """Lines that the gate refuses."""
        return [getattr(node, "lineno", 0) for node in ast.walk(ast.parse(source)) if self.refuses(node)]

    def covers(self, name: str) -> bool:
        """Whether a file of the package is behind this gate, its exceptions included."""
        return name.startswith(self.where) and not (self.outside and name.startswith(self.outside))


WRITERS = {
    "private_file.py": "the writer of whole files",
    "new_file.py": "writes only files that did not exist",
    "crash.py": "a crash is added to its own file",
    "mcp/command.py": "replaces the client's settings by a file of its own",
    "tui/clipboard.py": "a file for what no clipboard takes, mode 0600",
    "tui/panes/services/results.py": "results become files that did not exist",
    "headless/samples.py": "a sound made in memory",
    "sandbox/sounds.py": "a sound made in memory",
}

GATES = (
    Gate("httpx outside the wire", imports("httpx"), "import httpx", outside="wire/"),
    Gate("keyring outside the vault", imports("keyring"), "from keyring import errors", outside="vault/"),
    Gate("textual outside the console", imports("textual"), "import textual.app", outside="tui/"),
    Gate("the environment read elsewhere", reads_environment, "os.environ.get('A')", allowed={
        "environment.py": "the only reader", "skeleton.py": "asks for TERM before anything is loaded",
    }),
    Gate("a file written past the writer", writes_a_file, "open(path, 'w')", allowed=WRITERS),
    Gate("a task nobody holds", drops_its_task, "asyncio.create_task(work())"),
    Gate("everything swallowed", swallows, "try:\n    go()\nexcept Exception:\n    pass"),
    Gate("everything suppressed", suppresses_everything, "with contextlib.suppress(Exception): go()"),
    Gate("money in floats", counts_money_in_floats, "price_usd: float = 1.0", outside="sandbox/", allowed={
        "mcp/server.py": "JSON of an answer has no other number", "tui/panes/overview/lines.py": "a drawing",
        "tui/panes/billing/money_lines.py": "a drawing",
    }),
    Gate("redirects followed", follows_redirects, "httpx.Client(follow_redirects=True)"),
    Gate("a client that trusts the environment", trusts_the_environment, "httpx.AsyncClient()", where="wire"),
    Gate("TLS not verified", skips_verification, "httpx.Client(verify=False)"),
    Gate("stdout of the MCP server written to", prints, "print('hello')", where="mcp"),
    Gate("text as markup", calls("from_markup", "escape_markup", "print_json"), "Text.from_markup(x)"),
    Gate("text built for a widget", builds_text_for_a_widget, "label.update(f'Hello {name}')", where="tui"),
    Gate("a masked line that can be copied", masks, "Input(password=True)", allowed={
        "tui/widgets/secret_input.py": "refuses to be copied and cut",
    }),
    Gate("a row in a table of Textual's", calls("DataTable", "RichLog", "Log"), "DataTable()", where="tui"),
    Gate("code run from text", calls("eval", "exec", "compile_command", "loads_pickle"), "eval(x)"),
    Gate("a shell", lambda node: isinstance(node, ast.keyword) and node.arg == "shell", "run(x, shell=True)"),
)  # fmt: skip


@cache
def findings() -> Mapping[str, Mapping[str, list[int]]]:
    """What each gate finds, by file; every file is read once."""
    found: dict[str, dict[str, list[int]]] = {gate.name: {} for gate in GATES}
    for path in sorted(PACKAGE.rglob("*.py")):
        name, nodes = path.relative_to(PACKAGE).as_posix(), list(ast.walk(ast.parse(path.read_text("utf-8"))))
        for gate in GATES:
            lines = [getattr(node, "lineno", 0) for node in nodes if gate.refuses(node)] if gate.covers(name) else []
            if lines:
                found[gate.name][name] = lines
    return found


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_nothing_of_ours_does_it_and_every_exception_is_still_needed(gate: Gate) -> None:
    found = findings()[gate.name]
    assert {name: lines for name, lines in found.items() if name not in gate.allowed} == {}
    assert found.keys() == gate.allowed.keys()


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_the_gate_catches_one(gate: Gate) -> None:
    assert gate.found(gate.control)


TASKS = {
    "sandbox/jobs.py": SANDBOX,
    "sandbox/speech.py": SANDBOX,
    "chats/record.py": "awaited by the next keeping and by close",
    "tui/panes/chat/answering.py": "ended and awaited by the answer's close",
    "headless/chat_input.py": "awaited in the same function",
    "headless/doctor.py": "all awaited in the same function",
    "headless/running.py": "awaited in the same function",
    "headless/chat_talk.py": "awaited in the same function",
    "plans.py": "awaited, shielded, in the same function",
    "flights.py": "awaited, shielded, in the same function, and by whoever ends the session",
    "wire/transport.py": "awaited, shielded, in the same function",
    "mcp/server.py": "cancelled and awaited in the same function",
}


def test_tasks_are_started_only_where_somebody_waits_for_them() -> None:
    starting = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(starts_a_task(node) for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    }
    assert starting == set(TASKS)
