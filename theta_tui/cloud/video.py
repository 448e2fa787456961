"""Videos (wire 10.1 to 10.3): upload, make, watch, find.

VD-7 is a guess and is never called; no route that deletes a video is known.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from theta_tui.change import (
    FREE,
    Change,
    Cost,
    Effect,
    Family,
    FileBody,
    Hole,
    HoleKind,
    JsonBody,
    Plan,
    RawBody,
    Renewal,
    Request,
    Step,
    Target,
    query_of,
)
from theta_tui.cloud import timeouts
from theta_tui.cloud.answers import read_as
from theta_tui.cloud.local_files import FRESH_ADDRESS, file_body
from theta_tui.cloud.platform import read_project
from theta_tui.command import Account, Cloud, mutation, query, workflow
from theta_tui.errors import CloudError, NoCredentials, ProtocolError, UsageError
from theta_tui.shapes.video import (
    NewVideo,
    Upload,
    Video,
    VideoFields,
    VideoList,
    VideoListParams,
    VideoRef,
    VideoSearch,
    VideoUpload,
    Watched,
    WatchParams,
)

SLOWEST_BYTES_PER_SECOND = 125_000
"""The slowest line on which an upload still comes to its end."""
PRICE = Cost(item="video", note="It depends on length and resolutions; no source tells it.")
URL = Hole("upload.url", HoleKind.URL)
ID = Hole("upload.id")


class VideoCloud(Cloud):
    """What all of the video service shares: its credentials, and the account that its lists are about."""

    prefix = "theta.video"
    domain = "video"
    needs = (Family.VIDEO,)

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._own = ""

    async def account_id(self, given: str | None) -> str:
        """Give the service account: as given, else the project's own `tva_id` (PF-3), which is asked once."""
        if given:
            return given
        if not self._own:
            hint = "Give serviceAccountId; the dashboard shows it in the video settings."
            try:
                self._own = (await read_project(self.account)).tva_id
            except NoCredentials as error:
                words = f"The project is asked for its video service account, and {error.message}"
                raise NoCredentials(words, hint=hint) from None
            if not self._own:
                raise UsageError("The project has no video service account.", hint=hint)
        return self._own


class Videos(VideoCloud):
    """Videos of the project's service account."""

    @query("list")
    async def list_all(self, params: VideoListParams) -> VideoList:
        """List the videos of a service account, page by page (VD-5)."""
        asked = query_of(page=params.page, number=params.number)
        path = ("video", await self.account_id(params.service_account_id), "list")
        reply = await self.account.read(Request("GET", Family.VIDEO, path, asked))
        return read_as(lambda value: VideoList.of(value, params.page, params.number), reply)

    @query()
    async def search(self, params: VideoSearch) -> VideoList:
        """Find videos by their metadata and file name (VD-6)."""
        asked = query_of(page=params.page, number=params.number, operator=params.operator, **params.criteria)
        path = ("video", await self.account_id(params.service_account_id), "search")
        reply = await self.account.read(Request("GET", Family.VIDEO, path, asked))
        return read_as(lambda value: VideoList.of(value, params.page, params.number), reply)

    @query()
    async def video_get(self, params: VideoRef) -> Video:
        """Show one video with its state, progress and addresses (VD-4)."""
        reply = await self.account.read(Request("GET", Family.VIDEO, ("video", params.video_id)))
        try:
            return Video.of(reply.value)
        except ValueError:
            raise ProtocolError("The answer holds no video.", request_id=params.video_id) from None

    @query()
    async def watch(self, params: WatchParams) -> Watched:
        """Follow a video until it is ready or has failed; a time-out stops nothing (VD-4, wire 15.4)."""
        interval, limit, most = timeouts.poll_limits(params.interval_ms, params.timeout_ms, params.max_attempts)
        started, attempts = time.monotonic(), 0
        while True:
            video, attempts = await self.video_get(VideoRef(video_id=params.video_id)), attempts + 1
            seconds = time.monotonic() - started
            ended = video.state if video.is_over else "timeout" if seconds + interval > limit else ""
            ended = ended or ("max-attempts" if attempts == most else "")
            if ended:
                return Watched(terminal_state=ended, attempts=attempts, seconds=seconds, video=video)
            await asyncio.sleep(interval)

    @mutation(Effect.CREATE)
    async def upload_create(self) -> Change[Upload]:
        """Open an upload slot, good for 15 minutes; theta.video.upload does all of it at once (VD-1)."""
        return _slot()

    @mutation(Effect.CREATE)
    async def video_create(self, params: NewVideo) -> Change[Video]:
        """Make a video from a finished upload or from a public URL; it is paid for (VD-3)."""
        if (params.source_upload_id is None) == (params.source_uri is None):
            raise UsageError("theta.video.videoCreate takes exactly one of source_upload_id and source_uri.")
        upload, uri = params.source_upload_id, params.source_uri
        return await self._video(
            {"source_upload_id": upload} if upload else {"source_uri": uri},
            params,
            params.file_name or upload or str(uri).partition("?")[0],
            lambda video: (video.source_upload_id, video.source_uri) == (upload or "", uri or ""),
        )

    @workflow(Effect.CREATE)
    async def upload(self, params: VideoUpload) -> Plan[Video]:
        """Upload a file and make a video of it; theta.video.watch follows what becomes of it.

        VD-1, VD-2 and VD-3 under one review (wire 15.4). A file that changes on the way is not made a video of.
        """
        body = await _content(params)
        name, size = (body.name, body.size) if isinstance(body, FileBody) else (body.label, len(body.data))
        fields = params if params.file_name else params.model_copy(update={"file_name": name})
        wanted = fields.file_name
        create = await self._video({"source_upload_id": ID}, fields, name, lambda video: video.file_name == wanted)
        return Plan(
            summary=f"Upload {name} ({_amount(size)}) and make a video of it",
            effect=Effect.CREATE,
            steps=(
                Step(
                    name="slot", change=_slot(), gives={URL: lambda slot: slot.presigned_url, ID: lambda slot: slot.id}
                ),
                Step(
                    name="upload",
                    change=self._put(body, name, size),
                    renewal=Renewal(step="slot", holes=(URL, ID), note=FRESH_ADDRESS),
                ),
                Step(name="create", change=create),
            ),
            read=_outcome,
            target=Target("video", "", name),
        )

    def _put(self, body: FileBody | RawBody, name: str, size: int) -> Change[int]:
        seconds = max(self.account.request_timeout(), 60 + size / SLOWEST_BYTES_PER_SECOND)
        return Change(
            summary=f"Send {name}, {_amount(size)}",
            effect=Effect.CREATE,
            requests=(Request("PUT", Family.SLOT, base=URL, body=body, deadline=seconds),),
            read=lambda reply: reply.status,
        )

    async def _video(
        self, source: Mapping[str, Any], params: VideoFields, name: str, is_it: Callable[[Video], bool]
    ) -> Change[Video]:
        body = JsonBody({**source, **params.as_sent()})
        return Change(
            summary=f"Make a video of {name}",
            effect=Effect.CREATE,
            requests=(Request("POST", Family.VIDEO, ("video",), body=body),),
            read=lambda reply: Video.of(reply.value),
            cost=PRICE,
            target=Target("video", "", name),
            identify=lambda video: video.id,
            reconcile=await self._watch_for(is_it),
        )

    async def _watch_for(self, is_it: Callable[[Video], bool]) -> Callable[[], Awaitable[Video | None]] | None:
        """Give a look for one new video of that kind; None when the list cannot be had to compare with."""
        page = VideoListParams(service_account_id=None, page=1, number=100)
        try:
            before = {video.id for video in (await self.list_all(page)).videos}
        except (CloudError, NoCredentials, UsageError):
            return None

        async def look() -> Video | None:
            found = (await self.list_all(page)).videos
            new = [video for video in found if video.id not in before and is_it(video)]
            return new[0] if len(new) == 1 else None

        return look


def _slot() -> Change[Upload]:
    return Change(
        summary="Open a video upload slot",
        effect=Effect.CREATE,
        requests=(Request("POST", Family.VIDEO, ("upload",), body=JsonBody({})),),
        read=lambda reply: Upload.of(reply.value),
        cost=FREE,
        target=Target("upload"),
        identify=lambda slot: slot.id,
    )


async def _content(params: VideoUpload) -> FileBody | RawBody:
    """Give what is to be uploaded. The slot is signed for plain bytes (VD-2), whatever the file says it is."""
    if (params.path is None) == (params.content is None):
        raise UsageError("theta.video.upload takes exactly one of path and content.")
    if params.path is not None:
        return await file_body(params.path)
    assert params.content is not None  # noqa: S101 checked above
    return RawBody(params.content.data, label=params.content.filename)


def _outcome(values: Mapping[str, Any], errors: Mapping[str, BaseException]) -> Video:
    """Give the video, or raise what went wrong; an upload that is complete is not lost."""
    for step, error in errors.items():
        if step == "create" and isinstance(error, CloudError):
            again = f"The upload is complete: theta.video.videoCreate source_upload_id={values['slot'].id} goes on."
            error.hint = f"{error.hint} {again}".strip()
        raise error
    video: Video = values["create"]
    return video


def _amount(size: int) -> str:
    """Write bytes as people do: 512 bytes, 3.4 MB."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"
