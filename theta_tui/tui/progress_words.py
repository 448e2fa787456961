"""Why something is not done yet, in a few words: a file on its way, a step of a plan, a retry."""

from __future__ import annotations

from theta_tui.change import Repeating, Sending, Stage, Waiting
from theta_tui.tui.words import size


def progress_words(waiting: Waiting) -> str:
    """Say how far it is."""
    if isinstance(waiting, Sending):
        share = waiting.sent * 100 // waiting.total if waiting.total else 0
        return f"sending {share} % of {size(waiting.total)}, {waiting.seconds:.0f} s left"
    if isinstance(waiting, Stage):
        failed = f" failed: {waiting.message}" if waiting.state == "failed" else ""
        return f"step {waiting.attempt} of {waiting.attempts}: {waiting.step}{failed}"
    if isinstance(waiting, Repeating):
        return "no answer, sent once more"
    return f"{waiting.error}, again in {waiting.seconds:.0f} s ({waiting.attempt}/{waiting.attempts})"
