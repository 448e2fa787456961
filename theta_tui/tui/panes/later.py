"""Panes of later work: what each will hold, and the commands that do part of it today."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from theta_tui.registry import commands
from theta_tui.tui.panes.base import Pane
from theta_tui.tui.widgets.banner import Banner
from theta_tui.tui.widgets.record_lines import wrap
from theta_tui.tui.widgets.tile import MUTED


class LaterPane(Pane):
    """A promise in words, with what already works without it."""

    holds: ClassVar[tuple[str, ...]] = ()
    """What the pane will show, one line each."""
    further: ClassVar[tuple[str, ...]] = ()
    """Commands of other domains that belong to it as well."""
    meanwhile: ClassVar[str] = ""
    """Where to look until then."""

    DEFAULT_CSS = """
    LaterPane > #promise { padding: 1 2; height: 1fr; scrollbar-size-vertical: 1; }
    LaterPane > #promise:focus { background: $background; }
    LaterPane #words { height: auto; }
    """

    def compose(self) -> ComposeResult:
        """Lay out the words."""
        yield Banner()
        with VerticalScroll(id="promise"):
            yield Static(id="words", markup=False)

    def first_focus(self) -> Widget:
        """Let the words scroll."""
        return self.query_one("#promise")

    rest_focus = first_focus

    def fit(self) -> None:
        """Write the words for this width."""
        self.query_one("#words", Static).update(self._words(self.size.width - 6))

    def _words(self, width: int) -> Content:
        lines = [
            Content.assemble((self.title, "bold $primary"), ("  not in this version yet", MUTED)),
            Content(""),
            *(Content.assemble(("· ", "$accent"), line) for line in self.holds),
            Content(""),
            *self._commands(width),
        ]
        if self.meanwhile:
            lines += [Content(""), *(Content.styled(line, MUTED) for line in wrap(self.meanwhile, width))]
        return Content("\n").join(lines)

    def _commands(self, width: int) -> list[Content]:
        found = [each for each in commands().values() if each.domain in self.domains or each.name in self.further]
        if not found:
            return [Content("No command of this part exists yet.")]
        lines = [
            Content.assemble(("Works today", "bold"), (": :run NAME here, theta-tui run NAME in a shell", MUTED)),
            Content(""),
        ]
        widest = max(len(command.name) for command in found)
        for command in found:
            helped = wrap(command.help.rstrip("."), max(width - widest - 2, 20))
            lines.append(Content.assemble(command.name.ljust(widest + 2), (helped[0], MUTED)))
            lines += [Content.styled(" " * (widest + 2) + more, MUTED) for more in helped[1:]]
        return lines


class NetworkPane(LaterPane):
    """Chain and edge client."""

    title = "Network"
    domains = frozenset({"network"})
    holds = (
        "chain status, accounts, blocks and transactions",
        "the edge client: status, jobs, rewards, price",
        "keys of thetacli",
    )
    further = ("theta.health",)
    meanwhile = "It needs the URL of a node: THETA_CHAIN_RPC_URL, THETA_CLI_RPC_URL or THETA_EDGECLOUD_RPC_URL."
