"""What the vault keeps: the table of credentials (wire 1.2, 13.1) and the rule for their values.

It knows no keyring and no environment, only the names of the variables.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from theta_tui.errors import UsageError

LONGEST = 1200
"""Characters of one secret; the smallest keyring takes 1,280."""
_DYNAMIC = re.compile(r"(?:endpoint|chatbot)(?:/[^/\x00-\x1f\x7f-\x9f]{1,120}){1,2}")


@dataclass(frozen=True, slots=True)
class Item:
    """One credential: what it opens, the variables that hold it (the stronger first), where users find it.

    A `bound` item is kept for one exact origin; the others serve every host of their family at its default address.
    A `public` one is an id that answers and addresses show: hiding it there would break them.
    """

    name: str
    family: str
    label: str
    env: tuple[str, ...]
    where: str
    bound: bool = False
    public: bool = False


_ENDPOINT_LOGIN = "Chosen when the deployment was created (auth_username, auth_password)."
_VIDEO = "Dashboard → Video → API settings: service account id and secret."

ITEMS: Mapping[str, Item] = {
    item.name: item
    for item in (
        Item(
            "ec_api_key",
            "project",
            "project API key",
            ("THETA_EC_API_KEY",),
            "Dashboard → Account/Settings → Projects → your project → Create API Key; shown once.",
        ),
        Item(
            "ondemand_token",
            "ondemand",
            "on-demand access token",
            ("THETA_ONDEMAND_API_TOKEN", "THETA_ONDEMAND_API_KEY", "THETA_API_KEY"),
            "Dashboard → AI → On-demand model APIs → a model → Access Token.",
        ),
        Item(
            "inference_token",
            "endpoint",
            "endpoint token",
            ("THETA_INFERENCE_AUTH_TOKEN",),
            "The bearer token of your own endpoint, if it wants one.",
            bound=True,
        ),
        Item(
            "inference_user",
            "endpoint",
            "endpoint user name",
            ("THETA_INFERENCE_AUTH_USER",),
            _ENDPOINT_LOGIN,
            bound=True,
        ),
        Item(
            "inference_password",
            "endpoint",
            "endpoint password",
            ("THETA_INFERENCE_AUTH_PASS",),
            _ENDPOINT_LOGIN,
            bound=True,
        ),
        Item("video_sa_id", "video", "video service account id", ("THETA_VIDEO_SA_ID",), _VIDEO, public=True),
        Item("video_sa_secret", "video", "video service account secret", ("THETA_VIDEO_SA_SECRET",), _VIDEO),
        Item(
            "chatbot_token",
            "ai",
            "chatbot token",
            ("THETA_CHATBOT_TOKEN",),
            "Dashboard → Agentic AI → your chatbot → API.",
        ),
    )
}


def item_of(name: str) -> Item:
    """Give the item of a name, also of `endpoint/…` and `chatbot/…`; ValueError for a name that is none."""
    if name in ITEMS:
        return ITEMS[name]
    if not _DYNAMIC.fullmatch(name):
        raise ValueError("not the name of a vault item")
    if name.startswith("chatbot/"):
        general = ITEMS["chatbot_token"]
        return Item(name, general.family, "token of this chatbot", general.env, general.where, bound=True)
    return Item(name, "endpoint", "credentials of this endpoint", (), _ENDPOINT_LOGIN, bound=True)


def checked(text: str, what: str) -> str:
    """Trim a secret and require printable ASCII without spaces; UsageError names `what`, never the value."""
    trimmed = text.strip()
    if not trimmed:
        raise UsageError(f"{what} is empty.")
    if not all("!" <= character <= "~" for character in trimmed):
        raise UsageError(
            f"{what} holds a space, a line break or a character that no key has.",
            hint="Copy it again, without quotes and without the text around it.",
        )
    if len(trimmed) > LONGEST:
        raise UsageError(f"{what} is longer than {LONGEST} characters.")
    return trimmed
