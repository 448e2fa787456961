"""Where keys are kept instead of the keyring: an encrypted file, a credential command; and the smallest keyring."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from theta_tui.vault import Backend, KeyringUnusable, MemoryBackend, Vault, place_for
from theta_tui.vault.credential_command import CredentialCommand
from theta_tui.vault.encrypted_file import FILE_NAME, EncryptedFile

HOME = "https://controller.example"
KEY = "k3y0123456789abcdef0123456789abc"
PASSPHRASE = "correct horse battery"


async def value(vault: Vault, name: str) -> tuple[str | None, str]:
    found = await vault.get(name, origin=HOME)
    return (None, "") if found is None else (found.value.get_secret_value(), found.source)


def file_vault(folder: Path, passphrase: str | None = PASSPHRASE, profile: str = "p") -> Vault:
    return Vault(profile, {}, backend=EncryptedFile(folder, passphrase))


# The encrypted file


async def test_what_the_file_keeps_is_read_back_by_another_vault_and_nothing_of_it_stands_there(tmp_path: Path) -> None:
    await file_vault(tmp_path).put("ec_api_key", SecretStr(KEY), origin=HOME)
    await file_vault(tmp_path, profile="q").put("endpoint/abc/password", SecretStr("other"), origin=HOME)
    assert await value(file_vault(tmp_path), "ec_api_key") == (KEY, "encrypted file")
    assert await file_vault(tmp_path).names() == ("ec_api_key",)
    assert await file_vault(tmp_path, profile="q").names() == ("endpoint/abc/password",)
    raw = (tmp_path / FILE_NAME).read_bytes()
    for secret in (KEY, "other", "ec_api_key", "endpoint", "abc", PASSPHRASE):
        assert secret.encode() not in raw
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


async def test_a_wrong_passphrase_opens_nothing_changes_nothing_and_says_so(tmp_path: Path) -> None:
    await file_vault(tmp_path).put("ec_api_key", SecretStr(KEY), origin=HOME)
    before = (tmp_path / FILE_NAME).read_bytes()
    wrong = file_vault(tmp_path, "wrong horse battery")
    assert await value(wrong, "ec_api_key") == (None, "")
    assert "does not open" in (await wrong.status()).reason
    with pytest.raises(KeyringUnusable, match="does not open"):
        await wrong.put("ondemand_token", SecretStr(KEY), origin=HOME)
    assert (tmp_path / FILE_NAME).read_bytes() == before
    await wrong.unlock(SecretStr(PASSPHRASE))
    assert await value(wrong, "ec_api_key") == (KEY, "encrypted file")


async def test_a_locked_file_asks_its_person_three_times_at_most_and_only_once_declined(tmp_path: Path) -> None:
    await file_vault(tmp_path).put("ec_api_key", SecretStr(KEY), origin=HOME)
    asked: list[tuple[bool, str]] = []
    answers = [SecretStr("not it, not it"), SecretStr(PASSPHRASE)]

    async def ask(is_new: bool, problem: str) -> SecretStr | None:
        asked.append((is_new, problem))
        return answers.pop(0) if answers else None

    vault = file_vault(tmp_path, None)
    assert vault.is_locked
    vault.ask_with(ask)
    found = await asyncio.gather(*(value(vault, "ec_api_key") for _ in range(3)))
    assert found == [(KEY, "encrypted file")] * 3
    assert [is_new for is_new, _ in asked] == [False, False]
    assert "does not open" in asked[1][1]
    declining = file_vault(tmp_path, None)
    declining.ask_with(ask)
    for _ in range(3):
        assert await value(declining, "ec_api_key") == (None, "")
    assert len(asked) == 3


async def test_the_passphrase_of_a_new_file_may_not_be_short(tmp_path: Path) -> None:
    vault = file_vault(tmp_path, "short")
    with pytest.raises(KeyringUnusable, match="at least 8 characters"):
        await vault.put("ec_api_key", SecretStr(KEY), origin=HOME)
    assert not (tmp_path / FILE_NAME).exists()


async def test_with_the_last_key_the_file_goes(tmp_path: Path) -> None:
    vault = file_vault(tmp_path)
    await vault.put("ec_api_key", SecretStr(KEY), origin=HOME)
    await vault.forget("ec_api_key")
    assert not (tmp_path / FILE_NAME).exists()
    assert await value(file_vault(tmp_path), "ec_api_key") == (None, "")


@pytest.mark.parametrize("raw", [b"", b"{}", b"\xff\xfe", b'{"format": "theta-tui keys, sealed, 1", "work": 1e99}'])
async def test_a_damaged_file_is_named_and_left_as_it_is(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(raw)
    vault = file_vault(tmp_path)
    assert "damaged" in (await vault.status()).reason
    with pytest.raises(KeyringUnusable, match="damaged"):
        await vault.put("ec_api_key", SecretStr(KEY), origin=HOME)
    assert (tmp_path / FILE_NAME).read_bytes() == raw


def test_a_file_that_asks_for_endless_work_is_not_obeyed(tmp_path: Path) -> None:
    EncryptedFile(tmp_path, PASSPHRASE).set_password("s", "n", "x")
    found = json.loads((tmp_path / FILE_NAME).read_text())
    (tmp_path / FILE_NAME).write_text(json.dumps({**found, "work": 2**30}))
    with pytest.raises(Exception, match="damaged"):
        EncryptedFile(tmp_path, PASSPHRASE).get_password("s", "n")


WRITER = """
import sys
from pathlib import Path
from theta_tui.vault.encrypted_file import EncryptedFile
place = EncryptedFile(Path(sys.argv[1]), "correct horse battery")
for number in range(5):
    place.set_password("s", f"{sys.argv[2]}-{number}", "x")
"""


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(one)]) for one in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    place = EncryptedFile(tmp_path, PASSPHRASE)
    assert all(place.get_password("s", f"{one}-{number}") == "x" for one in range(3) for number in range(5))


# The credential command


def script(folder: Path, body: str) -> str:
    path = folder / "manager"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o700)
    return str(path)


def command_vault(*argv: str, seconds: float = 5.0) -> Vault:
    return Vault("p", {"THETA_EC_API_KEY": "from-environment"}, backend=CredentialCommand(argv, "p", seconds=seconds))


async def test_the_first_line_that_a_command_prints_is_the_key(tmp_path: Path) -> None:
    program = script(tmp_path, 'printf "%s\\n" "key-of-$2" "url: https://x.example"')
    assert await value(command_vault(program, "show", "theta/{profile}/{name}"), "ec_api_key") == (
        "key-of-theta/p/ec_api_key",
        "credential command",
    )


async def test_a_name_the_command_does_not_know_is_looked_for_in_the_environment(tmp_path: Path) -> None:
    program = script(tmp_path, 'echo "secret words nobody should see" >&2; exit 1')
    vault = command_vault(program, "{name}")
    assert await value(vault, "ec_api_key") == ("from-environment", "THETA_EC_API_KEY")
    assert (await vault.status()).usable


async def test_no_shell_reads_the_words(tmp_path: Path) -> None:
    program = script(tmp_path, 'printf "%s" "$2" | tr " " "_"')
    vault = command_vault(program, "{name}", f"$(touch {tmp_path}/made); `id` ; a*")
    assert (await value(vault, "ec_api_key"))[0] == f"$(touch_{tmp_path}/made);_`id`_;_a*"
    assert not (tmp_path / "made").exists()


async def test_a_command_that_never_answers_is_ended_with_its_children(tmp_path: Path) -> None:
    program = script(tmp_path, f"sleep 60 & echo $! > {tmp_path}/child; wait")
    vault = command_vault(program, "{name}", seconds=0.5)
    started = time.monotonic()
    assert await value(vault, "ec_api_key") == ("from-environment", "THETA_EC_API_KEY")
    assert time.monotonic() - started < 3
    assert "did not answer within 0.5 s" in (vault.trouble or "")
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 5
    while _lives(child):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def _lives(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


async def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    vault = command_vault(str(tmp_path / "no-such-program"), "{name}")
    assert await value(vault, "ec_api_key") == ("from-environment", "THETA_EC_API_KEY")
    assert "no-such-program is not there" in (vault.trouble or "")


async def test_a_command_is_asked_and_never_told(tmp_path: Path) -> None:
    vault = command_vault(script(tmp_path, "exit 1"), "{name}")
    with pytest.raises(KeyringUnusable, match="store it there"):
        await vault.put("ec_api_key", SecretStr(KEY), origin=HOME)


async def test_the_command_inherits_no_secret_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from theta_tui.settings import take_environment

    monkeypatch.setenv("THETA_ONDEMAND_API_TOKEN", KEY)
    monkeypatch.setenv("THETA_VAULT_PASSPHRASE", KEY)
    monkeypatch.setattr(os, "environ", os.environ)
    taken = take_environment()
    program = script(tmp_path, 'env | grep -c "THETA_.*TOKEN\\|PASSPHRASE" || true')
    assert (await value(command_vault(program, "{name}"), "video_sa_id"))[0] == "0"
    assert taken["THETA_VAULT_PASSPHRASE"] == KEY


# Which place, and places that cannot be used


@pytest.mark.parametrize(
    ("kind", "may_run", "words"),
    [("command", False, "starts no other program"), ("command", True, "vault_command is not set")],
)
async def test_a_place_that_cannot_be_used_says_why(tmp_path: Path, kind: str, may_run: bool, words: str) -> None:
    place = place_for(kind, profile="p", command=(), folder=tmp_path, environ={}, may_run=may_run)
    vault = Vault("p", {"THETA_EC_API_KEY": "from-environment"}, backend=place)
    assert await value(vault, "ec_api_key") == ("from-environment", "THETA_EC_API_KEY")
    status = await vault.status()
    assert (status.backend_name, status.usable) == ("credential command", False)
    assert words in status.reason


# The smallest keyring


class Windows(MemoryBackend):
    """Refuses what Windows' credential manager does: more than 2,560 bytes of UTF-16."""

    largest = 0

    def set_password(self, service: str, username: str, password: str, /) -> None:
        size = len(password.encode("utf-16-le"))
        self.largest = max(self.largest, size)
        if size > 2560:
            raise OSError(1783, "CredWrite", "The stub received bad data.")
        super().set_password(service, username, password)


async def test_every_item_fits_into_the_2560_bytes_of_windows() -> None:
    backend = Windows()
    vault = Vault("p", {}, backend=backend)
    longest = "x" * 1200
    await vault.put("ec_api_key", SecretStr(longest), origin=HOME)
    for number in range(40):
        await vault.put(f"endpoint/{number:0>120}/password", SecretStr(longest), origin=HOME)
    assert 2000 < backend.largest <= 2560
    again: Backend = backend
    assert len(await Vault("p", {}, backend=again).names()) == 41


# The plain file


def plain_vault(folder: Path) -> Vault:
    return Vault("p", {}, backend=place_for("plain", profile="p", command=(), folder=folder, environ={}, may_run=False))


async def test_a_plain_file_is_its_users_alone_and_goes_with_its_last_key(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    await plain_vault(folder).put("ec_api_key", SecretStr(KEY), origin=HOME)
    await plain_vault(folder).put("endpoint/abc/password", SecretStr("other"), origin=HOME)
    path = folder / "keys.plain.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert await value(plain_vault(folder), "ec_api_key") == (KEY, "plain file")
    assert await plain_vault(folder).names() == ("ec_api_key", "endpoint/abc/password")
    assert plain_vault(folder).is_plain
    for name in ("ec_api_key", "endpoint/abc/password"):
        await plain_vault(folder).forget(name)
    assert not path.exists() or KEY not in path.read_text()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.chmod(0o644), "others may read the file of keys (mode 644); chmod 600"),
        (lambda path: path.write_text("[1]"), "is damaged, or another program's"),
        (lambda path: path.write_text("{"), "is damaged, or another program's"),
    ],
)
async def test_a_plain_file_that_is_not_as_it_was_left_is_refused(
    tmp_path: Path, spoil: Callable[[Path], object], reason: str
) -> None:
    await plain_vault(tmp_path).put("ec_api_key", SecretStr(KEY), origin=HOME)
    spoil(tmp_path / "keys.plain.json")
    vault = plain_vault(tmp_path)
    assert await value(vault, "ec_api_key") == (None, "")
    assert reason in (await vault.status()).reason
    with pytest.raises(KeyringUnusable):
        await vault.put("ondemand_token", SecretStr(KEY), origin=HOME)
