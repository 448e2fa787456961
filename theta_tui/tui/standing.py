"""What the status line tells of a running console. It reads app and session and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from theta_tui.tui.widgets.status_line import Standing

if TYPE_CHECKING:
    from theta_tui.tui.app import ThetaApp


def standing_of(app: ThetaApp) -> Standing:
    """Give who and where we are, the modes in force, money, what is at work."""
    session = app.session
    busy = (*app.busy.values(), *(work.short_words for work in app.works.at_work))
    if session is None:
        return Standing(
            profile="demo" if app.launch.demo else "",
            is_live=False,
            is_demo=app.launch.demo,
            read_only=app.launch.read_only,
            is_paused=app.is_paused,
            busy=busy,
        )
    settings, project = session.settings, session.settings.project_id or ""
    warnings = (
        ("PROXY", settings.proxy),
        ("EXTRA CA", settings.ca_bundle),
        ("PLAIN KEYS", session.vault.is_plain),
    )
    return Standing(
        profile="demo" if app.launch.demo else settings.profile,
        badge="" if app.launch.demo else settings.badge or "",
        colour="" if app.launch.demo else settings.colour or "",
        project=f"{project[:10]}…" if len(project) > 11 else project,
        is_demo=app.launch.demo,
        is_sandbox=session.hosts.is_sandbox,
        is_guarded=settings.protection == "confirm",
        dry_run=session.dry_run,
        read_only=session.read_only,
        is_paused=app.is_paused,
        warnings=tuple(word for word, value in warnings if value),
        pulse=app.pulse,
        busy=busy,
    )
