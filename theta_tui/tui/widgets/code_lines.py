"""Source code as coloured runs, line by line, without knowing what is drawn with them.

A code block that is still growing is not lexed from its beginning again: only from the last line at which the lexer was
between two tokens, which a multi-line string or comment moves back to where it began.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final, Protocol, cast

from rich.style import Style

from theta_tui.tui.widgets.inline_text import Run
from theta_tui.tui.widgets.transcript_look import Look

WINDOW: Final = 10
"""Lines lexed again at most while nothing spans several lines."""
SETTLED_BEHIND: Final = 3
_LONG: Final = 400
"""Characters of a line from which on a block is not coloured: some lexers look at it again from each of its words."""
COLOURED: Final = frozenset({
    "awk", "bash", "batch", "c", "clojure", "cmake", "console", "cpp", "csharp", "css", "cuda", "d", "dart", "diff",
    "docker", "elixir", "erlang", "fish", "fsharp", "go", "graphql", "groovy", "haskell", "html", "http", "ini",
    "java", "javascript", "json", "jsx", "julia", "kotlin", "less", "lua", "make", "markdown", "matlab", "nasm",
    "nginx", "nixos", "objective-c", "ocaml", "perl", "php", "postgresql", "powershell", "properties", "protobuf",
    "pycon", "pytb", "python", "ruby", "rust", "scala", "scheme", "scss", "sed", "solidity", "splus", "sql",
    "swift", "terraform", "tex", "toml", "tsx", "typescript", "vim", "vue", "xml", "yaml", "zig",
})  # fmt: skip
"""Languages that are coloured, by the first name of their lexers: each was tried with texts made to be slow. A model
may name any, and there are lexers that take minutes for a line of blanks."""
_PLAIN = frozenset({"", "text", "txt", "plain", "plaintext", "none"})
_NAME = re.compile(r"[\w+#.-]+$")
_INK = {
    "Keyword": "keyword",
    "Name.Function": "name",
    "Name.Class": "name",
    "Name.Decorator": "name",
    "Name.Builtin": "name",
    "Name.Tag": "keyword",
    "Name.Attribute": "name",
    "Literal.String": "string",
    "Literal.Number": "number",
    "Comment": "comment",
    "Operator.Word": "keyword",
    "Generic.Inserted": "string",
    "Generic.Deleted": "number",
    "Generic.Heading": "keyword",
    "Generic.Prompt": "comment",
}


class _Lexer(Protocol):
    def get_tokens(self, text: str) -> Iterable[tuple[object, str]]: ...


class CodeLines:
    """The coloured lines of one growing block."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._settled: list[list[Run]] = []

    def draw(self, lines: list[str], look: Look, *, closed: bool) -> tuple[int, list[list[Run]]]:
        """The first line that may have changed, and the runs of it and all after it."""
        if closed:
            return 0, coloured(self._language, lines, look)[0]
        first = len(self._settled)
        window, safe = coloured(self._language, lines[first:], look)
        if len(window) > WINDOW:
            # The last line is still arriving, and the one before may yet turn out to begin a longer token.
            for count in range(len(window) - SETTLED_BEHIND, 0, -1):
                if safe[count]:
                    self._settled.extend(window[:count])
                    break
        return first, window


def coloured(language: str, lines: list[str], look: Look) -> tuple[list[list[Run]], list[bool]]:
    """Runs of every line, and for every line whether the lexer was between two tokens where it begins."""
    lexer = _lexer(language)
    if lexer is None or any(len(line) > _LONG for line in lines):
        return [[(line, look.code)] if line else [] for line in lines], [True] * len(lines)
    drawn: list[list[Run]] = [[]]
    safe = [True]
    for kind, text in lexer.get_tokens("\n".join(lines) + "\n"):
        style = _ink(kind, look)
        first, *others = text.split("\n")
        if first:
            drawn[-1].append((first, style))
        for other in others:
            drawn.append([(other, style)] if other else [])
            safe.append(style is look.code)
    missing = len(lines) - len(drawn)
    return (drawn + [[] for _ in range(missing)])[: len(lines)], (safe + [False] * max(missing, 0))[: len(lines)]


def _ink(kind: object, look: Look) -> Style:
    style: Style = getattr(look, _ink_name(str(kind).removeprefix("Token.")))
    return style


@cache
def _ink_name(kind: str) -> str:
    while kind:
        if kind in _INK:
            return _INK[kind]
        kind = kind.rpartition(".")[0]
    return "code"


@lru_cache(64)
def _lexer(language: str) -> _Lexer | None:
    if language in _PLAIN or not _NAME.match(language):
        return None
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]

    try:
        # Code inside Markdown would be of any language again.
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False, handlecodeblocks=False)
    except ClassNotFound:
        return None
    return cast(_Lexer, lexer) if lexer.aliases[0] in COLOURED else None
