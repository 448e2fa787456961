"""What the last page of the setup says: where keys are, what is missing, three things to try. Never a value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from theta_tui.intake import PROJECT_ID, PROJECT_KEY, TOKEN, Entered
from theta_tui.places import COMMAND, THIS_RUN, Chosen
from theta_tui.purposes import ASKED
from theta_tui.settings import Settings
from theta_tui.tui.review_words import money


def outcome_lines(
    loaded: Settings, place: str, entered: Entered, where: Chosen, missing: Sequence[str]
) -> Iterator[str]:
    """Say what is in force now."""
    if entered.secrets:
        names = ", ".join(ASKED[name].label for name in entered.secrets)
        yield f"{names[:1].upper()}{names[1:]}: {_kept(place, where)}."
    if loaded.project_id:
        yield f"Project {loaded.project_id}, profile {loaded.profile}."
    if missing:
        yield f"Still missing: {', '.join(missing)}."
    guards = [loaded.protection] if loaded.protection != "open" else []
    guards += ["dry-run"] if loaded.dry_run else []
    guards += ["read-only"] if loaded.read_only and loaded.protection != "read-only" else []
    guards += [f"{money(loaded.budget_usd)} a day"] if loaded.budget_usd is not None else ["no daily budget"]
    yield f"Safety: {', '.join(guards)}."


def _kept(place: str, where: Chosen) -> str:
    if where.kind == THIS_RUN:
        return "kept for this run only"
    return "from your password manager" if where.kind == COMMAND else f"kept in the {place}, and read back"


def variables_of(entered: Entered) -> tuple[str, ...]:
    """Name the variables that would give what was entered."""
    return tuple(ASKED[name].variable for name in entered.secrets)


def next_steps(missing: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Offer three things that work with what there is: a key, and what it leads to."""
    lacks = {name: ASKED[name].label in missing for name in (TOKEN, PROJECT_KEY, PROJECT_ID)}
    offered = (
        (True, "2", "models and prices"),
        (not lacks[TOKEN], "3", "chat with a model"),
        (not (lacks[PROJECT_KEY] or lacks[PROJECT_ID]), "4", "your deployments"),
        (True, "1", "everything at a glance"),
        (True, "?", "in the console: the keys that work there"),
    )
    return tuple((key, words) for is_there, key, words in offered if is_there)[:3]
