"""Who says yes without a screen: `--yes`, a question on the terminal, or nobody. What they show goes to stderr."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from theta_tui import safe_text
from theta_tui.headless import exact_json
from theta_tui.headless.attempt_log import AttemptLog
from theta_tui.review import Answer, Review, Reviewer, Verdict

LONGEST_BODY = 4000
"""Characters of a request's body shown before the question."""


class Yes:
    """`--yes`: agrees to whatever the rules allow. `confirm` is the protected profile that was named for it."""

    def __init__(self, confirm: str | None = None) -> None:
        self._confirm = confirm

    async def review(self, review: Review) -> Verdict:
        """Confirm; the gate still refuses what dry-run, read-only, protection or the budget forbid."""
        return Verdict(Answer.CONFIRM, named=review.typed if review.guard == self._confirm else None)


class Preview:
    """Nobody to ask, or `--dry-run`: nothing is sent, the preview is the result."""

    def __init__(self, answer: Answer = Answer.PREVIEW) -> None:
        self._answer = answer

    async def review(self, review: Review) -> Verdict:
        """Send nothing."""
        return Verdict(self._answer)


class Prompt:
    """A person at a terminal. `allow_usd` is what may be allowed at once for the rest of a conversation."""

    def __init__(self, say: Callable[[str], None], *, allow_usd: Decimal | None = None, brief: bool = False) -> None:
        self._say = say
        self._allow_usd = allow_usd
        self._brief = brief

    async def review(self, review: Review) -> Verdict:
        """Show the act and ask; destroying, or spending above the limit, wants the name typed."""
        self._say("\n".join(_brief(review) if self._brief else _whole(review)))
        if review.block is not None:
            self._say(review.block.words)
            return Verdict(Answer.PREVIEW)
        _forget_typed_ahead()
        if review.typed is not None:
            name = safe_text.for_line(review.typed)
            typed = await ask_line(f"Type {name} to confirm: ")
            return Verdict(Answer.CONFIRM, named=review.typed) if typed == name.strip() else Verdict(Answer.CANCEL)
        allow = self._left(review) if review.can_allow else None
        choices = f"[y/N/a] (a: allow up to ${allow} in this conversation) " if allow is not None else "[y/N] "
        word = (await ask_line(f"Send it? {choices}") or "").lower()
        if allow is not None and word in ("a", "all"):
            return Verdict(Answer.CONFIRM, allow_usd=allow)
        return Verdict(Answer.CONFIRM if word in ("y", "yes") else Answer.CANCEL)

    def _left(self, review: Review) -> Decimal | None:
        if self._allow_usd is None or review.worst_usd is None:
            return None
        left = self._allow_usd if review.cap_usd is None else min(self._allow_usd, review.cap_usd - review.spent_usd)
        return left if left >= review.worst_usd else None


class Logged:
    """Writes down what another reviewer, `inner`, is shown and what then follows from its answer."""

    def __init__(self, inner: Reviewer, log: AttemptLog) -> None:
        self.inner = inner
        self._log = log

    async def review(self, review: Review) -> Verdict:
        """Let the other one answer."""
        self._log.review(review)
        verdict = await self.inner.review(review)
        block = review.block
        if verdict.answer in (Answer.CANCEL, Answer.DRY_RUN) or block is None or verdict.cap_usd is not None:
            reason = verdict.answer.value
        else:
            reason = block.reason
        self._log.decision(review, reason)
        return verdict


async def ask_line(question: str) -> str | None:
    """Ask on stderr and read one line from the terminal; None at its end. Can be interrupted, unlike `input`."""
    sys.stderr.write(question)
    sys.stderr.flush()
    line = await read_line()
    if line is None:
        sys.stderr.write("\n")
    return None if line is None else line.strip()


async def read_line() -> str | None:
    """Read one line of stdin without blocking the event loop; None at its end."""
    ready = asyncio.Event()
    loop, descriptor = asyncio.get_running_loop(), sys.stdin.fileno()
    loop.add_reader(descriptor, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)
    return sys.stdin.readline() or None


def _forget_typed_ahead() -> None:
    """Drop what was typed before the question was there to be read: it cannot be the answer."""
    import termios

    termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)


def can_ask() -> bool:
    """Whether there is a person: keys come from a terminal, and questions reach one."""
    return sys.stdin.isatty() and sys.stderr.isatty() and sys.platform != "win32"


def _whole(review: Review) -> Iterator[str]:
    yield f"{review.command}  [{review.effect.value}]"
    yield from _brief(review)
    for step in review.preview.get("steps", ()):
        yield f"  step     {step['step']}{' (clean-up)' if step.get('cleanup') else ''}"
    for request in review.preview["requests"]:
        yield from _request(request)
    for note in review.preview.get("notes", ()):
        yield f"  note     {safe_text.for_line(note)}"


def _brief(review: Review) -> Iterator[str]:
    yield f"  {safe_text.for_line(review.summary)}"
    target = review.target
    if target.id or target.name:
        named = f"{target.name} ({target.id})" if target.name and target.id != target.name else target.id or target.name
        yield f"  target   {target.kind} {safe_text.for_line(named)}"
    yield f"  cost     {_cost(review)}"
    if review.cap_usd is not None:
        yield f"  today    ${review.spent_usd:.4f} of ${review.cap_usd} taken"


def _cost(review: Review) -> str:
    cost = review.cost
    if not cost.is_known:
        aside = "nothing" if review.worst_usd is None else f"${review.worst_usd}"
        return f"unknown price: {aside} is set aside for it"
    parts = []
    if cost.usd is not None and (cost.usd or not cost.usd_per_hour):
        parts.append("free" if cost.is_free else f"up to ${exact_json.number(cost.usd)}")
    if cost.usd_per_hour:
        parts.append(f"${exact_json.number(cost.usd_per_hour)} per hour while it runs")
    words = ", ".join(parts)
    return words if cost.is_free else f"{words} ({cost.source})"


def _request(request: Mapping[str, Any]) -> Iterator[str]:
    query = "&".join(f"{name}={value}" for name, value in request["query"])
    line = safe_text.for_line(f"{request['method']} {request['url']}{'?' if query else ''}{query}")
    after = f"  (only after {request['only_after']})" if "only_after" in request else ""
    yield f"  request  {line}{after}"
    if request["body"] is not None:
        body = exact_json.dumps(request["body"], indented=True)
        shown = body if len(body) <= LONGEST_BODY else f"{body[:LONGEST_BODY]}… ({len(body):,} characters)"
        yield from (f"           {line}" for line in shown.split("\n"))
