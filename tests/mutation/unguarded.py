"""A pytest plugin that switches one guard off: `GUARD_OFF=name pytest -p tests.mutation.unguarded …`.

Each guard names the test that must then fail. Nothing else of the program is touched.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class Guard:
    """What guards, how it is switched off, and the test that holds it."""

    name: str
    off: Callable[[], None]
    test: str


def put(owner: Any, name: str, value: Any) -> None:
    setattr(owner, name, value)


def dry_run() -> None:
    from theta_tui import review
    from theta_tui.wire.client import Writer

    put(Writer, "_take", lambda self, approved: approved.use())
    put(review.Policy, "dry_run", property(lambda self: False, lambda self, value: None))


def read_only() -> None:
    from theta_tui import review
    from theta_tui.wire.client import Writer

    put(Writer, "_take", lambda self, approved: approved.use())
    put(review.Policy, "read_only", property(lambda self: False, lambda self, value: None))


def single_use() -> None:
    from theta_tui.change import Approved

    put(Approved, "_used", property(lambda self: False, lambda self, value: None))


def time_limit() -> None:
    from theta_tui.change import Approved

    put(Approved, "_expires", property(lambda self: float("inf"), lambda self, value: None))


def budget() -> None:
    from theta_tui import admission
    from theta_tui.journal.ledger import Ledger

    put(admission, "block_for", lambda *given: None)
    put(Ledger, "_check", lambda *given: None)


def ledger_first() -> None:
    from theta_tui.gate import Gate

    async def prepare(self: Gate, change: Any, row: int | None) -> None:
        return None

    put(Gate, "prepare", prepare)


def proof_of_payment() -> None:
    from theta_tui import gate

    put(gate, "_read", lambda change, reply: change.read(reply))


def never_resend() -> None:
    from theta_tui.wire import retry

    again = {
        fault: replace(row, change=retry.Next.AGAIN) if row.change is retry.Next.UNCERTAIN else row
        for fault, row in retry.TABLE.items()
    }
    put(retry, "TABLE", MappingProxyType(again))


def host_list() -> None:
    from theta_tui.wire.hosts import Hosts

    put(Hosts, "allowed", lambda self, url, family: True)


def own_origin() -> None:
    from theta_tui.wire import signer

    class Anywhere(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __ne__(self, other: object) -> bool:
            return False

    origin_of = signer.origin_of
    put(signer, "origin_of", lambda url: Anywhere(origin_of(url)))


def redirects() -> None:
    import httpx

    made = httpx.AsyncClient.__init__
    put(httpx.AsyncClient, "__init__", lambda self, **more: made(self, **{**more, "follow_redirects": True}))


def size_cap() -> None:
    from theta_tui.wire import replies

    async def collect(chunks: Any, cap: int, into: bytearray, *, refuse: bool = True) -> None:
        async for chunk in chunks:
            into += chunk

    put(replies, "collect", collect)


def event_cap() -> None:
    from theta_tui.wire.sse import EventReader

    put(EventReader, "_keep", lambda self, piece: self._pieces.append(piece))


def no_compression() -> None:
    from theta_tui.wire import replies

    put(replies, "check_head", lambda headers, cap: None)


def deadline() -> None:
    from theta_tui.wire import patience

    put(patience._Alarm, "_ring", lambda self: None)


def id_grammar() -> None:
    from theta_tui.wire import address

    put(address, "check_segment", lambda text, role: text)


def sanitiser() -> None:
    from theta_tui import safe_text

    for name in ("for_line", "for_block", "for_terminal"):
        put(safe_text, name, lambda text, *rest, **more: str(text))


def line_filter() -> None:
    from theta_tui.tui.line_filter import InertFilter

    put(InertFilter, "apply", lambda self, segments, background: segments)


def redactor() -> None:
    from theta_tui.redact import Redactor

    for name in ("text", "known", "value", "answer", "url"):
        put(Redactor, name, lambda self, given, **more: given)


def no_copy() -> None:
    from textual.widgets import Input

    from theta_tui.tui.widgets.secret_input import SecretInput

    put(SecretInput, "action_copy", Input.action_copy)
    put(SecretInput, "action_cut", Input.action_cut)


def leaves_once() -> None:
    from theta_tui.tui.modal import Modal

    del Modal.dismiss


_TABLE = (
    ("dry-run", dry_run, "laws/test_law_1_nothing_without_a_yes.py::test_nothing_is_sent_without_a_yes"),
    ("read-only", read_only, "laws/test_law_1_nothing_without_a_yes.py::test_nothing_is_sent_without_a_yes"),
    ("approval, once", single_use, "wire/test_client.py::test_an_approval_is_good_for_one_sending"),
    ("approval, in time", time_limit, "wire/test_client.py::test_an_old_approval_is_refused"),
    ("budget", budget, "laws/test_law_1_nothing_without_a_yes.py::test_nothing_paid_is_sent_over_the_budget"),
    ("ledger before sending", ledger_first, "core/test_gate.py::test_the_ledger_knows_of_a_request_before_it_is_sent"),
    ("proof of a paid act", proof_of_payment, "mutation/test_responses.py::test_changed_answers[ondemand-some]"),
    ("paid is never resent", never_resend,
     "core/test_gate.py::test_a_lost_answer_is_uncertain_counts_as_spent_and_is_not_sent_again"),
    ("host list", host_list, "wire/test_hosts.py::test_no_disguised_host_passes_as_an_endpoint_slot_or_output"),
    ("a key for its origin", own_origin, "wire/test_signer.py::test_a_credential_never_goes_to_another_origin"),
    ("redirects refused", redirects, "wire/test_client.py::test_redirects_are_never_followed_by_anyone"),
    ("size of an answer", size_cap,
     "wire/test_replies.py::test_a_body_over_the_cap_without_a_length_is_refused_while_it_is_read"),
    ("size of an event", event_cap, "wire/test_sse.py::test_no_more_than_the_cap_is_taken_of_sixteen_megabytes"),
    ("compression refused", no_compression, "wire/test_replies.py::test_a_compressed_answer_is_refused"),
    ("deadline", deadline, "wire/test_patience.py::test_patience_ends"),
    ("grammar of ids", id_grammar,
     "wire/test_address.py::test_a_value_that_could_leave_its_place_in_the_path_is_refused_naming_its_role"),
    ("safe text", sanitiser, "core/test_safe_text.py::test_one_line_holds_no_forbidden_character_and_is_bounded"),
    ("line filter", line_filter, "tui/test_line_filter.py::test_a_filtered_line_is_inert_and_as_wide_as_before"),
    ("redactor", redactor, "laws/test_law_5_no_secret_gets_out.py::test_a_server_that_echoes_the_key_is_not_quoted"),
    ("secrets are not copied", no_copy, "tui/test_setup.py::test_a_typed_secret_is_neither_copied_nor_cut"),
    ("a dialog leaves once", leaves_once, "tui/test_goto.py::test_two_digits_in_one_moment_leave_once"),
)  # fmt: skip

GUARDS = {name: Guard(name, off, test) for name, off, test in _TABLE}


def pytest_configure() -> None:
    """Switch off what the environment names, before any test is imported."""
    if name := os.environ.get("GUARD_OFF"):
        GUARDS[name].off()
