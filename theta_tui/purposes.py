"""What the cloud may be used for: each purpose with what it asks for, and what its check needs. It asks nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from theta_tui.intake import (
    CHATBOT_TOKEN,
    ENDPOINT,
    ENDPOINT_PASSWORD,
    ENDPOINT_TOKEN,
    ENDPOINT_USER,
    PROJECT_ID,
    PROJECT_KEY,
    TOKEN,
    VIDEO_ID,
    VIDEO_SECRET,
)
from theta_tui.vault import ITEMS


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that is asked for: an item of the vault, or (not `is_secret`) a setting.

    `where` says where it is found; `variable` is the first that may hold it.
    """

    name: str
    label: str
    where: str
    variable: str
    is_secret: bool = True


@dataclass(frozen=True, slots=True)
class Purpose:
    """A family of credentials that can be switched on. A check needs all of `needs`; with none it cannot be checked.

    `usual` ones are switched on to begin with.
    """

    name: str
    title: str
    words: str
    asks: tuple[str, ...]
    needs: tuple[str, ...]
    usual: bool = False


PROJECT: Final = Purpose(
    "project",
    "Deployments, billing, agents",
    "project API key and project id",
    (PROJECT_KEY, PROJECT_ID),
    (PROJECT_KEY, PROJECT_ID),
    usual=True,
)
MODELS: Final = Purpose(
    "models",
    "Models: chat, pictures, speech",
    "on-demand access token",
    (TOKEN,),
    (TOKEN,),
    usual=True,
)
VIDEO: Final = Purpose(
    "video", "Videos and livestreams", "video service account", (VIDEO_ID, VIDEO_SECRET), (VIDEO_ID, VIDEO_SECRET)
)
OWN_ENDPOINT: Final = Purpose(
    "endpoint",
    "An endpoint of your own",
    "address, token or login",
    (ENDPOINT, ENDPOINT_TOKEN, ENDPOINT_USER, ENDPOINT_PASSWORD),
    (ENDPOINT,),
)
CHATBOT: Final = Purpose("chatbot", "Talking to one agent", "the chatbot's own token", (CHATBOT_TOKEN,), ())
PURPOSES: Final = (PROJECT, MODELS, VIDEO, OWN_ENDPOINT, CHATBOT)

_SETTINGS: Final = (
    Asked(
        PROJECT_ID,
        "project id",
        "Dashboard → your project: paste its address, the prj_… id is found in it.",
        "THETA_EC_PROJECT_ID",
        is_secret=False,
    ),
    Asked(
        ENDPOINT,
        "endpoint address",
        "Dashboard → your deployment: its https address.",
        "THETA_INFERENCE_ENDPOINT",
        is_secret=False,
    ),
)
ASKED: Final[Mapping[str, Asked]] = {
    **{item.name: Asked(item.name, item.label, item.where, item.env[0]) for item in ITEMS.values()},
    **{one.name: one for one in _SETTINGS},
}
"""Everything that can be asked for, by name."""


def purpose_of(name: str) -> Purpose | None:
    """Give the purpose that something is asked for; None for what belongs to single objects, such as `endpoint/…`."""
    return next((purpose for purpose in PURPOSES if name in purpose.asks), None)
