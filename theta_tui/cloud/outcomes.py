"""What became of changes whose answer was lost: looked up in the cloud's own lists, settled in the local journal.

It sends nothing but reads. What no list can prove stays open and goes on counting as spent.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from theta_tui.change import Family
from theta_tui.cloud.deployment_list import listed
from theta_tui.cloud.livestreams import Livestreams
from theta_tui.cloud.on_demand import OnDemand
from theta_tui.cloud.video import Videos
from theta_tui.command import Cloud, query
from theta_tui.errors import CloudError, NoCredentials, UsageError
from theta_tui.leftover import Unsettled
from theta_tui.shapes.deployments import Deployment
from theta_tui.shapes.livestreams import StreamsOf
from theta_tui.shapes.on_demand import JobsOf, ServiceFilter
from theta_tui.shapes.outcomes import Outcome, Outcomes
from theta_tui.shapes.video import VideoListParams

LATE_SECONDS = 600.0
"""How long the cloud may take to do what it was asked: until then, not to be in a list proves nothing."""
DAY_SECONDS = 24 * 3600.0
SKEW_SECONDS = 120.0
"""How far the cloud's clock may be from this one."""
VIDEOS = 100
"""Newest videos looked through."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a list tells of a change: whether it happened (None: it does not tell), by which object, at which cost."""

    happened: bool | None
    words: str
    key: str = ""
    usd: Decimal | None = None


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
        return Outcomes(changes=tuple([await self._settled(item) for item in await self.account.unsettled()]))

    async def _settled(self, item: Unsettled) -> Outcome:
        seen = _in_time(item, await self._seen(item))
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

    async def _seen(self, item: Unsettled) -> Seen:
        looks: Mapping[str, Callable[[Unsettled], Awaitable[Seen]]] = {
            "deployment": self._deployment,
            "livestream": self._livestream,
            "video": self._video,
            "service": self._job,
        }
        look = looks.get(item.kind)
        if look is None:
            return Seen(None, "No list tells what became of it.")
        try:
            return await look(item)
        except (CloudError, NoCredentials, UsageError) as error:
            return Seen(None, f"It could not be looked up: {error.message}")

    async def _deployment(self, item: Unsettled) -> Seen:
        found = await listed(self.account, self.account.project_id(item.project_id))
        if item.usd_per_hour is not None and not item.target:
            return _made(item, [one.key for one in found if one.name == item.name and _is_new(one.created_at, item)])
        return _changed(item, found)

    async def _livestream(self, item: Unsettled) -> Seen:
        found = await Livestreams(self.account).streams(StreamsOf(service_account_id=None, status=None))
        return _made(item, [one.id for one in found.streams if one.name == item.name])

    async def _video(self, item: Unsettled) -> Seen:
        page = VideoListParams(service_account_id=None, page=1, number=VIDEOS)
        found = (await Videos(self.account).list_all(page)).videos
        named = [one for one in found if item.name in (one.file_name, one.source_upload_id, one.source_uri)]
        seen = _made(item, [one.id for one in named if _is_new(one.create_time, item)])
        return seen if seen.happened or len(found) < VIDEOS else Seen(None, "There are too many videos to be sure.")

    async def _job(self, item: Unsettled) -> Seen:
        """Look for the one infer request of that model and time that nothing else in the journal knows."""
        cloud = OnDemand(self.account)
        service = (await cloud.list_services(ServiceFilter(category=None))).find(item.target)
        jobs = (await cloud.list_jobs(JobsOf(project_id=item.project_id))).requests
        names = {item.target, service.id if service else item.target}
        fits = [one for one in jobs if one.service_id in names and _is_new(one.create_time, item, LATE_SECONDS)]
        fits = [one for one in fits if one.id not in item.others]
        if len(fits) != 1:
            return Seen(None, "The list of requests does not tell what became of it.")
        return Seen(True, f"The request is in the list, {fits[0].state}.", fits[0].id, fits[0].spent_usd)


def _made(item: Unsettled, keys: Iterable[str]) -> Seen:
    """Judge a create by the objects of its name that no other change has made."""
    new = [key for key in keys if key not in item.others]
    if len(new) == 1:
        return Seen(True, f"{item.name} is in the list: it was made.", new[0])
    if new:
        return Seen(None, f"There are {len(new)} of the name {item.name}: look which of them it made.")
    return Seen(False, f"{item.name} is not in the list: it was not made.")


def _changed(item: Unsettled, found: Sequence[Deployment]) -> Seen:
    """Judge a stop, start or delete by how the deployment stands now."""
    key, name = item.target or item.name, item.name or item.target
    one = next((one for one in found if key in (one.suffix, one.base_id, one.id, one.name)), None)
    if one is not None and item.verb in ("stop", "start"):
        if not one.endpoint_status:
            return Seen(None, f"{name} is there; how it stands the list does not tell.")
        return Seen(one.is_billed is (item.verb == "start"), f"{name} is {one.endpoint_status}.")
    if item.verb in ("start", "update"):
        return Seen(None, f"How {name} stands does not tell whether it was changed.")
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


def _is_new(created: str, item: Unsettled, most: float | None = None) -> bool:
    """Whether something was made when the change was sent or after, by the cloud's clock; so it is if that is unknown.

    With `most`, only so many seconds after it, and only if the time is known.
    """
    try:
        when = datetime.fromisoformat(created)
    except ValueError:
        return most is None
    late = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - item.since
    return late > -SKEW_SECONDS and (most is None or late < most)
