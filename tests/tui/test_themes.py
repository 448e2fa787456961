"""Themes: read with care, tried on before they are kept, taken from the user's folder as they are written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.tui.conftest import Console, Opens
from theta_tui.launch import Launch
from theta_tui.settings import FILE_NAME
from theta_tui.tui import looks
from theta_tui.tui.app import ThetaApp
from theta_tui.tui.orders import obey
from theta_tui.tui.theme_picker import ThemePicker
from theta_tui.tui.theme_shelf import ThemeShelf

MINE = 'primary = "#ff8800"\n'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('primary = "#12"', "mine.toml, line 1: primary is a colour such as #2ab8e6, not '#12'"),
        (
            MINE + 'backgruond = "#000"',
            "mine.toml, line 2: there is no 'backgruond' in a theme; did you mean background?",
        ),
        (MINE + "\n[variables]\nborder-blured = '#fff'", "mine.toml, line 4: .* did you mean border-blurred?"),
        (MINE + "[variables]\nborder = '#fff 3x%'", "mine.toml, line 3: border is a colour such as #2ab8e6 35%"),
        (MINE + "[variables]\nblock-cursor-text-style = 'loud'", "line 3: block-cursor-text-style is a style"),
        (MINE + "dark = 1", "mine.toml, line 2: dark is true or false"),
        ("dark = true", "mine.toml: a theme needs at least primary"),
        ("primary = ", r"mine.toml: .*\(at "),
        ('name = "a b"\n' + MINE, "mine.toml, line 1: name is a word"),
    ],
)
def test_a_wrong_theme_is_explained_in_one_line(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(ValueError, match=complaint) as caught:
        looks.load_theme(file)
    assert "\n" not in str(caught.value)


def test_every_shipped_theme_is_right() -> None:
    files = looks.theme_files(looks.shipped_folder())
    assert len(files) == 7
    assert [looks.load_theme(file).name for file in files] == [file.stem for file in files]


def test_the_shelf_tells_what_is_new_changed_wrong_and_gone(tmp_path: Path) -> None:
    shelf, file = ThemeShelf(tmp_path, ["theta-dark"]), tmp_path / "mine.toml"
    assert shelf.look().themes == ()
    file.write_text(MINE)
    assert [theme.name for theme in shelf.look().themes] == ["mine"]
    assert shelf.look().themes == ()
    file.write_text(MINE + 'error = "nothing"')
    news = shelf.look()
    assert news.themes == news.gone == ()
    assert "line 2: error is a colour" in news.problems[0]
    assert shelf.look().problems == ()
    (tmp_path / "other.toml").write_text('name = "theta-dark"\n' + MINE)
    assert "there is a theme theta-dark already" in shelf.look().problems[0]
    file.unlink()
    assert shelf.look().gone == ("mine",)


async def trying(it: Console) -> None:
    await obey(it.app, "theme")
    await it.until(lambda: isinstance(it.app.screen, ThemePicker))


async def test_a_theme_is_worn_while_it_is_looked_at_and_esc_takes_it_off(console: Opens, tmp_path: Path) -> None:
    async with console() as it:
        await trying(it)
        await it.press("down")
        await it.until(lambda: it.app.theme == "colour-blind-dark")
        await it.press("escape")
        await it.until(lambda: it.app.screen is it.app.shell)
        assert it.app.theme == looks.DEFAULT_THEME
        assert not (tmp_path / "config" / FILE_NAME).exists()


async def test_enter_keeps_a_theme_for_good(console: Opens, tmp_path: Path) -> None:
    file = tmp_path / "config" / FILE_NAME
    async with console() as it:
        await trying(it)
        await it.type("light")
        await it.until(lambda: "light" in it.app.theme)
        await it.press("enter")
        await it.until(lambda: file.exists() and 'theme = "' in file.read_text())
        worn = it.app.theme
        assert "light" in worn
    async with console() as it:
        assert it.app.theme == worn
        await trying(it)
        await it.until(lambda: it.app.screen.highlighted and it.app.screen.highlighted.name == worn)


async def test_a_theme_is_seen_as_it_is_written(console: Opens, tmp_path: Path) -> None:
    folder = tmp_path / "config" / "themes"
    folder.mkdir(parents=True)
    file = folder / "mine.toml"
    async with console() as it:
        await trying(it)
        file.write_text(MINE)
        await it.until(lambda: "mine" in it.shown())
        it.app.screen.query_one("#search", Input).value = "mine"
        await it.until(lambda: it.app.theme == "mine")
        file.write_text('primary = "#00ff88"\n')
        await it.until(lambda: it.app.current_theme.primary == "#00ff88")
        await it.press("enter")
        await it.until(lambda: it.app.screen is it.app.shell)
        file.write_text('primary = "#0000ff"\nprimry = "#000"\n')
        os.utime(file, (1, 1))
        it.app.on_app_focus()
        await it.until(lambda: any("did you mean primary?" in words for _, _, words in it.app.messages))
        assert it.app.current_theme.primary == "#00ff88"
        file.unlink()
        it.app.on_app_focus()
        await it.until(lambda: it.app.theme == looks.DEFAULT_THEME)


async def test_density_is_changed_at_once(console: Opens) -> None:
    async with console() as it:
        top = it.pane.content_region.y
        await obey(it.app, "density compact")
        await it.until(lambda: it.pane.content_region.y == top - 1)
        await obey(it.app, "density")
        await it.until(lambda: it.pane.content_region.y == top)


async def test_a_name_that_is_no_theme_is_told(console: Opens, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / FILE_NAME).write_text('theme = "theta-drak"\ndensity = "compact"\n')
    async with console() as it:
        await it.until(lambda: any("did you mean theta-dark?" in words for _, _, words in it.app.messages))
        assert it.app.theme == looks.DEFAULT_THEME
        assert it.app.is_compact


@pytest.mark.parametrize("name", ["theta-light", "nord", "mine"])
async def test_the_first_frame_wears_what_the_settings_say_and_nothing_is_dressed_again(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "config" / "themes"
    folder.mkdir(parents=True)
    (folder / "a.toml").write_text('name = "mine"\nprimary = "#ff8800"\n')
    (folder.parent / FILE_NAME).write_text(f'[profiles.demo]\ntheme = "{name}"\ndensity = "compact"\n')
    dressed: list[str] = []
    dress = ThetaApp._invalidate_css
    monkeypatch.setattr(ThetaApp, "_invalidate_css", lambda app: dressed.append(app.theme) or dress(app))

    class Stopped(ThetaApp):
        def first_frame_shown(self) -> None:
            dressed.clear()
            self.first = (self.theme, self.current_theme.primary, self.is_compact, self.has_class("-dense"))
            super().first_frame_shown()

    app = Stopped(Launch(environ={"THETA_TUI_HOME": str(tmp_path)}, demo=True, speed=1e-3))
    async with app.run_test(size=(140, 40)) as pilot:
        while app.session is None or app.shell.current is None or app.shell.current.loaded_at is None:
            await pilot.pause()
        assert app.first == (name, app.get_theme(name).primary, True, True)
        assert app.theme == name
        assert dressed == []
