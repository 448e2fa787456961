"""What the simulated video service keeps: upload slots, and videos on their way from created to success (wire 10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest
from typing import Any, Final, cast
from urllib.parse import urlencode

from theta_tui.sandbox.world import World

SLOT_SECONDS: Final = 900
MOST_UPLOAD_BYTES: Final = 10 * 1024**3
RESOLUTIONS: Final = (360, 720, 1080, 2160)
CREATED_SECONDS: Final = 3.0
_BASE_SECONDS: Final = 60.0
_RESOLUTION_SECONDS: Final = 30.0
_BYTES_PER_SECOND: Final = 250_000


@dataclass
class Slot:
    """A place for one upload; of what has been written only size and SHA-256 are kept. Times in simulated seconds."""

    id: str
    signature: str
    opened: float
    size: int = 0
    sha256: str = ""

    def describe(self, world: World) -> dict[str, Any]:
        """The object of wire 10.1."""
        opened = moment(world, self.opened)
        return {
            "id": self.id,
            "service_account_id": world.keys.video_sa_id,
            "presigned_url": f"{world.origin}/upload/video/{self.id}?{self._signed()}",
            "presigned_url_expiration": moment(world, self.opened + SLOT_SECONDS),
            "presigned_url_expired": self._is_over(world),
            "create_time": opened,
            "update_time": opened,
        }

    def is_open_for(self, world: World, query: Mapping[str, str]) -> bool:
        """Whether these query parameters allow to write now."""
        given = query.get("X-Goog-Signature", "")
        return not self._is_over(world) and compare_digest(given.encode(), self.signature.encode())

    def _is_over(self, world: World) -> bool:
        return world.clock.elapsed() > self.opened + SLOT_SECONDS

    def _signed(self) -> str:
        return urlencode({"X-Goog-Expires": SLOT_SECONDS, "X-Goog-Signature": self.signature})


@dataclass
class Video:
    """A video. `order` are the fields of its creation (wire 10.2); `failure` is what it breaks with, half-way."""

    id: str
    order: dict[str, Any]
    created: float
    seconds: float
    failure: str | None = None

    def describe(self, world: World) -> dict[str, Any]:
        """The object of wire 10.3, as it is now."""
        state, sub_state, progress = self._progress(world.clock.elapsed() - self.created)
        done, account = state == "success", world.keys.video_sa_id
        where = f"{world.org_id}/{account}/{self.id}"
        return {
            "id": self.id,
            "service_account_id": account,
            "file_name": self.order.get("file_name"),
            "state": state,
            "sub_state": sub_state,
            "source_upload_id": self.order.get("source_upload_id"),
            "source_uri": self.order.get("source_uri"),
            "playback_policy": self.order.get("playback_policy") or "public",
            "progress": progress,
            "error": self.failure if state == "error" else None,
            "duration": None if state == "created" else f"{self.seconds:.1f}",
            "resolution": max(self.resolutions),
            "metadata": self.order.get("metadata") or {},
            "playback_uri": f"https://media.thetavideoapi.com/{where}/master.m3u8" if done else None,
            "player_uri": f"https://player.thetavideoapi.com/video/{self.id}" if done else None,
            "create_time": moment(world, self.created),
            "update_time": moment(world, min(world.clock.elapsed(), self.created + self.work)),
        }

    @property
    def resolutions(self) -> list[int]:
        """What is made of it."""
        return self.order.get("resolutions") or [720]

    @property
    def work(self) -> float:
        """Simulated seconds from its creation to its success."""
        return CREATED_SECONDS + _BASE_SECONDS + _RESOLUTION_SECONDS * len(self.resolutions)

    def answers(self, wanted: Mapping[str, str], *, every: bool) -> bool:
        """Whether metadata and file name have every (or any) wanted value; nested keys are joined by a dot."""
        known = {"file_name": self.order.get("file_name"), **dict(_flat(self.order.get("metadata") or {}))}
        found = [known.get(name) == value for name, value in wanted.items()]
        return not found or (all(found) if every else any(found))

    def _progress(self, age: float) -> tuple[str, str | None, int]:
        if age < CREATED_SECONDS:
            return "created", None, 0
        share = min((age - CREATED_SECONDS) / (self.work - CREATED_SECONDS), 1.0)
        if self.failure and share >= 0.5:
            return "error", None, 50
        return ("success", None, 100) if share == 1.0 else ("processing", "transcoding", int(share * 100))


def slots(world: World) -> dict[str, Slot]:
    """The upload slots of a world, by id."""
    return cast(dict[str, Slot], world.records["video"].setdefault("slots", {}))


def videos(world: World) -> dict[str, Video]:
    """The videos of a world by id, in the order of their creation."""
    return cast(dict[str, Video], world.records["video"].setdefault("videos", {}))


def open_slot(world: World) -> Slot:
    """A new upload slot."""
    slot = Slot(world.ids.make("upload_"), world.ids.hexadecimal(64), world.clock.elapsed())
    slots(world)[slot.id] = slot
    return slot


def make_video(world: World, order: dict[str, Any], *, age: float = 0.0) -> Video:
    """A new video, created `age` simulated seconds ago; its length follows from the size of its upload."""
    source = slots(world).get(order.get("source_upload_id", ""))
    seconds = min(max(source.size / _BYTES_PER_SECOND, 1.0), 7200.0) if source else 12.5
    video = Video(world.ids.make("video_"), order, world.clock.elapsed() - age, seconds)
    videos(world)[video.id] = video
    return video


def moment(world: World, at: float) -> str:
    """A moment, given in simulated seconds, in the cloud's form."""
    return world.clock.iso(world.clock.now() - timedelta(seconds=world.clock.elapsed() - at))


def _flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", str(value).lower() if isinstance(value, bool) else str(value)
