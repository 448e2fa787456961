"""The user's keys: presets and the settings' `[keys]` laid over the table of actions, with what does not fit together.

What is moved wins over what is not; nothing is taken away in silence. Textual applies the map, the key line, help and
palette show it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from theta_tui.settings import PRESET
from theta_tui.tui.actions import Action

PRESETS: Final[Mapping[str, Mapping[str, str]]] = {
    "default": {},
    "vim": {
        "table.page_down": "pagedown,ctrl+f",
        "table.page_up": "pageup,ctrl+b",
        "shell.back": "H,left_square_bracket",
        "shell.forward": "L,right_square_bracket",
    },
    # Free of what tmux, screen and zellij keep for themselves, and of the terminal's own ctrl+s and ctrl+q.
    "tmux-safe": {
        "shell.goto": "f12",
        "shell.palette": "ctrl+backslash",
        "shell.dry_run": "D",
        "shell.quit": "f11",
        "chat.model": "shift+f2",
        "chat.new": "shift+f3",
        "chat.settings": "shift+f4",
    },
}
_EVERYWHERE: Final = frozenset({"shell", "go"})
_WIDGETS: Final = frozenset({"table", "records", "tile", "transcript", "details"})
"""First words of the ids of a widget's keys."""
_CHAT: Final = frozenset({"chat", "compare"})
_ONLY: Final[Mapping[str, frozenset[str]]] = {"tile": frozenset({"overview"}), "transcript": _CHAT}
_NEVER: Final[Mapping[str, frozenset[str]]] = {
    "table": _CHAT | {"overview"},
    "records": _CHAT | {"overview"},
}
"""The panes, by the first word of their ids, that such a widget stands in, or does not."""
_MODIFIERS: Final = frozenset({"ctrl", "alt", "shift", "super", "meta", "hyper"})


@dataclass(frozen=True, slots=True)
class Bound:
    """An action that can be moved: its words, where it is at home, its keys as Textual names them."""

    title: str
    homes: frozenset[str]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Keymap:
    """Action id → keys, as Textual takes them; and what is wrong with it, one line each."""

    keys: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def problems_of(self, action: str) -> tuple[str, ...]:
        """Give the problems that keep an entry from having an effect."""
        return tuple(problem for problem in self.problems if problem.startswith(f"keys.{action}: "))

    def moved(self, action: Action) -> Action:
        """Give an action with the key it has now."""
        from dataclasses import replace

        return replace(action, key=self.keys[action.id]) if action.id in self.keys else action


def keymap_of(written: Mapping[str, str]) -> Keymap:
    """Lay what is written over the presets. Imports every pane: call it in a thread, if anything is written."""
    actions = catalogue()
    problems: list[str] = []
    wanted = dict(_preset(written.get(PRESET, "default"), problems))
    wanted |= {name: keys for name, keys in written.items() if name != PRESET}
    keys: dict[str, str] = {}
    for name, text in wanted.items():
        if name not in actions:
            problems.append(f"keys.{name}: there is no such action{_near(name, actions)}")
        elif found := _keys(name, text, problems):
            keys[name] = ",".join(found)
    return Keymap(keys, (*problems, *_conflicts(keys, actions)))


def catalogue() -> dict[str, Bound]:
    """Give every action that has an id, from the table of actions and from the widgets."""
    from textual.dom import DOMNode

    from theta_tui.tui import shell  # noqa: F401 for its actions
    from theta_tui.tui.panes import PANES

    for entry in PANES:
        entry.load()
    found: dict[str, Bound] = {}
    for kind in _kinds(DOMNode):
        for name, title, keys in _own(kind):
            known = found.get(name, Bound(title, frozenset(), ()))
            keys = tuple(dict.fromkeys((*known.keys, *keys)))
            found[name] = Bound(known.title, known.homes | {kind.__qualname__}, keys)
    return found


def _kinds(kind: type) -> Iterator[type]:
    subclasses: list[type] = kind.__subclasses__()
    for sub in subclasses:
        if sub.__module__.startswith("theta_tui."):
            yield sub
        yield from _kinds(sub)


def _own(kind: type) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Give id, title and keys of a class's own bindings."""
    from textual.binding import Binding

    for binding in Binding.make_bindings(kind.__dict__.get("BINDINGS", ())):
        if binding.id:
            yield binding.id, binding.description, (binding.key,)


def _preset(name: str, problems: list[str]) -> Mapping[str, str]:
    if name in PRESETS:
        return PRESETS[name]
    problems.append(f"keys.{PRESET}: {name[:40]!a} is none of {', '.join(PRESETS)}.")
    return {}


def _keys(name: str, text: str, problems: list[str]) -> list[str]:
    """Read `ctrl+x`, `X`, `/` or several with commas between them; a comma alone is the key."""
    found = []
    for word in [text] if text == "," else text.split(","):
        key = _key(word.strip())
        if key is None:
            problems.append(f"keys.{name}: {word.strip()[:40]!a} is no key; write ctrl+x, X, f5 or space.")
            return []
        found.append(key)
    return found


def _key(word: str) -> str | None:
    """Give a key as Textual names it; None if it is none."""
    from textual.keys import Keys, _character_to_key

    *modifiers, last = word.split("+") if len(word) > 1 else [word]
    if len(last) == 1 and last.isprintable() and last != " ":
        last = _character_to_key(last)
        known = True
    else:
        known = last in {key.value for key in Keys} or last in _spelled()
    return "+".join((*modifiers, last)) if known and _MODIFIERS.issuperset(modifiers) else None


def _spelled() -> frozenset[str]:
    """Give the spelled names of characters, such as question_mark."""
    from textual.keys import _character_to_key

    return frozenset(_character_to_key(chr(code)) for code in range(33, 127))


def _near(name: str, actions: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, list(actions), n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else "; the help (?) names them."


def _conflicts(keys: Mapping[str, str], actions: Mapping[str, Bound]) -> Iterator[str]:
    """Tell where a moved key meets another action that can be at work at the same time."""
    now = {name: keys[name].split(",") if name in keys else list(bound.keys) for name, bound in actions.items()}
    for name in keys:
        for key in now[name]:
            others = sorted(
                other
                for other, theirs in now.items()
                if other != name and key in theirs and not (other in keys and other < name)
                and _meet(name, other, actions)
            )  # fmt: skip
            if others:
                shown = Action("", key, "", "").key_name
                more = f" (and {len(others) - 1} more)" if len(others) > 1 else ""
                told = f"{_told(name, actions)} and {_told(others[0], actions)}{more}"
                yield f"keys: {shown} is both {told}; move one of them."


def _meet(one: str, other: str, actions: Mapping[str, Bound]) -> bool:
    """Whether two actions can be at work in the same place."""
    first, second = one.partition(".")[0], other.partition(".")[0]
    if actions[one].homes & actions[other].homes or {first, second} & _EVERYWHERE:
        return True
    if first in _WIDGETS and second in _WIDGETS:
        return {first, second} == {"table", "records"}
    return _stands_in(first, second) or _stands_in(second, first)


def _stands_in(widget: str, pane: str) -> bool:
    return widget in _WIDGETS and pane in _ONLY.get(widget, (pane,)) and pane not in _NEVER.get(widget, ())


def _told(name: str, actions: Mapping[str, Bound]) -> str:
    return f"{actions[name].title} ({name})"
