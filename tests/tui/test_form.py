from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from textual.widgets import Input, TextArea

from tests.tui.conftest import Console, Opens
from theta_tui.change import Done
from theta_tui.registry import find
from theta_tui.sandbox.knowledge import chatbots
from theta_tui.tui import command_line, form_screen
from theta_tui.tui.command_line import CommandLine
from theta_tui.tui.file_picker import FilePicker, entries_of
from theta_tui.tui.form import Form
from theta_tui.tui.form_fields import fields_of
from theta_tui.tui.form_screen import CommandForm, open_form
from theta_tui.tui.form_text import read, write
from theta_tui.tui.result import ResultScreen
from theta_tui.tui.review import ReviewModal
from theta_tui.tui.widgets.choices import Choices
from theta_tui.tui.widgets.secret_input import SecretInput


@pytest.fixture(autouse=True)
def _nothing_typed_before() -> Iterator[None]:
    form_screen._drafts.clear()
    command_line._history.clear()
    yield
    form_screen._drafts.clear()


async def opened(it: Console, name: str, **options: Any) -> CommandForm:
    """Open a form as panes do; what it gives is kept at the app."""

    async def wait() -> None:
        it.app.given = await open_form(it.app, name, **options)  # type: ignore[attr-defined]

    it.app.run_worker(wait())
    return await shown_form(it)


async def shown_form(it: Console) -> CommandForm:
    await it.until(lambda: isinstance(it.app.screen, CommandForm) and it.app.focused is not None)
    form = it.app.screen
    assert isinstance(form, CommandForm)
    return form


async def enter_line(it: Console, line: str) -> None:
    it.app.action_command_line()
    await it.until(lambda: isinstance(it.app.screen, CommandLine) and it.app.screen.query("#line"))
    it.app.screen.query_one("#line", Input).value = line
    await it.press("enter")


async def confirm(it: Console) -> None:
    await it.until(lambda: isinstance(it.app.screen, ReviewModal) and it.app.screen.armed)
    await it.press("y")


async def test_what_is_missing_is_told_at_its_field_and_a_cancelled_review_loses_nothing(console: Opens) -> None:
    async with console(size=(80, 24)) as it:
        form = await opened(it, "theta.project.addMember")
        await it.press("ctrl+s")
        await it.until(lambda: "is needed" in it.shown())
        form.query_one("#control-user_id", Input).value = "usr_q1w2e3r4t5y6u7i8o9p0a1s2d3f4"
        await it.press("down", "right", "right", "right", "enter", "ctrl+s")
        await it.until(lambda: isinstance(it.app.screen, ReviewModal))
        await it.press("escape")
        await it.until(lambda: it.app.screen is form and not form.query_one("#take").disabled)
        assert it.sent("POST", "user") == []
        assert form.form.values() == {"user_id": "usr_q1w2e3r4t5y6u7i8o9p0a1s2d3f4", "role": "viewer"}
        await it.press("ctrl+s")
        await confirm(it)
        await it.until(lambda: it.app.screen is it.app.shell)
        assert isinstance(it.app.given, Done)  # type: ignore[attr-defined]
        body = json.loads(next(call.body for call in it.world.calls if call.method == "POST"))
        assert body["user_id"] == "usr_q1w2e3r4t5y6u7i8o9p0a1s2d3f4"
        assert body["role"] == "viewer"


async def test_form_and_json_are_kept_in_step_and_secrets_stay_out_of_it(console: Opens) -> None:
    async with console() as it:
        form = (await opened(it, "theta.deployments.create", values={"vm_id": "vm_gt1"}, fixed=("vm_id",))).form
        await it.type("img_1")
        form.query_one("#control-auth_password", SecretInput).focus()
        await it.type("hunter22")
        await it.press("ctrl+o")
        area = form.query_one("#form-json", TextArea)
        await it.until(lambda: area.has_focus)
        assert json.loads(area.text) == {"deployment_template_id": "img_1", "vm_id": "vm_gt1"}
        area.load_text('{"deployment_template_id": "img_2", "min_replicas": 3, "env_vars": {"LOG": "1"}}')
        await it.press("ctrl+o")
        await it.until(lambda: not form.has_class("-json"))
        values = form.values()
        assert values.pop("auth_password") == SecretStr("hunter22")
        assert values == {
            "deployment_template_id": "img_2", "vm_id": "vm_gt1", "min_replicas": 3, "env_vars": {"LOG": "1"},
        }  # fmt: skip
        await it.press("ctrl+o")
        area.load_text('{"min_replicas": 1')
        await it.press("ctrl+o")
        await it.until(lambda: "not JSON" in it.shown())
        area.load_text('{"auth_password": "x"}')
        await it.press("ctrl+o")
        await it.until(lambda: "is a secret" in it.shown())
        assert "hunter22" not in str(form_screen._drafts) + str(command_line._history)


async def test_a_refusal_of_the_cloud_is_told_in_the_form_and_what_was_typed_comes_back(console: Opens) -> None:
    async with console() as it:
        await opened(it, "theta.deployments.create")
        await it.type("img_none")
        await it.press("tab")
        await it.type("vm_gt1\n")
        await confirm(it)
        await it.until(lambda: "Invalid field: deployment_template_id" in it.shown())
        await it.press("escape")
        await it.until(lambda: it.app.screen is it.app.shell)
        form = (await opened(it, "theta.deployments.create")).form
        await it.until(lambda: form.query_one("#control-vm_id", Input).value == "vm_gt1")
        assert form.values() == {"deployment_template_id": "img_none", "vm_id": "vm_gt1"}


async def test_a_line_without_its_needed_arguments_opens_the_form_with_those_it_has(console: Opens) -> None:
    async with console() as it:
        await enter_line(it, "run theta.ondemand.chat maxTokens:=7")
        form = (await shown_form(it)).form
        assert form.values() == {"max_tokens": 7}
        await it.press("escape")
        await it.until(lambda: it.app.screen is it.app.shell)
        await enter_line(it, "run theta.ondemand.getService")
        await shown_form(it)
        await it.type("flux\n")
        await it.until(lambda: isinstance(it.app.screen, ResultScreen))
        assert '"alias": "flux"' in it.shown()


async def test_a_file_is_picked_looked_at_and_sent(console: Opens, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "faq.txt").write_text("Returns are free within 30 days.")
    (tmp_path / "notes" / "empty.txt").touch()
    async with console() as it:
        agent = next(iter(chatbots(it.world)))
        values = {"chatbot_id": agent, "file": f"{tmp_path}/"}
        form = (await opened(it, "theta.ai.agent.document.create", values=values, fixed=("chatbot_id",))).form
        form.query_one("#control-file").focus()
        await it.press("ctrl+f")
        await it.until(lambda: isinstance(it.app.screen, FilePicker))
        await it.type("notes\n")
        await it.until(lambda: isinstance(it.app.screen, FilePicker) and "empty.txt" in it.shown())
        await it.type("empty\n")
        await it.until(lambda: "The file is empty" in it.shown())
        line = form.query_one("#control-file", Input)
        line.value = str(tmp_path / "notes" / "faq.txt")
        await it.until(lambda: "✓ faq.txt, 32 B" in it.shown())
        await it.press("enter")
        await confirm(it)
        await it.until(lambda: it.app.screen is it.app.shell)
        assert it.app.given.value.filename == "faq.txt"  # type: ignore[attr-defined]


async def test_a_typed_or_pasted_path_is_a_way_to_a_file_too(console: Opens, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "faq.txt").write_text("Returns are free within 30 days.")
    (tmp_path / "notes" / "faq.mp4").write_text("x")
    async with console() as it:
        agent = next(iter(chatbots(it.world)))
        values = {"chatbot_id": agent, "file": f"{tmp_path}/"}
        form = (await opened(it, "theta.ai.agent.document.create", values=values, fixed=("chatbot_id",))).form
        form.query_one("#control-file").focus()
        await it.press("ctrl+f")
        await it.until(lambda: isinstance(it.app.screen, FilePicker))
        await it.type("notes/fa")
        await it.until(lambda: "notes/faq.txt" in it.shown() and "notes/faq.mp4" in it.shown())
        it.app.screen.query_one("#search", Input).value = str(tmp_path / "notes" / "faq.txt")
        await it.press("enter")
        await it.until(lambda: form.query_one("#control-file", Input).value == str(tmp_path / "notes" / "faq.txt"))


def test_a_folder_lists_what_will_do_first_and_says_why_others_do_not(tmp_path: Path) -> None:
    for name in ("b.wav", "a.txt", ".hidden.wav", "[bold]c.wav"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "deeper").mkdir()
    listed = [(entry.name, entry.why_not) for entry in entries_of(tmp_path, (".wav",))]
    assert listed == [("../", ""), ("deeper/", ""), ("[bold]c.wav", ""), ("b.wav", ""), ("a.txt", "not .wav")]


OF_MANY_KINDS = (
    "theta.deployments.create", "theta.ondemand.chat", "theta.ai.agent.create", "theta.video.upload", "theta.route.run",
)  # fmt: skip


async def test_every_kind_of_field_shows_and_gives_back_its_example(console: Opens) -> None:
    async with console() as it:
        for command in map(find, OF_MANY_KINDS):
            fields = command.params.model_fields
            examples = {name: about.examples[0] for name, about in fields.items() if about.examples}
            plain = {name: value for name, value in examples.items() if not _is_secret(command, name)}
            form = Form(fields_of(command.params), values=plain)
            await it.app.shell.mount(form)
            given = {spec.name: read(spec, write(spec, plain[spec.name])) for spec in fields_of(command.params)
                     if spec.name in plain}  # fmt: skip
            given = {name: value for name, value in given.items() if value is not None}
            secrets = {name: SecretStr("x") for name in fields if _is_secret(command, name)}
            assert command.parse({**form.values(), **secrets}) == command.parse({**given, **secrets}), command.name
            assert form.problems() == {}
            await form.remove()


def _is_secret(command: Any, name: str) -> bool:
    return "SecretStr" in str(command.params.model_fields[name].annotation)


async def test_yes_or_no_is_chosen_by_arrows_and_the_default_is_left_out(console: Opens) -> None:
    async with console() as it:
        form = (await opened(it, "theta.deployments.create")).form
        choice = form.query_one("#control-generate_auth", Choices)
        choice.focus()
        await it.press("right")
        assert form.values()["generate_auth"] is True
        await it.press("left")
        assert "generate_auth" not in form.values()
