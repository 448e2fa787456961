"""Disposable validations (wire 15.3): tried in the background, followed in the panel of long work, told at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from textual.content import Content
from textual.widget import Widget

from theta_tui.change import Done
from theta_tui.errors import ThetaError, UsageError
from theta_tui.shapes.deployments import Template
from theta_tui.shapes.disposable import ValidationReport
from theta_tui.tui import literal
from theta_tui.tui.modal import Modal
from theta_tui.tui.panes.deployments.row import DeploymentRow
from theta_tui.tui.reading import Reading
from theta_tui.tui.words import UNKNOWN, span, usd
from theta_tui.tui.works import Work

if TYPE_CHECKING:
    from theta_tui.tui.panes.base import Pane

COMMAND: Final = "theta.deployments.validateDisposable"
CANCELLING: Final = "The machine is deleted at once; what it ran until then stays spent."
_MUTED: Final = "$foreground-muted"


@dataclass(frozen=True, slots=True)
class Trial:
    """A disposable validation to begin: what it tries, in our words, and its arguments."""

    what: str
    arguments: Mapping[str, Any]


def trial_of(row: DeploymentRow, template: Template | None) -> Trial:
    """Give the trial of a deployment's template on its machine type; UsageError where one of them is not known."""
    if template is None or not row.deployment.vm_id:
        words = f"The template or the machine type of {row.name} is not known, so it cannot be tried from here."
        raise UsageError(words, hint="n opens the wizard, which can try any template.")
    given = {"deployment_template_id": template.id, "vm_id": row.deployment.vm_id, "probe": template.probe}
    return Trial(f"{template.name} on {row.deployment.vm_id}", given)


class Trials:
    """The validations of a pane; any number may be at work."""

    def __init__(self, pane: Pane) -> None:
        self._pane = pane
        self._count = 0

    def begin(self, trial: Trial) -> None:
        """Have a validation reviewed and carried out."""
        self._count += 1
        group = f"trial:{self._count}"
        work = self._pane.console_app.works.begin(
            group,
            f"Try {trial.what}",
            cancel=partial(self._cancel, group),
            cancelling=CANCELLING,
        )
        work.say("in review")
        self._pane.run_worker(self._carry_out(work, trial.arguments), group=group)

    def _cancel(self, group: str) -> None:
        self._pane.workers.cancel_group(self._pane, group)

    async def _carry_out(self, work: Work, arguments: Mapping[str, Any]) -> None:
        pane, works = self._pane, self._pane.console_app.works
        try:
            outcome = await pane.submit(COMMAND, arguments, progress=work.take)
        except asyncio.CancelledError:
            works.end(work, "cancelled; its clean-up was carried out", has_failed=True)
            raise
        except ThetaError as error:
            works.end(work, error.message, has_failed=True)
            pane.fail(error, cause="action")
            return
        if not isinstance(outcome, Done):
            works.forget(work)
            if outcome.reason != "cancelled":
                pane.console_app.tell(outcome.message or "Nothing was sent.", severity="warning")
            return
        report: ValidationReport = outcome.value
        works.end(work, verdict(report), has_failed=not report.complete)
        pane.app.push_screen(TrialReport(work.title, report))


def verdict(report: ValidationReport) -> str:
    """Say in a few words how it went."""
    if report.complete:
        return "it works, and is deleted again"
    parts = ["became ready" if report.ready else "did not become ready"]
    parts += [f"{failure.step} failed" for failure in report.failures]
    parts.append("deleted again" if report.cleanup_verified else "NOT proved to be deleted: look at the list")
    return ", ".join(parts)


class TrialReport(Modal[None]):
    """How a validation went, point by point."""

    DEFAULT_CSS = """
    TrialReport > .modal--frame { height: auto; max-height: 24; }
    TrialReport Reading { background: $surface; margin: 1 0; height: auto; max-height: 20; }
    """
    keys = (("↑↓", "scroll"), ("Esc", "close"))

    def __init__(self, title: str, report: ValidationReport) -> None:
        super().__init__()
        self._title = title
        self._lines = report_lines(report)

    @property
    def title_words(self) -> str:
        """What was tried."""
        return self._title

    def inside(self) -> Iterable[Widget]:
        """Give the page, as high as it is long."""
        page = Reading(self._lines)
        page.styles.height = len(self._lines)
        yield page


def report_lines(report: ValidationReport) -> list[Content]:
    """Give ready, answer, clean-up and cost, each with a sign."""
    chat = report.chat
    lines = [
        _line(report.ready, "Ready", _ready_words(report)),
        *([_line(bool(chat.text), "Answer", chat.text or "empty")] if chat is not None else []),
        _line(report.cleanup_verified, "Clean-up", "gone from the list" if report.cleanup_verified else
              "not proved: look at 4 Deployments, and delete it there"),
        Content.assemble(("  Cost      ", _MUTED), _cost_words(report)),
    ]  # fmt: skip
    lines += [_line(False, failure.step, f"{failure.kind}: {failure.message}") for failure in report.failures]
    lines += [Content.assemble(("! ", "$text-warning"), literal.content(warning)) for warning in report.warnings]
    return lines


def _line(is_well: bool, label: str, words: str) -> Content:
    sign = ("✓ ", "$text-success") if is_well else ("✗ ", "$text-error")
    return Content.assemble(sign, literal.content(f"{label:<10}", style=_MUTED), literal.content(words))


def _ready_words(report: ValidationReport) -> str:
    seconds = report.readiness.seconds
    looks = " → ".join(dict.fromkeys(str(look.status or "no answer") for look in report.readiness.looks))
    return f"{'after' if report.ready else 'not after'} {span(seconds)}{f'  ({looks})' if looks else ''}"


def _cost_words(report: ValidationReport) -> str:
    before, after = report.balance_before_cents, report.balance_after_cents
    if before is None or after is None:
        return f"{UNKNOWN}: the balance could not be read before and after"
    return f"{usd((before - after) / 100)} by the balance before and after (other work counts too)"
