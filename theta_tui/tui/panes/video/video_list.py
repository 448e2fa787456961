"""The list of videos on demand: found by a filter or by a search of the cloud, opened in the browser, copied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Input

from theta_tui.arguments import cli_line
from theta_tui.change import Family
from theta_tui.errors import UsageError
from theta_tui.shapes.base import as_json
from theta_tui.shapes.video import Video, VideoList
from theta_tui.tui.actions import Action
from theta_tui.tui.browser import open_link
from theta_tui.tui.panes.base import Call
from theta_tui.tui.panes.record_pane import RecordPane
from theta_tui.tui.panes.video import finding, video_row
from theta_tui.tui.panes.video.finding import Search, read_search
from theta_tui.tui.panes.video.looks import embed_code
from theta_tui.tui.panes.video.new_video import NewVideos
from theta_tui.tui.panes.video.video_row import VideoRow
from theta_tui.tui.widgets.details import Fact

PAGE: Final = 100
MOST_PAGES: Final = 5
"""Pages of the list that are read; older videos are found by a search."""


class VideosPane(RecordPane[VideoRow]):
    """Videos on demand."""

    title = "Videos"
    domains = frozenset({"video"})
    poll_seconds = 8.0
    columns = video_row.COLUMNS
    empty = (
        "No videos. A video is uploaded or taken from a public address, transcoded by the cloud, and then has a player "
        "link to share.\n\nn uploads a file, N takes one from a public address."
    )
    record_command = "theta.video.list"
    actions = (
        Action("video.new", "n", "Upload", "new", "Upload a file, and make a video of it.", 1),
        Action("video.fetch", "N", "From URL", "fetch_url", "Make a video of a public address.", 2),
        Action("video.open", "o", "Open", "open_player", "Open the player in the browser.", 3),
        Action("video.find", "f", "Find", "find", "Ask the cloud for videos by metadata or file name.", 5),
        Action("video.details", "enter", "Details", "open_row", "Show everything known of the video.", 6),
        Action("video.copy", "y", "Copy", "app.copy_menu", "Copy player link, embed code, id, JSON or command.", 7),
    )

    DEFAULT_CSS = """
    VideosPane > #video-find { display: none; height: 1; border: none; padding: 0 1; background: $surface; }
    VideosPane > #video-find.-open { display: block; }
    """
    _TOLD: ClassVar[str] = "search"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._search: Search | None = None
        self._new = NewVideos(self)
        self._listed: Sequence[Video] = ()

    def compose(self) -> ComposeResult:
        """Put the line that asks the cloud above the table."""
        for widget in super().compose():
            if widget is self.table:
                yield Input(id="video-find", placeholder=finding.HELP, compact=True)
            yield widget

    def key_of(self, row: VideoRow) -> str:
        """Give the id, or our own key while there is none."""
        return row.key

    # The list

    async def fetch(self) -> Sequence[VideoRow]:
        """Ask for the videos, page by page, or for those that the search finds."""
        command = "theta.video.search" if self._search else "theta.video.list"
        found: list[Video] = []
        for page in range(1, MOST_PAGES + 1):
            asked = self._search.arguments(page, PAGE) if self._search else {"page": page, "number": PAGE}
            part: VideoList = await self.ask(command, asked)
            found += part.videos
            if len(part.videos) < PAGE:
                break
        self._listed = tuple({video.id: video for video in found}.values())
        self.note(self._note_words(is_whole=len(found) < MOST_PAGES * PAGE))
        return self.rows()

    def rows(self) -> Sequence[VideoRow]:
        """Give the rows for what is known now."""
        return [VideoRow(video) for video in self._listed]

    def _note_words(self, *, is_whole: bool) -> str:
        if self._search:
            return f"found by {self._search.text}   Esc shows all"
        return "" if is_whole else f"the newest {MOST_PAGES * PAGE}; f finds older ones"

    def describe(self, row: VideoRow) -> Sequence[Fact]:
        """Give everything known of it."""
        return video_row.facts(row)

    def json_of(self, row: VideoRow) -> Any:
        """Give the cloud's own object."""
        return as_json(row.video)

    def calls(self) -> Sequence[Call]:
        """Give the list or the search, and the look at the row, as commands."""
        search = self._search
        listing = Call("Find videos", "theta.video.search", search.arguments(1, PAGE)) if search else None
        shown = [listing] if listing else super().calls()
        row = self.row
        return [*shown, Call(f"Show {row.name}", "theta.video.videoGet", {"video_id": row.key})] if row else shown

    def copy_choices(self) -> list[tuple[str, str]]:
        """Give what can be copied of the row: links first, they are what is wanted most."""
        row = self.row
        if row is None:
            return []
        return [(label, text) for label, text in (*self._links(row.video), *super().copy_choices()) if text]

    def _links(self, video: Video) -> Iterable[tuple[str, str]]:
        return (
            ("Player link", video.player_uri),
            ("Embed code", embed_code(video.player_uri) if video.player_uri else ""),
            ("Playback address (HLS)", video.playback_uri),
            ("Watch until ready, as CLI line", cli_line("theta.video.watch", {"video_id": video.id})),
        )

    # Keys

    def why_not(self, action: Action) -> str | None:
        """Say why an action makes no sense for the row now."""
        if action.run == "open_player":
            return "there is no video" if self.row is None else self._no_player(self.row)
        return None

    def action_new(self) -> None:
        """Upload a file, and make a video of it."""
        self._new.upload()

    def action_fetch_url(self) -> None:
        """Make a video of a public address."""
        self._new.fetch()

    def welcome(self, video: Video) -> None:
        """Show a new video, with the cursor on it."""
        if all(known.id != video.id for known in self._listed):
            self._listed = (video, *self._listed)
        self.show_rows(self.rows())
        self.table.move_to(video.id)

    def action_open_row(self) -> None:
        """Show the details."""
        self.open_row()

    def action_open_player(self) -> None:
        """Open the player in the browser."""
        row = self.row
        if row is None:
            return
        if (refusal := self._no_player(row)) is not None:
            self.console_app.tell(f"{row.name}: {refusal}.", severity="warning")
            return
        open_link(self, row.video.player_uri, Family.OUTPUT)

    def _no_player(self, row: VideoRow) -> str | None:
        if row.video.player_uri:
            return None
        ended = row.video.state == "error"
        return "transcoding failed, so there is no player" if ended else "its player link comes when it is ready"

    def action_find(self) -> None:
        """Open the line that asks the cloud."""
        line = self.query_one("#video-find", Input)
        line.add_class("-open")
        line.focus()

    @on(Input.Submitted, "#video-find")
    def _search_entered(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            search = read_search(event.value)
        except UsageError as mistake:
            self.fail(mistake, cause=self._TOLD)
            return
        self.clear_failure(self._TOLD)
        self._set_search(search)

    def _set_search(self, search: Search | None) -> None:
        line: Widget = self.query_one("#video-find", Input)
        line.set_class(search is not None, "-open")
        self.table.focus()
        if search != self._search:
            self._search = search
            self.reload()

    def step_back(self) -> bool:
        """Leave the details or the filter, else the search."""
        line = self.query_one("#video-find", Input)
        if super().step_back():
            return True
        if not line.has_class("-open"):
            return False
        line.value = ""
        self._set_search(None)
        return True
