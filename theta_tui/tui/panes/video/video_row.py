"""One line of the list of videos: the cloud's video, or one that is still on its way there; its columns and facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from theta_tui.shapes.video import Video
from theta_tui.tui.panes.video.looks import age_words, length_words, styled
from theta_tui.tui.widgets.details import Fact
from theta_tui.tui.widgets.record_table import Cell, Column
from theta_tui.tui.words import UNKNOWN, moment, since, size

_ENDS = {"success": ("● ready", "ok"), "error": ("✗ error", "bad")}


@dataclass(frozen=True, slots=True)
class VideoRow:
    """A video as the list shows it. `local` is its key while the cloud knows none; `note` what is done to it here.

    `bytes_sent` is the size of the file that was sent from here; the cloud tells none.
    """

    video: Video
    local: str = ""
    note: str = ""
    bytes_sent: int | None = None
    has_failed: bool = False

    @property
    def fault(self) -> str:
        """What kept it from being read."""
        return self.video.fault

    @property
    def key(self) -> str:
        """What identifies it."""
        return self.video.id or self.local

    @property
    def name(self) -> str:
        """What to call it: its file name, else the name in its metadata, else its id."""
        named = self.video.metadata.get("name")
        return self.video.file_name or (named if isinstance(named, str) else "") or self.key

    @property
    def percent(self) -> int | None:
        """How much is transcoded; None when the cloud does not say."""
        return None if self.video.progress is None else int(self.video.progress)


def state_words(video: Video) -> str:
    """Say what the cloud is doing with it, in its own words, with the share that is done."""
    share = "" if video.progress is None or video.is_over else f" {video.progress:.0f} %"
    return f"{video.sub_state or video.state or UNKNOWN}{share}"


def state_cell(row: VideoRow) -> Cell:
    """Give the state as glyph, word and colour; what is done to it here comes first."""
    if row.note:
        return (f"✗ {row.note}", "bad") if row.has_failed else (f"◌ {row.note}", "warn")
    state = row.video.state
    if state == "success":
        return "● ready", "ok"
    if state == "error":
        return "✗ error", "bad"
    return (f"◌ {state_words(row.video)}", "warn") if state else (f"? {UNKNOWN}", "muted")


def lines_words(video: Video) -> str:
    """Give the resolution as people write it."""
    return UNKNOWN if video.resolution is None else f"{video.resolution}p"


def metadata_pairs(values: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """Give metadata as a search takes it: nested keys joined by a dot."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from metadata_pairs(value, f"{before}{name}.")
        else:
            yield f"{before}{name}={value}"


def _metadata(row: VideoRow) -> str:
    return " ".join(metadata_pairs(row.video.metadata))


def _created(row: VideoRow) -> float | None:
    when = moment(row.video.create_time)
    return None if when is None else -when.timestamp()


COLUMNS: tuple[Column[VideoRow], ...] = (
    Column("name", "NAME", lambda row: row.name, priority=1, grow=True, min_width=14, max_width=44),
    Column("state", "STATE", state_cell, priority=1, min_width=12, max_width=34),
    Column(
        "resolution", "RESOLUTION", lambda row: lines_words(row.video), priority=4, numeric=True,
        sort=lambda row: row.video.resolution,
    ),
    Column(
        "duration", "LENGTH", lambda row: length_words(row.video.duration), priority=3, align="right",
        sort=lambda row: row.video.duration,
    ),
    Column(
        "age", "AGE", lambda row: age_words(row.video.create_time) if row.video.create_time else "–", priority=2,
        align="right", sort=_created, volatile=True,
    ),
    Column("metadata", "METADATA", _metadata, priority=6, grow=True, max_width=60),
    Column("player", "PLAYER", lambda row: row.video.player_uri or "none yet", priority=9, grow=True, max_width=80),
)  # fmt: skip


def facts(row: VideoRow) -> list[Fact]:
    """Give everything known of a video."""
    video = row.video
    cell = state_cell(row)
    text, role = cell if isinstance(cell, tuple) else (cell, "muted")
    error = [("Error", styled(video.error, "bad"))] if video.error else []
    sent = [("Size", f"{size(row.bytes_sent)}, as sent from here")] if row.bytes_sent is not None else []
    return [
        ("Name", row.name),
        ("State", styled(text, role)),
        *error,
        ("Player", video.player_uri or "none yet: it comes when the video is ready"),
        ("Playback", video.playback_uri or "none yet"),
        ("Length", f"{length_words(video.duration)}" if video.duration else "not known yet"),
        ("Resolution", lines_words(video)),
        *sent,
        ("Policy", video.playback_policy),
        ("Metadata", "\n".join(metadata_pairs(video.metadata))),
        ("Source", video.source_uri or video.source_upload_id),
        ("Created", since(video.create_time)),
        ("Changed", video.update_time),
        ("Account", video.service_account_id),
        ("Id", video.id or "none yet"),
    ]
