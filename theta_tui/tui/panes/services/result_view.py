"""One result to look at: the image in the terminal, the text, the files with their paths, and what can be done next."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, cast

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget

from theta_tui.errors import UsageError
from theta_tui.journal.runs import RunRecord
from theta_tui.tui import literal
from theta_tui.tui.ask_lines import AskLines
from theta_tui.tui.json_lines import json_lines
from theta_tui.tui.looks import MONOCHROME_THEME
from theta_tui.tui.modal import Modal
from theta_tui.tui.opener import open_file
from theta_tui.tui.panes.services.results import Result, fetch_result, save_copy
from theta_tui.tui.panes.services.run_row import state_cell
from theta_tui.tui.reading import Reading
from theta_tui.tui.widgets.picture import picture_lines
from theta_tui.tui.words import UNKNOWN, span, usd

if TYPE_CHECKING:
    from theta_tui.tui.app import ThetaApp

Next = Literal["again", "vary"]
_MUTED = "$foreground-muted"


class ResultView(Modal[Next | None]):
    """Fetches the files of a run and shows what came of it."""

    DEFAULT_CSS = """
    ResultView > .modal--frame { height: 100%; max-width: 120; }
    ResultView Reading { background: $surface; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "open_file", show=False),
        Binding("s", "save", show=False),
        Binding("r", "next('again')", show=False),
        Binding("v", "next('vary')", show=False),
        Binding("y", "copy", show=False),
        Binding("q", "close", show=False),
    ]
    keys = (("o", "open"), ("s", "save"), ("r", "run again"), ("v", "vary"), ("y", "copy"), ("Esc", "close"))

    def __init__(self, run: RunRecord) -> None:
        super().__init__()
        self._run = run
        self.result: Result | None = None

    @property
    def title_words(self) -> str:
        """What was run, its cost and time."""
        run = self._run
        took = span(run.seconds) if run.seconds is not None else f"time {UNKNOWN}"
        return f"{run.service} · {state_cell(run)[0]} · {usd(run.cost_usd)} · {took}"

    def inside(self) -> Iterable[Widget]:
        """Give the page."""
        yield Reading([Content.styled("Fetching the result…", _MUTED)])

    def on_mount(self) -> None:
        """Fetch."""
        self.run_worker(self._fetch(), group="fetch", exclusive=True)

    async def _fetch(self) -> None:
        session = cast("ThetaApp", self.app).session
        if session is None:
            return
        self._run, self.result = await fetch_result(session, self._run)
        await self._draw()

    def on_resize(self) -> None:
        """Draw for another size."""
        if self.result is not None:
            self.run_worker(self._draw(), group="draw", exclusive=True)

    async def _draw(self) -> None:
        result, page = self.result, self.query_one(Reading)
        if result is None:
            return
        picture = result.picture
        width, rows = max(page.size.width - 2, 8), max(page.size.height - 4, 6)
        in_colour = self.app.theme != MONOCHROME_THEME
        drawn = await asyncio.to_thread(picture_lines, picture, width, rows, in_colour=in_colour) if picture else []
        page.show([*drawn, *([Content("")] if drawn else []), *self._words(result)])

    def _words(self, result: Result) -> list[Content]:
        run, lines = self._run, list[Content]()
        if run.error:
            lines.append(literal.content(run.error, style="$text-error"))
        if result.problem:
            lines.append(literal.content(f"Its file could not be fetched: {result.problem}", style="$text-error"))
        if result.text:
            lines += literal.content(result.text, block=True).split("\n")
        for box in result.boxes:
            told = f"□ {box.get('label', '?')}  {box.get('score', '?')}  at {box.get('box', '?')}"
            lines.append(literal.content(told))
        lines += [Content.assemble(("⊞ ", "$text-accent"), literal.content(str(file))) for file in result.files]
        return [*lines, Content(""), Content.styled("Output", _MUTED), *json_lines(run.output)]

    @property
    def _file(self) -> Path | None:
        return self.result.files[-1] if self.result is not None and self.result.files else None

    def action_open_file(self) -> None:
        """Open the file with the system's own program."""
        if self._file is None:
            self.note("There is no file to open.")
        else:
            self.run_worker(self._open(self._file), group="open", exclusive=True)

    async def _open(self, file: Path) -> None:
        if not await asyncio.to_thread(open_file, file):
            self.note("Nothing here opens files; y copies the path.")

    def action_save(self) -> None:
        """Copy the file to a place of the user's, with what made it beside it."""
        if self._file is None:
            self.note("There is no file to save.")
        else:
            self.run_worker(self._save(self._file), group="save", exclusive=True)

    async def _save(self, file: Path) -> None:
        first = {"Path": str(Path.cwd() / file.name)}
        given = await self.app.push_screen_wait(AskLines("Save the result as", ("Path",), first))
        if given is None:
            return
        try:
            written = await asyncio.to_thread(save_copy, self._run, file, given["Path"])
        except UsageError as problem:
            self.note(problem.message)
            return
        self.note(f"Saved: {written} and {written.name}.json")

    def action_next(self, what: Next) -> None:
        """Run it again, or with another seed."""
        self.dismiss(what)

    def action_copy(self) -> None:
        """Copy the text, else the path of the file."""
        if self.result is not None:
            self.run_worker(self._copy(self.result.text or str(self._file or "")), group="copy", exclusive=True)

    async def _copy(self, text: str) -> None:
        from theta_tui.tui.clipboard import copy

        self.note(await copy(self.app, text) if text else "There is nothing to copy.")
