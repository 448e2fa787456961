"""What tests of every room begin with: a person who answers reviews, and sessions with a home of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from theta_tui import settings
from theta_tui.review import Answer, Review, Verdict
from theta_tui.session import Session
from theta_tui.vault import MemoryBackend, Vault

Begin = Callable[..., Any]
"""`await begin(face="cli", **environ)` gives a session; a variable set to None is left out."""


class Person:
    """Answers each review with the next verdict, the last one again and again; remembers what was shown.

    `then` is what happens before the answer.
    """

    def __init__(self, *verdicts: Verdict | Answer, then: Callable[[], Any] = lambda: None) -> None:
        given = verdicts or (Answer.CONFIRM,)
        self.verdicts = [Verdict(each) if isinstance(each, Answer) else each for each in given]
        self.then = then
        self.shown: list[Review] = []

    async def review(self, review: Review) -> Verdict:
        self.shown.append(review)
        self.then()
        return self.verdicts.pop(0) if len(self.verdicts) > 1 else self.verdicts[0]


async def begin_session(environ: Mapping[str, str], *, face: str = "cli", data_dir: Path | None = None) -> Session:
    """Give a session that these variables describe, with a vault in memory."""
    loaded = settings.load(None, environ)
    vault = Vault(loaded.profile, environ, backend=MemoryBackend())
    return await Session.begin(loaded, environ, face=face, data_dir=data_dir or settings.data_dir(environ), vault=vault)
