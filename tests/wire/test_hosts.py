from __future__ import annotations

import pytest

from theta_tui.change import Family, JsonBody, Request
from theta_tui.errors import NoCredentials, PolicyRefused, UsageError
from theta_tui.wire.hosts import READING_CALLS, TABLE, Hosts, is_public_name, is_reading_call, parse_url

SANDBOX = "http://127.0.0.1:8123"
SIGNED = "https://storage.googleapis.com/bucket/object?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Signature=00ff"
RESULT = "https://ondemand-outputs.thetaedgecloud.com/srvc_1/prj_1/infr_rqst_1_image_url.webp"


def test_every_family_has_a_row():
    assert set(TABLE) == set(Family)


@pytest.mark.parametrize(
    ("family", "origin"),
    [
        (Family.ONDEMAND, "https://ondemand.thetaedgecloud.com"),
        (Family.CONTROLLER, "https://controller.thetaedgecloud.com"),
        (Family.PLATFORM, "https://api.thetaedgecloud.com"),
        (Family.AI, "https://ai.thetaedgecloud.com"),
        (Family.VIDEO, "https://api.thetavideoapi.com"),
    ],
)
def test_default_origins_are_those_of_the_cloud(family, origin):
    hosts = Hosts()
    assert hosts.origin(family) == origin
    assert not hosts.is_overridden(family)
    assert not hosts.is_sandbox


@pytest.mark.parametrize(
    ("family", "variable"),
    [
        (Family.CHAIN, "THETA_CHAIN_RPC_URL"),
        (Family.THETACLI, "THETA_CLI_RPC_URL"),
        (Family.EDGE_CLIENT, "THETA_EDGECLOUD_RPC_URL"),
        (Family.ENDPOINT, "THETA_INFERENCE_ENDPOINT"),
    ],
)
def test_a_family_without_a_default_names_the_variable_that_is_missing(family, variable):
    with pytest.raises(NoCredentials, match=f"{variable} missing"):
        Hosts().origin(family)


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://proxy.example.org/\n", "https://proxy.example.org"),
        ("https://proxy.example.org:8443///", "https://proxy.example.org:8443"),
        ("http://localhost:9000", "http://localhost:9000"),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:9000"),
        ("http://[::1]:9000", "http://[::1]:9000"),
    ],
)
def test_an_override_is_https_or_plain_http_on_loopback(text, origin):
    hosts = Hosts({Family.CONTROLLER: text})
    assert hosts.origin(Family.CONTROLLER) == origin
    assert hosts.is_overridden(Family.CONTROLLER)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "controller.thetaedgecloud.com",
        "http://controller.thetaedgecloud.com",
        "http://192.168.1.4",
        "ftp://127.0.0.1/",
        "https://user:hidden-word@controller.thetaedgecloud.com",
        "https://controller.thetaedgecloud.com/?x=1",
        "https://controller.thetaedgecloud.com/#f",
        "https://contr oller.com",
    ],
)
def test_a_bad_override_is_one_error_that_names_the_variable_and_not_the_value(text):
    with pytest.raises(UsageError, match="THETA_CONTROLLER_API_BASE_URL") as caught:
        Hosts({Family.CONTROLLER: text})
    assert "hidden-word" not in caught.value.message


def test_an_override_equal_to_the_default_does_not_count_as_one():
    assert not Hosts({Family.ONDEMAND: "https://ondemand.thetaedgecloud.com/"}).is_overridden(Family.ONDEMAND)


def test_a_loopback_cloud_is_a_sandbox_and_a_local_chain_node_is_not():
    assert Hosts({Family.ONDEMAND: SANDBOX}).is_sandbox
    assert not Hosts({Family.CHAIN: "http://localhost:16888/rpc"}).is_sandbox


def test_a_json_rpc_base_keeps_its_path():
    assert str(Hosts({Family.CHAIN: "http://localhost:16888/rpc"}).base(Family.CHAIN)) == "http://localhost:16888/rpc"


@pytest.mark.parametrize(
    "text",
    ["https://abc.onthetaedgecloud.com", "https://abc.onthetaedgecloud.com/v1", "https://abc.thetaedgecloud.com/v1//"],
)
def test_an_endpoint_override_loses_its_v1_and_slashes(text):
    assert not str(Hosts({Family.ENDPOINT: text}).base(Family.ENDPOINT)).rstrip("/").endswith("v1")


def test_a_foreign_endpoint_override_is_refused_with_the_known_words():
    words = "THETA_INFERENCE_ENDPOINT host is not allowed; use a Theta EdgeCloud endpoint"
    for text in ("https://evil.example.org", "http://127.0.0.1:1", "http://abc.onthetaedgecloud.com"):
        with pytest.raises(UsageError, match=words):
            Hosts({Family.ENDPOINT: text})
    with pytest.raises(PolicyRefused, match=words):
        Hosts().admit("https://evil.example.org", Family.ENDPOINT)


ALLOWED = [
    (Family.ENDPOINT, "https://abc.onthetaedgecloud.com"),
    (Family.ENDPOINT, "https://abc.def.thetaedgecloud.com:443/"),
    (Family.ENDPOINT, "https://ABC.onthetaedgecloud.com/v1"),
    (Family.SLOT, SIGNED),
    (Family.SLOT, "https://bucket.s3.amazonaws.com/key?X-Amz-Signature=0"),
    (Family.OUTPUT, RESULT),
    (Family.OUTPUT, "https://player.thetavideoapi.com/video/video_a9b8c7"),
]


@pytest.mark.parametrize(("family", "url"), ALLOWED)
def test_what_the_cloud_really_names_is_allowed(family, url):
    assert Hosts().allowed(url, family)
    assert Hosts().admit(url, family).scheme == "https"


REFUSED_ENDPOINTS = [
    "http://abc.onthetaedgecloud.com",
    "https://onthetaedgecloud.com",
    "https://thetaedgecloud.com",
    "https://evilthetaedgecloud.com",
    "https://abc.thetaedgecloud.com.evil.org",
    "https://abc.onthetaedgecloud.com:8443",
    "https://abc.onthetaedgecloud.com.",
    "https://user@abc.onthetaedgecloud.com",
    "https://user:pw@abc.onthetaedgecloud.com",
    "https://@abc.onthetaedgecloud.com",
    "https://evil.org@abc.onthetaedgecloud.com",
    "https://evil.org\\.thetaedgecloud.com",
    "https://evil.org%2f.thetaedgecloud.com",
    "https://evil.org;x.thetaedgecloud.com",
    "https://evil.org,x.thetaedgecloud.com",
    "https://evil.org#.thetaedgecloud.com",
    "https://evil.org?.thetaedgecloud.com",
    "https://evil.org/.thetaedgecloud.com",
    "https://-a.thetaedgecloud.com",
    "https://a-.thetaedgecloud.com",
    "https://a..thetaedgecloud.com",
    "https://.thetaedgecloud.com",
    "https://a_b.thetaedgecloud.com",
    "https://аbc.thetaedgecloud.com",
    "https://abc。thetaedgecloud.com",
    "https://abc．thetaedgecloud.com",
    " https://abc.thetaedgecloud.com",
    "https://abc.thetaedgecloud.com\t",
    "https://abc.theta\nedgecloud.com",
    "https://127.0.0.1",
    "https://[::1]",
    "https://localhost",
    "http://127.0.0.1:8123",
    "https://2130706433",
    "https://0x7f.1",
    "https://abc.thetaedgecloud.com/../x",
    "https://abc.thetaedgecloud.com/%2e%2e/x",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "//abc.thetaedgecloud.com",
    "",
    "https://" + "a" * 9000 + ".thetaedgecloud.com",
]


@pytest.mark.parametrize("url", REFUSED_ENDPOINTS)
def test_no_disguised_host_passes_as_an_endpoint_slot_or_output(url):
    hosts = Hosts()
    assert not hosts.allowed(url, Family.ENDPOINT)
    assert not hosts.allowed(url, Family.OUTPUT)
    with pytest.raises(PolicyRefused):
        hosts.admit(url, Family.ENDPOINT)


@pytest.mark.parametrize(
    "url",
    [
        SIGNED.replace("https", "http"),
        SIGNED.replace(".com/", ".com:8443/"),
        "https://ondemand.thetaedgecloud.com/upload",
        "https://controller.thetaedgecloud.com/upload",
        "https://api.thetavideoapi.com/upload",
        "https://169.254.169.254/latest",
        "https://10.0.0.1/x",
        "https://[fd00::1]/x",
        "https://localhost/x",
        "https://metadata.google.internal/x",
        "https://storage/x",
        "https://nas.local/x",
        "https://user:pw@storage.googleapis.com/x",
        "https://storage.googleapis.com/a#b",
    ],
)
def test_an_upload_slot_is_a_public_https_address_and_not_one_of_our_own_hosts(url):
    assert not Hosts().allowed(url, Family.SLOT)


@pytest.mark.parametrize("family", [one for one in Family if one not in (Family.ENDPOINT, Family.SLOT, Family.OUTPUT)])
def test_no_other_family_may_be_named_by_an_answer(family):
    assert not Hosts().allowed("https://controller.thetaedgecloud.com", family)


def test_with_the_default_bases_no_loopback_address_is_accepted():
    hosts = Hosts({Family.CHAIN: SANDBOX, Family.PLATFORM: SANDBOX})
    for family in (Family.ENDPOINT, Family.SLOT, Family.OUTPUT):
        assert not hosts.allowed(SANDBOX + "/x", family)


@pytest.mark.parametrize(
    ("owner", "families"),
    [
        (Family.ONDEMAND, {Family.SLOT, Family.OUTPUT}),
        (Family.VIDEO, {Family.SLOT, Family.OUTPUT}),
        (Family.CONTROLLER, {Family.ENDPOINT}),
    ],
)
def test_the_exact_loopback_origin_of_an_overridden_family_may_be_named_by_its_answers(owner, families):
    hosts = Hosts({owner: SANDBOX})
    for family in (Family.ENDPOINT, Family.SLOT, Family.OUTPUT):
        assert hosts.allowed(SANDBOX + "/upload/1?x=2", family) == (family in families)
        assert not hosts.allowed("http://127.0.0.1:8124/upload/1", family)
        assert not hosts.allowed("http://localhost:8123/upload/1", family)
        assert not hosts.allowed("https://127.0.0.1:8123/upload/1", family)


def test_a_sandbox_endpoint_may_be_configured_once_the_controller_is_the_sandbox():
    hosts = Hosts({Family.ENDPOINT: SANDBOX + "/endpoint/abc/", Family.CONTROLLER: SANDBOX})
    assert str(hosts.base(Family.ENDPOINT)) == SANDBOX + "/endpoint/abc"


def test_only_listed_json_rpc_methods_count_as_reads():
    def call(method, family=Family.CHAIN):
        return Request("POST", family, body=JsonBody({"jsonrpc": "2.0", "id": 1, "method": method, "params": []}))

    assert is_reading_call(call("theta.GetStatus"))
    assert is_reading_call(call("thetacli.ListKeys", Family.THETACLI))
    for method in ("theta.BroadcastRawTransaction", "theta.BroadcastRawTransactionAsync", "theta.getstatus", ""):
        assert not is_reading_call(call(method))
    for method in ("thetacli.NewKey", "thetacli.UnlockKey", "thetacli.LockKey", "thetacli.Send"):
        assert not is_reading_call(call(method, Family.THETACLI))
    assert not is_reading_call(call("edgecloud.SetPrice", Family.EDGE_CLIENT))
    assert not is_reading_call(call("theta.GetStatus", Family.CONTROLLER))
    assert not is_reading_call(Request("POST", Family.CHAIN, body=JsonBody([{"method": "theta.GetStatus"}])))
    assert not is_reading_call(Request("POST", Family.CHAIN))
    assert all("Broadcast" not in name for names in READING_CALLS.values() for name in names)


def test_a_public_name_has_ldh_labels_and_a_public_suffix():
    assert is_public_name("storage.googleapis.com")
    assert is_public_name("xn--bcher-kva.example.org")
    for name in ("localhost", "a.b.local", "1.2.3.4", "a.1", "a", "a." + "b" * 64 + ".com"):
        assert not is_public_name(name)


def test_a_parsed_url_is_what_was_written():
    parsed = parse_url(SIGNED)
    assert parsed is not None
    assert str(parsed) == SIGNED
