"""What a form asks for: fields derived from a command's params shape, as plain data.

Pure: it knows neither widgets nor commands; what is typed becomes a value in `form_text`.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Literal

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo


class FieldKind(StrEnum):
    """How a field is entered."""

    TEXT = "text"
    LONG = "long text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOL = "bool"
    CHOICE = "choice"
    PAIRS = "pairs"
    JSON = "json"
    MESSAGES = "messages"
    SECRET = "secret"  # noqa: S105 the name of a kind
    FILE = "file"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field. An empty one is left out, so that the default counts; `default` is only shown.

    `words` are what people choose from in place of the `choices` themselves, of which they have as many.
    `multiple` is a list of texts, one a line. `rare` fields are folded away. A file is given by its path; with `embeds`
    its content is what is sent. `suffixes` and `most_bytes` say which files do.
    """

    name: str
    label: str
    kind: FieldKind
    required: bool = False
    default: Any = None
    help: str = ""
    choices: tuple[Any, ...] = ()
    words: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    example: Any = None
    multiple: bool = False
    rare: bool = False
    embeds: bool = False
    suffixes: tuple[str, ...] = ()
    most_bytes: int | None = None

    @property
    def secret(self) -> bool:
        """Whether its value is never shown."""
        return self.kind is FieldKind.SECRET

    @property
    def is_tall(self) -> bool:
        """Whether it takes several lines."""
        return self.multiple or self.kind in _TALL


_TALL: Final = frozenset({FieldKind.LONG, FieldKind.PAIRS, FieldKind.JSON, FieldKind.MESSAGES})
_LONG: Final = frozenset({"system_prompt", "description"})
"""Texts that are more than a line."""
RARE: Final = frozenset({
    "project_id", "org_id", "service_account_id", "webhook", "allow_unknown_service", "extra", "extra_input", "wait",
    "interval_ms", "timeout_ms", "max_attempts", "nft_collection", "price_hr", "shard", "tools", "tool_choice",
})  # fmt: skip
"""What is left to its default nearly always, unless a command cannot do without it."""
_AS_WRITTEN: Final = {
    "id": "id",
    "vm": "VM",
    "url": "URL",
    "usd": "USD",
    "sql": "SQL",
    "drm": "DRM",
    "nft": "NFT",
    "llm": "LLM",
}


def fields_of(params: type[BaseModel]) -> tuple[FieldSpec, ...]:
    """Give the fields of a params shape: those it cannot do without first, then a file, rarely needed ones last."""
    specs = [_spec(name, about) for name, about in params.model_fields.items()]
    return tuple(sorted(specs, key=lambda spec: (not spec.required, spec.rare, spec.kind is not FieldKind.FILE)))


def label_of(name: str) -> str:
    """Write a name as a label: `vm_id` → `VM id`, `interval_ms` → `Interval, ms`, `price_hr` → `Price per hour`."""
    words = [_AS_WRITTEN.get(word, word) for word in name.split("_") if word]
    text = " ".join(words)
    text = text.removesuffix(" hr") + " per hour" if text.endswith(" hr") else text
    text = text.removesuffix(" ms") + ", ms" if text.endswith(" ms") else text
    return text[:1].upper() + text[1:]


def _spec(name: str, about: FieldInfo) -> FieldSpec:
    inner = _without_none(about.annotation)
    extra = about.json_schema_extra if isinstance(about.json_schema_extra, dict) else {}
    kind, choices, multiple = _kind(name, inner, is_local=extra.get("local") is True)
    bounds = _bounds(about.metadata)
    required = about.is_required()
    return FieldSpec(
        name=name,
        label=label_of(name),
        kind=kind,
        required=required,
        default=None if required else about.get_default(call_default_factory=True, validated_data={}),
        help=about.description or "",
        choices=choices,
        minimum=bounds[0],
        maximum=bounds[1],
        example=about.examples[0] if about.examples else None,
        multiple=multiple,
        rare=not required and name in RARE,
        embeds=kind is FieldKind.FILE and inner is not str,
    )


def _kind(name: str, kind: Any, *, is_local: bool) -> tuple[FieldKind, tuple[Any, ...], bool]:
    """Give kind, choices, and whether there may be several."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        return FieldKind.CHOICE, inner, False
    if kind in _PLAIN:
        return _PLAIN[kind], (), False
    if kind is str:
        long = FieldKind.LONG if name in _LONG else FieldKind.TEXT
        return (FieldKind.FILE if is_local else long), (), False
    if origin is tuple:
        return _list_kind(inner[0])
    if origin is dict and inner == (str, str):
        return FieldKind.PAIRS, (), False
    if isinstance(kind, type) and issubclass(kind, BaseModel) and {"filename", "content"} <= kind.model_fields.keys():
        return FieldKind.FILE, (), False
    return FieldKind.JSON, (), False


_PLAIN: Final[dict[Any, FieldKind]] = {
    SecretStr: FieldKind.SECRET,
    bool: FieldKind.BOOL,
    int: FieldKind.INTEGER,
    float: FieldKind.NUMBER,
    Decimal: FieldKind.NUMBER,
}


def _list_kind(item: Any) -> tuple[FieldKind, tuple[Any, ...], bool]:
    if item is str:
        return FieldKind.TEXT, (), True
    if typing.get_origin(item) is Literal:
        return FieldKind.TEXT, typing.get_args(item), True
    if isinstance(item, type) and issubclass(item, BaseModel) and {"role", "content"} <= item.model_fields.keys():
        return FieldKind.MESSAGES, (), False
    return FieldKind.JSON, (), False


def _without_none(annotation: Any) -> Any:
    """Give the one kind that is meant beside None."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        meant = [part for part in typing.get_args(annotation) if part is not type(None)]
        if len(meant) == 1:
            return _without_none(meant[0])
    return annotation


def _bounds(metadata: Iterable[Any]) -> tuple[Decimal | None, Decimal | None]:
    low = next((each.ge for each in metadata if getattr(each, "ge", None) is not None), None)
    high = next((each.le for each in metadata if getattr(each, "le", None) is not None), None)
    return (None if low is None else Decimal(str(low))), (None if high is None else Decimal(str(high)))
