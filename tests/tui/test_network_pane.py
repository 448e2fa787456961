from __future__ import annotations

import json
from typing import Any

import pytest

from theta_tui.errors import UsageError
from theta_tui.sandbox.chain import WALLET
from theta_tui.sandbox.network import WALLET_PASSWORD
from theta_tui.tui.form_screen import CommandForm
from theta_tui.tui.panes.network.look_up import digits, read_word
from theta_tui.tui.review import ReviewModal
from theta_tui.tui.widgets.banner import Banner


async def _listed(it: Any, part: str) -> Any:
    section = it.pane.section_of(part)
    await it.until(lambda: it.pane.section is section and section.loaded_at is not None)
    return section


async def _form(it: Any) -> Any:
    await it.until(lambda: isinstance(it.app.screen, CommandForm) and it.app.focused is not None)
    return it.app.screen.form


async def _confirm(it: Any) -> None:
    await it.until(lambda: isinstance(it.app.screen, ReviewModal) and it.app.screen.armed)
    await it.press("y")


def _methods(it: Any) -> list[str]:
    return [json.loads(call.body)["method"] for call in it.world.calls if call.path.startswith("/rpc/")]


def test_a_word_is_an_address_a_hash_or_a_height_or_explained() -> None:
    assert read_word("0x" + "a" * 40)[0][0] == "theta.chain.account"
    assert [command for command, _ in read_word("0x" + "b" * 64)] == ["theta.chain.transaction", "theta.chain.block"]
    assert read_word("20,554") == (("theta.chain.blockByHeight", {"height": "20554"}),)
    for word in ("0x12", "", "hello", "-5", "٣"):
        with pytest.raises(UsageError, match="neither address nor hash nor height"):
            read_word(word)
    assert digits("20554000") == "20,554,000"
    assert digits("") == "unknown"


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
async def test_the_chain_tells_its_status_and_what_is_looked_up(console: Any, size: tuple[int, int]) -> None:
    async with console(pane="network", size=size) as it:
        section = await _listed(it, "chain")
        assert "in step" in it.shown() or "syncing" in it.shown()
        await it.press("f")
        await it.type(WALLET[0])
        await it.press("enter")
        await it.until(lambda: section.row is not None and section.row.kind == "account")
        assert "THETA" in it.shown()
        height = next(
            row for row in section.table.visible_rows if row.kind == "node"
        ).value.latest_finalized_block_height
        await it.press("f")
        await it.type(height)
        await it.press("enter")
        await it.until(lambda: section.row is not None and section.row.kind == "block")
        await it.press("f")
        await it.type("0x12")
        await it.press("enter")
        await it.until(lambda: section.query_one(Banner).error is not None)
        await it.press("escape", "escape", "escape")
        before = len(section.table.visible_rows)
        await it.press("d")
        await it.until(lambda: len(section.table.visible_rows) == before - 1)


async def test_a_node_that_fails_is_told_in_the_part_that_asked_it(console: Any) -> None:
    async with console(pane="overview", THETA_HTTP_RETRY_BACKOFF_MS="25") as it:
        it.world.faults.add({"kind": "status", "status": 500, "times": None, "match": {"path": "/rpc/"}})
        await it.press("9")
        await it.until(lambda: it.pane.section.query_one(Banner).error is not None)
        await it.until(lambda: "upstream" in it.shown())


async def test_the_edge_client_tells_how_it_stands_and_takes_a_price(console: Any) -> None:
    async with console(pane="network") as it:
        await it.press(".")
        section = await _listed(it, "edge client")
        assert "/month" in it.shown()
        assert section.table.visible_rows
        await it.press("E")
        (await _form(it)).fill({"price_hr": "2500"})
        await it.press("ctrl+s")
        await _confirm(it)
        await it.until(lambda: "edgecloud.SetPrice" in _methods(it) or "SetPrice" in " ".join(_methods(it)))
        await it.until(lambda: it.app.screen is it.app.shell and "$0.25/h" in it.shown())


async def test_a_key_is_unlocked_with_its_password_and_locked_again(console: Any) -> None:
    async with console(pane="network") as it:
        await it.press("comma")
        section = await _listed(it, "keys")
        section.table.move_to(WALLET[1])
        assert "○ locked" in it.shown()
        await it.press("u")
        form = await _form(it)
        form.query_one("SecretInput").focus()
        await it.type(WALLET_PASSWORD)
        await it.press("ctrl+s")
        await _confirm(it)
        await it.until(lambda: section.row.state is not None and section.row.state.unlocked)
        assert WALLET_PASSWORD not in it.shown()
        await it.press("x")
        await _confirm(it)
        await it.until(lambda: section.row.state is not None and not section.row.state.unlocked)
        assert [name for name in _methods(it) if name.endswith(("UnlockKey", "LockKey"))] == [
            "thetacli.UnlockKey", "thetacli.LockKey",
        ]  # fmt: skip
