"""Hostile text through every read of the command line and of the MCP server: plain text is inert, JSON is ASCII."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from tests.hostile.payloads import PAYLOADS
from tests.hostile.poison import in_turn, poisoned_cloud
from tests.laws.conftest import Bench, known_arguments
from tests.stack import begin_session
from theta_tui import safe_text, table_text
from theta_tui.chats.export import as_json, as_markdown
from theta_tui.cli import main
from theta_tui.command import Command
from theta_tui.journal import Chat, Message
from theta_tui.mcp.server import build_server
from theta_tui.registry import commands
from theta_tui.safe_text import HOSTILE

READS = [command for command in commands().values() if command.is_read and command.name != "theta.setup"]
ALL = "\n".join(PAYLOADS.values())


@pytest.fixture(params=[False, True], ids=["words", "everywhere"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """What a user of a hostile cloud has, without a session."""
    with ExitStack() as stack:
        cloud = stack.enter_context(poisoned_cloud(in_turn(PAYLOADS), everywhere=request.param))
        environ = {**cloud.environment(), "THETA_TUI_HOME": str(tmp_path / "home"), "THETA_HTTP_MAX_RETRIES": "0"}
        yield Bench(None, cloud.world, known_arguments(cloud.world), environ)  # type: ignore[arg-type]


def _arguments(bench: Bench, command: Command) -> dict[str, Any]:
    """Give its example, which waits for nothing: a hostile state never becomes the one that is waited for."""
    soon = {"timeout_ms": 1000} if "timeout_ms" in command.params.model_fields else {}
    return {**bench.arguments(command), **soon}


def _hostile(text: str) -> list[str]:
    return HOSTILE.findall(text.replace("\n", ""))


@pytest.mark.parametrize("form", ["text", "json", "jsonl"])
def test_no_read_prints_a_hostile_character(
    form: str, bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    log = tmp_path / "log.jsonl"
    for command in READS:
        words = ["--log", str(log), "run", command.name, "--args", json.dumps(_arguments(bench, command))]
        code = main([*words, "--output", form], bench.environ)
        printed = capsys.readouterr()
        assert code in (0, 1, 2), (command.name, printed.err)
        assert _hostile(printed.out) == [], command.name
        assert _hostile(printed.err) == [], command.name
        if form != "text":
            assert (printed.out + printed.err).isascii(), command.name
            for line in printed.out.splitlines() if form == "jsonl" else [printed.out or "null"]:
                json.loads(line)
    assert _hostile(log.read_text()) == []
    assert log.read_text().isascii()


async def test_no_answer_of_mcp_holds_a_hostile_character(bench: Bench) -> None:
    session = await begin_session(bench.environ, face="mcp")
    async with Client(build_server(session)) as client:
        for command in READS:
            answer = await client.call_tool(command.name, _arguments(bench, command))
            structured: Mapping[str, Any] = answer.structured_content
            assert all(_hostile(text) == [] for text in _strings(structured)), command.name
            assert _hostile(answer.content[0].text) == []
    await session.close()


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, str):
        yield value


def _lists(bench: Bench, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["run", "theta.deployments.list", "--output", "text"], bench.environ) == 0
    assert main(["run", "theta.deployments.stop", "--args", '{"deployment": "none"}'], bench.environ) != 0
    printed = capsys.readouterr()
    return printed.out + printed.err


@pytest.mark.parametrize("bench", [False], indirect=True, ids=["words"])
def test_one_barrier_alone_keeps_control_codes_from_the_terminal(
    bench: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setattr(safe_text, "filtered", str)
    assert _hostile(_lists(bench, capsys)) == []  # the sanitiser
    monkeypatch.setattr(safe_text, "_inert", lambda text, keep_newlines=False: text)
    assert _hostile(_lists(bench, capsys)) != []  # neither: this check can fail
    monkeypatch.undo()
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setattr(safe_text, "_inert", lambda text, keep_newlines=False: text)
    assert _hostile(_lists(bench, capsys)) == []  # the writer's filter


def test_an_exported_chat_is_inert_as_markdown_and_ascii_as_json() -> None:
    times = {"created": 0.0, "changed": 0.0}
    said = Message(
        id=1, chat_id=1, parent_id=None, role="assistant", text=ALL, reasoning=ALL, state="done",
        meta={"model": ALL, "title": ALL}, **times,
    )  # fmt: skip
    chat = Chat(id=1, profile="default", title=ALL, service=ALL, options={}, pinned=False, **times, leaf=1)
    written = as_markdown(ALL, [said])
    assert _hostile(written) == []
    assert written.splitlines()[0].startswith("# ")
    assert as_json(chat, [said]).isascii()


@pytest.mark.parametrize("form", table_text.FORMS)
def test_an_exported_table_is_inert_in_every_form(form: str) -> None:
    formulas = ["=cmd|'/c calc'!A1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "<script>alert(1)</script>"]
    cells = [*PAYLOADS.values(), *formulas]
    table = table_text.TableText([("name", "NAME")], [[cell] for cell in cells])
    written = table_text.write(table, form)
    assert _hostile(written.replace("\r\n", "\n")) == []
    assert form not in ("json", "jsonl") or written.isascii()
    if form == "csv":
        rows = [row[0] for row in csv.reader(io.StringIO(written))]
        assert not any(row.startswith(("=", "+", "-", "@", "\t")) for row in rows)
    if form == "md":
        assert "<script" not in written
        assert re.search(r"(?<!\\)\]\(", written) is None
