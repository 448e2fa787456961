"""The main screen: navigation, the current pane, status line and key line. It knows panes, not what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from textual import events, on
from textual.app import App, ComposeResult
from textual.content import Content
from textual.geometry import Size
from textual.keys import KEY_NAME_REPLACEMENTS, key_to_character
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from theta_tui.skeleton import MIN_COLUMNS, MIN_ROWS
from theta_tui.tui.actions import EVERYWHERE, SHELL, Action, bindings
from theta_tui.tui.front_first import FrontFirst
from theta_tui.tui.panes import PANES, PaneEntry, pane_entry
from theta_tui.tui.trail import Place, Trail
from theta_tui.tui.widgets.banner import Banner
from theta_tui.tui.widgets.bare import Bare, BareContainer, BareHorizontal
from theta_tui.tui.widgets.key_line import KeyLine
from theta_tui.tui.widgets.side_bar import SideBar
from theta_tui.tui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from theta_tui.tui.app import ThetaApp
    from theta_tui.tui.panes.base import Pane


class Shell(Screen[None], Bare):
    """One pane at a time, the others kept as they were."""

    BINDINGS = bindings(SHELL)
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """As in any screen, but another focus does not paint all of it again: both widgets paint themselves."""
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (80, "-compact"), (100, "-normal"), (140, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-high")]

    def __init__(self, first: str) -> None:
        super().__init__()
        self._compositor = FrontFirst()
        self._wanted = pane_entry(first) or PANES[0]
        self._panes: dict[str, Pane] = {}
        self._trail = Trail()
        self._is_zoomed = False

    def compose(self) -> ComposeResult:
        """Lay out the frame and a light pane; another one comes when the session is there."""
        yield StatusLine()
        with BareHorizontal(id="body"):
            yield SideBar()
            with BareContainer(id="stage"):
                yield self._made(self._wanted) if self._wanted.is_light else Static("Starting…", id="starting")
        yield KeyLine()
        yield Static(f"theta-tui needs {MIN_COLUMNS}×{MIN_ROWS}.", id="too-small", markup=False)

    def on_mount(self) -> None:
        """Show where we are; what takes longer begins after the first frame."""
        self._expect(self.app.size)
        if (pane := self.current) is not None:
            self._focus_first(pane)
        self.show_keys()
        self.console_app.show_standing()
        self.call_after_refresh(self.console_app.first_frame_shown)

    def _expect(self, size: Size) -> None:
        """Take the classes that the first Resize will bring, so that the first frame is laid out once."""
        for length, points in ((size.width, self.HORIZONTAL_BREAKPOINTS), (size.height, self.VERTICAL_BREAKPOINTS)):
            self.add_class(max(point for point in points if point[0] <= length)[1])

    @property
    def console_app(self) -> ThetaApp:
        """The app, with its own type."""
        return cast("ThetaApp", self.app)

    @property
    def current(self) -> Pane | None:
        """The visible pane."""
        return self._panes.get(self._wanted.id)

    @property
    def panes(self) -> tuple[Pane, ...]:
        """All panes shown so far."""
        return tuple(self._panes.values())

    def on_resize(self, event: events.Resize) -> None:
        """Adapt to the size; a terminal that is too small says which size is needed."""
        too_small = event.size.width < MIN_COLUMNS or event.size.height < MIN_ROWS
        self.set_class(too_small, "-too-small")
        side_bar = self.query_one(SideBar)
        side_bar.narrow = event.size.width < 100
        side_bar.set_class(event.size.width < 100, "-narrow")
        side_bar.display = event.size.width >= 80 and not self._is_zoomed

    async def show_first(self) -> None:
        """Show the pane the console was opened for; the session is there now."""
        for starting in self.query("#starting"):
            await starting.remove()
        await self.show_pane(self._wanted)

    async def show_pane(self, entry: PaneEntry, part: str = "") -> None:
        """Show a pane, or a part of it, mounting it the first time. What was there stays as it was."""
        self._wanted = entry
        self.query_one(SideBar).current = entry.id
        if self.console_app.session is None:
            return
        for other in self._panes.values():
            if other.display and other.id != entry.id:
                other.display = False
                other.hidden()
        pane = self._panes.get(entry.id)
        if pane is None:
            pane = self._made(entry)
            await self.query_one("#stage").mount(pane)
        pane.display = True
        if part:
            pane.show_part(part)
        self.visited()
        pane.shown()
        self._focus_first(pane)
        self.show_keys()

    def _made(self, entry: PaneEntry) -> Pane:
        pane = self._panes[entry.id] = entry.load()(id=entry.id)
        return pane

    async def say_instead(self, words: Content) -> None:
        """Say why there is nothing to show."""
        stage = self.query_one("#stage")
        await stage.remove_children()
        self._panes.clear()
        await stage.mount(Static(words, id="starting"))

    def visited(self) -> None:
        """Remember the view that is shown, for the way back."""
        pane = self.current
        if pane is not None:
            self._trail.visit(Place(self._wanted.id, pane.part))

    async def action_trail(self, way: str) -> None:
        """Go back, forward, or to the view before this one."""
        trail = self._trail
        place = trail.last if way == "last" else trail.step(-1 if way == "back" else 1)
        entry = pane_entry(place.pane) if place is not None else None
        if place is not None and entry is not None:
            await self.show_pane(entry, place.part)

    async def drop_panes(self) -> None:
        """Forget all panes: another session begins."""
        for pane in self._panes.values():
            await pane.remove()
        self._panes.clear()
        self._trail = Trail()

    def show_keys(self) -> None:
        """Show the keys of the current pane and of the shell."""
        pane = self.current
        actions = map(self._moved, (*(pane.live_actions if pane else ()), *SHELL))
        reached = (action.reached_by(self._reaches) for action in actions)
        self.query_one(KeyLine).show_actions(tuple(action for action in reached if action is not None))

    def _reaches(self, key: str) -> bool:
        """Whether a key does what it is bound to, and is not a letter of what is being typed."""
        is_typing = self.focused is not None and self.focused.check_consume_key("a", "a")
        is_letter = key in KEY_NAME_REPLACEMENTS.values() or key_to_character(key) is not None
        return not (is_typing and (is_letter or key == "enter"))

    def on_descendant_focus(self) -> None:
        """Where something is typed, other keys work."""
        self.show_keys()

    def _moved(self, action: Action) -> Action:
        """Give an action with the key that the user's settings have put it on."""
        keymap = self.console_app.keymap
        return action if keymap is None else keymap.moved(action)

    def mark_stale(self, domains: frozenset[str]) -> None:
        """Tell the panes that show one of these domains."""
        for pane in self._panes.values():
            if pane.domains & domains:
                pane.mark_stale()

    def all_actions(self) -> list[tuple[str, Action]]:
        """Give every action that works here, with the name of its group: the pane's, then the shell's."""
        pane, moved = self.current, self._moved
        mine = [(pane.title, moved(action)) for action in pane.live_actions] if pane else []
        return [*mine, *((EVERYWHERE, moved(action)) for action in SHELL)]

    def home_of(self, action: Action) -> Widget | App[Any]:
        """Give what an action of the table runs on: the pane or its part, the shell, else the app."""
        name = f"action_{action.run.split('(')[0]}"
        panes = self.current.homes if self.current is not None else ()
        return next((home for home in (*panes, self) if hasattr(home, name)), self.app)

    async def perform(self, action: Action) -> None:
        """Run an action of the table where it is at home."""
        await self.home_of(action).run_action(action.run)

    @on(KeyLine.Chosen)
    async def _key_line_chosen(self, event: KeyLine.Chosen) -> None:
        await self.perform(event.action)

    async def go(self, key: str) -> bool:
        """Go to a pane by digit or name; False if there is none."""
        entry = pane_entry(key)
        if entry is not None:
            await self.show_pane(entry)
        return entry is not None

    def _focus_first(self, pane: Any) -> None:
        if self.focused is not None and pane in self.focused.ancestors_with_self:
            return
        preferred = getattr(pane, "first_focus", None)
        target = preferred() if preferred else next((node for node in pane.query("*") if node.focusable), None)
        if target is not None:
            self.set_focus(target)

    @on(SideBar.Chosen)
    async def _side_bar_chosen(self, event: SideBar.Chosen) -> None:
        await self.go(event.digit)

    def key_escape(self) -> None:
        """Step back: leave an input, dismiss an error, undo a step of the pane; never quits, never loses text."""
        pane = self.current
        if pane is None:
            return
        dismissed = [banner for banner in pane.query(Banner) if banner.clear()]
        if dismissed or pane.step_back():
            return
        from textual.widgets import TextArea

        if isinstance(self.focused, (Input, TextArea)):
            preferred = getattr(pane, "rest_focus", None)
            self.set_focus(preferred() if preferred else None)

    async def action_go(self, digit: str) -> None:
        """Go to the pane of this digit."""
        await self.go(digit)

    def action_refresh_pane(self) -> None:
        """Ask again for what the pane shows."""
        if self.current is not None:
            self.current.reload()
            self.console_app.refresh_pulse()

    def action_filter(self) -> None:
        """Filter the pane's rows."""
        if self.current is not None:
            self.current.open_filter()

    def action_zoom(self) -> None:
        """Give the pane the whole width, or take it back."""
        self._is_zoomed = not self._is_zoomed
        self.query_one(SideBar).display = self.size.width >= 80 and not self._is_zoomed
        self.set_class(self._is_zoomed, "-zoomed")
