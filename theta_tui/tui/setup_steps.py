"""The pages of the setup wizard and the way through them. What is done with what was entered is `setup`'s."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final, Literal, cast

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, ContentSwitcher, Input, Static

from theta_tui.tui import literal
from theta_tui.tui.modal import Modal, key_hints
from theta_tui.tui.review_parts import Choice
from theta_tui.tui.setup_keys import KeysPage
from theta_tui.tui.setup_pages import DonePage, PurposesPage
from theta_tui.tui.setup_places import PlacesPage
from theta_tui.tui.setup_safety import SafetyPage
from theta_tui.tui.widgets.ticks import Ticks

LOW_ROWS: Final = 24
SLIM_COLUMNS: Final = 76
StepName = Literal["purposes", "keys", "places", "safety", "done"]
STEPS: Final[tuple[tuple[StepName, str], ...]] = (
    ("purposes", "What for"),
    ("keys", "Keys"),
    ("places", "Where"),
    ("safety", "Safety"),
    ("done", "Done"),
)


class SetupPages(Modal[None]):
    """Five short pages. Esc goes back, and leaves from the first; buttons and keys do the same."""

    DEFAULT_CSS = """
    SetupPages {
        & > .modal--frame { height: 100%; max-height: 27; }
        & #steps { height: 1; margin-bottom: 1; }
        & ContentSwitcher { height: 1fr; }
        & #say { height: auto; max-height: 3; color: $text-warning; }
        & #say.-empty { display: none; }
        & #answers { height: 1; margin-top: 1; }
        & #answers Choice { min-width: 0; margin-left: 0; margin-right: 1; }
        & #space { width: 1fr; }
        &.-slim #verify, & #verify.-away { display: none; }
        &.-low #steps { margin-bottom: 0; }
        &.-low #welcome { margin-bottom: 0; }
        &.-low #answers { margin-top: 0; }
        &.-low SetupField { margin-bottom: 0; }
        &.-low .setup--note.-where { display: none; }
        &.-low SetupField.-at-hand .setup--note.-where { display: block; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "demo", show=False),
        Binding("ctrl+r", "verify", show=False),
        Binding("ctrl+n", "next", show=False, priority=True),
        Binding("ctrl+s", "save", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]
    AUTO_FOCUS = "#for"
    heading = "Setup"

    def __init__(self) -> None:
        super().__init__()
        self.page_of_keys = KeysPage()
        self._pages: dict[StepName, PurposesPage | KeysPage | PlacesPage | SafetyPage | DonePage] = {
            "purposes": PurposesPage(),
            "keys": self.page_of_keys,
            "places": PlacesPage(),
            "safety": SafetyPage(),
            "done": DonePage(),
        }

    def inside(self) -> Iterable[Widget]:
        """Give the line of steps, the pages and the buttons."""
        yield Static("", id="steps", markup=False)
        with ContentSwitcher(initial="purposes"):
            yield from self._pages.values()
        yield Static("", id="say", classes="-empty", markup=False)
        with Horizontal(id="answers"):
            yield Choice("Try the demo", "ctrl+t", id="demo")
            yield Static("", id="space", markup=False)
            yield Choice("Verify", "ctrl+r", id="verify")
            yield Choice("Next", "ctrl+n", id="next")
            yield Choice("Save", "ctrl+s", id="save", classes="-yes")
            yield Choice("Open the console", "Enter", id="open", classes="-yes")

    def on_mount(self) -> None:
        """Begin with the first page."""
        for choice in self.query(Choice):
            choice.armed_at = 0.0
        self.show_step("purposes")

    def on_resize(self, event: events.Resize) -> None:
        """Leave out what there is no room for."""
        self.set_class(event.size.height < LOW_ROWS, "-low")
        self.set_class(event.size.width < SLIM_COLUMNS, "-slim")

    @property
    def step(self) -> StepName:
        """The page that is shown."""
        return cast(StepName, self.query_one(ContentSwitcher).current)

    def show_step(self, step: StepName, focus: Widget | None = None) -> None:
        """Show a page, with the focus where it is wanted or where the page begins."""
        self.say("")
        self.query_one(ContentSwitcher).current = step
        names = [name for name, _ in STEPS]
        shown = [
            Content.styled(f"{number} {title}", "bold $text-accent" if name == step else "$foreground-muted")
            for number, (name, title) in enumerate(STEPS, 1)
        ]
        self.query_one("#steps", Static).update(Content(" › ").join(shown))
        is_done = step == "done"
        for name, is_there in (
            ("demo", not is_done),
            ("next", names.index(step) < names.index("safety")),
            ("save", not is_done),
            ("open", is_done),
        ):
            self.query_one(f"#{name}").display = is_there
        self.query_one("#verify").set_class(step not in ("keys", "places"), "-away")
        hints = (("Tab ↑↓", "move"), ("Esc", "leave" if step in ("purposes", "done") else "back"))
        self.query_one(".modal--frame").border_subtitle = key_hints(hints if is_done else (("Enter", "next"), *hints))
        self.call_after_refresh((focus or self._first_focus(step)).focus)

    def _first_focus(self, step: StepName) -> Widget:
        page = self._pages[step]
        return self.query_one("#open") if isinstance(page, DonePage) else page.first_focus()

    def say(self, words: str) -> None:
        """Say something above the buttons."""
        said = self.query_one("#say", Static)
        said.update(literal.content(words))
        said.set_class(not words, "-empty")

    def action_close(self) -> None:
        """Go back one page; what was typed stays. From the first page, and when all is done, leave."""
        before: dict[str, StepName] = {"keys": "purposes", "places": "keys", "safety": "keys"}
        if self.page_of_keys.entered.secrets:
            before["safety"] = "places"
        if self.step in before:
            self.show_step(before[self.step])
        else:
            self.dismiss(None)

    def action_next(self) -> None:
        """Go on, unless something on this page cannot be used."""
        if self.step == "purposes":
            self._go_to_keys()
        elif self.step == "keys":
            if (field := self.page_of_keys.take()) is not None:
                field.line.focus()
            else:
                self.show_step("places" if self.page_of_keys.entered.secrets else "safety")
        elif self.step == "places":
            places = self.query_one(PlacesPage)
            if not places.complain():
                places.is_settled = True
                self.show_step("safety")
        elif self.step == "safety":
            self.action_save()

    def _go_to_keys(self) -> None:
        purposes = self.query_one(PurposesPage).purposes
        if purposes:
            self.page_of_keys.switch(purposes)
            self.show_step("keys")
        else:
            self.say("Switch on at least one with the space bar, or press ctrl+t for the demo.")

    def on_paste(self, event: events.Paste) -> None:
        """Take a key or an address that was pasted into no field."""
        if self.step in ("purposes", "keys") and not isinstance(self.focused, Input):
            event.stop()
            if self.step == "purposes":
                self._go_to_keys()
            self.call_after_refresh(self.page_of_keys.paste, event.text)

    @on(KeysPage.Done)
    def _last_key_entered(self) -> None:
        """Stay until it is seen what the checks found out."""
        self.query_one("#next").focus()

    @on(Ticks.Entered)
    @on(Input.Submitted)
    def _entered(self) -> None:
        self.action_next()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        {
            "demo": self.action_demo,
            "verify": self.action_verify,
            "next": self.action_next,
            "save": self.action_save,
            "open": self.action_close,
        }[str(event.button.id)]()

    def action_verify(self) -> None:
        """Check every key once more, or look once more where keys can be kept."""
        if self.step == "keys":
            self.say("")
            self.page_of_keys.verify()
        elif self.step == "places":
            self.look_for_places()

    def look_for_places(self) -> None:
        """Find out where keys can be kept."""

    def action_demo(self) -> None:
        """Leave for the embedded cloud."""

    def action_save(self) -> None:
        """Store what was entered."""
