"""Infer requests of the simulated cloud: their life on the simulated clock, quotas and price (wire 2.6 to 2.8)."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from theta_tui.sandbox import catalogue, craft
from theta_tui.sandbox.answers import Refused
from theta_tui.sandbox.craft import Failed, Product
from theta_tui.sandbox.service_object import Service
from theta_tui.sandbox.storage import Storage
from theta_tui.sandbox.turn import Spoken
from theta_tui.sandbox.utterance import SPEAKERS, compose, silenced
from theta_tui.sandbox.world import World

TEN_MINUTE_QUOTA: Final = 50
DAILY_QUOTA: Final = 1000
_TEN_MINUTES, _DAY = 600, 86_400

#: Simulated seconds from waiting to being done, by kind of service; the wait before it is short.
_WORK_SECONDS: Final = {"llm": 1.6, "image": 3.5, "audio": 2.5, "vision": 2.0}
_QUEUE_SECONDS: Final = 0.4

FINISHED: Final = ("success", "error", "cancelled")


@dataclass
class Job:
    """One infer request; `shown` is what the cloud answers about it."""

    service: Service
    shown: dict[str, Any]
    finished: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def id(self) -> str:
        """The `infr_rqst_…` id."""
        return str(self.shown["id"])

    @property
    def prediction(self) -> dict[str, Any]:
        """The prediction it runs."""
        found: dict[str, Any] = self.service["predictions"][self.shown["prediction"]]
        return found


class Desk:
    """All jobs of a world, newest last, their quotas and their files."""

    def __init__(self, world: World) -> None:
        self.storage = Storage(world)
        self._world = world
        self._jobs: dict[str, Job] = {}
        self._taken: defaultdict[str, deque[float]] = defaultdict(deque)
        self._running: set[asyncio.Task[None]] = set()

    def find(self, job_id: str) -> Job | None:
        """A job by its id, or None."""
        return self._jobs.get(job_id)

    def newest(self) -> list[Job]:
        """All jobs, the newest first."""
        return list(reversed(self._jobs.values()))

    def quotas(self, service: Service) -> list[dict[str, Any]]:
        """`model_quotas` for the template of this service (wire 2.7)."""
        taken = self._recent(service["template_id"])
        ten_minutes = sum(1 for at in taken if at > self._world.clock.elapsed() - _TEN_MINUTES)
        return [
            {
                "template_id": service["template_id"],
                "ten_min_quota": TEN_MINUTE_QUOTA,
                "ten_min_remaining": max(TEN_MINUTE_QUOTA - ten_minutes, 0),
                "daily_quota": DAILY_QUOTA,
                "daily_remaining": max(DAILY_QUOTA - len(taken), 0),
            }
        ]

    def count(self, service: Service) -> None:
        """Take one from the quotas of a service; refuses with 429 when there is none left."""
        left = self.quotas(service)[0]
        if not left["ten_min_remaining"] or self._world.faults.take("quota"):
            raise Refused(429, "10 minute quota reached")
        if not left["daily_remaining"]:
            raise Refused(429, "daily quota reached")
        self._taken[service["template_id"]].append(self._world.clock.elapsed())

    def open(self, service: Service, prediction: str, inputs: dict[str, Any], **more: Any) -> Job:
        """Write a new job down, in the state `pending`."""
        price, divisor = catalogue.price(service["predictions"][prediction])
        now = self._world.clock.iso()
        shown = {
            "id": self._world.ids.make("infr_rqst_"),
            "org_id": self._world.org_id,
            "project_id": self._world.project_id,
            "service_id": service["id"],
            "template_id": service["template_id"],
            "prediction": prediction,
            "variant": more.get("variant"),
            "webhook": more.get("webhook"),
            "community_worker_only": None,
            "state": "pending",
            "infer_endpoint_id": None,
            "usage": {"input": 0, "output": 0},
            "prediction_cost": price,
            "prediction_cost_divisor": divisor,
            "cost_usd": {"input": 0, "output": 0},
            "input": inputs,
            "output": None,
            "create_time": now,
            "update_time": now,
            **dict.fromkeys(("assigned_time", "process_time", "success_time", "error_time", "error_message")),
            "is_new": True,
        }
        job = Job(service, shown)
        self._jobs[job.id] = job
        self._world.counts["infer_requests"] += 1
        return job

    async def start(self, job: Job, path: str) -> None:
        """Let the job run in the background. `path` lets faults with a `match` find it."""
        task = asyncio.create_task(self._run(job, path))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        # Its time runs before the caller has an answer, or a jump of the clock right after could be missed.
        await asyncio.sleep(0)

    async def wait(self, job: Job, seconds: float) -> None:
        """Until the job is finished, at most so many simulated seconds."""
        if not seconds or job.finished.is_set():
            return
        waiting = [asyncio.ensure_future(job.finished.wait()), asyncio.ensure_future(self._world.clock.sleep(seconds))]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()

    def process(self, job: Job) -> None:
        """A worker has taken the job."""
        now = self._world.clock.iso()
        job.shown.update(state="processing", assigned_time=now, process_time=now, update_time=now)

    def settle_spoken(self, job: Job, spoken: Spoken) -> None:
        """A chat has been sent, wholly or until the client went; both are paid for what was sent."""
        output = {"message": spoken.text or None}
        self._end(job, "success" if spoken.complete else "cancelled", output)
        self._charge(job, spoken.prompt_tokens, spoken.completion_tokens)

    async def _run(self, job: Job, path: str) -> None:
        clock, pace, faults = self._world.clock, self._world.pace, self._world.faults
        slow = faults.take("slow_job", "POST", path)
        await clock.sleep(_QUEUE_SECONDS * pace)
        self.process(job)
        await clock.sleep(_WORK_SECONDS[job.service["workload_type"]] * pace)
        if slow:
            await clock.sleep(float(slow.option("seconds", 60)))
        try:
            if failure := faults.take("job_error", "POST", path):
                raise Failed(str(failure.option("text", "CUDA out of memory")))
            product = await self._work(job, path)
        except Failed as error:
            job.shown.update(error_message=str(error), error_time=clock.iso())
            self._end(job, "error", None)
            return
        stem = f"{job.service['id']}/{self._world.project_id}/{job.id}"
        files = {name: self.storage.keep_output(f"{stem}_{name}", data) for name, data in product.files.items()}
        self._end(job, "success", {**files, **product.fields})
        self._charge(job, *product.usage)

    async def _work(self, job: Job, path: str) -> Product:
        alias, inputs = job.service["alias"], job.shown["input"]
        if alias not in SPEAKERS:
            return await asyncio.to_thread(craft.make, alias, job.shown["prediction"], inputs, self.storage.read_input)
        utterance = compose(inputs, SPEAKERS[alias])
        if self._world.faults.take("null_output", "POST", path):
            utterance = silenced(utterance)
        usage = (utterance.prompt_tokens, len(utterance.pieces))
        return Product({"message": utterance.text("content") or None}, usage=usage)

    def _end(self, job: Job, state: str, output: dict[str, Any] | None) -> None:
        now = self._world.clock.iso()
        job.shown.update(state=state, output=output, update_time=now)
        if state == "success":
            job.shown["success_time"] = now
        job.finished.set()

    def _charge(self, job: Job, inputs: int, outputs: int) -> None:
        price, divisor = catalogue.price(job.prediction)
        job.shown["usage"] = {"input": inputs, "output": outputs}
        cents = {side: units * Decimal(str(price[side])) / divisor for side, units in job.shown["usage"].items()}
        job.shown["cost_usd"] = {side: amount / 100 for side, amount in cents.items()}
        if self._world.records["on_demand"].get("desk") is self:  # else the world has been reset meanwhile
            self._world.charge(sum(cents.values(), Decimal(0)), f"{job.service['alias']} {job.id}")

    def _recent(self, template_id: str) -> deque[float]:
        taken = self._taken[template_id]
        while taken and taken[0] <= self._world.clock.elapsed() - _DAY:
            taken.popleft()
        return taken


def desk(world: World) -> Desk:
    """The desk of this world; a reset world has a new one."""
    found: Desk = world.records["on_demand"].setdefault("desk", Desk(world))
    return found
