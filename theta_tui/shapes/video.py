"""Videos and their uploads (wire 10), and what their commands need: lenient when read, strict when sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from theta_tui.shapes.agent_documents import DocumentFile
from theta_tui.shapes.base import Flag, Number, Params, Shape, Table, Text, Whole, as_json, records

NOT_METADATA = frozenset({"page", "number", "operator", "file_name"})
"""Names that a search needs for itself (VD-6)."""


class Upload(Shape):
    """An upload slot (wire 10.1). Its URL is a secret in itself: shown only where it was asked for."""

    id: Text = ""
    service_account_id: Text = ""
    presigned_url: Text = Field("", repr=False)
    presigned_url_expiration: Text = ""
    presigned_url_expired: Flag = False
    create_time: Text = ""
    update_time: Text = ""

    @classmethod
    def of(cls, value: object) -> Self:
        """Read a VD-1 answer; ValueError when it names no slot."""
        found = cls.read(first_of(value, "uploads"))
        if not found.id or not found.presigned_url:
            raise ValueError("no upload slot")
        return found


class Video(Shape):
    """A video (wire 10.3). `progress` is 0 to 100, `duration` in the cloud's own words."""

    id: Text = ""
    service_account_id: Text = ""
    file_name: Text = ""
    state: Text = ""
    sub_state: Text = ""
    source_upload_id: Text = ""
    source_uri: Text = ""
    playback_policy: Text = ""
    progress: Number = None
    error: Text = ""
    duration: Text = ""
    resolution: Whole = None
    metadata: Table = Field(default_factory=dict)
    playback_uri: Text = ""
    player_uri: Text = ""
    create_time: Text = ""
    update_time: Text = ""

    @classmethod
    def of(cls, value: object) -> Self:
        """Read the one video of an answer; ValueError when there is none."""
        found = cls.read(first_of(value, "videos"))
        if not found.id:
            raise ValueError("no video")
        return found

    @property
    def is_over(self) -> bool:
        """Whether transcoding has ended; a state that nobody knows has not."""
        return self.state in ("success", "error")


class VideoList(Shape):
    """One page of videos, from page 1, in the cloud's order (VD-5, VD-6)."""

    videos: tuple[Video, ...] = ()
    page: int = 1
    number: int = 0

    @classmethod
    def of(cls, value: object, page: int, number: int) -> Self:
        """Read a VD-5 or VD-6 answer."""
        return cls(videos=tuple(Video.read(item) for item in records(value, "videos")), page=page, number=number)

    def as_json(self) -> Any:
        """Give the cloud's own list."""
        return as_json(self.videos)


class Watched(Shape):
    """How watching ended: `success`, `error`, `timeout` or `max-attempts`, with the video as it was last seen."""

    terminal_state: str = ""
    attempts: int = 0
    seconds: float = 0.0
    video: Video = Video()


class AccountParams(Params):
    """A video service account, the project's own by default."""

    service_account_id: str | None = Field(
        None,
        description="Video service account; the project's own by default.",
        examples=["srvacc_0a1b2c3d4e5f6g7h8i9j0k1l2"],
        min_length=1,
    )


class VideoListParams(AccountParams):
    """Which page of the videos to list."""

    page: int = Field(1, description="Page, from 1.", examples=[1], ge=1)
    number: int = Field(10, description="Videos per page.", examples=[10], ge=1, le=1000)


class VideoSearch(VideoListParams):
    """What to search for: values of metadata, and a file name."""

    operator: Literal["and", "or"] = Field("and", description="Whether all must match, or any.", examples=["and"])
    metadata: dict[str, Any] = Field(
        default_factory=dict,
        description="Values by key; a key within another as an object, or joined by a dot.",
        examples=[{"name": "Clip", "owner": {"id": 7}}],
    )
    file_name: str | None = Field(None, description="The file name.", examples=["clip.mp4"], min_length=1)

    @field_validator("metadata")
    @classmethod
    def _can_be_asked(cls, metadata: dict[str, Any]) -> dict[str, Any]:
        for name, value in _flat(metadata):
            if not name or name in NOT_METADATA:
                raise ValueError(f"cannot be searched by {name!r}, which the search needs for itself")
            if not isinstance(value, (str, int, float)) and not hasattr(value, "as_tuple"):
                raise ValueError(f"takes text, numbers and booleans to search for, not what {name!r} has")
        return metadata

    @property
    def criteria(self) -> dict[str, Any]:
        """What is asked, as names and values of the query; nested keys are joined by a dot (wire 10.3)."""
        return {**dict(_flat(self.metadata)), **({"file_name": self.file_name} if self.file_name else {})}


class DrmRule(Params):
    """Who may watch: the owners of a collection on a chain."""

    chain_id: Literal[361, 365, 1, 5]
    nft_collection: str = Field(min_length=1)


class VideoFields(Params):
    """How a video is made (wire 10.2), whatever its source. The fields may also come inside `payload`."""

    unfold: ClassVar[tuple[str, ...]] = ("payload",)

    playback_policy: Literal["public"] = Field(
        "public", description="Who may watch: everybody, the only policy so far.", examples=["public"]
    )
    resolutions: tuple[Literal[360, 720, 1080, 2160], ...] | None = Field(
        None, description="Of 360, 720, 1080 and 2160 lines; the cloud's choice by default.", examples=[[720, 1080]]
    )
    use_drm: bool | None = Field(None, description="Protect it; true where drm_rules are given.", examples=[True])
    drm_rules: tuple[DrmRule, ...] | None = Field(
        None,
        description="Whose owners may watch: chain_id (361, 365, 1 or 5) and nft_collection.",
        examples=[[{"chain_id": 361, "nft_collection": "0x1c9d67f58ea10f2f39e64e2a6f8a9c4a2ea0c7d5"}]],
    )
    nft_collection: str | None = Field(
        None, description="A collection, in the older form.", examples=["0x1c9d67f58ea10f2f39e64e2a6f8a9c4a2ea0c7d5"]
    )
    metadata: dict[str, Any] | None = Field(
        None, description="Anything to find it by.", examples=[{"name": "Clip", "owner": {"id": 7}}]
    )
    file_name: str | None = Field(None, description="Its file name.", examples=["clip.mp4"], min_length=1)

    @model_validator(mode="after")
    def _rules_need_drm(self) -> Self:
        if self.drm_rules and self.use_drm is False:
            raise ValueError("takes drm_rules only with use_drm")
        if self.resolutions is not None and not self.resolutions:
            raise ValueError("needs at least one of the resolutions, or none of them named")
        return self

    def as_sent(self) -> dict[str, Any]:
        """Give the fields of the body, without a source; what was not given is left out."""
        names = VideoFields.model_fields
        fields = {name: value for name, value in self.model_dump(include=set(names)).items() if value is not None}
        return {**fields, **({"use_drm": True} if self.drm_rules else {})}


class NewVideo(VideoFields):
    """A video to make from an upload or from a public URL (VD-3): exactly one of both."""

    source_upload_id: str | None = Field(
        None, description="Id of a finished upload.", examples=["upload_0q1w2e3r4t5y6u7i8o9p0a1s2"], min_length=1
    )
    source_uri: str | None = Field(
        None, description="Or the public URL of a video.", examples=["https://files.example.com/clip.mp4"]
    )

    @field_validator("source_uri")
    @classmethod
    def _is_url(cls, uri: str | None) -> str | None:
        if uri is not None and not re.fullmatch(r"https?://[!-~]{1,4000}", uri):
            raise ValueError("must be a public http or https URL")
        return uri


class VideoFile(DocumentFile):
    """A video given by the caller: its content, never a path."""

    content: str = Field(description="Its content.", examples=["AAAAGGZ0eXBpc29t"], min_length=1, repr=False)
    encoding: Literal["utf8", "base64"] = Field("base64", description="How content is written.", examples=["base64"])
    content_type: str = Field("application/octet-stream", description="Its media type.", examples=["video/mp4"])


class VideoUpload(VideoFields):
    """A video to upload and make: its content, or a file of this computer; exactly one of both."""

    spellings: ClassVar[dict[str, str]] = {"file": "content"}

    path: str | None = Field(
        None,
        description="A file of this computer, up to 10 GB.",
        examples=["~/clip.mp4"],
        min_length=1,
        json_schema_extra={"local": True},
    )
    content: VideoFile | None = Field(
        None,
        description="Or the file itself: filename, content, encoding (base64 or utf8) and contentType.",
        examples=[{"filename": "clip.mp4", "content": "AAAAGGZ0eXBpc29t", "encoding": "base64"}],
        repr=False,
    )


class VideoRef(Params):
    """One video."""

    video_id: str = Field(description="Id of the video.", examples=["video_a9b8c7d6e5f4g3h2i1j0k9l8m7"], min_length=1)


class WatchParams(VideoRef):
    """One video, and how long to follow it; numbers outside their range are clamped."""

    unfold: ClassVar[tuple[str, ...]] = ("options",)

    interval_ms: int = Field(5000, description="Pause between looks, ms (100 to 60000).", examples=[5000])
    timeout_ms: int = Field(900_000, description="Total time, ms (1000 to 3600000).", examples=[900000])
    max_attempts: int = Field(1000, description="How many looks at the most (1 to 20000).", examples=[1000])


def first_of(value: object, key: str) -> object:
    """Give the first object of the list under this key, else the answer itself (wire 19, rule 2)."""
    listed = value.get(key) if isinstance(value, Mapping) else value
    if isinstance(listed, (list, tuple)):
        return next(iter(listed), None)
    return value


def _flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value
