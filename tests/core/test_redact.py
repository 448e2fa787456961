"""Planted secrets are found in every spelling and by name; counters and ordinary words are left alone."""

from __future__ import annotations

import base64
import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from theta_tui.redact import REDACTED, Redactor, is_secret_name

SECRET = 'tk-9f/Ab+3=c"Zq~7\\x&w'

ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "url-safe base64": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64 after a user name": lambda text: base64.b64encode(f"user:{text}".encode()).decode(),
    "base64 amid other text": lambda text: base64.b64encode(f"ab{text}cd".encode()).decode(),
    "percent": lambda text: quote(text, safe=""),
    "percent, lower case": lambda text: quote(text, safe="").replace("%2F", "%2f").replace("%2B", "%2b"),
    "path percent": quote,
    "form": quote_plus,
    "json": lambda text: json.dumps(text),
    "json with slashes escaped": lambda text: json.dumps(text).replace("/", "\\/"),
    "hex": lambda text: text.encode().hex(),
    "upper hex": lambda text: text.encode().hex().upper(),
    "repr": repr,
    "broken over two lines": lambda text: f"{text[:9]}\n    {text[9:]}",
    "broken by an escaped newline": lambda text: f"{text[:9]}\\n{text[9:]}",
}

SECRET_TEXT = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_known_secret_is_found_in_every_encoding(encoding: str) -> None:
    spelled = ENCODINGS[encoding](SECRET)
    redactor = Redactor()
    assert spelled in Redactor().text(f"said {spelled} twice")  # unknown, it would have been shown
    redactor.learn(SecretStr(SECRET))
    hidden = redactor.text(f"said {spelled} twice")
    assert REDACTED in hidden
    for length in range(8, len(spelled) + 1):
        assert spelled[:length] not in hidden or encoding.startswith("base64 a")


@given(SECRET_TEXT, st.sampled_from(sorted(ENCODINGS)), st.text(max_size=20), st.text(max_size=20))
@settings(max_examples=200)
def test_any_secret_is_found_in_any_encoding_amid_any_text(secret: str, encoding: str, left: str, right: str) -> None:
    assume(len(secret.encode()) > 9 and secret not in REDACTED)
    redactor = Redactor()
    redactor.learn(secret)
    hidden = redactor.text(left + ENCODINGS[encoding](secret) + right)
    assert secret not in hidden
    assert base64.b64encode(secret.encode()).decode() not in hidden
    assert secret.encode().hex() not in hidden
    assert quote(secret, safe="") not in hidden


def test_both_ends_of_a_long_key_are_hidden_where_the_rest_was_cut() -> None:
    redactor = Redactor()
    key = "th3tA8c1f0e2d4b6a8c9e7f5d3b1"
    redactor.learn(key)
    assert redactor.text(f"key {key[:15]}… ends {key[-12:]}.") == f"key {REDACTED}… ends {REDACTED}."


def test_a_short_value_is_not_searched_for() -> None:
    redactor = Redactor()
    redactor.learn("a")
    redactor.learn("admin")
    assert redactor.text("a banana for the admin") == "a banana for the admin"


def test_a_value_that_is_part_of_the_mask_does_not_grow_the_text() -> None:
    redactor = Redactor()
    redactor.learn("redacted")
    assert redactor.text(REDACTED) == REDACTED


WIRE_NAMES = [
    "authorization",
    "auth_password",
    "api_key",
    "apikey",
    "bearer",
    "credential",
    "key",
    "password",
    "presigned",
    "registry_password",
    "secret",
    "signed_url",
    "token",
    "upload_url",
    "upload_uri",
    "stream_key",
    "AuthUsername",
    "AuthPassword",
    "auth_username",
]


@pytest.mark.parametrize("name", WIRE_NAMES)
def test_every_name_of_the_wire_list_is_secret_in_each_spelling(name: str) -> None:
    for spelled in (name, name.upper(), name.replace("_", "-"), name.title(), f"x_{name}"):
        assert Redactor().value({spelled: "zzz"}) == {spelled: REDACTED}


@pytest.mark.parametrize(
    "name",
    [
        "x-api-key",
        "HF_TOKEN",
        "accessToken",
        "presigned_url",
        "x-tva-sa-secret",
        "X-Amz-Signature",
        "dbPassword",
        "AWSAccessKeyId",
    ],
)
def test_names_made_with_a_secret_word_are_secret(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "max_tokens",
        "prompt_tokens",
        "completion_tokens",
        "total_tokens",
        "usage",
        "embedding_token_count",
        "maxTokens",
        "reasoning_tokens",
        "monkey",
        "keyboard",
        "keys",
        "token_type",
        "tokenizer",
        "turkey",
        "public_key",
        "secretary",
        "username",
        "name",
        "value",
        "document",
    ],
)
def test_counters_and_ordinary_words_are_left_alone(name: str) -> None:
    value = {name: 17, "usage": {name: 3}}
    assert Redactor().value(value) == value
    for text in (f"{name}=17", f"{name}: 17", json.dumps({name: "x"})):
        assert Redactor().text(text) == text


def test_secrets_are_replaced_at_any_depth_and_the_rest_is_kept() -> None:
    redactor = Redactor()
    redactor.learn("hunter2hunter2")
    value = {
        "a": [{"Password": "x", "note": "it is hunter2hunter2", "max_tokens": 5, "has_token": True, "token": None}],
        "holder": SecretStr("abc"),
        "leaves": (1, 1.5, b"hunter2hunter2", "", None),
        "env": [{"name": "HF_TOKEN", "value": "v"}, {"name": "MODEL", "value": "v"}],
        "key": {"nested": "x"},
        "hunter2hunter2": 1,
    }
    assert redactor.value(value) == {
        "a": [{"Password": REDACTED, "note": f"it is {REDACTED}", "max_tokens": 5, "has_token": True, "token": None}],
        "holder": REDACTED,
        "leaves": [1, 1.5, REDACTED, "", None],
        "env": [{"name": "HF_TOKEN", "value": REDACTED}, {"name": "MODEL", "value": "v"}],
        "key": REDACTED,
        REDACTED: 1,
    }


def test_a_known_secret_made_of_digits_is_found_as_a_number() -> None:
    redactor = Redactor()
    redactor.learn("4815162342")
    assert redactor.value({"pin": 4815162342, "n": 4}) == {"pin": REDACTED, "n": 4}


def test_data_nested_without_end_is_cut_not_followed() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert REDACTED in json.dumps(Redactor().value(endless))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Bearer abc", f"Authorization: {REDACTED}"),
        ("authorization: Basic dXNlcjpwYXNz, then", f"authorization: {REDACTED}, then"),
        ("sent Bearer 4f1c0a9d4f1c", f"sent Bearer {REDACTED}"),
        ("the Bearer scheme is required", "the Bearer scheme is required"),
        ("error: password=hunter", f"error: password={REDACTED}"),
        ('{"auth_password": "a\\"b", "n": 1}', f'{{"auth_password": "{REDACTED}", "n": 1}}'),
        (r'{"body": "{\"token\": \"abc\"}"}', rf'{{"body": "{{\"token\": \"{REDACTED}\"}}"}}'),
        ("[('x-api-key', 'abc'), ('n', '1')]", f"[('x-api-key', '{REDACTED}'), ('n', '1')]"),
        ("[(b'x-api-key', b'abc')]", f"[(b'x-api-key', b'{REDACTED}')]"),
        ("missing key: prompt", "missing key: prompt"),
        ("api_key='never closed", f"api_key='{REDACTED}"),
        ("GET https://u:p@h.example/f?sig=abc&x=1 failed", f"GET https://h.example/f?sig={REDACTED}&x=1 failed"),
        (r"https:\/\/h.example\/f?token=abc", rf"https:\/\/h.example\/f?token={REDACTED}"),
        ("/upload?X-Goog-Signature=abc", f"/upload?X-Goog-Signature={REDACTED}"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
    ],
)
def test_free_text_loses_what_its_names_call_secret(text: str, shown: str) -> None:
    assert Redactor().text(text) == shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:p@ss@h.example/a", "https://h.example/a"),
        ("https://h.example/a?wait=0&expand=x", "https://h.example/a?wait=0&expand=x"),
        ("https://h.example/@scope/a?q=1", "https://h.example/@scope/a?q=1"),
        ("https://h.example/a?X%2DAmz%2DSignature=z&b=1", f"https://h.example/a?X%2DAmz%2DSignature={REDACTED}&b=1"),
        ("https://h.example/cb#access_token=z&n=1", f"https://h.example/cb#access_token={REDACTED}&n=1"),
    ],
)
def test_a_url_loses_userinfo_and_signing_parameters_only(url: str, shown: str) -> None:
    assert Redactor().url(url) == shown


@pytest.mark.parametrize(
    "name",
    [
        "access",
        "authorization",
        "credential",
        "expires",
        "key",
        "password",
        "policy",
        "secret",
        "signature",
        "sig",
        "token",
        "x_amz_date",
        "X-Amz-Date",
        "x_goog_date",
        "X-Goog-Credential",
        "Key-Pair-Id",
        "AWSAccessKeyId",
        "Signature",
    ],
)
def test_every_signing_parameter_is_redacted_in_urls_and_pairs(name: str) -> None:
    assert Redactor().url(f"https://h.example/?a=1&{name}=zzz") == f"https://h.example/?a=1&{name}={REDACTED}"
    assert Redactor().query([("a", 1), (name, "zzz")]) == [["a", 1], [name, REDACTED]]


def test_headers_keep_their_names_and_lose_secret_values() -> None:
    shown = Redactor().headers({"X-API-Key": "k", "Authorization": "Bearer t", "Accept": "*/*", "Set-Cookie": "a=b; c"})
    assert shown == {"X-API-Key": REDACTED, "Authorization": REDACTED, "Accept": "*/*", "Set-Cookie": REDACTED}


PIECES = [
    "password=", "token: ", '"key": "', "\\", '"', "'", "https://u:p@h/?sig=", "&", "Bearer ", "[redacted]", "\ud800",
    "\n", "Authorization: Basic ", "\\n", "=", ":", "b'x-api-key', b'",
]  # fmt: skip
MIXED_TEXT = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=10).map("".join)


@given(MIXED_TEXT)
def test_sqlite_and_json_take_every_output(text: str) -> None:
    redactor = Redactor()
    redactor.learn("4f1c0a9d4f1c")
    database = sqlite3.connect(":memory:")
    for shown in (redactor.text(text), redactor.url(text), json.dumps(redactor.value({text: [text]}))):
        assert database.execute("select ?", (shown,)).fetchone() == (shown,)
    database.close()


@given(SECRET_TEXT, MIXED_TEXT)
def test_redacting_twice_shows_nothing_new(secret: str, text: str) -> None:
    redactor = Redactor()
    redactor.learn(secret)
    once = redactor.text(f"{text} {secret} {text}")
    assert secret not in once
    assert secret not in redactor.text(once)


@pytest.mark.parametrize(
    "piece",
    ["a", "a=", "a='", 'password="', "?", "\\", "http://", '"', "a\n", "Bearer ", " ", " \t", " \n", "  a", "4f1c0a9d",
     "4\n", "4\\n", "4 ", "%41", "token\", '"],
)  # fmt: skip
def test_a_long_repetitive_text_takes_linear_time(piece: str) -> None:
    # Quadratic work on this many characters would not end within the limit of any test run.
    redactor = Redactor()
    redactor.learn("4f1c0a9d4f1c-44444444444-9e8b7a6c")
    assert redactor.text(piece * (600_000 // len(piece)))


def test_a_secret_begun_and_then_many_line_breaks_take_no_time() -> None:
    redactor = Redactor()
    redactor.learn("4f1c0a9d4f1c")
    text = "4f1c\n0a9d4f1c 4" + " \n\n" * 100 + "x"
    assert redactor.text(text) == f"{REDACTED} 4" + " \n\n" * 100 + "x"


def test_learning_and_redacting_at_once_from_many_threads_loses_no_secret() -> None:
    redactor = Redactor()
    names = [f"secret-number-{n:04}" for n in range(80)]
    seen: list[str] = []

    def learn_then_look(own: list[str]) -> None:
        for name in own:
            redactor.learn(name)
            seen.append(redactor.text(f"see {name}"))

    threads = [threading.Thread(target=learn_then_look, args=(names[n::8],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [f"see {REDACTED}"] * len(names)
    assert redactor.text(" ".join(names)) == " ".join([REDACTED] * len(names))


def test_importing_the_redactor_loads_no_pydantic() -> None:
    code = "import sys, theta_tui.redact, theta_tui.safe_text; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
