"""Panes of later work: what each will hold, and the commands that do part of it today."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from theta_tui.tui.panes.base import Pane
from theta_tui.tui.widgets.banner import Banner


class LaterPane(Pane):
    """A promise in words, with what already works without it."""

    holds: ClassVar[tuple[str, ...]] = ()
    """What the pane will show, one line each."""
    prefixes: ClassVar[tuple[str, ...]] = ()
    """Which commands belong to it: the starts of their names."""
    meanwhile: ClassVar[str] = ""
    """Where to look until then."""

    DEFAULT_CSS = """
    LaterPane > #promise { padding: 1 2; height: 1fr; }
    LaterPane > #promise:focus { background: $background; }
    LaterPane #words { height: auto; }
    """

    def compose(self) -> ComposeResult:
        """Lay out the words."""
        yield Banner()
        with VerticalScroll(id="promise"):
            yield Static(self._words(), id="words", markup=False)

    def first_focus(self) -> Widget:
        """Let the words scroll."""
        return self.query_one("#promise")

    rest_focus = first_focus

    def _words(self) -> Content:
        lines = [
            Content.assemble((self.title, "bold $primary"), ("  not in this version yet", "$foreground-muted")),
            Content(""),
            Content("It will show"),
            *(Content.assemble(("  ∙ ", "$accent"), line) for line in self.holds),
            Content(""),
            *self._commands(),
        ]
        if self.meanwhile:
            lines += [Content(""), Content.styled(self.meanwhile, "$foreground-muted")]
        return Content("\n").join(lines)

    def _commands(self) -> list[Content]:
        from theta_tui.registry import commands

        found = [command for command in commands().values() if command.name.startswith(self.prefixes)]
        if not found:
            return [Content("No command of this part exists yet.")]
        head = Content.assemble("Works today, with ", (":run NAME", "bold"), " here or in a shell:")
        width = max(len(command.name) for command in found)
        return [
            head,
            *(
                Content.assemble(
                    f"  theta-tui run {command.name.ljust(width)}  ", (command.help.rstrip("."), "$foreground-muted")
                )
                for command in found
            ),
        ]


class ComputePane(LaterPane):
    """GPU nodes, clusters, community nodes, notebooks, volumes."""

    title = "GPU + Storage"
    domains = frozenset({"compute"})
    holds = (
        "machine types with GPU, memory and price",
        "GPU nodes, GPU clusters and community nodes",
        "Jupyter notebooks",
        "volumes, and what they are attached to",
    )
    prefixes = ("theta.deployments.listVm", "theta.ai.jupyter", "theta.ai.gpu", "theta.ai.storage")
    meanwhile = "Nodes and notebooks that run are listed in 4 Deployments."


class BillingPane(LaterPane):
    """Where the money goes."""

    title = "Billing"
    domains = frozenset({"billing"})
    holds = (
        "the balance over time",
        "spend by service and by day, from this machine's ledger",
        "today's cap, what is reserved and what is uncertain",
        "burn and runway, and where each figure comes from",
    )
    prefixes = ("theta.billing.",)
    meanwhile = "1 Overview shows balance, burn and today's cap; 0 Activity what each change cost."


class AgentsPane(LaterPane):
    """RAG chatbots."""

    title = "Agents"
    domains = frozenset({"agents"})
    holds = (
        "chatbots with their model, endpoint and settings",
        "forms to create and change them",
        "their documents: upload, metadata, content",
        "a chat to try them out",
    )
    prefixes = ("theta.ai.agent.",)


class VideoPane(LaterPane):
    """Videos and livestreams."""

    title = "Video"
    domains = frozenset({"video"})
    holds = (
        "videos on demand: upload, transcoding, player link",
        "search by metadata",
        "livestreams, ingestors, stream keys (masked)",
    )
    prefixes = ("theta.video.",)


class NetworkPane(LaterPane):
    """Chain and edge client."""

    title = "Network"
    domains = frozenset({"network"})
    holds = (
        "chain status, accounts, blocks and transactions",
        "the edge client: status, jobs, rewards, price",
        "keys of thetacli",
    )
    prefixes = ("theta.health", "theta.chain.", "theta.edge", "theta.thetacli.")
    meanwhile = "It needs the URL of a node: THETA_CHAIN_RPC_URL, THETA_CLI_RPC_URL or THETA_EDGECLOUD_RPC_URL."
