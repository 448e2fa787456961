"""A pytest plugin that switches one guard off: `GUARD_OFF=name pytest -p tests.mutation.unguarded …`.

Each guard names the test that must then fail. Nothing else of the program is touched.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from tests.mutation import switches
from tests.mutation.switches import put


@dataclass(frozen=True)
class Guard:
    """What guards, how it is switched off, and the test that holds it."""

    name: str
    off: Callable[[], None]
    test: str
    in_children: bool = False
    """Whether the test looks at programs that it starts; the guard is then switched off in those as well."""


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


def only_what_is_free() -> None:
    from theta_tui.change import Change

    put(Change, "_may_be_repeated", property(lambda self: True))


def looked_at_again() -> None:
    from theta_tui.cloud import standing

    put(standing, "difference", lambda shown, now: None)


def budget() -> None:
    from theta_tui import admission
    from theta_tui.journal.ledger import Ledger

    put(admission, "block_for", lambda *given: None)
    put(Ledger, "_check", lambda *given: None)


def ledger_first() -> None:
    from theta_tui.books import Books

    async def prepare(self: Books, change: Any, row: int | None) -> None:
        return None

    put(Books, "prepare", prepare)


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
    ("proof of a paid act", proof_of_payment, "mutation/test_responses.py::test_changed_answers[ondemand]"),
    ("paid is never resent", never_resend,
     "core/test_gate.py::test_a_lost_answer_is_uncertain_counts_as_spent_and_is_not_sent_again"),
    ("only what is free is sent twice", only_what_is_free,
     "faults/test_fault_resend.py::test_nothing_paid_made_or_unseen_can_be_declared_idempotent"),
    ("looked at again before it is sent", looked_at_again,
     "faults/test_fault_state.py::test_what_changed_since_it_was_shown_is_not_sent"),
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
    ("masked lines are not copied", switches.masked_copy,
     "tui/test_deployments_pane.py::test_own_credentials_go_to_the_cloud_and_the_vault_but_not_on_the_screen"),
    ("a dialog leaves once", leaves_once, "tui/test_goto.py::test_two_digits_in_one_moment_leave_once"),
    ("early keys", switches.early_keys, "tui/test_review.py::test_an_early_key_that_arrives_late_is_no_answer"),
    ("actions of links", switches.links, "tui/test_review.py::test_no_action_string_dismisses_or_presses"),
    ("literal text", switches.literal_text, "tui/test_literal.py::test_markup_is_shown_as_typed_in"),
    ("bytes of the command line", switches.byte_filter,
     "cli/test_cli_chat.py::test_a_terminal_is_never_moved_by_an_answer"),
    ("formulas in tables", switches.formulas,
     "core/test_table_text.py::test_csv_is_read_back_by_a_spreadsheet_without_a_formula"),
    ("mode of the journal", switches.journal_modes,
     "core/test_journal.py::test_all_files_are_private_whatever_the_umask"),
    ("mode of folders", switches.folder_modes,
     "core/test_settings.py::test_files_and_folders_are_private_and_a_link_stays_a_link"),
    ("keys at intake", switches.intake,
     "faults/test_fault_keys.py::test_a_pasted_key_is_refused_without_being_repeated"),
    ("keys in headers", switches.header_grammar,
     "wire/test_signer.py::test_a_key_that_cannot_be_a_header_is_refused_naming_its_source_only"),
    ("known keyrings", switches.known_keyrings,
     "core/test_vault.py::test_only_known_backends_are_trusted_and_a_chain_only_if_all_its_members_are"),
    ("secrets leave the environment", switches.taken_secrets,
     "core/test_settings.py::test_secrets_and_textual_variables_leave_the_environment_and_are_taken"),
    ("certificates of our own", switches.own_tls, "wire/test_transport.py::test_ssl_cert_file_is_ignored"),
    ("proxy of our own", switches.own_proxy,
     "wire/test_transport.py::test_proxy_variables_of_the_environment_are_ignored"),
    ("JSON without doubles", switches.exact_json,
     "wire/test_replies.py::test_json_that_is_not_exactly_json_is_refused"),
    ("longest wait", switches.longest_wait, "wire/test_retry.py::test_a_long_retry_after_is_clamped_to_a_minute"),
    ("settings of money are strict", switches.strict_settings,
     "core/test_settings.py::test_switches_read_eight_words_and_anything_else_counts_as_on"),
    ("a price is an amount", switches.real_price, "money/test_set_aside.py"),
    ("unknown price", switches.unknown_price,
     "core/test_gate.py::test_an_unknown_price_is_refused_under_a_cap_and_reserved_by_max_usd"),
    ("no ledger, nothing paid", switches.no_ledger,
     "core/test_gate.py::test_a_damaged_journal_blocks_what_is_paid_and_leaves_reading"),
    ("changed since shown", switches.changed_since,
     "core/test_gate.py::test_a_price_that_rose_since_the_review_stops_the_create"),
    ("protected profile", switches.protection,
     "core/test_gate.py::test_a_protected_profile_wants_a_name_for_every_change_and_lets_calls_pass"),
    ("MCP: a key for one use", switches.draft_once,
     "mcp/test_mcp_server.py::test_a_change_is_previewed_and_sent_only_with_its_key"),
    ("MCP: a key for its call", switches.draft_of_its_call,
     "mcp/test_mcp_server.py::test_a_key_is_good_for_its_own_call_only"),
    ("MCP: reads only", switches.writes_by_flag, "mcp/test_mcp_server.py::test_without_the_flag_nothing_can_be_sent"),
    ("MCP: the person is asked", switches.asks_the_person,
     "mcp/test_mcp_server.py::test_destroying_is_asked_of_the_person"),
)  # fmt: skip
_IN_CHILDREN = (
    ("chats without keys", switches.kept_chats,
     "leaks/test_places.py::test_a_key_typed_into_a_chat_or_said_by_an_answer_is_not_kept"),
    ("chats without keys", switches.kept_chats,
     "leaks/test_places.py::test_a_key_typed_into_a_chat_or_said_by_an_answer_is_not_kept"),
    ("MCP: a flood is slowed down", switches.slows_down,
     "faults/test_fault_clients.py::test_a_flood_of_calls_is_slowed_down_and_told"),
    ("MCP: it ends with its client", switches.ends_with_its_client,
     "mcp/test_mcp_command.py::test_nothing_but_the_protocol_is_on_stdout_and_it_ends_with_its_client"),
    ("crashes without values", switches.crash_path, "cli/test_crashes.py::test_a_command_tells_one_line"),
    ("no core dump", switches.core_dumps, "leaks/test_commands.py::test_it_leaves_no_core_dump"),
    ("signals are taken over", switches.signals,
     "faults/test_fault_terminal.py::test_it_is_suspended_with_the_terminal_as_it_was_and_comes_back"),
)  # fmt: skip

GUARDS = {
    **{name: Guard(name, off, test) for name, off, test in _TABLE},
    **{name: Guard(name, off, test, in_children=True) for name, off, test in _IN_CHILDREN},
}


def pytest_configure() -> None:
    """Switch off what the environment names, before any test is imported."""
    if name := os.environ.get("GUARD_OFF"):
        GUARDS[name].off()
