"""The way through every view of the console, by its keys; which views there are, the program's own tables say."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator, Mapping
from importlib import import_module

import theta_tui.tui
from tests.hostile.stage import ESC
from theta_tui.tui.modal import Modal
from theta_tui.tui.panes import PANES
from theta_tui.tui.panes.record_pane import RecordPane

ENTER, TAB, RIGHT, DOWN = "\r", "\t", "\x1b[C", "\x1b[B"
PALETTE, NEXT, SAVE, MODEL, CHATS, MORE, GOTO = "\x10", "\x0e", "\x13", "\x0f", "\x0c", "\x19", "\x07"
LATER = "later"
"""Not a key: time passes in the cloud, and jobs are done."""

IN_ASCII = re.compile(r"JSON$|Preview$|edge client Client$|^CopyMenu|^ReviewModal|^ExplainScreen|^ResultScreen")
"""Views of JSON and shell lines: a control character stands there as an escape, wider than its sign, so that what is
shown for it and for its harmless form breaks elsewhere. What stands above such text is compared as everywhere."""
BELOW = re.compile(r"Describe │|^ *(?:│ *)?(?:GET|POST|PUT|PATCH|DELETE) http|── What each may cost|Step 1 of")
"""The line from which on it is such text."""

NOT_COMPARED = re.compile(
    r"^RunForm|^AgentChange|^DocumentForm|^DocumentSource|^OptionsForm|^CommandForm|^activity requests"
    r"|^billing (?:money|balances)"
)
"""Forms hold the text itself: what is edited may not be changed, so that a character without a sign has none there, and
lines break by what is not seen; the line filter keeps it from the terminal. Which requests were given up on the way,
and how long each took, is chance, and with it the width of columns; how often the balance was read is too, and its plot
is drawn along the time of the day. Details with requests are not compared either."""
OF_CHANCE = re.compile(r"^billing|^chat$|chat.compare$")
"""Views with figures that two runs do not share: how long the model's answers were, and what that came to."""
FIGURES = re.compile(r"[≈≤]?[−+]?\$[\d.,]+(?:/h)?|to first token.*|◂ \d/\d ▸")

FIND = "/"
DETAILS = (ENTER, RIGHT, RIGHT, ESC)
THREE = (ENTER, RIGHT, RIGHT, RIGHT, ESC)
TWO = (ENTER, RIGHT, RIGHT, ESC)
"""For details of two tabs: back to the first, so that what comes next is no longer JSON."""

SOME: Mapping[str, tuple[str, ...]] = {
    "overview": ("1", TAB),
    "services": ("2", *DETAILS, "e", ESC, "y", ESC, "r", ESC),
    "deployments": ("4", *DETAILS, FIND, "sup", ENTER, ESC),
    "reviews": ("4", "x", ESC, "d", ESC),
    "agents": ("7", "i", RIGHT, RIGHT, RIGHT, ESC, ENTER),
    "activity": ("0", ENTER, ESC),
}
"""The shorter way, with one of each kind."""

EVERY: Mapping[str, tuple[str, ...]] = {
    **SOME,
    "columns, export": ("4", "C", ESC, "w", ESC, "e", ESC),
    "runs": ("2", ".", "i", RIGHT, RIGHT, RIGHT, ESC, DOWN, ENTER, ESC, "r", ESC, ","),
    "a run": ("2", FIND, "alias:flux", ENTER, "r", SAVE, "y", LATER, ESC),
    "a deployment": ("4", ENTER, RIGHT, RIGHT, RIGHT, ESC, "S", ESC, "v", ESC, "y", ESC, "P"),
    "several": ("4", " ", DOWN, " ", "x", ESC, ESC),
    "new deployment": ("4", "n", ENTER, ENTER, ENTER, ESC, ESC, ESC, ESC),
    "machine types": ("5", *DETAILS),
    "nodes": (".", *DETAILS),
    "clusters": (".", *DETAILS),
    "community": (".", *DETAILS),
    "notebooks": (".", *DETAILS),
    "volumes": (".", *DETAILS, "d", ESC),
    "billing": ("6", ".", *TWO, ".", *TWO, ".", *TWO),
    "agent": ("7", "E", ESC, "T", ESC, "n", ESC),
    "documents": ("7", ENTER, *THREE, "n", ESC, "E", SAVE, ESC, ESC),
    "test chat": ("7", "t", "hi", ENTER, "y", ESC, ESC),
    "videos": ("8", *DETAILS, "f", ESC, "n", ESC),
    "livestreams": ("8", ".", *DETAILS, "K", ESC, "i", ESC),
    "ingestors": ("8", ".", *DETAILS, "i", ESC),
    "chain": ("9", *TWO, "f", "100", ENTER, ESC, *TWO),
    "edge client": ("9", ".", ENTER, RIGHT, RIGHT, RIGHT, RIGHT, ESC, "E", ESC),
    "keys": ("9", ".", *DETAILS, "S", ESC),
    "changes": ("0", "u", ESC, ENTER, RIGHT, RIGHT, RIGHT, ESC),
    "requests": ("0", ".", *TWO),
    "stored chat": ("3", CHATS, ENTER, ESC, "k", "k", "t", ESC),
    "chat": ("3", "\x0e", "hello", ENTER, "y", ESC, "t", "k", "k", ENTER, "g", "G", ESC),
    "chat dialogs": ("3", MODEL, ESC, SAVE, ESC, MORE, "Export", ENTER, ESC, MORE, "Template: ", ENTER, ESC, ESC),
    "attach": ("3", ESC, "a", ESC, ESC),
    "command": ("5", ":", "run theta.project.get", ENTER, ESC),
    "form": ("5", ":", "run theta.deployments.stop", ENTER, ESC),
    "palette, help": ("5", PALETTE, "list", ESC, "?", "sup", ESC, GOTO, ESC),
    "messages, works": ("5", "!", ESC, "W", ESC),
    "settings": ("5", "O", ENTER, ESC, ESC, "O", "theme", ENTER, ESC, ESC, "O", "keys.preset", ENTER, ESC, ESC),
    "profiles": ("5", "P", ESC),
    "setup": ("5", ":", "setup", ENTER, NEXT, NEXT, NEXT, ESC, ESC, ESC, ESC),
    "quitting": ("5", "q", ESC),
    "compare": ("3", MORE, "Compare", ENTER, DOWN, TAB, ENTER, "hello", ENTER, "y", ESC, ESC),
}
"""Every view there is; what cannot be reached by keys alone is in `BY_HAND`."""

CLICKED: Mapping[str, tuple[str, ...]] = {
    "services": ("2", ENTER),
    "deployments": ("4",),
    "agents": ("7", "i"),
}
CLICKED_MORE: Mapping[str, tuple[str, ...]] = {
    "machines": ("5", ENTER),
    "videos": ("8", ENTER),
    "review": ("4", "d"),
    "form": ("7", "E"),
    "runs": ("2", ".", "i"),
    "documents": ("7", ENTER, ENTER),
    "changes": ("0", ENTER),
    "stored chat": ("3", CHATS, ENTER, ESC),
    "templates": ("4", "n"),
    "partners": ("3", MODEL),
    "overview": ("1",),
    "copy menu": ("4", "y"),
}
"""Ways to views in which every cell of a text like a link is clicked."""

FRAMES = frozenset({"Modal", "Picker", "FormDialog", "PartnerList", "Question", "SetupPages"})
"""What other dialogs are made of."""

BY_HAND: Mapping[str, str] = {
    "TrialReport": "half an hour of a machine: shown by hand, with a report of the cloud's words",
    "MoveQuestion": "comes where keys are kept in another place; it shows our own words alone",
    "Unlock": "needs an encrypted file of keys; it shows our own words alone",
}


def dialogs() -> frozenset[str]:
    """Name every dialog of the program."""
    for module in pkgutil.walk_packages(theta_tui.tui.__path__, "theta_tui.tui."):
        import_module(module.name)
    return frozenset(kind.__name__ for kind in _kinds(Modal)) - FRAMES


def pane_views() -> frozenset[str]:
    """Name every part of every pane, with each tab of its details."""
    found = set()
    for entry in PANES:
        kind = entry.load()
        sections = getattr(kind, "sections", ()) or (("", kind),)
        for word, part in sections:
            tabs = part.tabs if issubclass(part, RecordPane) else ("",)
            found |= {" ".join(filter(None, (entry.id, word, tab))) for tab in tabs}
    return frozenset(found)


def _kinds(kind: type) -> Iterator[type]:
    for child in kind.__subclasses__():
        if child.__module__.startswith("theta_tui."):
            yield child
        yield from _kinds(child)
