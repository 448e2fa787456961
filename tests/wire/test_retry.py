from __future__ import annotations

import math

import pytest

from theta_tui.change import After, Family, Request
from theta_tui.errors import RateLimited
from theta_tui.wire.retry import Deadline, Failed, Fault, alternative_after, pause, retry_after

NOW = 1_000_000_000.0  # Sun, 09 Sep 2001 01:46:40 GMT


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("999999999", 999999999.0),
        ("Sun, 09 Sep 2001 01:46:50 GMT", 10.0),
        ("Sun, 09 Sep 2001 01:46:00 GMT", 0.0),
        (None, None),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("nan", None),
        ("inf", None),
        ("1e9", None),
        ("٧", None),
        ("７", None),
        ("9999999999", None),
        ("2001-09-09", None),
        ("Sun, 99 Sep 2001 01:46:50 GMT", None),
        ("Sun, 09 Sep 2001 01:46:50 +0000", None),
    ],
)
def test_retry_after_takes_digits_and_http_dates_only(text, seconds):
    assert retry_after(text, NOW) == seconds


def test_a_date_in_the_year_9999_is_finite():
    assert math.isfinite(retry_after("Fri, 31 Dec 9999 23:59:59 GMT", NOW) or 0.0)


@pytest.mark.parametrize("told", [61.0, 999999999.0])
def test_a_long_retry_after_is_clamped_to_a_minute(told):
    failed = Failed(Fault.RATE, RateLimited("x", retry_after=told))
    assert 60.0 <= pause(failed, 1, 0.25) <= 60.25


def test_without_retry_after_the_wait_is_jittered_below_the_doubling_base():
    failed = Failed(Fault.UPSTREAM, RateLimited("x"))
    for number in (1, 2, 3):
        waits = [pause(failed, number, 1.0) for _ in range(50)]
        assert all(0 <= wait <= 2 ** (number - 1) for wait in waits)
        assert len(set(waits)) > 10


def test_alternatives_open_only_after_the_answer_they_name():
    first = Request("PUT", Family.CONTROLLER, ("a",))
    plural = Request("PUT", Family.CONTROLLER, ("as",), only_after=After.NO_ROUTE)
    bigger = Request("PUT", Family.CONTROLLER, ("b",), only_after=After.CAPACITY)
    base = Request("PUT", Family.CONTROLLER, ("c",), only_after=After.MISSING)
    requests = (first, plural, bigger, base)
    assert alternative_after(requests, 0, Fault.NO_METHOD) == 1
    assert alternative_after(requests, 0, Fault.MISSING) == 1
    assert alternative_after(requests, 1, Fault.MISSING) == 3
    assert alternative_after(requests, 0, Fault.CAPACITY) == 2
    assert alternative_after(requests, 1, Fault.NO_METHOD) is None
    for fault in (Fault.UPSTREAM, Fault.TIMED_OUT, Fault.BROKEN, Fault.PAGE, Fault.RATE, Fault.NOT_SENT):
        assert alternative_after(requests, 0, fault) is None


def test_a_deadline_never_has_less_than_nothing_left():
    assert Deadline(-1).left == 0.0
    assert 0 < Deadline(5).left <= 5
