from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from theta_tui.cli import main
from theta_tui.registry import commands
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World

KEY = "planted-key-3fK9x2Lq"
CHAT = {"service": "gpt_oss_120b", "messages": [{"role": "user", "content": "hi"}]}


def install(home: Path, monkeypatch: pytest.MonkeyPatch, client: str, *options: str) -> int:
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    return main(
        ["mcp", *options, "install", "--client", client], {"THETA_EC_API_KEY": KEY, "THETA_TUI_HOME": str(home)}
    )


@pytest.mark.parametrize(
    ("client", "name", "key"),
    [
        ("claude-code", ".mcp.json", "mcpServers"),
        ("cursor", ".cursor/mcp.json", "mcpServers"),
        ("vscode", ".vscode/mcp.json", "servers"),
    ],
)
def test_install_adds_itself_and_keeps_what_is_there(
    client: str, name: str, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({key: {"other": {"command": "x"}}, "kept": 1}), "utf-8")
    assert install(tmp_path, monkeypatch, client, "--allow-writes") == 0
    written = json.loads(path.read_text("utf-8"))
    assert written["kept"] == 1
    assert written[key]["other"] == {"command": "x"}
    assert written[key]["theta-edgecloud"]["args"] == ["mcp", "--allow-writes"]
    assert KEY not in path.read_text("utf-8")


def test_install_leaves_a_damaged_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".mcp.json").write_text("{ not json", "utf-8")
    assert install(tmp_path, monkeypatch, "claude-code") == 2
    assert "nothing was written" in capsys.readouterr().err
    assert (tmp_path / ".mcp.json").read_text("utf-8") == "{ not json"


def program(sandbox: SandboxServer, home: Path, *options: str) -> StdioServerParameters:
    environ = {**os.environ, **sandbox.environment(), "THETA_TUI_HOME": str(home)}
    return StdioServerParameters(command=sys.executable, args=["-m", "theta_tui", "mcp", *options], env=environ)


async def test_a_real_client_reads_and_cannot_write_without_the_flag(
    sandbox: SandboxServer, world: World, tmp_path: Path
) -> None:
    async with Client(stdio_client(program(sandbox, tmp_path))) as client:
        assert len((await client.list_tools()).tools) > len(commands())
        answer = await client.call_tool("theta.health", {})
        assert answer.structured_content["result"]["ok"] is True
        refused = await client.call_tool("theta.ondemand.chat", {**CHAT, "confirm": "guess"})
        assert refused.is_error
    assert not any(call.method == "POST" for call in world.calls)


async def test_a_real_client_previews_commits_and_cannot_commit_twice(
    sandbox: SandboxServer, world: World, tmp_path: Path
) -> None:
    server = program(sandbox, tmp_path, "--allow-writes", "--tool-names", "underscore")
    async with Client(stdio_client(server)) as client:
        shown = (await client.call_tool("theta_ondemand_chat", CHAT)).structured_content
        assert shown["applied"] is False
        arguments = {**CHAT, "confirm": shown["confirm"]}
        done = (await client.call_tool("theta_ondemand_chat", arguments)).structured_content
        assert done["applied"] is True
        again = await client.call_tool("theta_ondemand_chat", arguments)
        assert again.structured_content["error"]["kind"] == "policy"
    assert [call.method for call in world.calls].count("POST") == 1


def test_nothing_but_the_protocol_is_on_stdout_and_it_ends_with_its_client(tmp_path: Path) -> None:
    environ = {**os.environ, "THETA_TUI_HOME": str(tmp_path), "THETA_EC_API_KEY": KEY}
    done = subprocess.run(
        [sys.executable, "-m", "theta_tui", "mcp"],
        input="not json\n", capture_output=True, text=True, env=environ, timeout=30,
    )  # fmt: skip
    for line in done.stdout.splitlines():
        assert json.loads(line)["jsonrpc"] == "2.0"
    assert KEY not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
