"""The vault: order of sources, origins, and every way in which a keyring can fail."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import keyring.backends.chainer
import keyring.backends.fail
import keyring.backends.null
import keyring.backends.SecretService
import keyring.errors
import pytest
from pydantic import SecretStr

from tests.proofs import Prove
from theta_tui.errors import NoCredentials, UsageError
from theta_tui.redact import redactor
from theta_tui.settings import is_secret_variable, secret_variables
from theta_tui.vault import ITEMS, Backend, KeyringUnusable, MemoryBackend, Vault, item_of
from theta_tui.vault.keyring_access import objection

HOME = "https://controller.example"
KEY = "k3y0123456789abcdef0123456789abc"
LIMIT = 0.2


def clear(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


async def value(vault: Vault, name: str, origin: str = HOME, *, overridden: bool = False) -> tuple[str | None, str]:
    found = await vault.get(name, origin=origin, overridden=overridden)
    return (None, "") if found is None else (clear(found.value), found.source)


class Counting(MemoryBackend):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def get_password(self, service: str, username: str, /) -> str | None:
        self.asked.append(username)
        return super().get_password(service, username)


class Raising(MemoryBackend):
    def __init__(self, error: Callable[[], BaseException]) -> None:
        super().__init__()
        self.error = error

    def get_password(self, service: str, username: str, /) -> str | None:
        raise self.error()

    def set_password(self, service: str, username: str, password: str, /) -> None:
        raise self.error()


class Mute(MemoryBackend):
    """Owns its name and never answers, until the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = threading.Event()

    def get_password(self, service: str, username: str, /) -> str | None:
        self.may_answer.wait(30)
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str, /) -> None:
        self.may_answer.wait(30)
        super().set_password(service, username, password)


class Truncating(MemoryBackend):
    def set_password(self, service: str, username: str, password: str, /) -> None:
        super().set_password(service, username, password[:10])


class Losing(MemoryBackend):
    def set_password(self, service: str, username: str, password: str, /) -> None:
        pass


class RefusingToStore(MemoryBackend):
    def set_password(self, service: str, username: str, password: str, /) -> None:
        raise keyring.errors.PasswordSetError(f"cannot store {password}")


async def test_the_keyring_wins_over_the_environment() -> None:
    vault = Vault("p", {"THETA_EC_API_KEY": "from-environment"}, backend=MemoryBackend())
    assert await value(vault, "ec_api_key") == ("from-environment", "THETA_EC_API_KEY")
    await vault.put("ec_api_key", SecretStr(KEY), origin=HOME)
    assert await value(vault, "ec_api_key") == (KEY, "keyring")


async def test_aliases_of_the_environment_have_their_order() -> None:
    names = ITEMS["ondemand_token"].env
    variables = {name: f"token-{number}" for number, name in enumerate(names)}
    for number, name in enumerate(names):
        assert await value(Vault("p", variables, backend=MemoryBackend()), "ondemand_token") == (
            f"token-{number}",
            name,
        )
        variables[name] = "   "


async def test_an_overridden_address_is_not_given_what_was_stored_for_the_default() -> None:
    vault = Vault("p", {"THETA_EC_API_KEY": "from-environment"}, backend=MemoryBackend())
    await vault.put("ec_api_key", SecretStr(KEY), origin=HOME)
    loopback = "http://127.0.0.1:8080"
    assert await value(vault, "ec_api_key", loopback, overridden=True) == ("from-environment", "THETA_EC_API_KEY")
    alone = Vault("p", {}, backend=vault._keyring._given)
    assert await value(alone, "ec_api_key", loopback, overridden=True) == (None, "")
    assert await value(alone, "ec_api_key") == (KEY, "keyring")


async def test_what_was_stored_for_an_overridden_address_is_found_there_only() -> None:
    vault = Vault("p", {}, backend=MemoryBackend())
    await vault.put("ec_api_key", SecretStr(KEY), origin="http://127.0.0.1:1", overridden=True)
    assert await value(vault, "ec_api_key", "http://127.0.0.1:1/", overridden=True) == (KEY, "keyring")
    assert await value(vault, "ec_api_key", "http://127.0.0.1:2", overridden=True) == (None, "")
    assert await value(vault, "ec_api_key") == (None, "")


async def test_endpoint_credentials_belong_to_one_origin() -> None:
    vault = Vault("p", {}, backend=MemoryBackend())
    await vault.put("endpoint/abc/password", SecretStr(KEY), origin=HOME)
    assert await value(vault, "endpoint/abc/password") == (KEY, "keyring")
    assert await value(vault, "endpoint/abc/password", "https://other.example") == (None, "")


async def test_profiles_do_not_share_credentials() -> None:
    backend = MemoryBackend()
    await Vault("p", {}, backend=backend).put("ec_api_key", SecretStr(KEY), origin=HOME)
    assert await value(Vault("q", {}, backend=backend), "ec_api_key") == (None, "")


async def test_a_chatbot_falls_back_to_the_general_token() -> None:
    vault = Vault("p", {"THETA_CHATBOT_TOKEN": "general"}, backend=MemoryBackend())
    assert await value(vault, "chatbot/cht1") == ("general", "THETA_CHATBOT_TOKEN")
    await vault.put("chatbot/cht1", SecretStr("special"), origin=HOME)
    assert await value(vault, "chatbot/cht1") == ("special", "keyring")


async def test_what_is_held_for_this_run_comes_first_and_is_not_stored() -> None:
    backend = MemoryBackend()
    vault = Vault("p", {"THETA_EC_API_KEY": "from-environment"}, backend=backend)
    vault.hold("ec_api_key", SecretStr(f" {KEY}\n"), origin=HOME)
    assert await value(vault, "ec_api_key") == (KEY, "this run")
    assert await vault.names() == ("ec_api_key",)
    assert await Vault("p", {}, backend=backend).names() == ()
    await vault.forget("ec_api_key")
    assert await value(vault, "ec_api_key") == ("from-environment", "THETA_EC_API_KEY")


async def test_the_keyring_is_asked_once_for_each_item() -> None:
    backend = Counting()
    vault = Vault("p", {}, backend=backend)
    for _ in range(3):
        await asyncio.gather(*(value(vault, name) for name in ("ec_api_key", "ondemand_token")))
    assert sorted(backend.asked) == ["ec_api_key", "ondemand_token"]
    vault.retry()
    await value(vault, "ec_api_key")
    assert len(backend.asked) == 3


async def test_names_lists_everything_stored_and_forget_removes_it_for_every_origin() -> None:
    backend = MemoryBackend()
    vault = Vault("p", {}, backend=backend)
    await vault.put("ec_api_key", SecretStr(KEY), origin=HOME)
    await vault.put("ec_api_key", SecretStr(KEY), origin="http://127.0.0.1:1", overridden=True)
    for number in range(120):
        await vault.put(f"endpoint/suffix{number:04d}/password", SecretStr(KEY), origin=HOME)
    again = Vault("p", {}, backend=backend)
    assert len(await again.names()) == 121
    assert all(len(text) <= 1200 for text in backend._kept.values())
    await again.forget("ec_api_key")
    for number in range(120):
        await again.forget(f"endpoint/suffix{number:04d}/password")
    assert await again.names() == ()
    assert KEY not in json.dumps(list(backend._kept.values()))
    await again.forget("ec_api_key")


@pytest.mark.parametrize(
    "pasted", ["with space", "line\nbreak", "nul\x00", "“smart”", "schlüssel", "x" * 1201, "tab\there"]
)
async def test_what_cannot_be_a_key_is_refused_by_name_and_never_quoted(pasted: str) -> None:
    vault = Vault("p", {"THETA_EC_API_KEY": pasted}, backend=MemoryBackend())
    with pytest.raises(UsageError, match="The project API key") as refused:
        await vault.put("ec_api_key", SecretStr(pasted), origin=HOME)
    assert pasted not in str(refused.value.as_dict())
    with pytest.raises(UsageError, match="THETA_EC_API_KEY") as refused:
        await vault.get("ec_api_key", origin=HOME)
    assert pasted not in str(refused.value.as_dict())
    with pytest.raises(UsageError, match="The project API key"):
        vault.hold("ec_api_key", SecretStr(pasted), origin=HOME)


@pytest.mark.parametrize("pasted", ["", "  \n"])
async def test_nothing_is_not_a_key_and_an_empty_variable_is_an_unset_one(pasted: str) -> None:
    vault = Vault("p", {"THETA_EC_API_KEY": pasted}, backend=MemoryBackend())
    assert await value(vault, "ec_api_key") == (None, "")
    with pytest.raises(UsageError, match="empty"):
        await vault.put("ec_api_key", SecretStr(pasted), origin=HOME)


async def test_surrounding_space_is_trimmed_once_at_intake() -> None:
    vault = Vault("p", {"THETA_API_KEY": f"\t{KEY}\r\n"}, backend=MemoryBackend())
    assert await value(vault, "ondemand_token") == (KEY, "THETA_API_KEY")
    await vault.put("ec_api_key", SecretStr(f" {KEY} "), origin=HOME)
    assert await value(vault, "ec_api_key") == (KEY, "keyring")


@pytest.mark.parametrize("name", ["", "no_such_item", "endpoint/", "endpoint/a/b/c", "endpoint/a\nb", "../x"])
async def test_a_name_that_is_none_is_a_mistake(name: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        await Vault("p", {}, backend=MemoryBackend()).get(name, origin=HOME)


@pytest.mark.parametrize(
    ("backend", "reason"),
    [
        (keyring.backends.fail.Keyring(), "no keyring service"),
        (keyring.backends.null.Keyring(), "switched off"),
        (Mute(), "did not answer within 0.2 s"),
        (Raising(lambda: keyring.errors.KeyringLocked("text of the backend")), "locked"),
        (Raising(lambda: keyring.errors.InitError("text of the backend")), "could not be opened"),
        (Raising(lambda: EOFError("text of the backend")), "EOFError"),
        (Raising(lambda: SystemExit(3)), "SystemExit"),
        (Raising(lambda: ModuleNotFoundError("text of the backend")), "not installed"),
    ],
)
async def test_a_keyring_that_fails_is_named_in_time_and_the_environment_goes_on(backend: Backend, reason: str) -> None:
    vault = Vault("p", {"THETA_EC_API_KEY": KEY}, backend=backend, limit=LIMIT)
    started = time.monotonic()
    assert await value(vault, "ec_api_key") == (KEY, "THETA_EC_API_KEY")
    assert reason in (vault.trouble or "")
    status = await vault.status()
    assert not status.usable
    assert reason in status.reason
    assert status.advice
    with pytest.raises(KeyringUnusable) as refused:
        await vault.put("ondemand_token", SecretStr(KEY), origin=HOME)
    assert reason in refused.value.message
    assert isinstance(refused.value, NoCredentials)
    assert "text of the backend" not in str(refused.value.as_dict())
    assert await vault.names() == ()
    assert time.monotonic() - started < LIMIT + 1
    if isinstance(backend, Mute):
        backend.may_answer.set()


@pytest.mark.parametrize(
    ("backend", "reason"),
    [(Truncating(), "did not give back"), (Losing(), "did not give back"), (RefusingToStore(), "refused to store")],
)
async def test_a_keyring_that_does_not_keep_a_secret_is_found_out_and_nothing_is_left_behind(
    backend: MemoryBackend, reason: str
) -> None:
    vault = Vault("p", {}, backend=backend, limit=LIMIT)
    with pytest.raises(KeyringUnusable, match=reason):
        await vault.put("ec_api_key", SecretStr(KEY), origin=HOME)
    assert await value(vault, "ec_api_key") == (None, "")
    assert all(KEY[:8] not in text for text in backend._kept.values())


async def test_a_hanging_keyring_is_waited_for_once() -> None:
    backend = Mute()
    vault = Vault("p", {}, backend=backend, limit=LIMIT)
    started = time.monotonic()
    await asyncio.gather(*(value(vault, name) for name in ITEMS))
    assert time.monotonic() - started < LIMIT * 2 + 0.5
    backend.may_answer.set()


async def test_a_keyring_unlocked_late_is_used_again() -> None:
    backend = Mute()
    vault = Vault("p", {}, backend=backend, limit=LIMIT)
    MemoryBackend.set_password(backend, "theta-tui/p", "ec_api_key", KEY)
    assert await value(vault, "ec_api_key") == (None, "")
    backend.may_answer.set()
    deadline = time.monotonic() + 5
    while vault.trouble is not None:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    assert await value(vault, "ec_api_key") == (KEY, "keyring")


async def test_the_loop_stays_free_while_a_keyring_hangs() -> None:
    backend = Mute()
    vault = Vault("p", {}, backend=backend, limit=0.5)
    asking = asyncio.create_task(vault.status())
    ticks = 0
    while not asking.done():
        await asyncio.sleep(0.01)
        ticks += 1
    assert ticks > 5
    backend.may_answer.set()


async def test_without_a_keyring_held_credentials_can_still_be_forgotten() -> None:
    vault = Vault("p", {}, backend=keyring.backends.fail.Keyring(), limit=LIMIT)
    vault.hold("endpoint/new-x/password", SecretStr(KEY), origin=HOME)
    await vault.forget("endpoint/new-x/password")
    assert await vault.names() == ()
    with pytest.raises(KeyringUnusable):
        await vault.forget("ec_api_key")


HANGING = """
import asyncio, threading
from theta_tui.vault import MemoryBackend, Vault

class Mute(MemoryBackend):
    def get_password(self, service, username, /):
        threading.Event().wait()

async def main() -> None:
    status = await Vault("p", {}, backend=Mute(), limit=0.2).status()
    print(status.usable, flush=True)

asyncio.run(main())
"""


def test_a_process_ends_although_its_keyring_never_answers() -> None:
    done = subprocess.run([sys.executable, "-c", HANGING], timeout=20, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"False\n", b"")


MUTE_SERVICE = """
import subprocess, sys
from jeepney.io.blocking import open_dbus_connection
from jeepney.bus_messages import message_bus

connection = open_dbus_connection(bus="SESSION")
connection.send_and_get_reply(message_bus.RequestName("org.freedesktop.secrets"))
code = "import asyncio; from theta_tui.vault import Vault; print(asyncio.run(Vault('p', {}, limit=1.5).status()))"
done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20)
print(done.returncode, done.stdout, done.stderr)
"""


@pytest.mark.skipif(not shutil.which("dbus-run-session"), reason="needs a private D-Bus session")
def test_a_real_secret_service_that_never_answers_is_named_in_time_and_the_process_ends() -> None:
    environ = {name: text for name, text in os.environ.items() if name != "PYTHON_KEYRING_BACKEND"}
    done = subprocess.run(
        ["dbus-run-session", "--", sys.executable, "-c", MUTE_SERVICE],
        timeout=60,
        capture_output=True,
        text=True,
        check=True,
        env=environ,
    )
    assert done.stdout.startswith("0 VaultStatus(")
    assert "did not answer within 1.5 s" in done.stdout


PLAIN_FILE = """
from keyring.backends.null import Keyring as Null

class Keyring(Null):
    priority = 9

    def set_password(self, service, username, password):
        open("/dev/null", "w").write(password)
"""


def system_status(**variables: str) -> str:
    code = "import asyncio\nfrom theta_tui.vault import Vault\nprint(asyncio.run(Vault('p', {}).status()))\n"
    environ = {name: text for name, text in os.environ.items() if "DBUS" not in name} | variables
    return subprocess.run(
        [sys.executable, "-c", code], timeout=30, capture_output=True, check=True, env=environ, text=True
    ).stdout


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        ("keyring.backends.null.Keyring", "switched off"),
        ("keyring.backends.fail.Keyring", "no keyring service"),
        ("no_such_module.Keyring", "not installed"),
        ("plain_file.Keyring", "Keyring is not one that is known to encrypt"),
    ],
)
def test_a_backend_named_by_keyrings_own_settings_is_looked_at(
    tmp_path: Path, chosen: str, reason: str, prove: Prove
) -> None:
    (tmp_path / "plain_file.py").write_text(PLAIN_FILE)
    assert reason in system_status(PYTHON_KEYRING_BACKEND=chosen, PYTHONPATH=str(tmp_path))
    prove("F57", f"PYTHON_KEYRING_BACKEND={chosen}")


class Chain(keyring.backends.chainer.ChainerBackend):
    """Passes for keyring's own chain, with members of the test's choice."""

    members: tuple[object, ...] = ()
    backends = property(lambda self: self.members)


Chain.__module__, Chain.__qualname__ = "keyring.backends.chainer", "ChainerBackend"


def test_only_known_backends_are_trusted_and_a_chain_only_if_all_its_members_are() -> None:
    good, plain, chain = keyring.backends.SecretService.Keyring(), MemoryBackend(), Chain()
    assert objection(good) is None
    assert "known to encrypt" in (objection(plain) or "")
    chain.members = (good, good)
    assert objection(chain) is None
    chain.members = (good, plain)
    assert "known to encrypt" in (objection(chain) or "")
    chain.members = ()
    assert "no keyring service" in (objection(chain) or "")


async def test_every_secret_that_passes_through_is_known_to_the_redactor() -> None:
    vault = Vault("p", {"THETA_VIDEO_SA_SECRET": "env-8x7w6v5u"}, backend=MemoryBackend())
    await vault.put("ec_api_key", SecretStr("put-1a2b3c4d"), origin=HOME)
    vault.hold("ondemand_token", SecretStr("held-9z8y7x6w"), origin=HOME)
    await value(vault, "video_sa_secret")
    for secret in ("env-8x7w6v5u", "put-1a2b3c4d", "held-9z8y7x6w"):
        assert secret not in redactor.text(f"said {secret} aloud")


def test_the_table_and_the_secret_variables_agree() -> None:
    named = {variable for item in ITEMS.values() for variable in item.env}
    assert named == set(secret_variables())
    assert all(is_secret_variable(variable) for variable in named)
    assert all(item.where and item.label for item in ITEMS.values())
    assert item_of("endpoint/abc/username").bound


async def test_keys_move_to_another_place_once_they_were_read_back_there() -> None:
    old, new = Vault("one", {}, backend=MemoryBackend()), Vault("one", {}, backend=MemoryBackend())
    await old.put("ec_api_key", SecretStr(KEY), origin=HOME)
    await old.put("ec_api_key", SecretStr(KEY[::-1]), origin="https://other.example", overridden=True)
    await old.put("ondemand_token", SecretStr(KEY), origin=HOME)
    await new.put("ondemand_token", SecretStr(KEY[::-1]), origin=HOME)
    assert await old.move_to(new) == ("ec_api_key", "ondemand_token")
    assert await old.stored() == ()
    assert await value(new, "ec_api_key") == (KEY, "keyring")
    assert (await value(new, "ec_api_key", "https://other.example", overridden=True))[0] == KEY[::-1]
    assert (await value(new, "ondemand_token"))[0] == KEY[::-1], "what was entered there is newer"


async def test_a_key_that_another_place_does_not_keep_stays_where_it_is() -> None:
    class Losing(MemoryBackend):
        def set_password(self, service: str, username: str, password: str, /) -> None:
            pass

    old, new = Vault("one", {}, backend=MemoryBackend()), Vault("one", {}, backend=Losing())
    await old.put("ec_api_key", SecretStr(KEY), origin=HOME)
    with pytest.raises(KeyringUnusable, match="ec_api_key stays in the keyring"):
        await old.move_to(new)
    assert await value(old, "ec_api_key") == (KEY, "keyring")
