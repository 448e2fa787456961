"""What may become of a valid JSON answer: changes of single values, of the whole, and of its bytes.

Pure; it knows neither the cloud nor who reads the answer. A mutation `proves` something unless nothing is left in it
from which a client could tell what was done.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]

HOSTILE = (
    "\x1b[2J\x1b[H", "\x1b]52;c;aGk=\x07", "\x9b31m", "\u202egnp.exe", "a\u200bb\ufeff", "x\u2028y\u2029z\x85\x0b\x0c",
    "\x00\x7f", "[@click=app.quit]go[/]", "[/etc/passwd]", "[link=http://evil.example]safe[/link]", "..", "a/b?c#d",
    "\U000e0041\ufe0f", "\ufffe", "=1+1", "javascript:alert(1)", "e\u0301" * 400, "9" * 5_000,
)  # fmt: skip
"""One of each kind of text that is not meant well."""

RAW = ("NaN", "-Infinity", "1e999999999", "-1e400", "0.1" + "0" * 200, '"\\ud800"', '"\\udfff\\ud800"')
"""JSON that no serializer writes."""


@dataclass(frozen=True)
class Mutation:
    """A changed answer, and how it was changed."""

    name: str
    body: bytes
    proves: bool = True


def mutations(body: bytes, most: int, secret: str, seed: int) -> Iterator[Mutation]:
    """Give mutations of the whole answer, then some of its values and bytes, `most` in all."""
    chosen = random.Random(seed)
    value = json.loads(body)
    whole = [*_whole(value), *_bytes(body, chosen)]
    single = list(_single(value, secret))
    chosen.shuffle(single)
    chosen.shuffle(whole)
    most_whole = min(len(whole), most // 3)
    yield from whole[:most_whole]
    yield from (make() for make in single[: most - most_whole])


def _whole(value: Any) -> Iterator[Mutation]:
    for name, empty in (("nothing", None), ("an empty object", {}), ("an empty list", []), ("an empty text", ""),
                        ("a zero", 0), ("a yes", True), ("a text", "ok"), ("success alone", {"status": "success"}),
                        ("an empty body", {"status": "success", "body": {}}),
                        ("a body of null", {"status": "success", "body": None}),
                        ("nested emptiness", {"body": {"body": {}}})):  # fmt: skip
        yield Mutation(name, _dumped(empty), proves=False)
    yield Mutation("in a list", _dumped([value]))
    yield Mutation("in an envelope", _dumped({"status": "success", "body": value}))
    if isinstance(value, dict) and "body" in value:
        yield Mutation("without its envelope", _dumped(value["body"]))
        yield Mutation("its body as text", _dumped({**value, "body": json.dumps(value["body"])}))
    yield Mutation("as a text", _dumped(json.dumps(value)))
    deep: Any = value
    for _ in range(150):
        deep = {"body": deep}
    yield Mutation("deep", _dumped(deep), proves=False)


def _bytes(body: bytes, chosen: random.Random) -> Iterator[Mutation]:
    for at in sorted(chosen.sample(range(len(body)), min(8, len(body)))):
        yield Mutation(f"cut at byte {at}", body[:at], proves=False)
    yield Mutation("with more after it", body + b' {"x": 1}', proves=False)
    yield Mutation("with a letter after it", body + b"x", proves=False)
    yield Mutation("after a BOM", b"\xef\xbb\xbf" + body)
    yield Mutation("as UTF-16", body.decode().encode("utf-16"), proves=False)
    yield Mutation("with a byte that is no UTF-8", body.replace(b'"', b'"\xff', 1), proves=False)
    yield Mutation("no JSON", body.replace(b'"', b"'"), proves=False)
    yield Mutation("as a page", b"<!DOCTYPE html><html><body>Sign in</body></html>", proves=False)


def _single(value: Any, secret: str) -> Iterator[Callable[[], Mutation]]:
    """Give what makes each mutation of one value; only the chosen ones are made."""
    for path in _paths(value):
        where = ".".join(str(part) for part in path)
        for name, new in _others(_at(value, path), secret):
            yield lambda path=path, name=f"{where}: {name}", new=new: Mutation(name, _with(value, path, new))
        for raw in RAW:
            yield lambda path=path, where=where, raw=raw: _raw(value, path, where, raw)
        yield lambda path=path, where=where: Mutation(f"{where}: dropped", _without(value, path))
        if isinstance(path[-1], str):
            yield lambda path=path, where=where: _twice(value, path, where)


def _raw(value: Any, path: Path, where: str, raw: str) -> Mutation:
    body = _with(value, path, "@raw@").replace(b'"@raw@"', raw.encode())
    return Mutation(f"{where}: {raw[:12]}", body, proves=raw.startswith('"'))


def _twice(value: Any, path: Path, where: str) -> Mutation:
    body = _with(value, (*path[:-1], "@twice@"), _at(value, path))
    return Mutation(f"{where}: twice", body.replace(b'"@twice@"', json.dumps(path[-1]).encode()), proves=False)


def _others(old: Any, secret: str) -> Iterator[tuple[str, Any]]:
    """Give what may stand where a value stood."""
    yield "null", None
    yield "echoes the key", f"bad key {secret}"
    yield from ((f"hostile {text[:8]!r}", text) for text in HOSTILE)
    match old:
        case bool():
            yield from (("a number", int(old)), ("a text", str(old)))
        case int():
            yield from (("a text", str(old)), ("a yes", True), ("negative", -1), ("huge", 10**60), ("a list", [old]))
        case float():
            yield from (("a text", str(old)), ("a yes", True), ("negative", -0.5), ("huge", 1e300), ("a list", [old]))
        case str():
            yield from (("a number", 7), ("empty", ""), ("unknown", "zz_unknown"), ("a list", [old]))
        case list():
            yield from (("empty", []), ("an object", {}), ("a text", "x"), ("mixed", [*old[:1], None, 3, "x", [], {}]))
            yield from (("backwards", old[::-1]), ("wide", old[:1] * 2_000))
        case dict():
            yield from (("empty", {}), ("a list", []), ("a text", "x"), ("a number", 3))
            yield from (("backwards", dict(reversed(old.items()))), ("wide", dict.fromkeys(map(str, range(2_000)), 1)))
    yield "an object", {"v": old}


def _paths(value: Any, most: int = 3) -> Iterator[Path]:
    """Give the ways to all values; of long lists only to the first items."""
    items: Sequence[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value[:most]))
    for key, item in items:
        yield (key,)
        yield from ((key, *rest) for rest in _paths(item, most))


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def _changed(value: Any, path: Path, act: Callable[[Any, Any], None]) -> bytes:
    made = copy.deepcopy(value)
    act(_at(made, path[:-1]), path[-1])
    return _dumped(made)


def _with(value: Any, path: Path, new: Any) -> bytes:
    return _changed(value, path, lambda parent, key: parent.__setitem__(key, new))


def _without(value: Any, path: Path) -> bytes:
    return _changed(value, path, lambda parent, key: parent.__delitem__(key))


def _dumped(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
