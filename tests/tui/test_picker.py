from __future__ import annotations

from textual.app import App
from textual.content import Content

from theta_tui.tui.picker import Entry, Picker, drawn


def entries() -> list[Entry]:
    return [
        Entry("theta.deployments.list", lambda: None, words="List the deployments.", mark="query", group="Commands"),
        Entry("theta.deployments.listVm", lambda: None, words="List the machine types.", group="Commands"),
        Entry("Stop", lambda: None, words="End billing.", key="x", group="Pane", why_not="already stopped"),
        Entry("Theme: theta-light", lambda: None, group="Themes"),
    ]


async def chosen(*keys: str) -> list[str | None]:
    answers: list[str | None] = []
    app: App[None] = App()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(Picker(entries()), lambda entry: answers.append(entry and entry.name))
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
    return answers


async def test_enter_takes_the_first_and_arrows_move() -> None:
    assert await chosen("enter") == ["theta.deployments.list"]
    assert await chosen("down", "enter") == ["theta.deployments.listVm"]


async def test_typing_ranks_the_nearest_first() -> None:
    assert await chosen(*"light", "enter") == ["Theme: theta-light"]
    assert await chosen(*"listvm", "enter") == ["theta.deployments.listVm"]


async def test_words_of_the_explanation_are_found_too() -> None:
    assert await chosen(*"machine", "enter") == ["theta.deployments.listVm"]


async def test_what_is_off_cannot_be_chosen_and_says_why() -> None:
    assert await chosen(*"stop", "enter") == []
    assert "already stopped" in drawn(entries()[2], 60).plain


async def test_of_a_long_list_only_what_is_seen_is_drawn() -> None:
    drawn_names: list[str] = []

    class Long(Picker):
        def draw(self, entry: Entry, width: int) -> Content:
            drawn_names.append(entry.name)
            return super().draw(entry, width)

    app: App[None] = App()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(Long([Entry(f"entry {number}", lambda: None) for number in range(500)]))
        await pilot.pause()
        assert "entry 0" in drawn_names
        assert len(drawn_names) <= 24


async def test_nothing_found_is_said_and_escape_closes() -> None:
    assert await chosen(*"zzzz", "enter", "escape") == [None]
