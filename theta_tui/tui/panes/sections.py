"""A pane of several parts under one line of tabs, one part shown at a time. It knows nothing of what the parts show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget

from theta_tui.errors import ThetaError
from theta_tui.tui.actions import Action
from theta_tui.tui.panes.base import Call, Pane
from theta_tui.tui.widgets.records import FilterState
from theta_tui.tui.widgets.tab_line import Tab, TabLine

SECTION_ACTIONS: tuple[Action, ...] = (
    Action("sections.next", ".", "Next list", "section(1)", "Show the next list of this pane.", rank=60),
    Action("sections.previous", "comma", "Previous", "section(-1)", "Show the previous list of this pane.", rank=0),
)


class SectionsPane(Pane):
    """Subclasses name their `sections`: a short word for the tab, and a pane that is shown under it.

    Asking, keys, filter, copying and errors are the business of the section that is shown.
    """

    sections: ClassVar[tuple[tuple[str, type[Pane]], ...]] = ()
    actions: ClassVar[tuple[Action, ...]] = SECTION_ACTIONS

    def __init_subclass__(cls, **options: Any) -> None:
        cls.domains = frozenset().union(cls.domains, *(kind.domains for _, kind in cls.sections))
        super().__init_subclass__(**options)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._sections = {word: kind() for word, kind in self.sections}
        self._tabs = TabLine([Tab(word, word.capitalize()) for word in self._sections], id="sections")

    def compose(self) -> ComposeResult:
        """Lay out the tabs and all parts; one is shown."""
        yield self._tabs
        for section in self._sections.values():
            section.remove_class("pane")
            section.display = False
            yield section

    @property
    def section(self) -> Pane:
        """The part that is shown."""
        return self._sections[self._tabs.current]

    @property
    def visible_sections(self) -> tuple[str, ...]:
        """The words of the parts on the screen: the chosen one, and what a wide pane shows beside it."""
        return (self._tabs.current,)

    def section_of(self, word: str) -> Pane:
        """Give a part by the word of its tab."""
        return self._sections[word]

    @property
    def part(self) -> str:
        """The word of the tab that is shown."""
        return self._tabs.current

    def show_part(self, part: str) -> None:
        """Show a part by the word of its tab."""
        self._tabs.choose(part)

    @property
    def live_actions(self) -> tuple[Action, ...]:
        """What the keys do in the part that is shown, then how to get to the others."""
        return (*self.section.live_actions, *self.actions)

    @property
    def homes(self) -> tuple[Pane, ...]:
        """The part that is shown, then the pane itself."""
        return (*self.section.homes, self)

    def first_focus(self) -> Widget | None:
        """Focus what the part wants focused first."""
        preferred = getattr(self.section, "first_focus", None)
        return preferred() if preferred is not None else None

    def rest_focus(self) -> Widget | None:
        """Focus what the part rests on."""
        preferred = getattr(self.section, "rest_focus", None)
        return preferred() if preferred is not None else None

    def shown(self) -> None:
        """Let what is on the screen ask and poll, and the rest rest."""
        visible = self.visible_sections
        for word, section in self._sections.items():
            was_shown, section.display = section.display, word in visible
            if section.display:
                section.shown()
            elif was_shown:
                section.hidden()

    def hidden(self) -> None:
        """Rest."""
        for section in self._sections.values():
            section.display = False
            section.hidden()

    def reload(self) -> None:
        """Ask again for what is shown."""
        self.section.reload()

    def mark_stale(self) -> None:
        """Something changed: the part that is shown asks again, the others when they are shown."""
        for section in self._sections.values():
            section.mark_stale()

    def show_age(self) -> None:
        """Let the part tell how old it is."""
        self.section.show_age()

    def fail(self, error: ThetaError, *, cause: str = "reload") -> None:
        """Show an error above the part."""
        self.section.fail(error, cause=cause)

    def open_filter(self) -> None:
        """Filter the part."""
        self.section.open_filter()

    def apply_filter(self, text: str) -> FilterState | None:
        """Filter as the `:` line asks; a first word that names a part shows that part (`:gpu nodes status:running`)."""
        word, _, rest = text.partition(" ")
        if word in self._sections:
            self.show_part(word)
            text = rest.strip()
        apply = getattr(self.section, "apply_filter", None)
        return apply(text) if apply is not None and (text or word not in self._sections) else None

    def step_back(self) -> bool:
        """Take back one step of the part."""
        return self.section.step_back()

    def calls(self) -> Sequence[Call]:
        """Give what the part shows and does as commands."""
        return self.section.calls()

    def copy_choices(self) -> list[tuple[str, str]]:
        """Give what can be copied of the part."""
        choices = getattr(self.section, "copy_choices", None)
        return choices() if choices is not None else []

    @property
    def busy_words(self) -> str | None:
        """What the parts would lose by quitting now."""
        return ", ".join(words for each in self._sections.values() if (words := each.busy_words)) or None

    def action_section(self, step: int) -> None:
        """Show the next part, or the previous one."""
        self._tabs.step(step)

    @on(TabLine.Chosen)
    def _chosen(self, event: TabLine.Chosen) -> None:
        event.stop()
        self.shown()
        target = self.first_focus()
        if target is not None and not self.section.has_focus_within:
            target.focus()
        self.console_app.shell.show_keys()
        self.console_app.shell.visited()

    @on(Pane.Loaded)
    def _loaded(self) -> None:
        self._tabs.tabs = tuple(Tab(word, word.capitalize(), section.count) for word, section in self._sections.items())
