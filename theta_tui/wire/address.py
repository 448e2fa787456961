"""How a Request becomes one URL: segments checked and quoted one by one, never joined as text.

It does not know credentials; the same Request and holes always give the same URL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import quote, urlencode

import httpx

from theta_tui.change import Family, Hole, Request, Segment
from theta_tui.errors import PolicyRefused, UsageError
from theta_tui.wire.hosts import Hosts

NO_HOLES: Mapping[str, str] = MappingProxyType({})

_FORBIDDEN = re.compile(r"[/\\?#%\s\x00-\x1f\x7f-\x9f\ud800-\udfff]")
MAX_SEGMENT = 200


def filled(hole: Hole, holes: Mapping[str, str]) -> str:
    """Give the value of a hole; PolicyRefused when no earlier step gave one."""
    if hole.name not in holes:
        raise PolicyRefused(f"No earlier step has given {hole}; nothing was sent.")
    return holes[hole.name]


def check_segment(text: str, role: str) -> str:
    """Give a path segment back; UsageError, naming its role, for anything that could leave its place in the path."""
    if not 1 <= len(text) <= MAX_SEGMENT or text in (".", "..") or _FORBIDDEN.search(text):
        raise UsageError(
            f"{role} must be 1 to {MAX_SEGMENT} characters without slash, backslash, ?, #, %, spaces or control "
            "characters, and not a row of dots."
        )
    return text


def url_of(request: Request, hosts: Hosts, holes: Mapping[str, str] = NO_HOLES) -> httpx.URL:
    """Build the URL of a request. UsageError for a bad segment, PolicyRefused for a foreign base."""
    if request.base is None:
        base = str(hosts.base(request.family)).rstrip("/")
    else:
        named = filled(request.base, holes) if isinstance(request.base, Hole) else request.base
        address = hosts.admit(named, request.family)
        if not request.path and not request.query:
            return address
        if address.query:
            raise PolicyRefused("A signed address is used as it is; nothing may be added to it.")
        base = str(address).rstrip("/")
        if request.family is Family.ENDPOINT:
            base = base.removesuffix("/v1")
    query = "?" + urlencode(request.query, quote_via=quote, safe="", errors="replace") if request.query else ""
    return httpx.URL(base + "".join(_quoted(request.path, holes)) + query)


def shown_url(request: Request, hosts: Hosts) -> str:
    """Give the URL for a preview, without query and with holes visible; errors as for `url_of`."""
    if isinstance(request.base, Hole):
        base = str(request.base)
    else:
        base = str(url_of(replace(request, path=(), query=()), hosts)).rstrip("/")
    return base + "".join(_quoted(request.path, None))


def _quoted(path: tuple[Segment, ...], holes: Mapping[str, str] | None) -> list[str]:
    parts: list[str] = []
    before = ""
    for segment in path:
        if isinstance(segment, Hole) and holes is None:
            parts.append(f"/{segment}")
            continue
        if isinstance(segment, Hole) and holes is not None:
            text, role = filled(segment, holes), f"The value of {segment}"
        else:
            text = str(segment)
            role = f"The value after “{before}” in the path" if before else "The first part of the path"
        parts.append("/" + quote(check_segment(text, role), safe="=:@,"))
        before = str(segment)
    return parts
