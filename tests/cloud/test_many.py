from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.proofs import Prove
from theta_tui.cloud import deployments
from theta_tui.shapes.base import records
from theta_tui.shapes.deployments import Deployment, DeploymentList
from theta_tui.tui.panes.deployments.row import COLUMNS, DeploymentRow
from theta_tui.tui.panes.overview.lines import MOST_LINES, deployments_parts
from theta_tui.tui.widgets.records import Records


@pytest.mark.parametrize(("count", "is_beside"), [(3, False), (deployments.MANY + 1, True)])
async def test_many_records_are_read_beside_the_loop(
    count: int, is_beside: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Account:
        def project_id(self, given: str | None) -> str:
            return "prj"

        async def read(self, request: Any, *alternatives: Any) -> Any:
            return type("Reply", (), {"value": [{"id": str(at)} for at in range(count)], "request": request})()

    threads: set[int] = set()
    reading = Deployment.read
    monkeypatch.setattr(Deployment, "read", lambda item: threads.add(threading.get_ident()) or reading(item))
    found: DeploymentList = await deployments.Deployments(Account()).list_all(deployments.ProjectParams())  # type: ignore[arg-type]
    assert len(found.deployments) == count
    assert (threads == {threading.get_ident()}) is not is_beside


def test_the_overview_compares_no_row_with_another_and_shows_a_screenful() -> None:
    class Row(DeploymentRow):
        def __eq__(self, other: object) -> bool:
            raise AssertionError("rows are not compared")

        __hash__ = None  # type: ignore[assignment]

    rows = [Row(Deployment.read({"id": str(at), "name": f"d{at}"})) for at in range(200)]
    assert len(deployments_parts(rows)) == 1 + MOST_LINES + 1


def test_one_bad_row_hides_none_of_9_999_good_ones_and_is_one_of_10_000(prove: Prove) -> None:
    rows: list[Any] = [{"Suffix": f"{at:016x}", "Name": f"d{at}"} for at in range(10_000)]
    rows[5_000] = None
    read = [Deployment.read(item) for item in records({"deployments": rows}, "deployments")]
    table = Records(COLUMNS, lambda row: row.key)
    table.replace([DeploymentRow(item) for item in read])
    assert (len(table.view), len(set(table.keys))) == (10_000, 10_000)
    assert table.doubtful == {5_000: "null where an object belongs, at deployments[5000]"}
    assert table.filter("where an object belongs").count == 1
    prove("F30", "10,000 rows")
