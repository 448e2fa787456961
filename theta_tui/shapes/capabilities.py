"""What the configured keys can do (wire 14.1), and what is still to be set up."""

from __future__ import annotations

from typing import Any

from theta_tui.shapes.base import Shape, as_json

UNPROVEN = "accepted (unproven): the route may be public"
UNCHECKED = "not checked"
DOUBTS = (UNPROVEN, UNCHECKED)
"""Beginnings of notes that tell of no proof."""


class Capability(Shape):
    """One part of the cloud: whether its key is there, and whether the cloud was seen to accept it."""

    name: str = ""
    configured: bool = False
    verified: bool = False
    required: tuple[str, ...] = ()
    notes: str = ""
    error: str | None = None

    def as_json(self) -> Any:
        """Give the object of wire 14.1; `error` only where there is one."""
        told = {
            "name": self.name,
            "configured": self.configured,
            "verified": self.verified,
            "required": list(self.required),
            "notes": self.notes,
        }
        return {**told, **({"error": self.error} if self.error else {})}


class Capabilities(Shape):
    """All parts, at a moment."""

    dry_run: bool = False
    timestamp: str = ""
    capabilities: tuple[Capability, ...] = ()

    @property
    def summary(self) -> str:
        """How many parts are verified, and which are refused or missing, in one sentence."""
        parts = {
            "verified": [item.name for item in self.capabilities if item.verified],
            "refused": [item.name for item in self.capabilities if item.configured and item.error],
            "unproven": [
                item.name for item in self.capabilities if item.configured and not item.verified and not item.error
            ],
            "missing": [item.name for item in self.capabilities if not item.configured],
        }
        return "; ".join(f"{word}: {', '.join(names)}" for word, names in parts.items() if names) or "nothing"

    def as_json(self) -> Any:
        """Give the answer of wire 14.1."""
        return {
            "mode": "api-key-first",
            "dryRun": self.dry_run,
            "timestamp": self.timestamp,
            "capabilities": as_json(self.capabilities),
            "summary": self.summary,
        }


class SetupItem(Shape):
    """A key or an id: whether it is there, which variables hold it, and where it is found."""

    name: str = ""
    label: str = ""
    present: bool = False
    source: str | None = None
    variables: tuple[str, ...] = ()
    where: str = ""

    def as_json(self) -> Any:
        """Give it in our own words; no value is ever part of it."""
        return {
            "name": self.name,
            "label": self.label,
            "present": self.present,
            "source": self.source,
            "variables": list(self.variables),
            "where": self.where,
        }


class SetupChecklist(Shape):
    """What is configured on this machine, and what to do next."""

    dry_run: bool = False
    items: tuple[SetupItem, ...] = ()
    next_steps: tuple[str, ...] = ()

    def as_json(self) -> Any:
        """Give the missing ones by name first."""
        return {
            "dryRun": self.dry_run,
            "missing": [item.name for item in self.items if not item.present],
            "items": as_json(self.items),
            "next_steps": list(self.next_steps),
        }
