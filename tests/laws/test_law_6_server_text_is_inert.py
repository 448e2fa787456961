"""Law 6: server text cannot move the cursor, colour, link or run an action; a static gate holds the exits."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import theta_tui

PACKAGE = Path(theta_tui.__file__).parent
EVERY = sorted(PACKAGE.rglob("*.py"))
CONSOLE = [path for path in EVERY if PACKAGE / "tui" in path.parents]

LITERAL = {"literal.py"}
TEXT_WIDGETS = {"Static", "Label", "Button", "Checkbox", "RadioButton", "Collapsible", "Option", "Link", "Markdown"}


@cache
def _nodes(path: Path) -> Sequence[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text("utf-8"))))


def _name(call: ast.Call) -> str:
    target = call.func
    return target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else ""


def _calls(paths: Sequence[Path] = EVERY) -> Iterator[tuple[Path, ast.Call]]:
    return ((path, node) for path in paths for node in _nodes(path) if isinstance(node, ast.Call))


def _at(path: Path, node: ast.stmt | ast.expr | ast.ExceptHandler) -> str:
    return f"{path.relative_to(PACKAGE)}:{node.lineno}"


def _is_ours(node: ast.expr) -> bool:
    """Whether an expression is text that we wrote: a constant, or an f-string of which every part is one."""
    if isinstance(node, ast.Constant):
        return True
    return isinstance(node, ast.JoinedStr) and all(isinstance(part, ast.Constant) for part in node.values)


def _says_markup(call: ast.Call, value: bool) -> bool:
    return any(
        word.arg == "markup" and isinstance(word.value, ast.Constant) and word.value.value is value
        for word in call.keywords
    )


def test_nobody_reads_text_as_markup() -> None:
    assert not [
        _at(path, call)
        for path, call in _calls()
        if _name(call) in ("from_markup", "escape_markup") or _says_markup(call, True)
    ]


def test_widgets_take_our_words_or_literal_types() -> None:
    built = (ast.Call, ast.Name, ast.Attribute, ast.IfExp, ast.Await)
    shown = [(path, call) for path, call in _calls(CONSOLE) if _name(call) in TEXT_WIDGETS and call.args]
    assert shown
    assert not [
        _at(path, call)
        for path, call in shown
        if not (_is_ours(call.args[0]) or _says_markup(call, False) or isinstance(call.args[0], built))
    ]


def test_notifications_and_markdown_have_one_exit() -> None:
    notifying = {path.name for path, call in _calls(CONSOLE) if _name(call) == "notify"}
    rendering = {path.parent.name for path, call in _calls(CONSOLE) if _name(call) == "Markdown"}
    assert notifying == LITERAL
    assert rendering <= {"widgets"}


def test_border_titles_are_ours_or_literal() -> None:
    titled = [
        (path, node)
        for path in CONSOLE
        for node in _nodes(path)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute) and target.attr in ("border_title", "border_subtitle", "tooltip")
    ]
    assert titled
    assert not [_at(path, node) for path, node in titled if not (_is_ours(node.value) or _is_literal(node.value))]


def _is_literal(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and _name(value) not in ("str", "format", "join")


def test_only_the_signer_and_the_vault_open_secrets() -> None:
    opens = {path.name for path, call in _calls() if _name(call) == "get_secret_value"}
    assert opens == {"signer.py", "store.py", "redact.py"}


def test_a_secret_is_revealed_only_where_a_person_asked_for_it() -> None:
    reveals = {path.name for path, call in _calls() if _name(call) == "reveal"}
    # bodies.py: the wire's signer gives it the function; keys.py: `theta-tui auth reveal`, on a terminal only;
    # proving.py: the id of a video account, which is no secret but kept beside one.
    assert reveals == {"session.py", "bodies.py", "keys.py", "proving.py"}


def _hands_on(handler: ast.ExceptHandler) -> bool:
    """Whether a handler raises again, or gives the exception to whoever awaits a future."""
    inside = list(ast.walk(handler))
    gives = any(isinstance(node, ast.Call) and _name(node) == "set_exception" for node in inside)
    return gives or any(isinstance(node, ast.Raise) for node in inside)


def _is_broad(handler: ast.ExceptHandler) -> bool:
    kind = handler.type
    return kind is None or (isinstance(kind, ast.Name) and kind.id in ("Exception", "BaseException"))


def test_nothing_is_swallowed() -> None:
    handlers = [(path, node) for path in EVERY for node in _nodes(path) if isinstance(node, ast.ExceptHandler)]
    assert handlers
    assert not [_at(path, node) for path, node in handlers if _is_broad(node) and not _hands_on(node)]
