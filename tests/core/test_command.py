from __future__ import annotations

import pytest

from theta_tui.change import Effect
from theta_tui.command import Kind
from theta_tui.errors import UsageError
from theta_tui.registry import CLOUDS, commands, find


def test_name_kind_effect_and_credentials_come_from_the_method() -> None:
    create = find("theta.deployments.create")
    assert (create.kind, create.effect, create.domain) == (Kind.MUTATION, Effect.CREATE, "deployments")
    assert [family.value for family in create.needs] == ["controller"]
    assert find("theta.ondemand.listServices").needs == ()
    assert find("infer") is find("theta.ondemand.infer")


def test_help_leaves_the_wire_numbers_to_the_code() -> None:
    assert all("(CT-" not in command.help and "(OD-" not in command.help for command in commands().values())
    assert "CT-8" in find("theta.deployments.create").doc


def test_the_registry_imports_a_class_by_the_prefix_of_its_commands() -> None:
    listed = list(dict.fromkeys((command.cloud.prefix, command.cloud.__name__) for command in commands().values()))
    assert listed == [(prefix, where.partition(":")[2]) for prefix, where in CLOUDS]


def test_an_unknown_command_names_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        find("theta.deployment.list")
    assert "theta.deployments.list" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("theta.ondemand.chat", {}, "Missing required field: messages"),
        ("theta.ondemand.chat", {"messages": []}, "theta.ondemand.chat: messages is empty: give at least one message"),
        ("theta.ondemand.chat", {"messages": [{"role": "user", "content": ""}]}, "ends in an empty user message"),
        ("theta.ondemand.chat", {"messages": [{"role": "robot", "content": "x"}]}, "messages.0.role"),
        ("theta.ondemand.chat", {"mesages": []}, "has no argument 'mesages'"),
        ("theta.ondemand.chat", {"messages": [{"role": "user", "content": "x"}], "max_tokens": "many"}, "max_tokens"),
        ("theta.deployments.listStandard", {"category": "cheap"}, "category"),
        ("theta.inference.chat", {"endpoint": "https://evil.example", "messages": []}, "args.endpoint override"),
    ],
)
def test_bad_arguments_get_one_line_that_names_the_place(name: str, arguments: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        find(name).parse(arguments)
    assert words in caught.value.message or words in str(caught.value.hint)
    assert "\n" not in caught.value.message


def test_a_wrong_secret_is_not_repeated_in_the_error() -> None:
    with pytest.raises(UsageError) as caught:
        find("theta.deployments.create").parse({"auth_password": {"a": "hunter2-hunter2"}, "vm_id": "x"})
    assert "hunter2" not in repr(caught.value) + str(caught.value.as_dict())


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("theta.ondemand.status", {"requestId": "r1"}, {"request_id": "r1"}),
        (
            "theta.ondemand.pollUntilDone",
            {"requestId": "r", "options": {"intervalMs": 100}},
            {"request_id": "r", "interval_ms": 100},
        ),
        (
            "theta.ondemand.infer",
            {"service": "s", "payload": {"input": {"a": 1}, "variant": "v"}},
            {"service": "s", "input": {"a": 1}, "variant": "v"},
        ),
        (
            "infer",
            {"service": "s", "payload": {"prompt": "x"}, "options": {"wait": 5}},
            {"service": "s", "input": {"prompt": "x"}, "wait": 5},
        ),
        (
            "get_upload_url",
            {"service": "whisper", "inputField": "audio"},
            {"service": "whisper", "input_fields": ["audio"]},
        ),
        (
            "theta.deployments.create",
            {"payload": {"deployment_template_id": "t", "vm_id": "v"}},
            {"deployment_template_id": "t", "vm_id": "v"},
        ),
        (
            "theta.deployments.create",
            {"deployment_image_id": "t", "vm_id": "v"},
            {"deployment_template_id": "t", "vm_id": "v"},
        ),
        ("theta.deployments.stop", {"shard": 1, "suffix": "s"}, {"shard": "1", "suffix": "s"}),
        (
            "theta.ondemand.chat",
            {"messages": [{"role": "user", "content": "x"}], "extraInput": {"a": 1}},
            {"messages": [{"role": "user", "content": "x"}], "extra_input": {"a": 1}},
        ),
        (
            "theta.inference.chat",
            {"body": {"messages": [{"role": "user", "content": "x"}], "model": "m"}},
            {"messages": [{"role": "user", "content": "x"}], "model": "m"},
        ),
    ],
)
def test_the_spellings_of_the_skill_mean_the_same(name: str, one: dict[str, object], other: dict[str, object]) -> None:
    assert find(name).parse(one) == find(name).parse(other)
