"""The two kinds of shape: what the cloud says (lenient) and what a command needs (strict)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Annotated, Any, ClassVar, Self, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

LARGEST_USD = Decimal(10_000_000)


def _money(value: object) -> Decimal | None:
    """Read a finite, non-negative amount; None for anything else, so that an odd price is an unknown price."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    try:
        amount = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount <= LARGEST_USD else None


def _text(value: object) -> str:
    """Read a string; null becomes empty and a number its digits (wire 19, rule 3)."""
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value)


def _whole(value: object) -> int | None:
    """Read a whole number, also from a string such as `total_count`; None for anything else."""
    amount = _signed(value)
    return int(amount) if amount is not None else None


def _signed(value: object) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < Decimal(10) ** 15 else None


def _flag(value: object) -> bool:
    """Read a boolean, also from the words and numbers that services write for one."""
    if isinstance(value, str):
        return value.strip().lower() in ("true", "1", "yes", "on")
    return bool(value)


def _texts(value: object) -> tuple[str, ...]:
    """Read a list of strings; a single string is a list of one."""
    if value is None:
        return ()
    if isinstance(value, (list, tuple)):
        return tuple(_text(item) for item in value)
    return (_text(value),)


def _mapping(value: object) -> dict[str, Any]:
    return {str(key): item for key, item in value.items()} if isinstance(value, Mapping) else {}


def _secret(value: object) -> SecretStr | None:
    """Read a secret; what is no text is none."""
    return value if isinstance(value, SecretStr) else SecretStr(value) if isinstance(value, str) and value else None


Text = Annotated[str, BeforeValidator(_text)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
Whole = Annotated[int | None, BeforeValidator(_whole)]
Number = Annotated[Decimal | None, BeforeValidator(_signed)]
Money = Annotated[Decimal | None, BeforeValidator(_money)]
Secret = Annotated[SecretStr | None, BeforeValidator(_secret)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Table = Annotated[dict[str, Any], BeforeValidator(_mapping)]


_SECRET_KEYS = frozenset({"authpassword", "password", "registrypassword", "streamkey", "token", "secret", "apikey"})


def _fold(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _sealed(key: str, value: Any) -> Any:
    """Put what the cloud answers under a secret's name into a `SecretStr`, before anything can print it."""
    return SecretStr(value) if isinstance(value, str) and value and _fold(key) in _SECRET_KEYS else value


class Unreadable(ValueError):
    """Something else stands where a list belongs. The words name the place, never the value."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """What stands in a list where an object belongs: `words` say where and of what kind it is, never the value."""

    words: str


Record: TypeAlias = Mapping[str, Any] | Misfit

_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "a yes or no"), (str, "a text"), ((int, float, Decimal), "a number"), ((list, tuple), "a list"),
    (Mapping, "an object"),
)  # fmt: skip


def kind_of(value: object) -> str:
    """Name the kind of a value of JSON."""
    return next((words for kind, words in _KINDS if isinstance(value, kind)), "null")


def _fault(value: object) -> str:
    """Say what is wrong with a value that should be an object; nothing where there is none."""
    if isinstance(value, Misfit):
        return value.words
    return "" if value is None else f"{kind_of(value)} where an object belongs"


class Shape(BaseModel):
    """What the cloud says. Unknown keys are kept in `raw`, keys are matched without regard to case and underscores.

    Fields never fail: what cannot be read becomes empty or None, since one bad field must not hide a good record
    (wire 19, rules 1 and 3). What is no object at all becomes an empty shape whose `fault` says so.
    """

    model_config = ConfigDict(
        frozen=True, extra="ignore", defer_build=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )

    raw: dict[str, Any] = Field(default_factory=dict, repr=False)
    fault: str = ""

    spellings: ClassVar[dict[str, str]] = {}
    """Further spellings: folded key of the cloud's → field name."""

    @classmethod
    def read(cls, value: object) -> Self:
        """Read one object of the cloud's; nothing gives an empty shape, what is no object one with a `fault`."""
        if not isinstance(value, Mapping):
            return cls(fault=_fault(value))
        source = {key: _sealed(key, item) for key, item in _mapping(value).items()}
        spellings = _spellings(cls)
        fields: dict[str, Any] = {}
        for key, item in source.items():
            name = spellings.get(_fold(key))
            if name is not None and (name not in fields or fields[name] is None):
                fields[name] = item
        return cls.model_validate({**fields, "raw": source})

    def as_json(self) -> Any:
        """Give what headless faces print: the cloud's own object where it is one, else our fields."""
        return self.raw or {name: as_json(getattr(self, name)) for name in type(self).model_fields if name not in OURS}


OURS = frozenset({"raw", "fault"})
"""Fields of every shape that are no part of what the cloud said."""


@cache
def _spellings(shape: type[Shape]) -> dict[str, str]:
    """Give what a shape reads, by folded key: its lenient fields. What we say ourselves no key of the cloud's fills."""
    fields = {
        _fold(name): name
        for name, field in shape.model_fields.items()
        if field.annotation is Any or any(isinstance(note, BeforeValidator) for note in field.metadata)
    }
    return fields | shape.spellings


class Params(BaseModel):
    """What a command needs: strict about names and types, in snake_case or camelCase.

    `unfold` names arguments whose object is spread over the fields (the skill's `payload`, `options`, `body`);
    `spellings` gives further names of fields.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, hide_input_in_errors=True)

    unfold: ClassVar[tuple[str, ...]] = ()
    spellings: ClassVar[dict[str, str]] = {}

    @model_validator(mode="before")
    @classmethod
    def _accept_spellings(cls, value: Any) -> Any:
        return cls.named(value) if isinstance(value, Mapping) else value

    @classmethod
    def named(cls, value: Mapping[str, Any]) -> dict[str, Any]:
        """Give the arguments under the names of their fields, whatever spelling they were given in."""
        known = {_fold(name): name for name in cls.model_fields} | cls.spellings
        fields: dict[str, Any] = {}
        for key, item in value.items():
            if key in cls.unfold and isinstance(item, Mapping):
                fields = {known.get(_fold(str(inner)), str(inner)): entry for inner, entry in item.items()} | fields
            else:
                fields[known.get(_fold(str(key)), str(key))] = item
        return fields


class NoParams(Params):
    """The command takes no arguments."""


def records(value: object, *keys: str) -> list[Record]:
    """Find the list of objects in an answer: the answer itself, the named keys, else the first list with an object.

    Null is an empty list. Entries that are no objects stay, as a Misfit. Raises Unreadable where a value of another
    kind stands in the list's place, and for an object without any list.
    """
    if isinstance(value, (list, tuple)):
        return _entries(value, next(iter(keys), ""))
    if not value and (value is None or isinstance(value, Mapping)):
        return []
    if not isinstance(value, Mapping):
        raise Unreadable(f"{kind_of(value)} where a list belongs")
    for key, found in _named(value, keys):
        if not isinstance(found, (list, tuple)):
            raise Unreadable(f"{key}: {kind_of(found)} where a list belongs")
        return _entries(found, key)
    for name, item in value.items():
        if isinstance(item, (list, tuple)) and any(isinstance(entry, Mapping) for entry in item):
            return _entries(item, name if re.fullmatch(r"[\w.-]{1,40}", str(name), re.ASCII) else "?")
    if any(item is None or item == [] for item in value.values()):
        return []
    raise Unreadable(f"no list of {keys[0]} in it" if keys else "no list in it")


def parts(value: object) -> list[Record]:
    """Give the entries of a list inside an object; none where no list is: a bad field never hides its object."""
    return _entries(value, "") if isinstance(value, (list, tuple)) else []


def only(value: object, *keys: str) -> object:
    """Give the one object of an answer: the first of the list, be it the answer or under a key, else the answer."""
    name, listed = next(_named(value, keys), ("", value)) if isinstance(value, Mapping) else ("", value)
    if listed is value and isinstance(value, Mapping):
        return value
    if not isinstance(listed, (list, tuple)):
        return Misfit(f"{name}: {kind_of(listed)} where a list belongs") if name else listed
    entries = _entries(listed, name)
    found = next((entry for entry in entries if isinstance(entry, Mapping)), None)
    return found or next(iter(entries), Misfit(f"{name}: an empty list where an object belongs".removeprefix(": ")))


def _named(value: Mapping[str, Any], keys: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Give what stands under the named keys, in whatever spelling; null stands for nothing."""
    folded = {_fold(str(key)): item for key, item in value.items()}
    return ((key, folded[_fold(key)]) for key in keys if folded.get(_fold(key)) is not None)


def _entries(items: Iterable[object], name: str) -> list[Record]:
    return [
        item if isinstance(item, Mapping) else Misfit(f"{kind_of(item)} where an object belongs, at {name}[{number}]")
        for number, item in enumerate(items)
    ]


def is_whole_list(value: object, key: str) -> bool:
    """Whether an answer, or what it has under `key`, is a list of objects: what is not in it is not there.

    Services write null for an empty one.
    """
    if isinstance(value, Mapping):
        folded = {_fold(str(name)): item for name, item in value.items()}
        if _fold(key) not in folded:
            return False
        value = folded[_fold(key)]
    return value is None or (isinstance(value, (list, tuple)) and all(isinstance(item, Mapping) for item in value))


def as_json(value: Any) -> Any:
    """Give the JSON form of a command's value; secrets stay `SecretStr` for the redactor.

    Of what could not be read there is only what is wrong with it.
    """
    if isinstance(value, Shape):
        return {"unreadable": value.fault} if value.fault else value.as_json()
    if isinstance(value, BaseModel):
        return {name: as_json(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    return value
