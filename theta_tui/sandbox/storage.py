"""The simulated cloud's file store: presigned upload slots, and the finished files of jobs (wire 2.9 and 2.11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Final

from theta_tui.sandbox import media
from theta_tui.sandbox.world import World

MOST_UPLOAD_BYTES: Final = 50 * 1024 * 1024
SLOT_SECONDS: Final = 900
_MOST_STORED_BYTES: Final = 200 * 1024 * 1024


@dataclass
class Slot:
    """A place for one upload: who may write it, until when (simulated seconds), and what has been written."""

    id: str
    filename: str
    signature: str
    until: float
    data: bytes | None = None


class Storage:
    """Slots by id, and finished files by path below `/output/`; the oldest are dropped when too much is stored."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._slots: dict[str, Slot] = {}
        self._outputs: dict[str, bytes] = {}

    def open_slot(self, field: str) -> tuple[str, str]:
        """A new slot for an input field: its presigned URL, and the filename to pass on."""
        ids, clock = self._world.ids, self._world.clock
        ending = "wav" if "audio" in field else "png"
        slot = Slot(ids.hexadecimal(24), f"{ids.hexadecimal(12)}.{ending}", ids.hexadecimal(64), 0)
        slot.until = clock.elapsed() + SLOT_SECONDS
        self._slots[slot.id] = slot
        stamp = clock.now().strftime("%Y%m%dT%H%M%SZ")
        query = (
            f"X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential=sandbox%40theta&X-Goog-Date={stamp}"
            f"&X-Goog-Expires={SLOT_SECONDS}&X-Goog-SignedHeaders=host&X-Goog-Signature={slot.signature}"
        )
        return f"{self._world.origin}/upload/{slot.id}?{query}", slot.filename

    def writable(self, slot_id: str, query: Mapping[str, str]) -> Slot | None:
        """The slot if it exists, is still open and the signature is its own; else None."""
        slot = self._slots.get(slot_id)
        if slot is None or self._world.clock.elapsed() > slot.until:
            return None
        return slot if compare_digest(query.get("X-Goog-Signature", "").encode(), slot.signature.encode()) else None

    def write(self, slot: Slot, data: bytes) -> None:
        """Keep what was uploaded."""
        slot.data = data
        self._world.counts["uploads"] += 1
        self._make_room()

    def keep_output(self, stem: str, data: bytes) -> str:
        """Keep a finished file under `stem` plus the ending that fits; answers its URL."""
        path = f"{stem}.{media.content_type(data)[1]}"
        self._outputs[path] = data
        self._make_room()
        return f"{self._world.origin}/output/{path}"

    def output(self, path: str) -> bytes | None:
        """A finished file, or None."""
        return self._outputs.get(path)

    def read_input(self, value: str) -> bytes | None:
        """The bytes behind a file input: a slot's filename, one of our outputs, or a stand-in for a public https URL.

        None if there is no such file, or nothing has been uploaded into its slot.
        """
        own = f"{self._world.origin}/output/"
        if value.startswith(own):
            return self._outputs.get(value.removeprefix(own))
        if value.startswith("https://"):
            # The sandbox fetches nothing; the same URL always stands for the same file.
            name = value.partition("?")[0].lower()
            sound = name.endswith((".wav", ".mp3", ".ogg", ".flac", ".m4a"))
            return media.recording(f"A clip from {value}", "af_sky") if sound else media.picture(value, "url")
        slots = list(self._slots.values())  # a copy: jobs read in a thread while slots are opened
        return next((slot.data for slot in slots if slot.filename == value), None)

    def _make_room(self) -> None:
        sizes = {name: len(data) for name, data in self._outputs.items()}
        stored = sum(sizes.values()) + sum(len(slot.data or b"") for slot in self._slots.values())
        for name in list(self._outputs)[:-1]:
            if stored <= _MOST_STORED_BYTES:
                return
            stored -= len(self._outputs.pop(name))
        for slot_id in list(self._slots)[:-1]:
            if stored <= _MOST_STORED_BYTES:
                return
            stored -= len(self._slots.pop(slot_id).data or b"")
