"""The parts of the pane; each needs the URL of a node of its own, and says so where it is missing."""

from __future__ import annotations

from theta_tui.tui.panes.network.chain_list import ChainList
from theta_tui.tui.panes.network.edge_list import EdgeList
from theta_tui.tui.panes.network.key_list import KeyList
from theta_tui.tui.panes.sections import SectionsPane


class NetworkPane(SectionsPane):
    """Chain, edge client, keys."""

    title = "Network"
    sections = (("chain", ChainList), ("edge client", EdgeList), ("keys", KeyList))
