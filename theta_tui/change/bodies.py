"""What a request carries: JSON, bytes, a file on disk, a form. Frozen, so that what was shown is what is sent."""

from __future__ import annotations

import json
import os.path
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from pydantic import SecretStr

from theta_tui.change.holes import Hole

Json = Any
"""A JSON value: dict, list, str, int, float, Decimal, bool or None."""


def freeze(value: Json) -> Json:
    """Make a JSON value immutable, so that what was shown cannot change before it is sent."""
    if isinstance(value, Mapping):
        return MappingProxyType({str(key): freeze(item) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return tuple(freeze(item) for item in value)
    return value


@dataclass(frozen=True, slots=True)
class JsonBody:
    """A JSON body. Leaves may be `SecretStr` (revealed by the wire's signer alone) or `Hole`."""

    value: Json

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", freeze(self.value))

    def encode(self, reveal: Callable[[SecretStr], str], holes: Mapping[str, str] = MappingProxyType({})) -> bytes:
        """Give the bytes that go on the wire; equal bodies give equal bytes."""

        def plain(item: Json) -> Json:
            if isinstance(item, Hole):
                return holes[item.name]
            if isinstance(item, SecretStr):
                return reveal(item)
            if isinstance(item, Decimal):
                return float(item) if item % 1 else int(item)
            if isinstance(item, Mapping):
                return dict(item)
            raise TypeError(type(item).__name__)

        def walk(item: Json) -> Json:
            if isinstance(item, Mapping):
                return {key: walk(inner) for key, inner in item.items()}
            if isinstance(item, tuple):
                return [walk(inner) for inner in item]
            return plain(item) if isinstance(item, (Hole, SecretStr, Decimal)) else item

        return json.dumps(walk(self.value), separators=(",", ":"), allow_nan=False).encode("ascii")


@dataclass(frozen=True, slots=True)
class RawBody:
    """Bytes sent as they are, for presigned uploads (OD-10, VD-2)."""

    data: bytes = field(repr=False)
    content_type: str = "application/octet-stream"
    label: str = "bytes"


@dataclass(frozen=True, slots=True)
class FileBody:
    """A file of this computer, streamed as it is (VD-2); it is never in memory as a whole.

    `size` (bytes) and `modified_ns` are those of the file that was shown; the wire sends no other.
    """

    path: str
    size: int
    modified_ns: int
    content_type: str = "application/octet-stream"

    @property
    def name(self) -> str:
        """Its name without folders."""
        return os.path.basename(self.path)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart form: text, or a file with its name and type."""

    name: str
    data: bytes = field(repr=False)
    filename: str | None = None
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class FormBody:
    """A multipart body (AG-6, AG-8); the boundary is fixed so that equal forms give equal bytes."""

    parts: tuple[Part, ...]
    boundary: str = "theta-tui-7d1b5c3e9f"


Body = JsonBody | RawBody | FileBody | FormBody
