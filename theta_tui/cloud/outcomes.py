"""What became of changes whose answer was lost: looked up in the cloud's own lists, settled in the local journal.

It sends nothing but reads. What no list can prove stays open and goes on counting as spent.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar, cast

from theta_tui.change import Family
from theta_tui.cloud.deployment_list import listed
from theta_tui.cloud.livestreams import Livestreams
from theta_tui.cloud.on_demand import OnDemand
from theta_tui.cloud.video import Videos
from theta_tui.command import Account, Cloud, query
from theta_tui.errors import CloudError, NoCredentials, UsageError
from theta_tui.leftover import Unsettled
from theta_tui.shapes.deployments import Deployment
from theta_tui.shapes.livestreams import Livestream, StreamsOf
from theta_tui.shapes.on_demand import Job, JobsOf, Service, ServiceFilter
from theta_tui.shapes.outcomes import Outcome, Outcomes
from theta_tui.shapes.video import Video, VideoListParams

LATE_SECONDS = 600.0
"""How long the cloud may take to do what it was asked: until then, not to be in a list proves nothing."""
DAY_SECONDS = 24 * 3600.0
SKEW_SECONDS = 120.0
"""How far the cloud's clock may be from this one."""
VIDEOS = 100
"""Newest videos looked through."""
UNKNOWN = (CloudError, NoCredentials, UsageError)
"""Why a list may not be had."""
NAMELESS = "an entry has no name"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a list tells of a change: whether it happened (None: it does not tell), by which object, at which cost."""

    happened: bool | None
    words: str
    key: str = ""
    usd: Decimal | None = None


class Lists:
    """The cloud's lists as one look at many changes sees them: each is asked for once, also one that cannot be had."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._told: dict[object, Any] = {}

    async def deployments(self, project: str | None) -> Sequence[Deployment]:
        """Give the deployments of a project."""
        return await self._once(("deployments", project), lambda: listed(self._account, project or ""))

    async def livestreams(self) -> Sequence[Livestream]:
        """Give the livestreams of the account."""
        every = StreamsOf(service_account_id=None, status=None)
        return (await self._once("livestreams", lambda: Livestreams(self._account).streams(every))).streams

    async def videos(self) -> Sequence[Video]:
        """Give the newest videos of the account."""
        page = VideoListParams(service_account_id=None, page=1, number=VIDEOS)
        return (await self._once("videos", lambda: Videos(self._account).list_all(page))).videos

    async def jobs(self, project: str | None) -> Mapping[str, Sequence[tuple[float | None, Job]]]:
        """Give the infer requests of a project with the time each was made, by the service they are of."""

        async def ask() -> Mapping[str, Sequence[tuple[float | None, Job]]]:
            found: dict[str, list[tuple[float | None, Job]]] = {}
            for job in (await OnDemand(self._account).list_jobs(JobsOf(project_id=project))).requests:
                found.setdefault(job.service_id, []).append((_time(job.create_time), job))
            return found

        return await self._once(("jobs", project), ask)

    async def service(self, alias: str) -> Service | None:
        """Give what the catalogue knows of a service."""
        filters = ServiceFilter(category=None)
        return (await self._once("services", lambda: OnDemand(self._account).list_services(filters))).find(alias)

    async def _once(self, key: object, ask: Callable[[], Awaitable[T]]) -> T:
        if key not in self._told:
            try:
                self._told[key] = await ask()
            except UNKNOWN as error:
                self._told[key] = error
        found = self._told[key]
        if isinstance(found, UNKNOWN):
            raise found
        return cast(T, found)


class Reconciliation(Cloud):
    """Changes of unknown outcome."""

    prefix = "theta.cleanup"
    domain = "deployments"
    needs = (Family.CONTROLLER,)

    @query()
    async def reconcile(self) -> Outcomes:
        """Look what became of changes whose answer was lost, and write down what the lists prove.

        CT-9, OD-7, VD-10 and VD-5. Nothing is sent again; only the journal of this machine changes. What is not listed
        did not happen, once the cloud has had ten minutes for it. What no list can prove counts as spent.
        """
        lists = Lists(self.account)
        outcomes = []
        taken: set[str] = set()
        for item in await self.account.unsettled():
            seen = await self._settled(dataclasses.replace(item, others=item.others | taken) if taken else item, lists)
            taken |= {seen.key} - {""}
            outcomes.append(seen)
        return Outcomes(changes=tuple(outcomes))

    async def _settled(self, item: Unsettled, lists: Lists) -> Outcome:
        seen = _in_time(item, await self._seen(item, lists))
        if seen.happened is not None:
            await self.account.settle(item, happened=seen.happened, words=seen.words, key=seen.key, usd=seen.usd)
        return Outcome(
            number=item.number,
            command=item.command,
            summary=item.summary,
            since=datetime.fromtimestamp(item.since, UTC).isoformat(timespec="seconds"),
            outcome={True: "happened", False: "did not happen", None: "unknown"}[seen.happened],  # type: ignore[arg-type]
            words=seen.words,
            key=seen.key,
        )

    async def _seen(self, item: Unsettled, lists: Lists) -> Seen:
        looks: Mapping[str, Callable[[Unsettled, Lists], Awaitable[Seen]]] = {
            "deployment": self._deployment,
            "livestream": self._livestream,
            "video": self._video,
            "service": self._job,
        }
        look = looks.get(item.kind)
        if look is None:
            return Seen(None, "No list tells what became of it.")
        try:
            return await look(item, lists)
        except UNKNOWN as error:
            return Seen(None, f"It could not be looked up: {error.message}")

    async def _deployment(self, item: Unsettled, lists: Lists) -> Seen:
        found = await lists.deployments(self.account.project_id(item.project_id))
        odd = next((one.fault or NAMELESS for one in found if not one.name), "")
        if item.usd_per_hour is not None and not item.target:
            made = [one.key for one in found if one.name == item.name and _is_new(_time(one.created_at), item)]
            return _made(item, made, odd)
        return _changed(item, found, odd)

    async def _livestream(self, item: Unsettled, lists: Lists) -> Seen:
        found = await lists.livestreams()
        odd = next((one.fault or NAMELESS for one in found if not one.name), "")
        return _made(item, [one.id for one in found if one.name == item.name], odd)

    async def _video(self, item: Unsettled, lists: Lists) -> Seen:
        found = await lists.videos()
        named = [one for one in found if item.name in (one.file_name, one.source_upload_id, one.source_uri)]
        odd = next((one.fault for one in found if one.fault), "")
        seen = _made(item, [one.id for one in named if _is_new(_time(one.create_time), item)], odd)
        return seen if seen.happened or len(found) < VIDEOS else Seen(None, "There are too many videos to be sure.")

    async def _job(self, item: Unsettled, lists: Lists) -> Seen:
        """Look for the one infer request of that model and time that nothing else in the journal knows."""
        service, jobs = await lists.service(item.target), await lists.jobs(item.project_id)
        names = {item.target, service.id if service else item.target} - {""}
        listed_jobs = [each for name in sorted(names) for each in jobs.get(name, ())]
        fits = [one for when, one in listed_jobs if _is_new(when, item, LATE_SECONDS) and one.id not in item.others]
        if len(fits) != 1:
            return Seen(None, "The list of requests does not tell what became of it.")
        return Seen(True, f"The request is in the list, {fits[0].state}.", fits[0].id, fits[0].spent_usd)


def _made(item: Unsettled, keys: Iterable[str], odd: str) -> Seen:
    """Judge a create by the objects of its name that no other change has made; `odd` says what cannot be told apart."""
    new = [key for key in keys if key not in item.others] if item.name else []
    if len(new) == 1:
        return Seen(True, f"{item.name} is in the list: it was made.", new[0])
    if new:
        return Seen(None, f"There are {len(new)} of the name {item.name}: look which of them it made.")
    if odd:
        return Seen(None, f"The list does not prove that {item.name} is not in it: {odd}.")
    return Seen(False, f"{item.name} is not in the list: it was not made.")


def _changed(item: Unsettled, found: Sequence[Deployment], odd: str) -> Seen:
    """Judge a stop, start or delete by how the deployment stands now."""
    key, name = item.target or item.name, item.name or item.target
    one = next((one for one in found if key and key in (one.suffix, one.base_id, one.id, one.name)), None)
    if one is not None and item.verb in ("stop", "start"):
        if not one.endpoint_status:
            return Seen(None, f"{name} is there; how it stands the list does not tell.")
        return Seen(one.is_billed is (item.verb == "start"), f"{name} is {one.endpoint_status}.")
    if item.verb in ("start", "update"):
        return Seen(None, f"How {name} stands does not tell whether it was changed.")
    if one is None and odd:
        return Seen(None, f"The list does not prove that {name} is not in it: {odd}.")
    if one is None:
        return Seen(True, f"{name} is not in the list any more.")
    return Seen(False, f"{name} is still there.")


def _in_time(item: Unsettled, seen: Seen) -> Seen:
    """Wait with a no until the cloud had its time; after a day what cannot be told is left as spent, machines apart."""
    if seen.happened is False and item.age < LATE_SECONDS:
        minutes = int((LATE_SECONDS - item.age) // 60) + 1
        return Seen(None, f"{seen.words.rstrip('.')}, so far; it counts as spent for {minutes} min more.")
    if seen.happened is None and item.age > DAY_SECONDS and item.usd_per_hour is None:
        return dataclasses.replace(seen, happened=True, words="Nobody can tell any more; it counted as spent.")
    return seen


def _is_new(made: float | None, item: Unsettled, most: float | None = None) -> bool:
    """Whether something was made when the change was sent or after, by the cloud's clock; so it is if that is unknown.

    With `most`, only so many seconds after it, and only if the time is known.
    """
    if made is None:
        return most is None
    late = made - item.since
    return late > -SKEW_SECONDS and (most is None or late < most)


def _time(text: str) -> float | None:
    """Read a time of the cloud's as epoch seconds; None if it cannot be read."""
    try:
        when = datetime.fromisoformat(text)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
