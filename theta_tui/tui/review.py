"""The review: what will happen, what it costs, the exact requests, and three answers. The gate decides what they mean.

Cancel has the focus; Confirm is off for a moment after opening, and keys typed before that are no answers.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from decimal import Decimal
from typing import ClassVar, Final

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Checkbox, Input, Static

from theta_tui.arguments import cli_line
from theta_tui.change import Effect
from theta_tui.review import Answer, Review, Verdict
from theta_tui.tui.modal import Modal
from theta_tui.tui.reading import Reading
from theta_tui.tui.request_lines import act_lines, preview_text
from theta_tui.tui.review_parts import Allow, Choice, Head, RaiseCap, Typed
from theta_tui.tui.review_words import allowance_offered, cap_needed, facts, money, names_to_type, read_amount

ARM_SECONDS: Final = 0.3
USUAL_ALLOWANCE: Final = Decimal("0.50")


class ReviewModal(Modal[Verdict]):
    """Shows a Review and gives a Verdict. `armed` tells whether answers are taken yet."""

    DEFAULT_CSS = """
    ReviewModal {
        & > .modal--frame { height: 100%; max-height: 36; }
        & Reading { margin: 1 0; padding: 0 0 0 1; }
        & #why { height: auto; max-height: 2; color: $text-warning; }
        & #why.-empty { display: none; }
        & #answers { height: 1; align-horizontal: right; }
        &.-low Reading { margin: 0; }
        &.-slim #left { display: none; }
        &.-tall Typed, &.-tall RaiseCap, &.-tall Allow, &.-tall #why { margin-bottom: 1; }
        &.-destroy > .modal--frame { border: round $error; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "close", show=False),
        Binding("d", "dry_run", show=False),
        Binding("y", "confirm", show=False),
        Binding("a", "allow", show=False),
        Binding("c", "copy", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
        Binding("down,j", "scroll('scroll_down')", show=False),
        Binding("up,k", "scroll('scroll_up')", show=False),
        Binding("pagedown,space", "scroll('page_down')", show=False),
        Binding("pageup", "scroll('page_up')", show=False),
        Binding("home,g", "scroll('scroll_home')", show=False),
        Binding("end,G", "scroll('scroll_end')", show=False),
    ]
    AUTO_FOCUS = "#cancel"
    keys = (("↑↓", "scroll"), ("c", "copy"))

    class Armed(Message):
        """Answers are taken from now on; Confirm is on unless something forbids it."""

    def __init__(self, review: Review, *, balance_usd: Decimal | None = None) -> None:
        super().__init__(classes=f"-{review.effect.value}")
        self._review = review
        self._balance = balance_usd
        self._names = names_to_type(review)
        self._cap_needed = cap_needed(review)
        self._armed_at = float("inf")
        self._answered = False
        self.armed = False

    @property
    def title_words(self) -> str:
        """The command, in the upper edge of the frame."""
        return f"Review · {self._review.command}"

    def inside(self) -> Iterable[Widget]:
        """Give head, requests, fields and answers."""
        review = self._review
        yield Head(review, facts(review, self._balance))
        yield Reading(act_lines(review.preview, self.command_line), id="requests")
        if review.can_allow and not self._is_forbidden:
            yield Allow(review, allowance_offered(review, self._usual_allowance()))
        if self._cap_needed is not None:
            yield RaiseCap(self._cap_needed)
        if self._names and not self._is_forbidden:
            yield Typed(self._names)
        yield Static("", id="why", classes="-empty", markup=False)
        with Horizontal(id="answers"):
            yield Choice("Cancel", "Esc", id="cancel")
            yield Choice("Dry run", "d", id="dry-run")
            yield Choice("Confirm", "y", id="confirm", classes=self._yes_class)

    @property
    def command_line(self) -> str | None:
        """The same act as a line for a shell, or one for each of several objects, if the review tells its arguments."""
        return "\n".join(cli_line(*call) for call in self._review.calls) or None

    @property
    def refusal(self) -> str | None:
        """Why Confirm is off, in words ("" when the field beside it says so itself); None when it is on."""
        if self._is_forbidden:
            return self._review.block.words if self._review.block else ""
        if self._cap_needed is not None and (words := self._cap_refusal(self._cap_needed)):
            return words
        if words := self._allowance_refusal():
            return words
        if self._names and self.query_one("#typed", Input).value.strip() not in self._names:
            return ""
        return None

    def on_mount(self) -> None:
        """Confirm is off at first; what counts is the time from the first frame on."""
        self._show_refusal()
        self.call_after_refresh(self._begin_arming)

    def on_resize(self, event: events.Resize) -> None:
        """Give blank rows to the requests where there are few, and room to the fields where there is plenty."""
        self.set_class(event.size.height < 24, "-low")
        self.set_class(event.size.height >= 30, "-tall")
        self.set_class(event.size.width < 72, "-slim")

    def on_key(self, event: events.Key) -> None:
        """Drop keys typed before the review could be read, even if they arrive late; Esc may always cancel."""
        if event.time < self._armed_at and event.key != "escape":
            event.stop()
            event.prevent_default()

    def action_close(self) -> None:
        """Cancel."""
        self._answer(Verdict(Answer.CANCEL))

    def action_dry_run(self) -> None:
        """Look only."""
        if self.armed:
            self._answer(Verdict(Answer.DRY_RUN))

    def action_confirm(self) -> None:
        """Say yes; with something still to type, go to its field."""
        if not self.armed:
            return
        if self.refusal is None:
            self._answer(self._yes())
            return
        for field in self.query("#cap, #typed").results(Input):
            field.focus()
            return

    def action_allow(self) -> None:
        """Tick or untick the answer for the whole conversation."""
        for box in self.query("#allow").results(Checkbox):
            box.toggle()

    def action_copy(self) -> None:
        """Copy the act as a command, else as its preview."""
        self.run_worker(self._copy(), exclusive=True, group="copy")

    def action_scroll(self, how: str) -> None:
        """Scroll the requests while a button has the focus."""
        getattr(self.query_one(Reading), f"action_{how}")()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "cancel":
            self.action_close()
        elif event.button.id == "dry-run":
            self.action_dry_run()
        elif event.button.id == "confirm":
            self.action_confirm()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        """Enter in a field goes on to the next field or button; it never confirms by itself."""
        event.stop()
        if event.input.id == "allowance" or self.refusal is None:
            self.focus_next()

    @on(Input.Changed)
    @on(Checkbox.Changed)
    def _changed(self, event: Input.Changed | Checkbox.Changed) -> None:
        event.stop()
        if isinstance(event, Input.Changed) and event.input.id == "allowance" and event.input.has_focus:
            self.query_one("#allow", Checkbox).value = bool(event.value.strip())
        self._show_refusal()

    def _begin_arming(self) -> None:
        self._armed_at = time.monotonic() + ARM_SECONDS
        for choice in self.query(Choice):
            choice.armed_at = self._armed_at
        self.set_timer(ARM_SECONDS, self._arm)

    def _arm(self) -> None:
        self.armed = True
        self._show_refusal()
        self.post_message(self.Armed())

    def _show_refusal(self) -> None:
        refusal = self.refusal
        why = self.query_one("#why", Static)
        why.update(Content(refusal or ""))
        why.set_class(not refusal, "-empty")
        self.query_one("#confirm", Choice).disabled = not self.armed or refusal is not None

    @property
    def _is_forbidden(self) -> bool:
        """Whether nothing typed here can turn Confirm on."""
        return self._review.block is not None and self._cap_needed is None

    @property
    def _yes_class(self) -> str:
        return "-no-return" if self._review.effect is Effect.DESTROY else "-yes"

    def _cap_refusal(self, needed: Decimal) -> str | None:
        amount = read_amount(self.query_one("#cap", Input).value)
        if amount is not None and amount >= needed:
            return None
        return self._review.block.words if self._review.block else ""

    def _allowance_refusal(self) -> str | None:
        """Say what is wrong with the amount for the conversation, if it is ticked."""
        if not any(box.value for box in self.query("#allow").results(Checkbox)):
            return None
        amount, worst = read_amount(self.query_one("#allowance", Input).value), self._review.worst_usd
        if amount is None:
            return "The amount for the conversation cannot be read: for example 0.50."
        return f"The amount must cover this call: at least {money(worst)}." if worst and not worst <= amount else None

    def _yes(self) -> Verdict:
        raised = read_amount(self.query_one("#cap", Input).value) if self._cap_needed is not None else None
        allowed = any(box.value for box in self.query("#allow").results(Checkbox))
        amount = read_amount(self.query_one("#allowance", Input).value) if allowed else None
        return Verdict(Answer.CONFIRM, cap_usd=raised, allow_usd=amount, named=self._review.typed)

    def _answer(self, verdict: Verdict) -> None:
        """Answer once: a second press in the same moment finds the buttons off."""
        if self._answered:
            return
        self._answered = True
        for choice in self.query(Choice):
            choice.disabled = True
        self.dismiss(verdict)

    def _usual_allowance(self) -> Decimal:
        session = getattr(self.app, "session", None)
        return session.settings.chat_allowance_usd if session is not None else USUAL_ALLOWANCE

    async def _copy(self) -> None:
        from theta_tui.tui.clipboard import copy

        self.note(await copy(self.app, self.command_line or preview_text(self._review.preview)))
