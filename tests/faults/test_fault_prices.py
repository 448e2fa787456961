"""Prices that are none: shown as unknown, and nothing is paid at one while there is a cap."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Prove
from tests.stack import Person, begin_session
from theta_tui.change import NotDone
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World
from theta_tui.session import Session

MISSING = object()
ODD: dict[str, Any] = {
    "missing": MISSING, "null": None, "negative": -4000, "a little negative": "-0.0001", "NaN": "NaN", "sNaN": "sNaN",
    "infinite": "Infinity", "beyond all bounds": "1e999999999", "a hundred digits": "9" * 99, "a yes": True,
    "a list": [4000], "an object": {"usd": 4000}, "a word": "much", "empty": "", "hostile": "\x1b[2J4000",
    "Arabic digits": "٤٠٠x",
}  # fmt: skip


def machines(odd: Any) -> dict[str, Any]:
    """The answer of PF-1 with one machine of that price."""
    return {"vms": [{"id": "vm_zz", "name": "x", **({} if odd is MISSING else {"price_hr": odd})}]}


def services(odd: Any) -> dict[str, Any]:
    """The answer of OD-1 with one service of that price, which no table of ours knows."""
    call: dict[str, Any] = {"input_vars": {"prompt": {"type": "string"}}, "output_vars": {"image_url": {}}}
    call |= {} if odd is MISSING else {"cost": odd}
    one = {
        "id": "srv_zz",
        "alias": "zz_new",
        "state": "public",
        "default_prediction": "go",
        "predictions": {"go": call},
    }
    return {"services": [one]}


LISTS = {"/resource/vm/list": machines, "/service/list": services}
PAID = {
    "/resource/vm/list": ("theta.deployments.create", {"deployment_template_id": "img_1", "vm_id": "vm_zz"}),
    "/service/list": ("theta.ondemand.infer", {"service": "zz_new", "input": {"prompt": "x"}}),
}


async def priced(session: Session, path: str) -> Decimal | None:
    """What the list says that it costs."""
    if path == "/service/list":
        [service] = (await session.ask("theta.ondemand.listServices")).services
        found: Decimal | None = service.price().of_tokens(1, 1)
        return found
    [machine] = (await session.ask("theta.deployments.listVm")).vms
    return machine.price_usd  # type: ignore[no-any-return]


@pytest.mark.parametrize("path", LISTS)
async def test_an_odd_price_is_unknown_and_pays_nothing_under_a_cap(path: str, tmp_path: Path, prove: Prove) -> None:
    world = World(pace=0)
    seed_demo(world)
    with SandboxServer(world) as server:
        environ = {**server.environment(), "THETA_TUI_HOME": str(tmp_path), "THETA_MAX_BUDGET_USD": "50"}
        session = await begin_session(environ)
        name, arguments = PAID[path]
        for odd in ODD.values():
            world.faults.clear()
            body = {"status": "success", "body": LISTS[path](odd)}
            world.faults.add({"kind": "json", "body": body, "match": {"path": path}, "times": None})
            session._clouds.clear()  # nothing of an earlier list is remembered
            assert await priced(session, path) is None, odd
            refused = await session.submit(name, arguments, reviewer=Person())
            assert isinstance(refused, NotDone), odd
            assert (refused.reason, "The price is unknown" in refused.message) == ("budget", True)
            assert refused.preview["cost"]["usd_estimate"] is None
            prove("F31", name)
        assert all(call.method == "GET" for call in world.calls)
        assert (await session.journal.spending(session.settings.profile)).total_usd == 0
        await session.close()
