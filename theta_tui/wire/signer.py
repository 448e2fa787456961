"""The only room that opens a secret: headers for one origin, and the bytes of a body, at the last step.

It does not know where secrets are kept; `Keys` gives them for a family and an origin.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Protocol

import httpx
from pydantic import SecretStr

from theta_tui.change import Body, Family, FormBody, Hole, HoleKind, JsonBody, Part, RawBody, Request, holes_in
from theta_tui.errors import NoCredentials, PolicyRefused, UsageError
from theta_tui.redact import REDACTED
from theta_tui.wire.address import NO_HOLES, check_segment, filled
from theta_tui.wire.hosts import TABLE, Hosts, Scheme, origin_of


class Keys(Protocol):
    """Where credentials come from."""

    async def secrets(self, family: Family, origin: str, name: str | None) -> Mapping[str, SecretStr]:
        """Give the credential of a family at an origin, or the vault item of that name.

        `token`, or `key`, or `id` and `secret`, or `username` and `password`, or nothing where none is needed.
        NoCredentials when one is needed and there is none.
        """


class Signer:
    """Signs requests: a credential goes to its own origin only."""

    def __init__(self, hosts: Hosts, keys: Keys) -> None:
        self._hosts = hosts
        self._keys = keys

    async def headers(self, request: Request, url: httpx.URL) -> dict[str, str]:
        """Give the headers that say who asks; none for public requests, upload slots, outputs and JSON-RPC."""
        host = TABLE[request.family]
        if request.public or host.scheme is Scheme.NONE:
            return {}
        origin = origin_of(url)
        if request.family is not Family.ENDPOINT and origin != self._hosts.origin(request.family):
            raise PolicyRefused("A credential is only sent to its own origin; nothing was sent.")
        if isinstance(request.credential, Hole):
            raise PolicyRefused(f"No earlier step has given {request.credential}; nothing was sent.")
        secrets = await self._keys.secrets(request.family, origin, request.credential)
        return _headers(host.scheme, secrets, host.credential)


def masked(request: Request) -> dict[str, str]:
    """Give the headers of `Signer.headers` by name, for a preview."""
    names = {
        Scheme.BEARER: ("Authorization",),
        Scheme.ENDPOINT: ("Authorization",),
        Scheme.KEY: ("x-api-key",),
        Scheme.VIDEO: ("x-tva-sa-id", "x-tva-sa-secret"),
        Scheme.NONE: (),
    }[TABLE[request.family].scheme]
    return {} if request.public else dict.fromkeys(names, REDACTED)


def _headers(scheme: Scheme, secrets: Mapping[str, SecretStr], source: str) -> dict[str, str]:
    if scheme is Scheme.KEY:
        return {"x-api-key": _reveal(secrets, "key", source)}
    if scheme is Scheme.VIDEO:
        return {"x-tva-sa-id": _reveal(secrets, "id", source), "x-tva-sa-secret": _reveal(secrets, "secret", source)}
    if scheme is Scheme.ENDPOINT and "token" not in secrets:
        if not secrets:
            return {}
        user, password = _reveal(secrets, "username", source), _reveal(secrets, "password", source)
        return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode("ascii")).decode("ascii")}
    return {"Authorization": "Bearer " + _reveal(secrets, "token", source)}


def _open(secret: SecretStr) -> str:
    return secret.get_secret_value()


def _reveal(secrets: Mapping[str, SecretStr], name: str, source: str) -> str:
    if name not in secrets:
        raise NoCredentials(f"{source[0].upper()}{source[1:]} is missing.")
    value = _open(secrets[name])
    if not value or not all("!" <= character <= "~" for character in value):
        raise UsageError(
            f"{source[0].upper()}{source[1:]} is empty or holds a space, a line break or a non-ASCII character.",
            hint="Copy it again; `theta-tui setup` stores it.",
        )
    return value


def content_type(body: Body | None) -> str | None:
    """Give the Content-Type of a body; None without one."""
    if isinstance(body, JsonBody):
        return "application/json"
    if isinstance(body, FormBody):
        return f"multipart/form-data; boundary={_boundary(body)}"
    if body is not None and not (body.content_type.isascii() and body.content_type.isprintable()):
        raise UsageError("The type of the uploaded bytes must be plain ASCII, such as application/octet-stream.")
    return body.content_type if body is not None else None


def body_bytes(body: Body | None, holes: Mapping[str, str] = NO_HOLES) -> bytes | None:
    """Give the bytes that go on the wire; equal bodies and holes give equal bytes. A file is read when it is sent."""
    if isinstance(body, JsonBody):
        for hole in holes_in((Request("POST", Family.ONDEMAND, body=body),)):
            _check_hole(hole, holes)
        return body.encode(_open, holes)
    if isinstance(body, FormBody):
        return _multipart(body.parts, _boundary(body))
    return body.data if isinstance(body, RawBody) else None


def _check_hole(hole: Hole, holes: Mapping[str, str]) -> None:
    value = filled(hole, holes)
    if hole.kind is HoleKind.ID:
        check_segment(value, f"The value of {hole}")


def _boundary(form: FormBody) -> str:
    boundary = form.boundary
    while any(boundary.encode("ascii") in part.data for part in form.parts):
        boundary += "x"
    return boundary


def _multipart(parts: Iterable[Part], boundary: str) -> bytes:
    chunks: list[bytes] = []
    for part in parts:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_attribute(part.name)}"'
        if part.filename is not None:
            head += f'; filename="{_attribute(part.filename)}"'
        kind = part.content_type or ("application/octet-stream" if part.filename is not None else None)
        if kind:
            head += f"\r\nContent-Type: {_attribute(kind)}"
        chunks += [head.encode("utf-8", "replace"), b"\r\n\r\n", part.data, b"\r\n"]
    return b"".join(chunks) + f"--{boundary}--\r\n".encode("ascii")


def _attribute(text: str) -> str:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
