"""A new video: its form, its review, and its transcoding, followed in the background to the player link."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from theta_tui.change import Done
from theta_tui.errors import ThetaError
from theta_tui.shapes.video import Video
from theta_tui.tui.form_screen import open_form

if TYPE_CHECKING:
    from theta_tui.tui.panes.video.video_list import VideosPane

CANCELLING = "The cloud goes on transcoding; only looking ends. What the video costs stays."


class NewVideos:
    """Uploads of a pane, and what becomes of them."""

    pause: ClassVar[float] = 2.0
    """Seconds between two looks at a transcoding."""

    def __init__(self, pane: VideosPane) -> None:
        self._pane = pane

    def upload(self) -> None:
        """Make a video of a file on disk."""
        self._begin("theta.video.upload", "Upload a video", ("content",))

    def fetch(self) -> None:
        """Make a video of a public address."""
        self._begin("theta.video.videoCreate", "A video from a public address", ("source_upload_id",))

    def _begin(self, command: str, title: str, hide: tuple[str, ...]) -> None:
        self._pane.run_worker(self._make(command, title, hide), group="new-video")

    async def _make(self, command: str, title: str, hide: tuple[str, ...]) -> None:
        done = await open_form(self._pane.console_app, command, title=title, hide=hide)
        if isinstance(done, Done) and isinstance(done.value, Video):
            self._pane.welcome(done.value)
            await self._follow(done.value)

    async def _follow(self, video: Video) -> None:
        """Look until it is ready or has failed; the panel of long work shows how far it is."""
        pane, works = self._pane, self._pane.console_app.works
        name = video.file_name or video.id
        group = f"transcode:{video.id}"
        work = works.begin(group, f"Transcode {name}", cancel=self._stop_looking, cancelling=CANCELLING)
        try:
            while not video.is_over:
                work.look(video.state or "created")
                work.say(f"{video.progress} %" if video.progress is not None else video.state)
                await asyncio.sleep(self.pause)
                video = await pane.ask("theta.video.videoGet", {"video_id": video.id})
        except asyncio.CancelledError:
            works.end(work, "no longer looked at; the cloud goes on", has_failed=True)
            raise
        except ThetaError as error:
            works.end(work, error.message, has_failed=True)
            return
        pane.reload()
        works.end(work, "ready: o opens its player, y copies the link" if video.player_uri else
                  f"ended as {video.state}", has_failed=not video.player_uri)  # fmt: skip

    def _stop_looking(self) -> None:
        self._pane.workers.cancel_group(self._pane, "new-video")
