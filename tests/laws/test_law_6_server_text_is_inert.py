"""Law 6: server text cannot move the cursor, colour, link or run an action; a static gate holds the exits."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import theta_tui

PACKAGE = Path(theta_tui.__file__).parent
CONSOLE = sorted((PACKAGE / "tui").rglob("*.py"))
EVERY = sorted(PACKAGE.rglob("*.py"))

LITERAL = {"literal.py"}
TEXT_WIDGETS = {"Static", "Label", "Button", "Checkbox", "RadioButton", "Collapsible", "Option", "Link", "Markdown"}


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _name(call: ast.Call) -> str:
    target = call.func
    return target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else ""


def _calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(_tree(path)) if isinstance(node, ast.Call))


def _is_ours(node: ast.expr) -> bool:
    """Whether an expression is text that we wrote: a constant, or an f-string of which every part is one."""
    if isinstance(node, ast.Constant):
        return True
    return isinstance(node, ast.JoinedStr) and all(isinstance(part, ast.Constant) for part in node.values)


def _has_markup_off(call: ast.Call) -> bool:
    return any(
        word.arg == "markup" and isinstance(word.value, ast.Constant) and word.value.value is False
        for word in call.keywords
    )


@pytest.mark.parametrize("path", EVERY, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nobody_reads_text_as_markup(path: Path) -> None:
    for call in _calls(path):
        assert _name(call) not in ("from_markup", "escape_markup"), f"{path.name}:{call.lineno}"
        for word in call.keywords:
            assert not (word.arg == "markup" and isinstance(word.value, ast.Constant) and word.value.value is True), (
                f"{path.name}:{call.lineno} turns markup on"
            )


@pytest.mark.parametrize("path", CONSOLE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_widgets_take_our_words_or_literal_types(path: Path) -> None:
    for call in _calls(path):
        if _name(call) not in TEXT_WIDGETS or not call.args:
            continue
        first = call.args[0]
        is_built = isinstance(first, (ast.Call, ast.Name, ast.Attribute, ast.IfExp, ast.Await))
        assert _is_ours(first) or _has_markup_off(call) or is_built, f"{path.name}:{call.lineno} shows a bare string"


@pytest.mark.parametrize("path", CONSOLE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_notifications_and_urls_have_one_exit(path: Path) -> None:
    for call in _calls(path):
        if _name(call) == "notify":
            assert path.name in LITERAL, f"{path.name}:{call.lineno} notifies past literal.toast"
        if _name(call) == "Markdown" and path.parent.name != "widgets":
            pytest.fail(f"{path.name}:{call.lineno} renders Markdown outside the transcript")


@pytest.mark.parametrize("path", CONSOLE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_border_titles_are_ours_or_literal(path: Path) -> None:
    for node in ast.walk(_tree(path)):
        targets = node.targets if isinstance(node, ast.Assign) else []
        for target in targets:
            if isinstance(target, ast.Attribute) and target.attr in ("border_title", "border_subtitle", "tooltip"):
                value = node.value  # type: ignore[union-attr]
                is_literal = isinstance(value, ast.Call) and _name(value) not in ("str", "format", "join")
                assert _is_ours(value) or is_literal, f"{path.name}:{node.lineno}"  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", EVERY, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_signer_and_the_vault_open_secrets(path: Path) -> None:
    opens = [call.lineno for call in _calls(path) if _name(call) == "get_secret_value"]
    allowed = {"signer.py", "store.py", "redact.py"}
    assert not opens or path.name in allowed, f"{path.name}:{opens}"


@pytest.mark.parametrize("path", EVERY, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_secret_is_revealed_only_where_a_person_asked_for_it(path: Path) -> None:
    reveals = [call.lineno for call in _calls(path) if _name(call) == "reveal"]
    # bodies.py: the wire's signer gives it the function; keys.py: `theta-tui auth reveal`, on a terminal only;
    # proving.py: the id of a video account, which is no secret but kept beside one.
    allowed = {"session.py", "bodies.py", "stream_key.py", "keys.py", "proving.py"}
    assert not reveals or path.name in allowed, f"{path.name}:{reveals}"


def _hands_on(handler: ast.ExceptHandler) -> bool:
    """Whether a handler raises again, or gives the exception to whoever awaits a future."""
    inside = list(ast.walk(handler))
    gives = any(isinstance(node, ast.Call) and _name(node) == "set_exception" for node in inside)
    return gives or any(isinstance(node, ast.Raise) for node in inside)


@pytest.mark.parametrize("path", EVERY, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_is_swallowed(path: Path) -> None:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ExceptHandler):
            names = [node.type] if node.type is None or isinstance(node.type, ast.Name) else []
            broad = [name for name in names if name is None or name.id in ("Exception", "BaseException")]
            if broad:
                assert _hands_on(node), f"{path.name}:{node.lineno} swallows whatever happens"
