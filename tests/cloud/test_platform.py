"""The project and its members on the real stack; personal data stays out of what is written down."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.stack import Person
from theta_tui.change import Done, Effect
from theta_tui.errors import Conflict, NotFound, PermissionDenied, UsageError
from theta_tui.sandbox.platform import members_of
from theta_tui.sandbox.world import World
from theta_tui.session import Session
from theta_tui.shapes.base import as_json

from .conftest import written

NEW = "usr_q1w2e3r4t5y6u7i8o9p0a1s2d3f4"


def editor(world: World) -> str:
    return list(members_of(world))[1]


async def test_a_project_is_renamed(cloud: Session, world: World) -> None:
    done = await cloud.submit("theta.project.update", {"name": "Night shift"}, reviewer=Person())
    assert done.value.name == "Night shift"
    assert (await cloud.ask("theta.project.get")).name == "Night shift"
    [call] = [call for call in world.calls if call.method == "PUT"]
    assert (call.path, call.body) == (f"/project/{world.project_id}", b'{"name":"Night shift"}')


async def test_members_are_listed_with_their_roles(cloud: Session) -> None:
    found = await cloud.ask("theta.project.members")
    assert [(member.name, member.role) for member in found.members] == [
        ("Ada Sandbox", "admin"),
        ("Ben Sandbox", "editor"),
        ("Cleo Sandbox", "viewer"),
    ]
    assert as_json(found)[0]["email"] == "ada@example.com"


async def test_a_member_is_added_disabled_by_a_204_and_enabled_again(cloud: Session, world: World) -> None:
    added = await cloud.submit("theta.project.addMember", {"userId": NEW, "role": "viewer"}, reviewer=Person())
    assert (added.value.id, added.value.role, added.value.disabled) == (NEW, "viewer", False)
    disabled = await cloud.submit("theta.project.disableMember", {"user_id": NEW}, reviewer=Person())
    assert isinstance(disabled, Done)
    assert disabled.reply is not None
    assert (disabled.reply.status, disabled.reply.value, disabled.value.disabled) == (204, None, True)
    assert members_of(world)[NEW]["disabled"] is True
    enabled = await cloud.submit("theta.project.enableMember", {"user_id": NEW}, reviewer=Person())
    assert enabled.value.disabled is False
    assert members_of(world)[NEW]["disabled"] is False


async def test_the_clouds_refusals_are_told(cloud: Session, world: World) -> None:
    with pytest.raises(Conflict, match="already a member"):
        await cloud.submit("theta.project.addMember", {"user_id": editor(world), "role": "admin"}, reviewer=Person())
    with pytest.raises(NotFound):
        await cloud.submit("theta.project.disableMember", {"user_id": "usr_nobody"}, reviewer=Person())
    with pytest.raises(PermissionDenied):
        await cloud.ask("theta.project.members", {"project_id": "prj_other"})


async def test_a_role_that_does_not_exist_is_refused_before_anything_is_sent(cloud: Session, world: World) -> None:
    with pytest.raises(UsageError, match="role"):
        await cloud.submit("theta.project.addMember", {"user_id": NEW, "role": "owner"}, reviewer=Person())
    assert world.calls == []


async def test_members_are_changed_as_updates_named_by_id_alone(cloud: Session, world: World) -> None:
    person = Person()
    await cloud.submit("theta.project.disableMember", {"user_id": editor(world)}, reviewer=person)
    [review] = person.shown
    assert (review.effect, review.target.id, review.cost.is_free) == (Effect.UPDATE, editor(world), True)


async def test_names_and_addresses_are_in_no_log_and_no_file(
    cloud: Session, world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    members = await cloud.ask("theta.project.members")
    await cloud.submit("theta.project.disableMember", {"user_id": editor(world)}, reviewer=Person())
    await cloud.submit("theta.project.enableMember", {"user_id": editor(world)}, reviewer=Person())
    await cloud.journal.requests(10)
    files = written(tmp_path)
    assert editor(world).encode() in files
    for personal in ("ben@example.com", "Ben"):
        assert personal not in caplog.text
        assert personal not in repr(members)
        assert personal.encode() not in files
