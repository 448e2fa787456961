"""The pane itself: six lists under one line of tabs."""

from __future__ import annotations

from theta_tui.tui.panes.compute.clusters import ClusterList
from theta_tui.tui.panes.compute.community import CommunityList
from theta_tui.tui.panes.compute.machine_types import MachineTypeList
from theta_tui.tui.panes.compute.own_machines import NodeList, NotebookList
from theta_tui.tui.panes.compute.volumes import VolumeList
from theta_tui.tui.panes.sections import SectionsPane


class ComputePane(SectionsPane):
    """What can be rented, and what is."""

    title = "GPU + Storage"
    sections = (
        ("machines", MachineTypeList),
        ("nodes", NodeList),
        ("clusters", ClusterList),
        ("community", CommunityList),
        ("notebooks", NotebookList),
        ("volumes", VolumeList),
    )
