"""Watching an endpoint become ready: what was seen so far, and how that reads. It asks nobody and knows no widgets."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from textual.content import Content

from theta_tui.shapes.inference import Look, judge
from theta_tui.tui import literal
from theta_tui.tui.words import span, whole_seconds

PATHS = {"openai": "/v1/models", "gradio": "/config"}

REFUSALS_APART = 10.0
"""Seconds between refusals that count: an ingress may answer 401 for a moment before its backend is there."""
ABSENT_FOR = 60.0
"""Seconds for which a fresh deployment may be missing from the list."""
LONGEST = 1800.0
"""Seconds after which looking ends by itself."""

_MEANINGS = {
    0: "no connection",
    200: "it answers",
    401: "asks for credentials, nothing behind it yet",
    403: "refuses",
    404: "no such route yet: the machine is being set up",
    500: "the server is loading",
    502: "nothing listens behind the address yet",
    503: "the container is starting",
    504: "it does not answer in time",
}


@dataclass(frozen=True, slots=True)
class Phase:
    """So many equal answers in a row, the first after `seconds`."""

    status: int
    seconds: float
    count: int
    message: str = ""


@dataclass
class Watch:
    """Looks at one deployment's endpoint, first to last. `verdict` stays None while it goes on; "" is ready."""

    key: str
    name: str
    probe: str = "openai"
    is_large: bool = False
    has_probe: bool = True
    verdict: str | None = None
    started: float = field(default_factory=time.monotonic)
    looks: list[Look] = field(default_factory=list)
    ended_after: float | None = None

    @property
    def is_on(self) -> bool:
        """Whether looking goes on."""
        return self.verdict is None

    @property
    def is_ready(self) -> bool:
        """Whether it answered as it should."""
        return self.verdict == ""

    @property
    def seconds(self) -> float:
        """How long it has been, or was, watched."""
        return time.monotonic() - self.started if self.ended_after is None else self.ended_after

    def add(self, status: int, message: str = "") -> None:
        """Take one look, and judge."""
        self.looks.append(Look(seconds=round(self.seconds, 1), status=status, message=message))
        verdict = judge(list(_counted(self.looks)))
        if verdict is None and self.seconds > LONGEST:
            verdict = f"Not ready after {span(LONGEST)}. It may still become ready: r looks again."
        if verdict is not None:
            self.end(verdict)

    def end(self, verdict: str) -> None:
        """Stop looking; the first verdict stays."""
        if self.is_on:
            self.ended_after, self.verdict = self.seconds, verdict

    @property
    def pause(self) -> float:
        """Seconds until the next look: often at first, seldom for what takes a quarter of an hour."""
        return 2.0 if self.seconds < 120 else 5.0 if self.seconds < 300 else 15.0

    @property
    def phases(self) -> list[Phase]:
        """Equal answers taken together."""
        found: list[Phase] = []
        for look in self.looks:
            if found and found[-1].status == look.status:
                last = found[-1]
                found[-1] = Phase(last.status, last.seconds, last.count + 1, look.message)
            else:
                found.append(Phase(look.status, look.seconds, 1, look.message))
        return found

    @property
    def words(self) -> str:
        """How it stands, in a few words."""
        if self.is_ready:
            return f"ready after {span(self.seconds)}"
        if not self.is_on:
            return self.verdict or ""
        last = f"last answer {self.looks[-1].status or 'none'}, " if self.looks else ""
        return f"not ready yet: {last}{whole_seconds(self.seconds)}, {_times(len(self.looks))}"

    @property
    def short_words(self) -> str:
        """How it stands, for the status line."""
        last = f" {self.looks[-1].status or 'no answer'}" if self.looks else ""
        return f"{self.name}{last} {whole_seconds(self.seconds)}"


def watch_content(watch: Watch | None, *, cost: str, is_running: bool) -> Content:
    """Give the readiness view; `cost` is what the machine bills per hour, in words."""
    if watch is None or not (is_running or watch.is_on):
        return _not_looked(is_running=is_running, cost=cost)
    lines = [_head(watch), Content("")]
    if watch.looks:
        lines += [_timeline(watch), Content(""), *_phase_lines(watch), Content("")]
    lines += _advice(watch, cost)
    return Content("\n").join(lines)


def _head(watch: Watch) -> Content:
    name = literal.content(watch.name, style="bold")
    if watch.is_ready:
        words, style = f" is ready after {whole_seconds(watch.seconds)}", "bold $text-success"
        more = f"  {_times(len(watch.looks))} at {PATHS[watch.probe]}"
        return Content.assemble(("● ", style), name, (words, style), (more, "$foreground-muted"))
    if not watch.is_on:
        style = "bold $text-warning"
        return Content.assemble(("○ ", style), name, ("  ", ""), literal.content(watch.verdict, style=style))
    more = f"  {whole_seconds(watch.seconds)} · {_times(len(watch.looks))} at {PATHS[watch.probe]}"
    style = "bold $text-warning"
    return Content.assemble(("◌ ", style), name, (" is not ready yet", style), (more, "$foreground-muted"))


def _timeline(watch: Watch) -> Content:
    """Draw `404 → 503 → 200`."""
    steps = [Content.styled(str(phase.status or "no answer"), _style(phase.status)) for phase in watch.phases]
    if watch.is_on:
        steps.append(Content.styled("…", "$foreground-muted"))
    return Content.styled(" → ", "$foreground-muted").join(steps)


def _phase_lines(watch: Watch) -> list[Content]:
    lines = []
    for phase in watch.phases:
        meaning = _MEANINGS.get(phase.status, "not ready")
        if phase.message and phase.status in (0, 200):
            meaning = phase.message
        lines.append(
            Content.assemble(
                (f"{'after ' + whole_seconds(phase.seconds):>12}  ", "$foreground-muted"),
                (f"{phase.status or '—':>3}  ", _style(phase.status)),
                literal.content(meaning),
                (f"  ×{phase.count}" if phase.count > 1 else "", "$foreground-muted"),
            )
        )
    return lines


def _advice(watch: Watch, cost: str) -> list[Content]:
    if watch.is_ready:
        return [Content("c chats with it, o opens it in the browser.")]
    if not watch.is_on:
        return [Content(f"The machine keeps billing {cost} until it is stopped (x). r looks again.")]
    lines = [
        _patience(watch),
        Content(f"r stops looking; the machine keeps billing {cost}. It goes on in other panes."),
    ]
    if not watch.has_probe:
        lines.insert(0, Content("A notebook or a bare node has no such route: 404 may be all it ever answers."))
    return [Content.styled(line.plain, "$foreground-muted") for line in lines]


def _patience(watch: Watch) -> Content:
    if watch.is_large:
        return Content("A model of this size usually takes 10 to 15 minutes; 404, 500 and 503 on the way are normal.")
    return Content("Small models take 1 to 2 minutes, large ones up to 15; 404, 502 and 503 on the way are normal.")


def _not_looked(*, is_running: bool, cost: str) -> Content:
    if not is_running:
        return Content.styled("It is stopped and answers nothing. S starts it.", "$foreground-muted")
    lines = (
        "Not looked at yet. Press r: its endpoint is asked every two seconds until it answers.",
        f"The list may say Running before it does; it bills {cost} either way.",
    )
    return Content.styled("\n".join(lines), "$foreground-muted")


def _counted(looks: Iterable[Look]) -> Iterable[Look]:
    """Leave out refusals that come shortly after another: only lasting ones are a verdict (wire 9.3)."""
    last: Look | None = None
    for look in looks:
        refused = look.status in (401, 403)
        if refused and last is not None and last.status in (401, 403) and look.seconds - last.seconds < REFUSALS_APART:
            continue
        last = look
        yield look


def _style(status: int) -> str:
    return "$text-success" if status == 200 else "$text-error" if status in (401, 403) else "$text-warning"


def _times(count: int) -> str:
    return "1 look" if count == 1 else f"{count} looks"
