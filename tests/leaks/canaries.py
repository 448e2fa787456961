"""Canaries: one value for each credential, and every spelling in which it could get out."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

CREDENTIALS = (
    "THETA_EC_API_KEY",
    "THETA_ONDEMAND_API_TOKEN",
    "THETA_CHATBOT_TOKEN",
    "THETA_VIDEO_SA_SECRET",
    "THETA_INFERENCE_AUTH_TOKEN",
    "THETA_PROXY_PASSWORD",
    "TYPED_IN_THE_WIZARD",
    "GIVEN_AS_AN_ARGUMENT",
)
"""Variables, and the other ways in which a secret comes to us."""

CANARIES: Mapping[str, str] = {
    name: f'Zq{number}/w{number}K+9f{number}c"{name.title().replace("_", "")[5:13]}=x7{number}J&vB{number}m'
    for number, name in enumerate(CREDENTIALS, 1)
}
"""Each holds what JSON, URLs and HTML write differently; none holds a space, which no key has."""


def spellings(value: str) -> Iterator[tuple[str, str]]:
    """Give each spelling by name. Fragments are long enough not to be there by chance."""
    raw = value.encode()
    yield "plain", value
    yield "reversed", value[::-1]
    yield "URL-encoded", quote(value, safe="")
    yield "URL-encoded in small letters", re.sub("%..", lambda code: code[0].lower(), quote(value, safe=""))
    yield "URL-encoded in a path", quote(value)
    yield "JSON", json.dumps(value)[1:-1]
    yield "JSON with slashes", json.dumps(value)[1:-1].replace("/", "\\/")
    yield "hex", raw.hex()
    yield "HEX", raw.hex().upper()
    yield "first 8", value[:8]
    yield "last 8", value[-8:]
    for shift in range(3):  # base64 within a longer text begins at one of three places
        coded = base64.b64encode(b"-" * shift + raw).decode().rstrip("=")
        yield f"base64 at {shift}", coded[4 if shift else 0 : -2]
