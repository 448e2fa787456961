from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from theta_tui.command import Command
from theta_tui.registry import commands, find
from theta_tui.shapes.video import VideoUpload
from theta_tui.tui.form_check import lacks_only, problems_of
from theta_tui.tui.form_fields import FieldKind, FieldSpec, fields_of, label_of
from theta_tui.tui.form_text import FileAt, plain, read, write

EVERY = list(commands().values())


@pytest.mark.parametrize("command", EVERY, ids=lambda command: command.name)
def test_what_a_form_shows_of_the_examples_means_the_same_arguments(command: Command) -> None:
    fields = command.params.model_fields
    examples = {name: about.examples[0] for name, about in fields.items() if about.examples}
    specs = fields_of(command.params)
    assert {spec.name for spec in specs} == set(fields)
    typed = {spec.name: write(spec, examples[spec.name]) for spec in specs if spec.name in examples and not spec.secret}
    meant = {spec.name: read(spec, typed[spec.name]) for spec in specs if spec.name in typed}
    secrets = {spec.name: SecretStr(examples[spec.name]) for spec in specs if spec.secret}
    values = {name: value for name, value in meant.items() if value is not None} | secrets
    assert command.parse(values) == command.parse(examples)
    assert problems_of(command, values) == {}
    as_json = json.loads(json.dumps(meant, default=plain))
    assert command.parse({**as_json, **secrets}) == command.parse(examples)


@pytest.mark.parametrize("command", EVERY, ids=lambda command: command.name)
def test_fields_are_labelled_helped_and_needed_ones_come_first(command: Command) -> None:
    specs = fields_of(command.params)
    needed = [spec.required for spec in specs]
    assert needed == sorted(needed, reverse=True)
    assert all(spec.label and spec.help and not (spec.rare and spec.required) for spec in specs)


def test_each_kind_of_argument_gets_its_kind_of_field() -> None:
    kinds = {
        (name, spec.name): spec.kind
        for name in ("theta.deployments.create", "theta.ondemand.chat", "theta.project.addMember", "theta.video.upload",
                     "theta.ai.agent.create", "theta.route", "theta.ai.agent.document.create")
        for spec in fields_of(find(name).params)
    }  # fmt: skip
    assert kinds["theta.deployments.create", "auth_password"] is FieldKind.SECRET
    assert kinds["theta.deployments.create", "env_vars"] is FieldKind.PAIRS
    assert kinds["theta.deployments.create", "min_replicas"] is FieldKind.INTEGER
    assert kinds["theta.deployments.create", "generate_auth"] is FieldKind.BOOL
    assert kinds["theta.ondemand.chat", "messages"] is FieldKind.MESSAGES
    assert kinds["theta.ondemand.chat", "temperature"] is FieldKind.NUMBER
    assert kinds["theta.ondemand.chat", "extra_input"] is FieldKind.JSON
    assert kinds["theta.project.addMember", "role"] is FieldKind.CHOICE
    assert kinds["theta.video.upload", "path"] is FieldKind.FILE
    assert kinds["theta.ai.agent.create", "system_prompt"] is FieldKind.LONG
    assert kinds["theta.ai.agent.document.create", "file"] is FieldKind.FILE
    assert label_of("vm_id") == "VM id"
    assert label_of("interval_ms") == "Interval, ms"


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (FieldKind.INTEGER, "four", "a whole number"),
        (FieldKind.INTEGER, "9", "from 1 to 5"),
        (FieldKind.NUMBER, "nan", "a number"),
        (FieldKind.PAIRS, "LOG", "NAME=value"),
        (FieldKind.PAIRS, "A=1\nA=2", "given twice"),
        (FieldKind.JSON, "{oops", "not JSON"),
        (FieldKind.CHOICE, "worse", "none of: good, better"),
    ],
)
def test_what_cannot_be_read_says_what_would_be_right(kind: FieldKind, text: str, words: str) -> None:
    spec = FieldSpec("x", "X", kind, choices=("good", "better"), minimum=1, maximum=5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=words):
        read(spec, text)


_SPEAKERS = st.sampled_from(["system", "user", "assistant"])


@given(st.lists(st.fixed_dictionaries({"role": _SPEAKERS, "content": st.text(min_size=1)}), min_size=1))
def test_messages_survive_being_shown_as_text(messages: list[dict[str, str]]) -> None:
    spec = FieldSpec("messages", "Messages", FieldKind.MESSAGES)
    assert read(spec, write(spec, messages)) == messages


def test_text_alone_is_a_message_of_the_user_and_marks_begin_others() -> None:
    spec = FieldSpec("messages", "Messages", FieldKind.MESSAGES)
    assert read(spec, "hi there") == [{"role": "user", "content": "hi there"}]
    assert read(spec, "system: be brief\nuser: hi\nthere") == [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "hi\nthere"},
    ]


def test_a_file_that_is_sent_within_a_call_is_given_by_its_path() -> None:
    spec = next(spec for spec in fields_of(find("theta.ai.agent.document.create").params) if spec.name == "file")
    assert read(spec, "~/faq.txt") == FileAt("~/faq.txt")
    assert read(spec, '{"filename": "a.txt", "content": "x"}') == {"filename": "a.txt", "content": "x"}


def test_problems_are_told_at_their_fields_without_any_value() -> None:
    command = find("theta.deployments.create")
    found = problems_of(command, {"vm_id": "vm_gt1", "min_replicas": "hunter22", "max_replicas": 0, "nam": "x"})
    assert found["deployment_template_id"] == "is needed"
    assert "valid integer" in found["min_replicas"]
    assert "did you mean name?" in found[""]
    assert "hunter22" not in str(found)
    assert not lacks_only(command, {"nam": "x"})
    assert lacks_only(command, {"vmId": "vm_gt1"})


def test_a_file_to_send_comes_before_what_may_be_said_about_it() -> None:
    assert fields_of(VideoUpload)[0].name == "path"
