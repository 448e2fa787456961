"""How an answer that is a no becomes an error: wire 12.1, with the cloud's own words, redacted and cut.

Pure; it knows no connection and sends nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from theta_tui.change import Family, Json
from theta_tui.errors import ProtocolError
from theta_tui.redact import redactor
from theta_tui.wire import replies
from theta_tui.wire.hosts import TABLE as HOSTS
from theta_tui.wire.retry import TABLE, Failed, Fault, fault_of_status, retry_after

MAX_WORDS = 500

_BLOCKED = re.compile(r"error[^0-9]{0,40}10[12]0\b", re.IGNORECASE)
_QUOTA = re.compile(r"minute quota reached|quota (?:is |was )?reached|daily quota|\b(?:vm|gpu|machine)s? quota", re.I)
_BILLING = re.compile(
    r"\bbalances?\b|insufficient(?! (?:permission|privilege|right|scope))|\bcredits?\b|billing|quota exceeded", re.I
)
_CAPACITY = re.compile(r"no instances? (?:is |are )?available|no available instances?|no capacity", re.IGNORECASE)
_ABSENT = re.compile(r"\bnot found\b|does not exist", re.IGNORECASE)
_STREAMS = re.compile(r"stream limit reached", re.IGNORECASE)
_TIMED_OUT = re.compile(r"\btimed?[ -]?out\b|\bdeadline exceeded\b", re.IGNORECASE)
_RATE = re.compile(r"rate limit|too many requests", re.IGNORECASE)
_ID = re.compile(rb"\b(?:infr_rqst|upload|video|stream|img)_[a-z0-9]{4,40}\b")
_XML_CODE = re.compile(r"<Code>([A-Za-z]{1,60})</Code>")

_DEFAULTS = {
    Fault.AUTH: "the credential is missing or wrong",
    Fault.PERMISSION: "the action is not allowed",
    Fault.EDGE: "Cloudflare blocked this client before Theta saw the request",
    Fault.MISSING: "not found",
    Fault.NO_METHOD: "no such route",
    Fault.REDIRECT: "it redirects elsewhere, and redirects are never followed",
    Fault.RATE: "too many requests",
    Fault.BILLING: "out of credits, or billing is blocked",
    Fault.PAGE: "an HTML page came where an answer should be",
    Fault.REFUSED_INSIDE: "it refused without a reason",
}
_SLOT_HINT = "The upload address has expired or does not fit the bytes; ask for a new one by doing it again."
_STREAMS_HINT = (
    "An account has three livestreams at the most: use one of theta.video.streams again, or delete one in the "
    "dashboard, since no route that deletes a stream is known."
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came: whole, but not yet understood."""

    status: int
    headers: Mapping[str, str]
    data: bytes
    family: Family
    host: str


def request_id_of(headers: Mapping[str, str], data: bytes = b"") -> str | None:
    """Give what the cloud calls the request: x-request-id, an id in the body, or Cloudflare's ray."""
    found = _ID.search(data)
    candidates = (headers.get("x-request-id"), found[0].decode("ascii") if found else None, headers.get("cf-ray"))
    return next((one.strip()[:100] for one in candidates if one and one.strip()), None)


def words_of(value: Json) -> str:
    """Extract the error text of a JSON answer: message, error, error.message, detail, or the string itself."""
    if isinstance(value, str):
        return value.strip()
    if not isinstance(value, Mapping):
        return ""
    error = value.get("error")
    inner = error.get("message") if isinstance(error, Mapping) else error
    detail = value.get("detail")
    if isinstance(detail, (list, tuple)):
        detail = "; ".join(str(item.get("msg", "")) for item in detail[:3] if isinstance(item, Mapping))
    said = (value.get("message"), inner, detail)
    return next((one.strip() for one in said if isinstance(one, str) and one.strip()), "")


def clean(words: str) -> str:
    """Give the cloud's words without secrets and no longer than 500 characters."""
    cut = redactor.text(words[: MAX_WORDS * 4])
    return cut if len(cut) <= MAX_WORDS else cut[: MAX_WORDS - 1] + "…"


def failure_of(answer: Answer) -> Failed:
    """Classify an answer whose status is no success."""
    text = answer.data.decode("utf-8", "replace").strip()
    value = _json_or_none(text)
    is_page = value is None and text.startswith("<")
    words = words_of(value) if value is not None else ("" if is_page else text)
    if answer.family is Family.SLOT and is_page and (code := _XML_CODE.search(text)):
        words = code[1]
    wait = retry_after(answer.headers.get("retry-after"))
    fault = fault_of_status(answer.status)
    if fault is not Fault.REDIRECT:
        fault = _by_words(fault, answer.status, words)
    if fault in (Fault.PERMISSION, Fault.RATE, Fault.UPSTREAM, Fault.BROKEN_SERVER) and _BLOCKED.search(text):
        fault, words = Fault.EDGE, ""
    if answer.status == 503 and fault is Fault.UPSTREAM and (replies.refusal_in(value) is not None or wait is not None):
        fault = Fault.UNAVAILABLE
    return _failed(fault, answer, words, wait)


def refusal_of(answer: Answer, refusal: Mapping[str, Any]) -> Failed:
    """Classify a success status whose body says that it failed; `refusal` is that body."""
    words = words_of(refusal)
    fault = _by_code(refusal) or Fault.REFUSED_INSIDE
    if fault is Fault.REFUSED_INSIDE and _ABSENT.search(words):
        fault = Fault.MISSING
    if fault is Fault.REFUSED_INSIDE and _RATE.search(words):
        fault = Fault.RATE
    if fault is Fault.REFUSED_INSIDE and _TIMED_OUT.search(words):
        # Who waited in vain has not said that nothing was done: a node may still put the transaction into a block.
        return _failed(Fault.TIMED_OUT, answer, words, None)
    status = 409 if fault in (Fault.REFUSED_INSIDE, Fault.CONFLICT) else 0
    return _failed(_by_words(fault, status, words, inside=True), answer, words, None)


def unreadable(answer: Answer, why: str) -> Failed:
    """Make the failure of an answer that came but cannot be read; `why` is our own sentence."""
    return _failed(Fault.UNREADABLE, answer, why, None, spoken=False)


def page(answer: Answer) -> Failed:
    """Make the failure of an HTML page where an answer should be."""
    return _failed(Fault.PAGE, answer, "", None)


def _by_words(fault: Fault, status: int, words: str, *, inside: bool = False) -> Fault:
    if _QUOTA.search(words):
        return Fault.QUOTA
    if (inside or status in (402, 403, 429)) and _BILLING.search(words):
        return Fault.BILLING
    if status == 409 and _CAPACITY.search(words):
        return Fault.CAPACITY
    return fault


def _by_code(refusal: Mapping[str, Any]) -> Fault | None:
    """OpenAI-style errors carry the status they would have had."""
    error = refusal.get("error")
    code = error.get("code") if isinstance(error, Mapping) else None
    if isinstance(code, str) and re.fullmatch(r"[45][0-9]{2}", code):
        code = int(code)
    if not isinstance(code, int) or not 400 <= code <= 599:
        return None
    return fault_of_status(code)


def _failed(fault: Fault, answer: Answer, words: str, wait: float | None, *, spoken: bool = True) -> Failed:
    said = clean(words)
    message = f"{answer.host} answered {answer.status}: {said or _DEFAULTS.get(fault, 'no reason given')}"
    if fault is Fault.AUTH and (source := HOSTS[answer.family].credential):
        message = f"{answer.host} refused {source}" + (f": {said}" if said else ".")
    error = TABLE[fault].error(
        _asking(message, wait),
        hint=_hint(fault, answer.family, said),
        status=answer.status,
        request_id=request_id_of(answer.headers, answer.data),
        retry_after=wait,
    )
    return Failed(fault, error, spoken=spoken and bool(said))


def _hint(fault: Fault, family: Family, said: str) -> str | None:
    """Give the next step where it is another than the error's own."""
    if family is Family.SLOT and fault in (Fault.PERMISSION, Fault.INVALID):
        return _SLOT_HINT
    return _STREAMS_HINT if family is Family.VIDEO and _STREAMS.search(said) else None


def _asking(message: str, wait: float | None) -> str:
    if not wait:
        return message
    span = f"{wait:.0f} s" if wait <= 86_400 else "for more than a day"
    return f"{message.rstrip('.')}. It asks to wait {span}."


def _json_or_none(text: str) -> Json:
    try:
        return replies.parse(text.encode("utf-8", "replace"))
    except ProtocolError:
        return None
