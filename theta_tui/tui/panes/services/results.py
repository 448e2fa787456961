"""What came of a run: its files fetched and kept on this machine, boxes drawn, texts taken. It knows no widgets."""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from theta_tui.errors import ThetaError, UsageError
from theta_tui.journal.runs import RunRecord
from theta_tui.private_file import make_folder
from theta_tui.tui.widgets.picture import with_boxes

if TYPE_CHECKING:
    from theta_tui.session import Session

MOST_BYTES: Final = 200_000_000
_SIGNS: Final = (
    (b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpg"), (b"GIF8", "gif"), (b"OggS", "ogg"), (b"fLaC", "flac"),
    (b"ID3", "mp3"), (b"\x1aE\xdf\xa3", "webm"),
)  # fmt: skip
_ENDINGS: Final = frozenset({"mp4", "mp3", "wav", "webp", "glb", "obj", "json", "txt", "zip"})
PICTURES: Final = (".png", ".jpg", ".gif", ".webp")


@dataclass(frozen=True, slots=True)
class Result:
    """The parts of an output: files by the name of their output, text, boxes, and what could not be fetched."""

    files: tuple[Path, ...] = ()
    text: str = ""
    boxes: tuple[Mapping[str, Any], ...] = ()
    problem: str = ""

    @property
    def picture(self) -> Path | None:
        """The image to show: the last one, which has the boxes in it."""
        return next((file for file in reversed(self.files) if file.suffix in PICTURES), None)


async def fetch_result(session: Session, run: RunRecord) -> tuple[RunRecord, Result]:
    """Fetch the files of a run that are not here yet; the run that knows them, and its parts."""
    output = run.output if isinstance(run.output, Mapping) else {"value": run.output}
    here = tuple(path for name in run.files if (path := Path(name)).exists())
    result = Result(here, _text(output), _boxes(output))
    if here or run.state != "success":
        return run, result
    files: list[Path] = []
    try:
        for at, url in enumerate(_addresses(output), 1):
            files.append(await _fetch(session, run, at, url))
    except ThetaError as error:
        for file in files:  # all or none: the next look fetches them again
            await asyncio.to_thread(file.unlink, missing_ok=True)
        return run, replace(result, problem=f"{error.kind}: {error.message}")
    if result.boxes:
        files += [await _drawn(file, result.boxes) for file in files[:1] if file.suffix in PICTURES]
    run = replace(run, files=[str(file) for file in files])
    await session.journal.update_run(run)
    return run, replace(result, files=tuple(files))


async def _fetch(session: Session, run: RunRecord, number: int, url: str) -> Path:
    data = await session.download(url, MOST_BYTES)
    service = re.sub(r"[^a-z0-9]+", "-", run.service.lower()).strip("-")[:40]
    name = f"{service}-{run.id}-{time.strftime('%Y%m%d-%H%M%S')}-{number}.{_ending(data, url)}"
    return await asyncio.to_thread(_write, session.journal.folder / "results", name, data)


async def _drawn(file: Path, boxes: tuple[Mapping[str, Any], ...]) -> Path:
    drawn = await asyncio.to_thread(with_boxes, file, boxes)
    return file if drawn is None else await asyncio.to_thread(_write, file.parent, f"{file.stem}-boxes.png", drawn)


def save_copy(run: RunRecord, file: Path, target: str) -> Path:
    """Copy a result to where the user wants it, with what made it as JSON beside it; UsageError if it cannot."""
    wanted = Path(target).expanduser()
    about = {
        "service": run.service, "request_id": run.request_id, "inputs": run.inputs, "files": run.paths,
        "variant": run.variant or None, "output": run.output, "cost_usd": run.cost_usd, "seconds": run.seconds,
    }  # fmt: skip
    try:
        wanted.parent.mkdir(parents=True, exist_ok=True)
        written = _write(wanted.parent, wanted.name, file.read_bytes())
        sidecar = json.dumps(about, indent=2, default=str).encode()
        _write(wanted.parent, f"{wanted.name}.json", sidecar)
    except FileExistsError:
        raise UsageError(f"{wanted} is there already; nothing is written over.") from None
    except OSError as error:
        raise UsageError(f"{wanted} cannot be written: {(error.strerror or 'unknown').lower()}.") from None
    return written


def _write(folder: Path, name: str, data: bytes) -> Path:
    make_folder(folder)
    path = folder / name
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(data)
    return path


def _addresses(output: Mapping[str, Any]) -> Iterator[str]:
    for value in output.values():
        if isinstance(value, str) and value.startswith(("https://", "http://127.0.0.1")) and " " not in value:
            yield value


def _ending(data: bytes, url: str) -> str:
    """Give the ending by what the bytes are, else by the address if it names a harmless one."""
    if data[:4] == b"RIFF":
        return "wav" if data[8:12] == b"WAVE" else "webp"
    if data[4:8] == b"ftyp":
        return "mp4"
    told = PurePosixPath(urlsplit(url).path).suffix.lstrip(".").lower()
    known = next((ending for sign, ending in _SIGNS if data.startswith(sign)), "")
    return known or (told if told in _ENDINGS else "bin")


def _text(output: Mapping[str, Any]) -> str:
    texts = [value for name, value in output.items() if isinstance(value, str) and value and name != "used_seed"]
    return "\n\n".join(text for text in texts if not text.startswith(("http://", "https://")))


def _boxes(output: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    found = output.get("boxes")
    return tuple(one for one in found if isinstance(one, Mapping)) if isinstance(found, list) else ()
