"""A cloud that says keys back in what it answers, in every usual spelling: no error, record or file repeats them."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.laws.conftest import Bench, known_arguments, leave_something_behind
from tests.leaks.canaries import CANARIES
from tests.leaks.conftest import Clean
from tests.leaks.haystack import found_in
from tests.stack import Person, begin_session
from theta_tui.cli import main
from theta_tui.errors import ThetaError
from theta_tui.redact import REDACTED
from theta_tui.registry import commands
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World

KEYS = tuple(CANARIES[name] for name in CANARIES if name.startswith("THETA_") and "PROXY" not in name)
ECHOES: Mapping[str, Callable[[str], str]] = {
    "plain": lambda key: key,
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "basic authorisation": lambda key: base64.b64encode(f"user:{key}".encode()).decode(),
    "URL-encoded": lambda key: quote(key, safe=""),
    "URL-encoded in small letters": lambda key: re.sub("%..", lambda code: code[0].lower(), quote(key, safe="")),
    "JSON-escaped": json.dumps,
    "JSON-escaped twice": lambda key: json.dumps(json.dumps(key)),
    "hex": lambda key: key.encode().hex(),
    "HTML": html.escape,
    "split by a newline": lambda key: f"{key[:11]}\n{key[11:]}",
    "split by CR LF and indented": lambda key: f"{key[:7]}\r\n    {key[7:]}",
    "in a header": lambda key: f"{{'authorization': 'Bearer {key}', 'x-api-key': '{key}'}}",
    "cut": lambda key: f"…{key[-12:]}",
}
USUAL = ("basic authorisation", "URL-encoded in small letters", "JSON-escaped twice", "split by CR LF and indented")
STATUSES = (200, 400, 401, 403, 404, 409, 422, 429, 500, 503)


@pytest.mark.parametrize(
    ("spelling", "is_all"),
    [*((one, False) for one in USUAL), *(pytest.param(one, True, marks=pytest.mark.full) for one in ECHOES)],
)
async def test_no_command_repeats_the_keys_that_a_cloud_says_back(
    spelling: str, is_all: bool, world: World, cloud: SandboxServer, tmp_path: Path, is_clean: Clean
) -> None:
    machine = next(iter(world.deployments.values()))
    environ = {
        **cloud.environment(), "THETA_TUI_HOME": str(tmp_path), "THETA_HTTP_MAX_RETRIES": "0",
        "THETA_INFERENCE_ENDPOINT": f"{cloud.origin}/endpoint/{machine.suffix}",
        "THETA_INFERENCE_AUTH_TOKEN": CANARIES["THETA_INFERENCE_AUTH_TOKEN"],
    }  # fmt: skip
    session = await begin_session(environ)
    await leave_something_behind(session, world)
    bench = Bench(session, world, known_arguments(world), environ)
    message = "bad keys: " + " | ".join(map(ECHOES[spelling], KEYS))
    assert len({hit.split()[0] for hit in found_in(message.encode())}) == len(KEYS), "the check sees the spelling"
    body = {"status": "error", "message": message, "error": {"message": message}, "detail": [{"msg": message}]}
    said = []
    every = list(commands().values())
    start = list(ECHOES).index(spelling)
    for at, command in enumerate(every if is_all else every[start :: len(ECHOES)]):
        for number in range(at, at + (3 if is_all else 1)):
            status = STATUSES[(start + number) % len(STATUSES)]
            world.faults.add({"kind": "status", "status": status, "body": body, "times": None})
            try:
                if command.is_read:
                    said.append(repr(await session.ask(command.name, bench.arguments(command))))
                else:
                    done = await session.submit(command.name, bench.arguments(command), reviewer=Person())
                    said.append(repr(done))
            except ThetaError as error:
                said.append(f"{error!r} {error.hint} {json.dumps(error.as_dict(), default=str)}")
            world.faults.clear()
    await session.close()
    assert any("bad keys" in words for words in said), "nothing was echoed, so nothing was proved"
    is_clean("errors of every command that echo keys", "\n".join(said))
    is_clean("files after every such error", tmp_path)


@pytest.mark.parametrize("form", ["text", "jsonl"])
def test_a_key_that_a_model_says_back_in_two_pieces_is_not_printed(
    form: str, world: World, cloud: SandboxServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], is_clean: Clean
) -> None:
    key = CANARIES["THETA_ONDEMAND_API_TOKEN"]
    halves = (f"Your key is {key[:9]}", f"{key[9:]}, is it not?")
    chunks = (json.dumps({"choices": [{"index": 0, "delta": {"content": half}}]}) for half in halves)
    world.faults.add({"kind": "malformed_line", "text": "\n\ndata: ".join(chunks)})
    environ = {**cloud.environment(), "THETA_TUI_HOME": str(tmp_path)}
    asked = {"messages": [{"role": "user", "content": "hi"}], "service": "qwen3"}
    words = {
        "text": ("chat", "hi", "--yes"),
        "jsonl": ("run", "theta.ondemand.chat", "--args", json.dumps(asked), "--yes", "--output", "jsonl"),
    }
    assert main(list(words[form]), environ) == 0
    printed = capsys.readouterr()
    said = printed.out
    if form == "jsonl":
        lines = [json.loads(line) for line in said.splitlines()]
        said = "".join(line["text"] for line in lines if line.get("kind") == "text")
    assert f"Your key is {REDACTED}, is it not?" in said
    is_clean("what is printed of a streamed echo", said + printed.err)
