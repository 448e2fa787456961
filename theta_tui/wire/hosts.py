"""Which host answers what: default origins, credentials, base-URL variables, and the one rule for named addresses.

It does not know credentials' values nor how anything is sent.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import httpx

from theta_tui.change import Family, JsonBody, Request
from theta_tui.errors import NoCredentials, PolicyRefused, UsageError

MAX_URL = 8192
FOREIGN_ENDPOINT = "THETA_INFERENCE_ENDPOINT host is not allowed; use a Theta EdgeCloud endpoint"


class Scheme(StrEnum):
    """How a family is told who asks."""

    BEARER = "bearer"
    KEY = "x-api-key"
    ENDPOINT = "bearer, basic or none"
    VIDEO = "x-tva-sa-id and x-tva-sa-secret"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Host:
    """One row of wire 1.1: the default base, how requests are signed, and what users call its settings."""

    base: str | None
    scheme: Scheme
    variables: tuple[str, ...] = ()
    credential: str = ""


TABLE: Mapping[Family, Host] = MappingProxyType(
    {
        Family.ONDEMAND: Host(
            "https://ondemand.thetaedgecloud.com",
            Scheme.BEARER,
            ("THETA_ONDEMAND_API_BASE_URL", "THETA_API_BASE_URL"),
            "the on-demand token (THETA_ONDEMAND_API_TOKEN)",
        ),
        Family.CONTROLLER: Host(
            "https://controller.thetaedgecloud.com",
            Scheme.KEY,
            ("THETA_CONTROLLER_API_BASE_URL",),
            "the project key (THETA_EC_API_KEY)",
        ),
        Family.PLATFORM: Host(
            "https://api.thetaedgecloud.com",
            Scheme.KEY,
            ("THETA_PLATFORM_API_BASE_URL",),
            "the project key (THETA_EC_API_KEY)",
        ),
        Family.AI: Host(
            "https://ai.thetaedgecloud.com", Scheme.BEARER, ("THETA_AI_API_BASE_URL",), "the chatbot token"
        ),
        Family.ENDPOINT: Host(
            None,
            Scheme.ENDPOINT,
            ("THETA_INFERENCE_ENDPOINT",),
            "the endpoint credential (THETA_INFERENCE_AUTH_TOKEN, or THETA_INFERENCE_AUTH_USER and _PASS)",
        ),
        Family.VIDEO: Host(
            "https://api.thetavideoapi.com",
            Scheme.VIDEO,
            ("THETA_VIDEO_API_BASE_URL",),
            "the video service account (THETA_VIDEO_SA_ID, THETA_VIDEO_SA_SECRET)",
        ),
        Family.CHAIN: Host(None, Scheme.NONE, ("THETA_CHAIN_RPC_URL",)),
        Family.THETACLI: Host(None, Scheme.NONE, ("THETA_CLI_RPC_URL",)),
        Family.EDGE_CLIENT: Host(None, Scheme.NONE, ("THETA_EDGECLOUD_RPC_URL",)),
        Family.SLOT: Host(None, Scheme.NONE),
        Family.OUTPUT: Host(None, Scheme.NONE),
    }
)

RPC_FAMILIES = frozenset({Family.CHAIN, Family.THETACLI, Family.EDGE_CLIENT})

READING_CALLS: Mapping[Family, frozenset[str]] = MappingProxyType(
    {
        Family.CHAIN: frozenset(
            {
                "theta.GetVersion",
                "theta.GetStatus",
                "theta.GetAccount",
                "theta.GetBlock",
                "theta.GetBlockByHeight",
                "theta.GetTransaction",
                "theta.GetPendingTransactions",
                "theta.CallSmartContract",
            }
        ),
        Family.THETACLI: frozenset({"thetacli.ListKeys", "thetacli.IsKeyUnlocked"}),
        Family.EDGE_CLIENT: frozenset(
            {
                "edgecloud.GetStatus",
                "edgecloud.GetJobs",
                "edgecloud.GetDeployments",
                "edgecloud.GetRewards",
                "edgelauncher.GetPastJobs",
            }
        ),
    }
)
"""The JSON-RPC methods that change nothing (wire 11); the only POSTs a Reader sends."""

_PRIVATE = re.compile(
    r"local|localhost|localdomain|internal|intranet|lan|home|corp|private|arpa|test|invalid|example|onion"
)
_NAME = re.compile(r"(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
_DOTS = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
_THETA = ("thetaedgecloud.com", "onthetaedgecloud.com")


def is_reading_call(request: Request) -> bool:
    """Whether a POST is a JSON-RPC call that only reads; batches never are."""
    if request.method != "POST" or not isinstance(request.body, JsonBody):
        return False
    call = request.body.value
    return isinstance(call, Mapping) and call.get("method") in READING_CALLS.get(request.family, frozenset())


def parse_url(text: str) -> httpx.URL | None:
    """Parse an absolute http(s) URL with the library that will send it; None if anything about it is odd."""
    if not text.isascii() or not text.isprintable() or len(text) > MAX_URL or re.search(r"[\s\\<>\"]", text):
        return None
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return None
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or url.fragment or "#" in text:
        return None
    if "@" in text.split("/", 3)[2] or _DOTS.search(text.split("?", 1)[0][8:]):
        return None
    return url


def origin_of(url: httpx.URL) -> str:
    """Give scheme, host and port (if it is not the usual one) of a URL."""
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def is_loopback(url: httpx.URL) -> bool:
    """Whether a URL names this very machine."""
    if url.host == "localhost":
        return True
    try:
        return ipaddress.ip_address(url.host).is_loopback
    except ValueError:
        return False


def is_public_name(host: str) -> bool:
    """Whether a host is a DNS name of the public kind: LDH labels, no IP literal, no private suffix."""
    if len(host) > 253 or not _NAME.fullmatch(host):
        return False
    return not _PRIVATE.fullmatch(host.rsplit(".", 1)[1])


def _under(*domains: str) -> Callable[[str], bool]:
    return lambda host: host.endswith(tuple("." + domain for domain in domains))


def _own_hosts() -> frozenset[str]:
    return frozenset(httpx.URL(host.base).host for host in TABLE.values() if host.base)


_NAMED: Mapping[Family, tuple[Callable[[str], bool], tuple[Family, ...]]] = MappingProxyType(
    {
        Family.ENDPOINT: (_under(*_THETA), (Family.CONTROLLER,)),
        Family.SLOT: (lambda host: host not in _own_hosts(), (Family.ONDEMAND, Family.VIDEO)),
        Family.OUTPUT: (_under("thetaedgecloud.com", "thetavideoapi.com"), (Family.ONDEMAND, Family.VIDEO)),
    }
)
"""Which hosts answers may name, and whose loopback base (when overridden) is allowed as well."""


class Hosts:
    """The bases in use. UsageError, naming the variable, for an override that cannot be one."""

    def __init__(self, overrides: Mapping[Family, str] | None = None) -> None:
        self._overrides: dict[Family, httpx.URL] = {}
        given = dict(overrides or {})
        for family in sorted(given, key=lambda one: one is Family.ENDPOINT):
            self._overrides[family] = self._override(family, given[family].strip())

    def _override(self, family: Family, text: str) -> httpx.URL:
        if not TABLE[family].variables:
            raise UsageError(f"The {family.value} family has no base URL to set.")
        variable = TABLE[family].variables[0]
        text = text.rstrip("/")
        if family is Family.ENDPOINT:
            text = text.removesuffix("/v1").rstrip("/")
            if not self.allowed(text, family):
                raise UsageError(FOREIGN_ENDPOINT)
        url = parse_url(text)
        if url is None or url.query or not (url.scheme == "https" or is_loopback(url)):
            raise UsageError(f"{variable} must be an https URL without query, or plain http on loopback.")
        return url

    def base(self, family: Family) -> httpx.URL:
        """Give the base URL of a family; NoCredentials, naming the variable, where there is no default."""
        override = self._overrides.get(family)
        if override is not None:
            return override
        host = TABLE[family]
        if host.base is not None:
            return httpx.URL(host.base)
        if not host.variables:
            raise PolicyRefused(f"A request to the {family.value} family needs an address named by an answer.")
        raise NoCredentials(f"{host.variables[0]} missing")

    def origin(self, family: Family) -> str:
        """Give the origin (scheme, host, port) of a family; errors as for `base`."""
        return origin_of(self.base(family))

    def is_overridden(self, family: Family) -> bool:
        """Whether the family's base is not the default one, so that stored credentials do not apply."""
        override, default = self._overrides.get(family), TABLE[family].base
        return override is not None and (default is None or origin_of(override) != default)

    @property
    def is_sandbox(self) -> bool:
        """Whether a cloud family is answered by this machine; local JSON-RPC nodes do not count."""
        return any(is_loopback(url) for family, url in self._overrides.items() if family not in RPC_FAMILIES)

    def allowed(self, url: str, family: Family) -> bool:
        """Whether an answer or the vault may name this URL for a family: the only rule for absolute URLs there is."""
        parsed = parse_url(url)
        if parsed is None or family not in _NAMED:
            return False
        rule, owners = _NAMED[family]
        if is_loopback(parsed):
            mine = [self._overrides[owner] for owner in owners if owner in self._overrides]
            return any(is_loopback(own) and origin_of(own) == origin_of(parsed) for own in mine)
        return parsed.scheme == "https" and parsed.port is None and is_public_name(parsed.host) and rule(parsed.host)

    def admit(self, url: str, family: Family) -> httpx.URL:
        """Parse a URL named by an answer or the vault; PolicyRefused if it may not be used for this family."""
        parsed = parse_url(url)
        if parsed is None or not self.allowed(url, family):
            raise PolicyRefused(FOREIGN_ENDPOINT if family is Family.ENDPOINT else _REFUSALS.get(family, _OWN_BASE))
        return parsed


_OWN_BASE = "Only endpoints, upload slots and outputs may be named by an absolute URL."
_REFUSALS = {
    Family.SLOT: "The upload address named by the cloud is not a public https address; nothing was sent.",
    Family.OUTPUT: "The output address named by the cloud is not a Theta EdgeCloud address; nothing was fetched.",
}
