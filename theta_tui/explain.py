"""The same thing elsewhere: a command as a CLI line, its first request as curl and as Python. Nothing is sent here.

Credentials stand as the variables they are usually kept in, never as values.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from theta_tui.change import Request
from theta_tui.redact import REDACTED

Json = Any

_OUR_HEADERS = frozenset({"accept", "accept-encoding"})
"""Headers that every client has its own of. The User-Agent stays: the cloud's front door refuses unknown ones."""


class Written(Exception):
    """Carries the requests that a query was about to send to who asked for them instead of the answer."""

    def __init__(self, requests: tuple[Request, ...]) -> None:
        super().__init__("written down, not sent")
        self.requests = requests


class WritingReader:
    """Stands in for the wire's Reader: writes the first read down and sends nothing."""

    async def fetch(self, request: Request, *alternatives: Request) -> Any:
        """Raise Written with the request and its alternatives."""
        raise Written((request, *alternatives))


@dataclass(frozen=True, slots=True)
class Explained:
    """A command in the forms other programs take; `curl` and `python` are empty where it sends no request."""

    cli: str
    curl: str = ""
    python: str = ""
    more: int = 0
    """Further requests it may send, that curl and Python do not show."""


def explained(cli: str, requests: Sequence[Mapping[str, Json]], variables: Sequence[str]) -> Explained:
    """Explain a command by the preview of its requests; `variables` name the credentials in the order of headers."""
    if not requests:
        return Explained(cli)
    first = requests[0]
    return Explained(cli, curl(first, variables), python(first, variables), len(requests) - 1)


def curl(request: Mapping[str, Json], variables: Sequence[str] = ("CREDENTIAL",)) -> str:
    """Write a request, as a preview shows it, as a curl command."""
    pairs = [(str(name), str(value)) for name, value in request.get("query") or ()]
    url = f"{request['url']}?{urlencode(pairs)}" if pairs else str(request["url"])
    parts = [f"curl -X {request.get('method', 'GET')} {shlex.quote(url)}"]
    for name, value, variable in _headers(request, variables):
        parts.append(f'-H "{name}: {value}${variable}"' if variable else f"-H {shlex.quote(f'{name}: {value}')}")
    body = request.get("body")
    if isinstance(body, dict) and "bytes" not in body:
        parts.append(f"-d {shlex.quote(json.dumps(body, default=str))}")
    return " ".join(parts)


def python(request: Mapping[str, Json], variables: Sequence[str] = ("CREDENTIAL",)) -> str:
    """Write a request, as a preview shows it, as a Python program on httpx."""
    headers = _headers(request, variables)
    arguments = [repr(str(request.get("method", "GET"))), repr(str(request["url"]))]
    if pairs := [(str(name), str(value)) for name, value in request.get("query") or ()]:
        arguments.append(f"params={dict(pairs) if len(dict(pairs)) == len(pairs) else pairs!r}")
    if headers:
        shown = ", ".join(f"{name!r}: {_python_value(value, variable)}" for name, value, variable in headers)
        arguments.append(f"headers={{{shown}}}")
    body = request.get("body")
    if isinstance(body, dict) and "bytes" not in body:
        arguments.append(f"json={body!r}")
    lines = [*(["import os", ""] if any(variable for *_, variable in headers) else []), "import httpx", ""]
    lines += ["answer = httpx.request(", *(f"    {argument}," for argument in arguments), ")"]
    return "\n".join([*lines, "answer.raise_for_status()", "print(answer.json())"])


def _python_value(value: str, variable: str) -> str:
    if not variable:
        return repr(value)
    found = f"os.environ[{variable!r}]"
    return f"{value!r} + {found}" if value else found


def _headers(request: Mapping[str, Json], variables: Sequence[str]) -> list[tuple[str, str, str]]:
    """Give name, value and variable of the headers: for a masked one the value is what stands before the variable."""
    names = iter(variables)
    found: list[tuple[str, str, str]] = []
    for name, value in dict(request.get("headers") or {}).items():
        if REDACTED in str(value):
            start = "Bearer " if name.lower() == "authorization" else ""
            found.append((name, start, next(names, "CREDENTIAL")))
        elif name.lower() not in _OUR_HEADERS:
            found.append((name, str(value), ""))
    return found
