from __future__ import annotations

import re
from typing import Any

import pytest

from theta_tui.journal import Intent
from theta_tui.review import Answer, Review, Verdict
from theta_tui.tui.panes.overview.lines import credential_parts
from theta_tui.tui.widgets.bars import bars, sampled
from theta_tui.tui.widgets.tile import Chart, Names, Tile

TILES = ("money", "deployments", "credentials", "activity", "services", "problems")


class Yes:
    async def review(self, review: Review) -> Verdict:
        return Verdict(Answer.CONFIRM)


def says(it: Any, tile: str) -> str:
    return str(it.app.shell.query_one(f"#{tile}", Tile).render().plain)


def tiles_of(it: Any) -> list[Tile]:
    return [it.app.shell.query_one(f"#{name}", Tile) for name in TILES]


def columns_of(it: Any) -> int:
    """How many tiles stand side by side, once they are laid out."""
    return len({tile.region.x for tile in tiles_of(it)})


async def laid_out(it: Any) -> None:
    """Wait until the tiles keep their places."""
    seen: list[list[Any]] = []

    def rests() -> bool:
        seen.append([tile.region for tile in tiles_of(it)])
        return len(seen) > 8 and all(places == seen[-1] for places in seen[-8:])

    await it.until(rests)


def lines_of(tile: Tile) -> list[str]:
    return tile.render().plain.split("\n")


async def filled(it: Any) -> None:
    await it.until(lambda: all("asking" not in says(it, tile) for tile in TILES))


async def test_what_a_pane_asks_for_again_and_again_is_told_once(console: Any) -> None:
    async with console() as it:
        await filled(it)
        for _ in range(3):
            await it.app.session.ask("theta.video.list")
        await it.app.session.ask("theta.project.get")
        await it.press("R")
        await it.until(lambda: "/project/" in says(it, "activity"))
        told = [line for line in lines_of(it.app.shell.query_one("#activity", Tile)) if "/video" in line]
        assert len(told) == 1


async def test_every_tile_is_filled_after_opening_the_demo(console: Any) -> None:
    async with console() as it:
        await filled(it)
        assert "$34.2" in says(it, "money")
        assert "/h burn" in says(it, "money")
        assert "h left" in says(it, "money")
        assert "No problems." in says(it, "problems")


async def test_the_deployments_tile_counts_what_runs_and_what_it_costs(console: Any) -> None:
    async with console() as it:
        await filled(it)
        words = says(it, "deployments")
        assert "2 of 5 running" in words
        assert "$3.04/h" in words
        assert "● support-chat  Running" in words
        assert "○ render-node  Stopped" in words


async def test_credentials_say_what_is_verified_and_where_they_come_from(console: Any) -> None:
    async with console(size=(200, 50)) as it:
        await filled(it)
        await it.until(lambda: "● Account  verified" in says(it, "credentials"))
        lines = says(it, "credentials").splitlines()
        assert any("Models" in line and "THETA_ONDEMAND_API_TOKEN" in line for line in lines)
        assert any("◌ Video" in line and "configured" in line for line in lines)


def test_a_missing_key_is_called_missing_and_an_unset_endpoint_is_left_out() -> None:
    parts = credential_parts({"ondemand": None, "controller": "keyring", "endpoint": None}, ())
    shown = "\n".join(line.plain for part in parts for line in part.lines(60, 1))
    assert "○ Models   missing" in shown
    assert "◌ Project  configured" in shown
    assert "Endpoint" not in shown


async def test_a_refused_key_is_called_refused(console: Any) -> None:
    async with console() as it:
        await filled(it)
        it.world.faults.add({"kind": "status", "status": 401, "match": {"path": "^/balance"}, "times": None})
        await it.press("R")
        await it.until(lambda: "✗ Account  refused" in says(it, "credentials"))


async def test_a_list_that_fails_fails_in_its_own_tile_and_is_a_problem(console: Any) -> None:
    async with console(THETA_HTTP_MAX_RETRIES="0") as it:
        await filled(it)
        it.world.faults.add({"kind": "status", "status": 400, "match": {"path": "deployments?/list"}, "times": None})
        await it.press("R")
        await it.until(lambda: says(it, "deployments").startswith("✗"))
        assert "support-chat" in says(it, "deployments")
        await it.until(lambda: "list of deployments" in says(it, "problems"))
        assert "13 live" in says(it, "services")


async def test_services_from_the_built_in_list_say_why(console: Any) -> None:
    async with console() as it:
        await filled(it)
        it.world.faults.add({"kind": "status", "status": 403, "match": {"path": "^/service/list"}, "times": None})
        await it.press("R")
        await it.until(lambda: "built in" in says(it, "services"))
        assert "permission" in says(it, "services")
        await it.until(lambda: "live list of services" in says(it, "problems"))


async def test_an_uncertain_change_is_a_problem_until_it_is_settled(console: Any) -> None:
    async with console() as it:
        await filled(it)
        journal = it.app.session.journal
        row = await journal.reserve(
            Intent(profile="demo", face="cli", command="theta.deployments.create", summary="Create llama-9x")
        )
        await journal.mark(row, "uncertain")
        await it.press("R")
        await it.until(lambda: "Uncertain: Create llama-9x" in says(it, "problems"))
        await journal.mark(row, "reconciled")
        await it.press("R")
        await it.until(lambda: "No problems." in says(it, "problems"))


async def test_a_change_appears_with_its_cost_and_today_is_counted_against_the_cap(console: Any) -> None:
    async with console(THETA_MAX_BUDGET_USD="2") as it:
        await filled(it)
        assert "$0.00 of $2.00 today" in says(it, "money")
        assert "Three ways to begin" in " ".join(says(it, "activity").split())
        order = {"service": "stable_diffusion_xl_turbo", "input": {"prompt": "a lighthouse"}}
        await it.app.session.submit("theta.ondemand.infer", order, reviewer=Yes())
        await it.until(lambda: "Run stable_diffusion_xl_turbo once" in says(it, "activity"))
        assert "$0.0100" in says(it, "activity")
        await it.until(lambda: "$0.01 of $2.00 today" in says(it, "money"))


async def test_a_near_cap_is_a_problem(console: Any) -> None:
    async with console(THETA_MAX_BUDGET_USD="0.01") as it:
        await filled(it)
        order = {"service": "stable_diffusion_xl_turbo", "input": {"prompt": "a lighthouse"}}
        await it.app.session.submit("theta.ondemand.infer", order, reviewer=Yes())
        await it.until(lambda: "of today's $0.01" in says(it, "problems"))


async def test_the_balance_of_the_last_day_is_drawn_and_told(console: Any) -> None:
    async with console() as it:
        await filled(it)
        await it.until(lambda: "█" in says(it, "money"))
        assert re.search(r"−\$2\.\d\d in 2\d h", says(it, "money"))


@pytest.mark.parametrize(
    ("keys", "pane"),
    [
        (("enter",), "billing"),
        (("right", "enter"), "deployments"),
        (("j", "enter"), "activity"),
        (("l", "l", "j", "enter"), "services"),
        (("tab", "enter"), "deployments"),
        (("l", "h", "j", "k", "enter"), "billing"),
    ],
)
async def test_tiles_lead_to_their_panes_by_keys(console: Any, keys: tuple[str, ...], pane: str) -> None:
    async with console() as it:
        await filled(it)
        await laid_out(it)
        await it.press(*keys)
        await it.until(lambda: it.pane.id == pane)


async def test_the_credentials_tile_opens_setup(console: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with console() as it:
        await filled(it)
        opened: list[bool] = []
        monkeypatch.setattr(it.app, "action_setup", lambda: opened.append(True))
        await laid_out(it)
        await it.press("right", "right", "enter")
        await it.until(lambda: opened)


@pytest.mark.parametrize(
    ("size", "columns"), [((60, 16), 1), ((80, 24), 2), ((100, 30), 2), ((140, 40), 3), ((200, 50), 3)]
)
async def test_tiles_stand_side_by_side_as_far_as_they_can_be_read(
    console: Any, size: tuple[int, int], columns: int
) -> None:
    async with console(size=size) as it:
        await filled(it)
        tiles = tiles_of(it)
        await it.until(lambda: columns_of(it) == columns)
        await it.until(lambda: all(tile.content_size.height >= 3 for tile in tiles))
        await laid_out(it)
        for tile in tiles:
            assert max(map(len, lines_of(tile))) <= tile.content_size.width, (tile.id, tile.content_size)


async def test_the_focus_scrolls_to_the_last_tile_on_a_small_screen(console: Any) -> None:
    async with console(size=(60, 16)) as it:
        await filled(it)
        for _ in range(5):
            await it.press("j")
        last = it.app.shell.query_one("#problems", Tile)
        await it.until(lambda: last.has_focus and "No problems." in it.shown())


async def test_what_was_stopped_is_shown_as_stopped_at_once(console: Any) -> None:
    async with console() as it:
        await filled(it)
        session = it.app.session
        for name in ("support-chat", "shelf-finder"):
            found = (await session.ask("theta.deployments.list")).find(name)
            where = {"shard": found.shard, "suffix": found.suffix, "name": name}
            await session.submit("theta.deployments.stop", where, reviewer=Yes())
        await it.until(lambda: "0 of 5 running" in says(it, "deployments"))
        await it.until(lambda: "$1.69/h burn" in says(it, "money"))


async def test_a_change_of_another_program_appears_without_a_key(console: Any) -> None:
    async with console() as it:
        await filled(it)
        intent = Intent(profile="demo", face="mcp", command="theta.deployments.create", summary="Create by an agent")
        await it.app.session.journal.reserve(intent)
        await it.until(lambda: "Create by an agent" in says(it, "activity"))


async def test_the_list_of_services_is_not_asked_for_with_every_pulse(console: Any) -> None:
    async with console() as it:
        await filled(it)
        before = len(it.sent("GET", "/service/list"))
        pulse = it.app.pulse
        it.app.refresh_pulse()
        await it.until(lambda: it.app.pulse is not pulse and not it.pane.is_stale)
        assert len(it.sent("GET", "/service/list")) == before


def test_bars_rise_and_fall_with_their_values() -> None:
    assert bars([0.0, 1.0], 1) == ["▁█"]
    assert bars([3.0, 3.0], 1) in (["▄▄"], ["▅▅"])
    top, bottom = bars([0.0, 10.0], 2)
    assert (top, bottom) == (" █", "▁█")


def test_between_two_points_the_earlier_value_holds() -> None:
    assert sampled([(0.0, 5.0), (9.0, 1.0)], 4) == [5.0, 5.0, 5.0, 1.0]
    assert sampled([], 4) == []


def test_a_chart_keeps_to_the_rows_it_may_have() -> None:
    assert len(Chart([(0.0, 1.0), (1.0, 2.0)]).lines(10, 2)) == 2
    assert len(Chart([(0.0, 1.0), (1.0, 2.0)]).lines(10, 50)) == 4


def test_names_are_never_cut_where_a_whole_one_fits() -> None:
    names = Names("text 3  ", ["alpha", "beta", "gamma"])
    assert [line.plain for line in names.lines(21, 1)] == ["text 3  alpha, …"]
    assert [line.plain for line in names.lines(22, 2)] == ["text 3  alpha, beta,", "        gamma"]
    assert [line.plain for line in names.lines(40, 1)] == ["text 3  alpha, beta, gamma"]
