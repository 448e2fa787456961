from __future__ import annotations

import threading
from typing import Any

import pytest

from theta_tui.cloud import deployments
from theta_tui.shapes.deployments import Deployment, DeploymentList
from theta_tui.tui.panes.deployments.row import DeploymentRow
from theta_tui.tui.panes.overview.lines import MOST_LINES, deployments_parts


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
