from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theta_tui.change import Family, Hole, HoleKind, Request
from theta_tui.errors import PolicyRefused, UsageError
from theta_tui.wire.address import check_segment, shown_url, url_of
from theta_tui.wire.hosts import Hosts

HOSTS = Hosts()
BASE = "https://controller.thetaedgecloud.com"


def request(*path, **fields):
    return Request("GET", fields.pop("family", Family.CONTROLLER), path, **fields)


def test_segments_are_quoted_one_by_one_and_the_query_strictly():
    asked = request("deployment", "us-1", "ä&b", query=(("q", "a b&c=d/é"), ("x", "1+1")))
    url = str(url_of(asked, HOSTS))
    assert url == BASE + "/deployment/us-1/%C3%A4%26b?q=a%20b%26c%3Dd%2F%C3%A9&x=1%2B1"


BAD = ["", ".", "..", "a/b", "a\\b", "a?b", "a#b", "a%2fb", "//h", "a b", "a\tb", "a\nb", "a\x00", "\x7f", "\x9b"]


@pytest.mark.parametrize("text", [*BAD, "x" * 201, "\u2028", "\ud800"])
def test_a_value_that_could_leave_its_place_in_the_path_is_refused_naming_its_role(text):
    with pytest.raises(UsageError, match="“deployment”"):
        url_of(request("deployment", text), HOSTS)


@given(st.text(max_size=12))
def test_a_segment_that_is_accepted_stays_one_segment_under_its_parent(text):
    try:
        url = url_of(request("deployment", text, "stop"), HOSTS)
    except UsageError:
        return
    raw = url.raw_path.decode("ascii")
    assert raw.startswith("/deployment/")
    assert raw.endswith("/stop")
    assert raw.count("/") == 3
    assert url.host == "controller.thetaedgecloud.com"


def test_the_longest_segment_is_accepted():
    assert check_segment("x" * 200, "It") == "x" * 200


def test_a_hole_is_filled_and_checked_like_any_segment():
    asked = request("deployment", "base", Hole("deployment.base_id"))
    assert str(url_of(asked, HOSTS, {"deployment.base_id": "b-1"})).endswith("/deployment/base/b-1")
    with pytest.raises(UsageError, match=r"deployment\.base_id"):
        url_of(asked, HOSTS, {"deployment.base_id": "../.."})
    with pytest.raises(PolicyRefused, match="No earlier step"):
        url_of(asked, HOSTS)


def test_a_signed_slot_is_used_as_it_is():
    signed = "https://storage.googleapis.com/b/o%2Fx?X-Goog-Credential=a%2Fb&X-Goog-Signature=00ff"
    hole = Hole("upload.url", HoleKind.URL)
    assert str(url_of(request(family=Family.SLOT, base=hole), HOSTS, {"upload.url": signed})) == signed
    with pytest.raises(PolicyRefused):
        url_of(request("more", family=Family.SLOT, base=signed), HOSTS)
    with pytest.raises(PolicyRefused):
        url_of(request(family=Family.SLOT, base=hole), HOSTS, {"upload.url": "https://10.0.0.1/x"})


def test_an_endpoint_base_is_joined_with_the_path_once():
    for base in (
        "https://a.onthetaedgecloud.com",
        "https://a.onthetaedgecloud.com/",
        "https://a.onthetaedgecloud.com/v1",
    ):
        asked = request("v1", "models", family=Family.ENDPOINT, base=base)
        assert str(url_of(asked, HOSTS)) == "https://a.onthetaedgecloud.com/v1/models"


def test_other_families_may_not_be_sent_elsewhere():
    with pytest.raises(PolicyRefused):
        url_of(request("x", base="https://a.onthetaedgecloud.com"), HOSTS)


def test_a_preview_shows_holes_and_no_query():
    asked = request("v1", Hole("deployment.id"), family=Family.ENDPOINT, base=Hole("endpoint.url"), query=(("a", "b"),))
    assert shown_url(asked, HOSTS) == "{endpoint.url}/v1/{deployment.id}"
    assert shown_url(request("deployment", "list"), HOSTS) == BASE + "/deployment/list"


def test_equal_requests_give_equal_urls():
    asked = request("a", query=(("b", "c"),))
    assert url_of(asked, HOSTS) == url_of(request("a", query=(("b", "c"),)), HOSTS)
