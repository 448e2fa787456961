"""A line for the path of a file: completes as it is typed, opens the picker, says at once whether the file will do."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input

from theta_tui.tui import literal
from theta_tui.tui.file_look import FileLook, expanded, look_at


class PathInput(Input):
    """Posts `Looked` after each change; what is no path (`is_path`) is nobody's business here."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+f", "browse", show=False)]

    class Looked(Message):
        """The file was looked at."""

        def __init__(self, line: PathInput, look: FileLook) -> None:
            super().__init__()
            self.line = line
            self.look = look

    def __init__(
        self,
        *,
        suffixes: Sequence[str] = (),
        most_bytes: int | None = None,
        placeholder: str = "",
        id: str | None = None,  # noqa: A002 Textual's own name
    ) -> None:
        suggester = PathSuggester()
        super().__init__(placeholder=placeholder, select_on_focus=False, suggester=suggester, id=id)
        self._suffixes = tuple(suffixes)
        self._most_bytes = most_bytes

    @property
    def is_path(self) -> bool:
        """Whether what is typed is meant as a path, not as the file itself."""
        return bool(self.value.strip()) and not self.value.lstrip().startswith("{")

    async def look(self) -> FileLook:
        """Look at the file now."""
        return await look_at(self.value.strip(), self._suffixes, self._most_bytes) if self.is_path else FileLook()

    def watch_value(self, value: str) -> None:
        """Look at what is typed."""
        if self.is_attached:
            self.run_worker(self._look_now(), exclusive=True, group="look")

    async def _look_now(self) -> None:
        self.post_message(self.Looked(self, await self.look()))

    def action_browse(self) -> None:
        """Open the picker where the path leads so far."""
        self.run_worker(self._browse(), exclusive=True, group="browse")

    async def _browse(self) -> None:
        from theta_tui.tui.file_picker import pick_file

        found = await pick_file(self.app, self.value if self.is_path else "", self._suffixes)
        if found is not None:
            self.value = literal.plain(str(found))
            self.cursor_position = len(self.value)
        self.focus()


class PathSuggester(Suggester):
    """Suggests the first file or folder whose name begins as typed."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Give the whole path, or None."""
        return await asyncio.to_thread(_completed, value) if value and not value.startswith("{") else None


def _completed(value: str) -> str | None:
    head, slash, begun = value.rpartition("/")
    if not begun:
        return None
    try:
        folder: Any = expanded(f"{head}{slash}" or ".")
        names = sorted(path.name + ("/" if path.is_dir() else "") for path in folder.iterdir())
    except (OSError, ValueError):
        return None
    found = next((name for name in names if name.startswith(begun)), None)
    return None if found is None else f"{head}{slash}{found}"
