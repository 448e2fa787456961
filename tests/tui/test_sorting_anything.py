"""Server values of every kind as sort keys: every column of every list orders any rows, the same way each time."""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import theta_tui.tui.panes
from tests.proofs import Prove
from theta_tui.safe_text import for_line
from theta_tui.shapes.base import Shape
from theta_tui.tui.panes.record_pane import RecordPane
from theta_tui.tui.widgets.records import Records

ROOT = Path(theta_tui.tui.panes.__file__).parent
for module in sorted(ROOT.rglob("*.py")):
    importlib.import_module(".".join(("theta_tui.tui.panes", *module.relative_to(ROOT).with_suffix("").parts)))

ODD: tuple[Any, ...] = (
    None, True, 0, -1, 7, 10**14, -(10**14), 10**60, -(10**60), 0.5, -0.0, 1e300, float("nan"), float("inf"),
    Decimal("1E+308"), Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"), "", "7", "-7", "NaN", "1e400", "9" * 400,
    "x", "\x1b[2J", "0001-01-01T00:00:00", "9999-12-31T23:59:59.999999+14:00", "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59", "2026-02-30", "1e10", "-62135596800", "9" * 30, [], [1, "x", None], {}, {"a": 1},
)  # fmt: skip
"""What a field may hold: huge, negative, no number, no time, of another kind."""

OURS = {
    "SumList", "BalanceList", "ActivityList", "RequestList", "RunList", "ChainList", "KeyList", "ChangeList", "DayList",
    "ItemList",
}  # fmt: skip
"""Lists of what this program wrote down itself, or of what is only known by the address that was asked for."""


def subclasses(kind: type) -> set[type]:
    return {kind, *(each for below in kind.__subclasses__() for each in subclasses(below))}


def rows_by_list() -> Mapping[str, tuple[type[Shape], Callable[[Any], Any]]]:
    """How each list of the cloud's records makes a row of one."""
    from theta_tui.shapes.agent_documents import Document
    from theta_tui.shapes.agents import Agent
    from theta_tui.shapes.compute import Cluster, CommunityNode, Volume
    from theta_tui.shapes.deployments import Deployment, VmType
    from theta_tui.shapes.livestreams import Ingestor, Livestream
    from theta_tui.shapes.network import EdgeJob
    from theta_tui.shapes.on_demand import Service
    from theta_tui.shapes.video import Video
    from theta_tui.tui.panes.agents.agent_row import AgentRow
    from theta_tui.tui.panes.agents.document_row import DocumentRow
    from theta_tui.tui.panes.compute.clusters import ClusterRow
    from theta_tui.tui.panes.compute.community import NodeRow
    from theta_tui.tui.panes.compute.machine_types import MachineType
    from theta_tui.tui.panes.compute.volumes import VolumeRow
    from theta_tui.tui.panes.deployments.row import DeploymentRow
    from theta_tui.tui.panes.services.row import ServiceRow
    from theta_tui.tui.panes.video.ingestor_row import IngestorRow
    from theta_tui.tui.panes.video.stream_row import StreamRow
    from theta_tui.tui.panes.video.video_row import VideoRow

    machine = VmType.read({"id": "vm", "price_hr": 4000})
    return {
        "DeploymentsPane": (Deployment, lambda shape: DeploymentRow(shape, machine)),
        "NodeList": (Deployment, DeploymentRow),
        "OwnMachines": (Deployment, DeploymentRow),
        "NotebookList": (Deployment, DeploymentRow),
        "ClusterList": (Cluster, lambda shape: ClusterRow(shape, machine)),
        "VolumeList": (Volume, VolumeRow),
        "CommunityList": (CommunityNode, NodeRow),
        "MachineTypeList": (VmType, MachineType),
        "AgentList": (Agent, AgentRow),
        "DocumentList": (Document, lambda shape: DocumentRow(shape, "bot")),
        "ServiceList": (Service, ServiceRow),
        "VideosPane": (Video, VideoRow),
        "StreamsPane": (Livestream, StreamRow),
        "IngestorsPane": (Ingestor, lambda shape: IngestorRow(shape, 1)),
        "EdgeList": (EdgeJob, lambda shape: shape),
    }


LISTS = {each.__name__: each for each in subclasses(RecordPane) if each.columns}


def test_every_list_of_the_cloud_s_records_is_tried() -> None:
    assert OURS.isdisjoint(rows_by_list())
    assert set(LISTS) - OURS == set(rows_by_list())


@pytest.mark.parametrize("name", sorted(set(LISTS) - OURS))
def test_every_column_orders_any_rows_the_same_way_each_time(name: str, prove: Prove) -> None:
    shape, row_of = rows_by_list()[name]
    chosen = random.Random(name)
    fields = [each for each in shape.model_fields if each not in ("raw", "fault")]
    shapes = [shape.read({field: chosen.choice(ODD) for field in fields} | {"id": f"i{n}"}) for n in range(60)]
    rows = [*map(row_of, shapes), row_of(shape.read("x")), row_of(shape.read({}))]
    pane = LISTS[name]()
    assert all(pane.describe(row) and pane.json_of(row) is not None for row in rows)
    for column in LISTS[name].columns:
        records = Records([column], lambda row: str(id(row)))
        records.replace(rows)
        assert all(for_line(text, 500) is not None and number is not Ellipsis for text, number in
                   ((column.text(row), column.number(row)) for row in rows))  # fmt: skip
        for reverse in (False, True):
            records.sort(column.key, reverse=reverse)
            first = [records.rows[at] for at in records.view]
            assert {id(row) for row in first} == {id(row) for row in rows}
            again = Records([column], lambda row: str(id(row)))
            again.replace(first)  # stable: what is in order stays as it is
            again.sort(column.key, reverse=reverse)
            assert [id(again.rows[at]) for at in again.view] == [id(row) for row in first], (name, column.key, reverse)
            backwards = Records([column], lambda row: str(id(row)))
            backwards.replace(rows[::-1])  # total: which one came first does not matter to what differs
            backwards.sort(column.key, reverse=reverse)
            ranks = [repr(column.rank(backwards.rows[at])) for at in backwards.view]
            assert sorted(ranks) == sorted(repr(column.rank(row)) for row in first)
            known = [rank for row in first if (rank := column.rank(row)) is not None and rank == rank]
            others = [r for at in backwards.view if (r := column.rank(backwards.rows[at])) is not None and r == r]
            assert known == others, (name, column.key, reverse)
        prove("F30", f"{name} by {column.key}", 6)
