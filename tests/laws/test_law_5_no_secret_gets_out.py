"""Law 5: a planted secret appears in no error, preview, repr, log, journal, or answer."""

from __future__ import annotations

import base64
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from tests.proofs import Prove
from tests.stack import Person
from theta_tui import settings
from theta_tui.change import NotDone
from theta_tui.errors import ThetaError
from theta_tui.redact import redactor
from theta_tui.registry import commands
from theta_tui.review import Answer
from theta_tui.shapes.base import as_json

from .conftest import Bench, MakeBench

PASSWORD = "canary-Password-7Qx2v9"


def _spellings(secret: str) -> list[str]:
    return [secret, base64.b64encode(secret.encode()).decode().rstrip("="), secret[::-1], json.dumps(secret)[1:-1]]


def _secrets(bench: Bench) -> list[str]:
    """Give the planted values; the video account's id is no secret, the project's own answer shows it (PF-3)."""
    names = [name for name in settings.secret_variables() if name != "THETA_VIDEO_SA_ID" and name in bench.environ]
    return [*(bench.environ[name] for name in names), PASSWORD]


def _find(bench: Bench, place: str, text: str) -> None:
    for secret in _secrets(bench):
        for spelling in _spellings(secret):
            assert spelling not in text, f"{place} holds a secret"


def _files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file()}


async def _everything_said(bench: Bench) -> list[tuple[str, str]]:
    """Run every command each way and collect whatever a face could show."""
    said: list[tuple[str, str]] = []
    for command in commands().values():
        arguments = bench.arguments(command)
        if "auth_password" in command.params.model_fields:
            arguments |= {"auth_username": "client", "auth_password": PASSWORD}
        for answer in (Answer.PREVIEW, Answer.CONFIRM):
            person = Person(answer)
            try:
                outcome: Any = (
                    await bench.session.ask(command.name, arguments)
                    if command.is_read
                    else await bench.session.submit(command.name, arguments, reviewer=person)
                )
            except ThetaError as error:
                said.append((f"{command.name} error", repr(error) + json.dumps(error.as_dict(), default=str)))
                continue
            said.append((f"{command.name} repr", repr(outcome) + repr(person.shown)))
            value = outcome.preview if isinstance(outcome, NotDone) else getattr(outcome, "value", outcome)
            said.append((f"{command.name} output", json.dumps(redactor.value(as_json(value)), default=str)))
    return said


async def test_no_command_says_a_secret(make_bench: MakeBench, caplog: pytest.LogCaptureFixture, prove: Prove) -> None:
    caplog.set_level(logging.DEBUG)
    bench = await make_bench()
    for place, text in await _everything_said(bench):
        _find(bench, place, text)
        prove("I5", place, len(_secrets(bench)))
    _find(bench, "the log", caplog.text)


async def test_no_secret_is_in_the_journal(make_bench: MakeBench, tmp_path: Path, prove: Prove) -> None:
    bench = await make_bench()
    await _everything_said(bench)
    await bench.session.journal.requests(10)
    files = _files(tmp_path)
    assert any(name.startswith("journal") for name in files)
    for name, text in files.items():
        _find(bench, name, text)
        prove("I5", f"the file {name}", len(_secrets(bench)))


async def test_a_server_that_echoes_the_key_is_not_quoted(make_bench: MakeBench, prove: Prove) -> None:
    bench = await make_bench(THETA_HTTP_MAX_RETRIES="0")
    for secret in _secrets(bench)[:-1]:
        body = {"status": "error", "message": f"bad key {secret}"}
        bench.world.faults.add({"kind": "status", "status": 403, "body": body, "times": None})
        with pytest.raises(ThetaError) as caught:
            await bench.session.ask("theta.deployments.list")
        bench.world.faults.clear()
        assert "bad key" in caught.value.message
        _find(bench, "the error", repr(caught.value) + json.dumps(caught.value.as_dict()))
        prove("I5", "theta.deployments.list echo")


def test_the_check_itself_finds_a_leak() -> None:
    text = f"token={PASSWORD}"
    assert any(spelling in text for spelling in _spellings(PASSWORD))
