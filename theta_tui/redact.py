"""Secrets taken out of logs, previews, errors, crash files and exports: by value when known, by name when not.

Knows neither pydantic nor the wire; what is a secret's name is wire section 16.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Protocol
from urllib.parse import unquote_plus

from theta_tui.known_secrets import REDACTED, SHORTEST, KnownSecrets, KnownSecretsInPieces

__all__ = ["REDACTED", "Redactor", "is_secret_name", "is_secret_parameter", "redactor"]

DEEPEST = 64
"""Levels of nesting that are looked into; what lies deeper is not shown."""


class Secret(Protocol):
    """What pydantic's `SecretStr` looks like from here."""

    def get_secret_value(self) -> str:
        """Return the clear value."""
        ...


# Whole words of a name, so that `monkey`, `keyboard` and `tokenizer` are left alone.
_WORDS = frozenset({
    "authorization", "bearer", "cookie", "credential", "credentials", "key", "passphrase", "passwd", "password",
    "presigned", "secret", "secrets", "signature", "token",
})  # fmt: skip
# Names written together, or made of words that are harmless alone.
_PHRASES = (
    "accesskey", "accesstoken", "apikey", "authpassword", "authtoken", "authusername", "password", "privatekey",
    "secretkey", "signedurl", "streamkey", "uploaduri", "uploadurl",
)  # fmt: skip
_COUNTERS = frozenset({
    "maxtokens", "prompttokens", "completiontokens", "totaltokens", "usage", "embeddingtokencount",
})  # fmt: skip
_HARMLESS_ENDINGS = frozenset({"budget", "cost", "count", "counts", "length", "limit", "price", "type", "usage"})
_QUERY_STARTS = (
    "access", "authorization", "credential", "expires", "key", "password", "policy", "secret", "signature", "sig",
    "token", "xamz", "xgoog",
)  # fmt: skip
_PROSE_WORDS = frozenset({"bearer", "credential", "credentials", "key", "secret", "secrets", "signature", "token"})

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_URL = re.compile(r"(?<![\w+.-])[A-Za-z][\w+.-]{0,31}:(?:\\?/){2}[^\s\"'<>`]+")
_USERINFO = re.compile(r"^([\w+.-]+:(?:\\?/){2})[^/?#]*@")
_PARAMETER = re.compile(r"([?&;#])([^=&;#?\s\"'<>]{1,128})=([^&;#\s\"'<>]*)")
# A named value in free text: JSON (also escaped within JSON), Python's repr, headers, assignments.
_NAME = re.compile(
    r"(?<![\w.-])([A-Za-z][\w.-]{0,127})"
    r"((?:\\*[\"'])?\s{0,8}[:=]\s{0,8}(?:b(?=[\"']))?|\\*[\"']\s{0,8},\s{0,8}(?=b?\\*[\"'])b?)"
)
_QUOTED = re.compile(r"(\\*[\"'])((?:(?!\1)(?:\\.|.))*)", re.DOTALL)
_BARE = re.compile(r"((?:Bearer|Basic|Token|Digest)\s{1,8})?([^\s\"'&,;<>\\]+)", re.IGNORECASE)
_SCHEME = re.compile(r"\b(Bearer|Basic)(\s{1,8})([\w.~+/-]{8,}={0,2})(?![\w=])", re.IGNORECASE)


@lru_cache(4096)
def is_secret_name(name: str) -> bool:
    """Whether a field, header or variable of this name holds a secret (wire 16); case, `-` and `_` do not matter."""
    words = [word.lower() for word in _WORD.findall(name)]
    compact = "".join(words)
    if not words or compact in _COUNTERS or words[-1] in _HARMLESS_ENDINGS or words[0] == "public":
        return False
    return not _WORDS.isdisjoint(words) or any(phrase in compact for phrase in _PHRASES)


@lru_cache(4096)
def is_secret_parameter(name: str) -> bool:
    """Whether a query parameter of this name signs or authorises a URL (wire 16: named so or starting so)."""
    words = _WORD.findall(unquote_plus(name))
    return "".join(words).lower().startswith(_QUERY_STARTS) or is_secret_name(unquote_plus(name))


class Redactor:
    """Remembers secret values and hides them, their encodings and everything whose name says secret. Thread-safe."""

    def __init__(self) -> None:
        self._known = KnownSecrets()

    def learn(self, secret: Secret | str) -> None:
        """Remember a value and its base64, percent, JSON and hex forms; one of under six characters is not searched."""
        # The one reading of a clear value outside the signer: what is not known cannot be found in a text.
        value = secret if isinstance(secret, str) else secret.get_secret_value()
        if value not in REDACTED:
            self._known.learn(value)

    def text(self, text: str) -> str:
        """Free text without known secrets, credentials in URLs, and values named like a secret."""
        text = self._known.hidden(_SURROGATE.sub("\ufffd", text))  # a lone surrogate: sqlite and UTF-8 refuse it
        if "://" in text or ":\\/" in text:
            text = _URL.sub(lambda match: _clean_url(match[0]), text)
        if "=" in text:
            text = _PARAMETER.sub(_clean_parameter, text)
        if any(mark in text for mark in ":=,"):
            text = _without_named(text)
        small = text.lower()
        return _SCHEME.sub(_clean_scheme, text) if "bearer" in small or "basic" in small else text

    def value(self, value: object) -> object:
        """JSON-like data with secrets replaced by name and by value; other objects become redacted text.

        `None`, booleans and empty strings under a secret's name stay: they say whether it is set.
        """
        return self._value(value, DEEPEST, self.text)

    def answer(self, value: object, *, asked_for: Collection[str] = ()) -> object:
        """What a command was asked for: fields with a secret's name and known values are hidden, prose and URLs stay.

        A model's text that speaks of tokens, or the signed URL of an output, must reach its owner unharmed. Fields in
        `asked_for` are what the command is about (the upload URLs of OD-8) and stay as well.
        """
        return self._value(value, DEEPEST, self.known, frozenset(asked_for))

    def known(self, text: str) -> str:
        """Free text without known secrets; nothing else is touched."""
        return self._known.hidden(_SURROGATE.sub("\ufffd", text))

    def piecewise(self) -> KnownSecretsInPieces:
        """Something that does the same to a text that comes piece by piece."""
        return KnownSecretsInPieces(self._known)

    def url(self, url: str) -> str:
        """A URL without userinfo, with the parameters that sign or authorise it redacted."""
        return _clean_url(self._known.hidden(_SURROGATE.sub("\ufffd", url)))

    def query(self, pairs: Iterable[tuple[str, object]]) -> list[list[object]]:
        """Query parameters as `[name, value]` pairs, by the stricter rule for URLs."""
        return [
            [self.text(name), REDACTED if value and is_secret_parameter(name) else self.value(value)]
            for name, value in pairs
        ]

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Headers with the values of secret ones replaced as a whole."""
        return {
            self.text(name): REDACTED if value and is_secret_name(name) else self.text(value)
            for name, value in headers.items()
        }

    def _value(
        self, value: object, depth: int, clean: Callable[[str], str], shown: frozenset[str] = frozenset()
    ) -> object:
        if value is None or isinstance(value, bool | int | float | Decimal):
            return REDACTED if str(value) in self._known else value
        if _is_secret(value) or depth == 0:
            return REDACTED
        if isinstance(value, Mapping):
            hidden = _hidden_fields(value) - shown
            return {
                clean(str(name)): REDACTED
                if name in hidden and _says_something(item)
                else self._value(item, depth - 1, clean, shown)
                for name, item in value.items()
            }
        if isinstance(value, list | tuple | set | frozenset):
            return [self._value(item, depth - 1, clean, shown) for item in value]
        return clean(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value))


redactor = Redactor()
"""The one of this process: log handlers, exception hooks and the crash file exist outside any session, and a secret
learnt by one part must stay hidden when another part fails."""


def _is_secret(value: object) -> bool:
    # Recognised by what it can do, so that this room needs no pydantic; the method is not called here.
    return hasattr(value, "get_secret_value")


def _says_something(value: object) -> bool:
    return value is not None and value != "" and not isinstance(value, bool)


def _hidden_fields(mapping: Mapping[object, object]) -> set[object]:
    """Fields with a secret's name. In `{"key": "HF_TOKEN", "value": "…"}` the name is data and the value is hidden."""
    hidden = {name for name in mapping if is_secret_name(str(name))}
    naming = "name" if "name" in mapping else "key"
    if "value" in mapping and is_secret_name(str(mapping.get(naming, ""))):
        hidden = (hidden - {naming}) | {"value"}
    return hidden


def _clean_url(url: str) -> str:
    return _PARAMETER.sub(_clean_parameter, _USERINFO.sub(r"\1", url))


def _clean_parameter(match: re.Match[str]) -> str:
    mark, name, value = match.groups()
    return f"{mark}{name}={REDACTED}" if value and is_secret_parameter(name) else match[0]


def _without_named(text: str) -> str:
    """Walks from name to name, since the value of a harmless one may hold another: `error: password=x`."""
    pieces: list[str] = []
    done = position = 0
    while (name := _NAME.search(text, position)) is not None:
        position = name.end()
        if not is_secret_name(name[1]) or _is_word_beside_a_word(name):
            continue
        value = _QUOTED.match(text, position) or _BARE.match(text, position)
        if value is None or not value[2] or _is_prose(name, value):
            continue
        position = value.end()
        kept = value[1] if value.re is _QUOTED else ""
        pieces += text[done : name.end()], kept, REDACTED
        done = position
    return "".join((*pieces, text[done:]))


def _is_word_beside_a_word(name: re.Match[str]) -> bool:
    """`["token", "max"]` names nothing; `("password", "hunter2")` does."""
    return "," in name[2] and name[1].lower() in _PROSE_WORDS


def _is_prose(name: re.Match[str], value: re.Match[str]) -> bool:
    """`missing key: prompt` is; `key=prompt`, `key: 4f1c0a9d` and `"key": "prompt"` are not."""
    if name[1].lower() not in _PROSE_WORDS or "=" in name[2] or value.re is _QUOTED:
        return False
    return value[1] is None and not _looks_random(value[2])


def _clean_scheme(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}{REDACTED}" if _looks_random(match[3]) else match[0]


def _looks_random(text: str) -> bool:
    return len(text) >= 20 or (len(text) >= SHORTEST and any(character.isdigit() for character in text))
