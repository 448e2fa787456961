"""A growing Markdown text as blocks: finished ones that never change again, and one that is still open.

Fed line by line, as CommonMark's own block algorithm is, so the cost of a chunk does not depend on what came before and
any chunking gives the same blocks. Knows nothing of widths, styles or drawing; inline marks stay in the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from theta_tui.tui.widgets.markdown_grammar import (
    FENCE,
    HEADING,
    MARKER,
    PIPE,
    QUOTE,
    RULE,
    UNDERLINE,
    Block,
    Container,
    Item,
    Quote,
    interrupts,
    leading,
    rules,
    starts,
    undecided,
)

PARAGRAPH_CHARACTERS: Final = 3_000
"""A longer paragraph goes on in a block of its own, so that the open block stays small."""
CODE_LINES: Final = 120
CODE_CHARACTERS: Final = 3_000
"""A longer code block goes on in another block with the same number, so that what is coloured at once stays small."""
TABLE_LINES: Final = 100
"""A longer table goes on in another block with the same header."""
LANGUAGE_CHARACTERS: Final = 24
DEPTH: Final = 10
"""Deeper lists and quotes are shown as text."""


@dataclass(frozen=True)
class _Fence:
    mark: str
    column: int
    around: tuple[Container, ...]


class MarkdownBlocks:
    """Blocks of a text. `blocks` only grows, all but the last are closed; `ahead` is what the unfinished line opens."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.ahead: Block | None = None
        self._around: tuple[Container, ...] = ()
        self._fence: _Fence | None = None
        self._blank = False
        self._codes = 0

    def line(self, text: str, *, glued: bool = False) -> None:
        """Take a whole line, without its line break. `glued`: it was cut from the line before for its length."""
        self.ahead = None
        if not text and self._blank and self._fence is None:
            return
        if glued:
            self._glue(text)
        elif not self._in_code(text):
            self._step(text)

    def partial(self, text: str, *, glued: bool = False) -> None:
        """Look at what has arrived of the next line, without deciding anything."""
        self.ahead = None
        block = self._open
        if block is not None:
            block.peek(None)
        if not text or (not glued and undecided(text)):
            return
        if block is not None and (glued or self._fence is not None):
            block.peek(text[self._strip_code(text) :])
            return
        trial = self._trial()
        before = trial.blocks[-1:]
        trial.line(text)
        last = trial.blocks[-1] if trial.blocks else None
        if block is not None and last in before and last is not None and not last.closed:
            block.peek(last.lines[-1])
        elif last is not None and last not in before and last.kind != "code":
            self.ahead = last

    def finish(self) -> None:
        """The text has ended."""
        self.ahead = None
        self._close()
        self._fence = None

    def _trial(self) -> MarkdownBlocks:
        """A copy that knows as much as one more line can depend on."""
        trial = MarkdownBlocks()
        trial.blocks = self.blocks[-1:]
        if (block := self._open) is not None:
            trial.blocks = [Block(block.kind, block.lines[-1:], block.around)]
        trial._around, trial._blank = self._around, self._blank
        return trial

    @property
    def _open(self) -> Block | None:
        return self.blocks[-1] if self.blocks and not self.blocks[-1].closed else None

    def _close(self) -> None:
        if (block := self._open) is not None:
            block.close()

    def _begin(self, block: Block, *, gap: bool | None = None) -> Block:
        self._close()
        previous = self.blocks[-1] if self.blocks else None
        if gap is None:
            spaced = previous is not None and (block.kind != "paragraph" or previous.kind != "paragraph")
            gap = previous is not None and (self._blank or spaced)
        block.gap = gap
        self.blocks.append(block)
        self._blank = False
        return block

    def _go_on(self, block: Block) -> Block:
        """Close a block that has grown too long and open another that continues it."""
        header = block.lines[:2] if block.kind == "table" else []
        again = Block(block.kind, header, block.around, language=block.language, number=block.number, continued=True)
        return self._begin(again, gap=False)

    def _glue(self, text: str) -> None:
        block = self._open
        if block is None or block.kind not in ("paragraph", "code"):
            block = self._begin(Block("paragraph", [], self._around, continued=True), gap=False)
        self._append(block, text)

    def _append(self, block: Block, text: str) -> None:
        if block.kind == "code":
            full = len(block.lines) >= CODE_LINES or block.characters >= CODE_CHARACTERS
            if full or (len(block.lines) >= CODE_LINES // 2 and not block.lines[-1].strip()):
                block = self._go_on(block)
        elif block.kind == "table":
            if len(block.lines) >= TABLE_LINES:
                block = self._go_on(block)
        elif block.characters >= PARAGRAPH_CHARACTERS:
            block = self._go_on(block)
        block.add(text)

    def _in_code(self, text: str) -> bool:
        """Take a line of a fenced block; False when the line is not in one."""
        fence, block = self._fence, self._open
        if fence is None or block is None:
            return False
        quotes = sum(isinstance(each, Quote) for each in fence.around)
        rest = text
        for _ in range(quotes):
            found = QUOTE.match(rest)
            if found is None:
                self._fence = None
                self._close()
                return False
            rest = rest[found.end() :]
        bare = rest.strip()
        if len(bare) >= len(fence.mark) and bare == fence.mark[0] * len(bare):
            self._fence = None
            self._close()
        else:
            self._append(block, text[self._strip_code(text) :])
        return True

    def _strip_code(self, text: str) -> int:
        """How much of a code line belongs to the containers and the fence's own indent."""
        fence = self._fence
        if fence is None:
            return 0
        at = 0
        for _ in range(sum(isinstance(each, Quote) for each in fence.around)):
            found = QUOTE.match(text, at)
            at = found.end() if found else at
        indent = fence.column + sum(each.indent for each in fence.around if isinstance(each, Item))
        return at + min(indent, leading(text[at:]))

    def _step(self, text: str) -> None:
        kept, rest = self._keep(text)
        if not rest.strip():
            self._blank_line(kept)
            return
        block = self._open
        paragraph = block if block is not None and block.kind == "paragraph" else None
        around, rest, fresh = self._enter(kept, rest, paragraph)
        inside = not fresh and len(kept) == len(self._around)
        if inside and block is not None and self._continues(block, rest):
            return
        if not fresh and paragraph is not None and not starts(rest):
            self._append(paragraph, rest.strip())
            return
        self._around = around
        self._leaf(rest, fresh)

    def _keep(self, text: str) -> tuple[tuple[Container, ...], str]:
        """The containers this line is still in, and what is left of it."""
        rest = text
        for depth, each in enumerate(self._around):
            if isinstance(each, Quote):
                found = QUOTE.match(rest)
                if found is None:
                    return self._around[:depth], rest
                rest = rest[found.end() :]
            elif rest.strip():
                # Models indent nested lists by two columns whatever the width of the marker above.
                column = leading(rest)
                if column < min(each.indent, each.base + 2):
                    return self._around[:depth], rest
                rest = rest[min(column, each.indent) :]
        return self._around, rest

    def _blank_line(self, kept: tuple[Container, ...]) -> None:
        self._close()
        quoted = [depth for depth, each in enumerate(self._around) if isinstance(each, Quote) and depth >= len(kept)]
        if quoted:
            self._around = self._around[: quoted[0]]
        self._blank = True

    def _enter(
        self, kept: tuple[Container, ...], rest: str, paragraph: Block | None
    ) -> tuple[tuple[Container, ...], str, int]:
        """Open the quotes and list items this line begins."""
        around, fresh = kept, 0
        while len(around) < DEPTH:
            if found := QUOTE.match(rest):
                around, rest = (*around, Quote()), rest[found.end() :]
            elif (found := MARKER.match(rest)) and not RULE.match(rest):
                text = rest[found.end() :]
                if paragraph is not None and kept == self._around and not fresh and not interrupts(found[2], text):
                    break
                around = (*around, Item(found[2], len(found[1]), found.end() if text else found.end(2) + 1))
                rest = text
            else:
                break
            fresh += 1
        return around, rest, fresh

    def _continues(self, block: Block, rest: str) -> bool:
        """Whether the line goes on with the open block; if so, it has been added."""
        if block.kind == "table":
            if PIPE.search(rest) and not starts(rest):
                self._append(block, rest.strip())
                return True
            return False
        if block.kind != "paragraph" or not block.lines:
            return False
        if rules(rest, block.lines[-1]):
            self._to_table(block, rest.strip())
            return True
        mark = UNDERLINE.match(rest)
        if mark and len(block.lines) == 1:
            block.kind, block.level = "heading", 1 if mark[1][0] == "=" else 2
            block.gap = block is not self.blocks[0]
            block.close()
            return True
        return False

    def _to_table(self, block: Block, delimiter: str) -> None:
        header = block.lines.pop()
        if block.lines:
            block.characters -= len(header) + 1
            block = self._begin(Block("table", [header], self._around))
        else:
            block.lines.append(header)
            block.kind, block.gap = "table", block is not self.blocks[0]
        block.add(delimiter)

    def _leaf(self, rest: str, fresh: int) -> None:
        if found := HEADING.match(rest):
            title = (found[2] or "").strip()
            bare = title.rstrip("#")
            title = bare.rstrip() if bare != title and (not bare or bare[-1] == " ") else title
            block = Block("heading", [title], self._around, fresh, level=len(found[1]))
            self._begin(block).close()
        elif RULE.match(rest):
            self._begin(Block("rule", [""], self._around, fresh)).close()
        elif found := FENCE.match(rest):
            self._codes += 1
            self._begin(Block("code", [], self._around, fresh, language=_language(found[3]), number=self._codes))
            self._fence = _Fence(found[2], len(found[1]), self._around)
        else:
            block = self._begin(Block("paragraph", [], self._around, fresh))
            block.add(rest.strip())


def _language(info: str) -> str:
    """The first word after a fence: `python` of `python title="x"`."""
    word = info.strip().partition(" ")[0].partition(",")[0]
    return word.strip("{}.").lower()[:LANGUAGE_CHARACTERS]
