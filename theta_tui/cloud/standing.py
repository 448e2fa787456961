"""How the object of a change stands: as it was when the change was shown, and again just before it is sent.

It reads only by the functions it is given.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from theta_tui.errors import CloudError, NoCredentials, NotFound, UsageError
from theta_tui.shapes.deployments import Deployment


@dataclass(frozen=True, slots=True)
class Standing:
    """What makes a change of an object another one: what it is called, which one it is, and its condition, in words.

    What is empty is not known, and so not compared. `is_on` says whether the condition is one that lasts and costs;
    two conditions that agree in it are alike.
    """

    name: str
    identity: str = ""
    state: str = ""
    is_on: bool | None = None


Look = Callable[[], Awaitable[Standing | None]]
"""Reads how an object stands; None or NotFound when it is not there."""
Recheck = Callable[[], Awaitable[str | None]]
"""Says what is different since a change was shown; None if nothing is, or nobody can tell."""


async def since_shown(look: Look) -> Recheck | None:
    """Look at an object that is to be changed; give what looks again. None if it cannot be seen now."""
    try:
        shown = await look()
    except (CloudError, NoCredentials, UsageError):
        return None
    return None if shown is None else since(shown, look)


def since(shown: Standing, look: Look) -> Recheck:
    """Give what looks at an object again and says what is different from what was shown."""

    async def recheck() -> str | None:
        try:
            return difference(shown, await look())
        except NotFound:
            return difference(shown, None)
        except CloudError:
            return None  # the change itself will tell

    return recheck


def of_deployment(deployment: Deployment) -> Standing:
    """Give how a deployment stands; whether it is billed is what counts of its status."""
    return Standing(
        name=deployment.name or deployment.key,
        identity=deployment.base_id or deployment.id,
        state=deployment.endpoint_status,
        is_on=deployment.is_billed,
    )


def difference(shown: Standing, now: Standing | None) -> str | None:
    """Say how an object stands otherwise than it was shown; None if it does not."""
    if now is None:
        return f"{shown.name} is not there any more"
    if shown.identity and now.identity and shown.identity != now.identity:
        return f"{shown.name} has gone, and {now.name} is in its place"
    if shown.name and now.name and shown.name != now.name:
        return f"{shown.name} is called {now.name} now"
    if not (shown.state and now.state):
        return None
    is_alike = shown.is_on is now.is_on if shown.is_on is not None else shown.state == now.state
    return None if is_alike else f"{shown.name} is {now.state} now, it was {shown.state}"
