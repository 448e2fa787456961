from __future__ import annotations

import base64
import json

import httpx
import pytest
from pydantic import SecretStr

from theta_tui.change import Family, FormBody, Hole, HoleKind, JsonBody, Part, RawBody, Request
from theta_tui.errors import NoCredentials, PolicyRefused, UsageError
from theta_tui.wire.hosts import Hosts
from theta_tui.wire.signer import Signer, body_bytes, content_type, masked


class Vault:
    def __init__(self, **values):
        self.values = values
        self.asked = []

    async def secrets(self, family, origin, name):
        self.asked.append((family, origin, name))
        return {key: SecretStr(value) for key, value in self.values.items()}


ENDPOINT = "https://a.onthetaedgecloud.com"


async def sign(vault, family, url=None, **fields):
    hosts = Hosts()
    return await Signer(hosts, vault).headers(Request("GET", family, **fields), httpx.URL(url or hosts.origin(family)))


async def test_each_scheme_signs_in_its_own_way():
    assert await sign(Vault(token="t-1"), Family.ONDEMAND) == {"Authorization": "Bearer t-1"}
    assert await sign(Vault(token="t-1"), Family.AI) == {"Authorization": "Bearer t-1"}
    assert await sign(Vault(key="k-1"), Family.CONTROLLER) == {"x-api-key": "k-1"}
    assert await sign(Vault(key="k-1"), Family.PLATFORM) == {"x-api-key": "k-1"}
    video = await sign(Vault(id="i-1", secret="s-1"), Family.VIDEO)
    assert video == {"x-tva-sa-id": "i-1", "x-tva-sa-secret": "s-1"}


async def test_an_endpoint_takes_bearer_before_basic_before_nothing():
    both = Vault(token="t-1", username="u", password="p")
    assert await sign(both, Family.ENDPOINT, ENDPOINT) == {"Authorization": "Bearer t-1"}
    basic = await sign(Vault(username="u", password="p:w"), Family.ENDPOINT, ENDPOINT)
    assert base64.b64decode(basic["Authorization"].removeprefix("Basic ")) == b"u:p:w"
    assert await sign(Vault(), Family.ENDPOINT, ENDPOINT) == {}


async def test_public_requests_slots_outputs_and_json_rpc_never_ask_for_a_secret():
    vault = Vault(token="t-1", key="k-1")
    assert await sign(vault, Family.ONDEMAND, public=True) == {}
    for family in (Family.SLOT, Family.OUTPUT, Family.CHAIN, Family.THETACLI, Family.EDGE_CLIENT):
        assert await sign(vault, family, "https://storage.googleapis.com/x") == {}
    assert vault.asked == []


async def test_the_vault_is_asked_for_the_origin_and_the_named_item():
    vault = Vault(token="t-1")
    await sign(vault, Family.ENDPOINT, ENDPOINT + "/v1/models", credential="endpoint/a")
    assert vault.asked == [(Family.ENDPOINT, ENDPOINT, "endpoint/a")]


async def test_a_credential_never_goes_to_another_origin():
    vault = Vault(key="k-1")
    with pytest.raises(PolicyRefused):
        await sign(vault, Family.CONTROLLER, "https://api.thetaedgecloud.com/x")
    assert vault.asked == []


async def test_a_missing_part_is_no_credentials():
    with pytest.raises(NoCredentials, match="THETA_VIDEO_SA_SECRET"):
        await sign(Vault(id="i-1"), Family.VIDEO)
    with pytest.raises(NoCredentials):
        await sign(Vault(), Family.ONDEMAND)


@pytest.mark.parametrize("value", ["", "zq7zq7\n", "zq7 zq7", "zq7\x00", "“zq7”", "zq7é", "\tzq7"])
async def test_a_key_that_cannot_be_a_header_is_refused_naming_its_source_only(value):
    with pytest.raises(UsageError) as caught:
        await sign(Vault(key=value), Family.CONTROLLER)
    assert "THETA_EC_API_KEY" in caught.value.message
    assert "zq7" not in caught.value.message


def test_a_preview_names_the_headers_and_masks_them():
    assert masked(Request("GET", Family.CONTROLLER)) == {"x-api-key": "[redacted]"}
    assert masked(Request("GET", Family.ONDEMAND, public=True)) == {}
    assert masked(Request("PUT", Family.SLOT)) == {}
    assert set(masked(Request("GET", Family.VIDEO))) == {"x-tva-sa-id", "x-tva-sa-secret"}


def test_secrets_and_holes_of_a_json_body_are_opened_at_the_last_step():
    body = JsonBody({"auth": {"password": SecretStr("pw-1")}, "file": Hole("upload.name", HoleKind.TEXT)})
    sent = body_bytes(body, {"upload.name": "a/b.wav"})
    assert json.loads(sent) == {"auth": {"password": "pw-1"}, "file": "a/b.wav"}
    assert sent == body_bytes(body, {"upload.name": "a/b.wav"})
    assert "pw-1" not in repr(body)


def test_an_unfilled_or_ill_formed_hole_stops_the_request():
    body = JsonBody({"id": Hole("job.id")})
    with pytest.raises(PolicyRefused):
        body_bytes(body)
    with pytest.raises(UsageError):
        body_bytes(body, {"job.id": "a/../b"})


def test_a_form_is_the_same_bytes_each_time_and_cannot_be_broken_by_a_name():
    parts = (Part("project_id", b"prj_1"), Part("file", b"hello", filename='a"\r\nX: y.txt', content_type="text/plain"))
    form = FormBody(parts)
    sent = body_bytes(form)
    assert sent == body_bytes(FormBody(parts))
    assert b'filename="a%22%0D%0AX: y.txt"' in sent
    assert sent.count(b"\r\n\r\n") == 2
    assert sent.endswith(f"--{form.boundary}--\r\n".encode())
    assert content_type(form) == f"multipart/form-data; boundary={form.boundary}"


def test_a_file_that_holds_the_boundary_gets_another_one():
    form = FormBody((Part("file", b"--" + FormBody(()).boundary.encode(), filename="a"),))
    assert content_type(form).endswith(form.boundary + "x")
    assert body_bytes(form).count(f"--{form.boundary}x".encode()) == 2


def test_raw_bytes_are_sent_as_they_are():
    assert body_bytes(RawBody(b"\x00\xff")) == b"\x00\xff"
    assert content_type(RawBody(b"")) == "application/octet-stream"
    assert content_type(None) is None
    with pytest.raises(UsageError):
        content_type(RawBody(b"", "text/plain\r\nx-evil: 1"))
