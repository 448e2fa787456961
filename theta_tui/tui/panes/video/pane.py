"""Videos, livestreams and nodes under one line of tabs; what they show is the lists' own business."""

from __future__ import annotations

from typing import cast

from textual import on

from theta_tui.tui.panes.sections import SectionsPane
from theta_tui.tui.panes.video.ingestor_list import IngestorsPane
from theta_tui.tui.panes.video.stream_list import StreamsPane
from theta_tui.tui.panes.video.video_list import VideosPane


class VideoPane(SectionsPane):
    """Videos on demand and livestreams."""

    title = "Video"
    sections = (("videos", VideosPane), ("livestreams", StreamsPane), ("ingestors", IngestorsPane))

    @on(IngestorsPane.Wanted)
    def _node_wanted(self, event: IngestorsPane.Wanted) -> None:
        """Take a node where livestreams are at home."""
        event.stop()
        self.show_part("livestreams")
        streams = cast(StreamsPane, self.section_of("livestreams"))
        streams.run_worker(streams.take_for(event.node), group="take", exclusive=True)
