from __future__ import annotations

import pytest

from theta_tui.errors import UsageError
from theta_tui.wire.knobs import Knobs


def test_defaults_are_those_of_the_skill():
    assert Knobs.read({}) == Knobs(20.0, 2, 0.25)
    assert Knobs.read({"THETA_HTTP_TIMEOUT_MS": " "}) == Knobs()


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("THETA_HTTP_TIMEOUT_MS", "5000", "timeout_seconds", 5.0),
        ("THETA_HTTP_TIMEOUT_MS", "1", "timeout_seconds", 1.0),
        ("THETA_HTTP_TIMEOUT_MS", "999999", "timeout_seconds", 120.0),
        ("THETA_HTTP_MAX_RETRIES", "0", "retries", 0),
        ("THETA_HTTP_MAX_RETRIES", "-3", "retries", 0),
        ("THETA_HTTP_MAX_RETRIES", "99", "retries", 6),
        ("THETA_HTTP_RETRY_BACKOFF_MS", "1", "backoff_seconds", 0.025),
        ("THETA_HTTP_RETRY_BACKOFF_MS", " 20000 ", "backoff_seconds", 10.0),
    ],
)
def test_values_are_clamped_to_their_range(name, text, field, value):
    assert getattr(Knobs.read({name: text}), field) == value


@pytest.mark.parametrize("text", ["nan", "inf", "2.5", "1e3", "ten", "--1", "٣", "1" * 40, "0x10"])
def test_text_that_is_no_whole_number_names_variable_value_and_range(text):
    with pytest.raises(UsageError) as caught:
        Knobs.read({"THETA_HTTP_MAX_RETRIES": text})
    assert "THETA_HTTP_MAX_RETRIES" in caught.value.message
    assert "0 to 6" in caught.value.message
    assert text[:40] in caught.value.message
