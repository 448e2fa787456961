"""What is refused to links is refused to everybody: no key of ours may run an action of such a name."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module

from textual.binding import Binding
from textual.dom import DOMNode

import theta_tui.tui
from theta_tui.tui.guard import REFUSED


def _kinds(kind: type) -> Iterator[type]:
    for child in kind.__subclasses__():
        yield child
        yield from _kinds(child)


def test_no_key_of_ours_runs_what_is_refused() -> None:
    for module in pkgutil.walk_packages(theta_tui.tui.__path__, "theta_tui.tui."):
        import_module(module.name)
    ours = {kind for kind in _kinds(DOMNode) if kind.__module__.startswith("theta_tui.")}
    runs = {
        (kind.__name__, binding.action.split("(")[0].rpartition(".")[2])
        for kind in ours
        for binding in Binding.make_bindings(kind.__dict__.get("BINDINGS", ()))
    }
    assert len(runs) > 100
    assert [run for run in sorted(runs) if run[1] in REFUSED] == []
