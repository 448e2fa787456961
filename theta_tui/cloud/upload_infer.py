"""Upload, then infer (wire 15.4): slots, files, the job and its result, under one review."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from theta_tui.change import (
    FREE,
    Change,
    Effect,
    Family,
    FileBody,
    Filled,
    Hole,
    HoleKind,
    Plan,
    RawBody,
    Renewal,
    Request,
    Step,
    Target,
    Wait,
)
from theta_tui.cloud.local_files import FRESH_ADDRESS, file_body
from theta_tui.cloud.on_demand import OnDemand, check_job
from theta_tui.command import workflow
from theta_tui.errors import UsageError
from theta_tui.shapes.on_demand import InferParams, Job, PollParams, SlotParams, UploadSlots
from theta_tui.shapes.upload_infer import InferFilesParams, InferredFiles

SLOWEST_BYTES_PER_SECOND = 125_000
"""The slowest line on which an upload still comes to its end."""


class UploadInfer(OnDemand):
    """Models that look at files."""

    @workflow(Effect.METERED)
    async def infer_files(self, params: InferFilesParams) -> Plan[InferredFiles]:
        """Run a model on files: upload them, run it once, and follow the job to its end.

        OD-8, OD-10, OD-3 and OD-6. Raises JobFailed when the model failed and EmptyOutput when it gave nothing.
        """
        bodies = await _bodies(params)
        fields = tuple(bodies)
        slots = SlotParams(service=params.service, input_fields=fields, prediction=params.prediction)
        given = {name: _filename(name) for name in fields}
        infer = await self.infer(
            InferParams(
                service=params.service,
                input={**params.input, **given},
                wait=params.wait,
                prediction=params.prediction,
                variant=params.variant,
                webhook=None,
                allow_unknown_service=params.allow_unknown_service,
            )
        )
        run = _Following(self, params)
        return Plan(
            summary=f"Upload {', '.join(_name(body) for body in bodies.values())} and run {params.service} once",
            effect=Effect.METERED,
            steps=(
                Step(name="slots", change=await self.input_presigned_urls(slots), gives=_filling(fields)),
                *(
                    Step(name=f"upload {name}", change=self._put(name, body), renewal=_renewal(name))
                    for name, body in bodies.items()
                ),
                Step(name="infer", change=dataclasses.replace(infer, read=lambda reply: run.note(infer.read(reply)))),
                Wait(name="poll", run=run.until_done),
            ),
            read=run.result,
            target=Target("service", params.service, params.service),
        )

    def _put(self, field: str, body: FileBody | RawBody) -> Change[int]:
        size = body.size if isinstance(body, FileBody) else len(body.data)
        seconds = max(self.account.request_timeout(), 60 + size / SLOWEST_BYTES_PER_SECOND)
        base = _url(field)
        return Change(
            summary=f"Send {_name(body)}, {size:,} bytes, for {field}",
            effect=Effect.CREATE,
            requests=(Request("PUT", Family.SLOT, base=base, body=body, deadline=seconds),),
            read=lambda reply: reply.status,
            cost=FREE,
        )


class _Following:
    """The job of one run, from its first answer to its last."""

    def __init__(self, cloud: OnDemand, params: InferFilesParams) -> None:
        self._cloud = cloud
        self._params = params
        self._ended = InferredFiles()

    def note(self, job: Job) -> Job:
        """Remember the job as it was answered at first."""
        self._ended = InferredFiles(terminal_state=job.state, attempts=0, request=job)
        return job

    async def until_done(self, filled: Filled) -> Filled:
        """Follow the job unless it is over already (OD-6)."""
        job, params = self._ended.request, self._params
        if not job.is_over:
            limits = {"interval_ms": params.interval_ms, "timeout_ms": params.timeout_ms}
            asked = PollParams.model_validate({"request_id": job.id, **limits})
            polled = await self._cloud.poll_until_done(asked)
            self._ended = InferredFiles(
                terminal_state=polled.terminal_state,
                attempts=polled.attempts,
                seconds=polled.seconds,
                request=polled.request,
            )
        return {}

    def result(self, values: Mapping[str, Any], errors: Mapping[str, BaseException]) -> InferredFiles:
        """Give how it ended, or raise what went wrong."""
        for error in errors.values():
            raise error
        check_job(self._ended.request)
        return self._ended


async def _bodies(params: InferFilesParams) -> dict[str, FileBody | RawBody]:
    """Give what is to be uploaded by input; the slots are signed for plain bytes (wire 2.11)."""
    if not params.files and not params.paths:
        raise UsageError("theta.ondemand.inferFiles needs at least one of files and paths.")
    bodies: dict[str, FileBody | RawBody] = {
        name: RawBody(file.data, label=file.filename) for name, file in params.files.items()
    }
    return {**bodies, **{name: await file_body(path) for name, path in params.paths.items()}}


def _url(field: str) -> Hole:
    return Hole(f"upload.{field}.url", HoleKind.URL)


def _filename(field: str) -> Hole:
    return Hole(f"upload.{field}.filename", HoleKind.TEXT)


def _renewal(field: str) -> Renewal:
    return Renewal(step="slots", holes=(_url(field), _filename(field)), note=FRESH_ADDRESS)


def _name(body: FileBody | RawBody) -> str:
    return body.name if isinstance(body, FileBody) else body.label


def _filling(fields: tuple[str, ...]) -> dict[Hole, Callable[[UploadSlots], str | None]]:
    def part(field: str, attribute: str) -> Callable[[UploadSlots], str | None]:
        return lambda slots: next(
            (getattr(slot, attribute) or None for slot in slots.slots if slot.field == field), None
        )

    urls = {_url(name): part(name, "presigned_url") for name in fields}
    names = {_filename(name): part(name, "filename") for name in fields}
    return {**urls, **names}
