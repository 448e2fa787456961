"""How more guards are switched off: those of files, keys, faces and the environment. See `unguarded`."""

from __future__ import annotations

from typing import Any


def put(owner: Any, name: str, value: Any) -> None:
    setattr(owner, name, value)


def byte_filter() -> None:
    from theta_tui import safe_text

    put(safe_text, "for_terminal", str)
    put(safe_text, "filtered", str)


def literal_text() -> None:
    from textual.content import Content

    from theta_tui.tui import literal

    put(literal, "content", lambda text, **more: Content.from_markup(str(text)))


def links() -> None:
    from theta_tui.tui.guard import Guarded

    put(Guarded, "check_action", lambda self, action, parameters: True)


def early_keys() -> None:
    from theta_tui.tui.review import ReviewModal

    put(ReviewModal, "on_key", lambda self, event: None)


def formulas() -> None:
    from theta_tui import table_text

    put(table_text, "_no_formula", lambda text: text)


def masked_copy() -> None:
    from textual.widgets import Input

    from theta_tui.tui.widgets.secret_input import MaskedInput

    put(MaskedInput, "action_copy", Input.action_copy)
    put(MaskedInput, "action_cut", Input.action_cut)


def journal_modes() -> None:
    from theta_tui.journal import files

    put(files, "_create_private", lambda path: path.parent.mkdir(parents=True, exist_ok=True))


def kept_chats() -> None:
    from theta_tui.journal import chats

    put(chats, "kept", str)


def folder_modes() -> None:
    from theta_tui import private_file

    put(private_file, "make_folder", lambda folder: folder.mkdir(parents=True, exist_ok=True))


def intake() -> None:
    from theta_tui.vault import items

    put(items, "checked", lambda text, what: text)


def header_grammar() -> None:
    from theta_tui.wire import signer

    put(signer, "_reveal", lambda secrets, name, source: secrets[name].get_secret_value())


def known_keyrings() -> None:
    from theta_tui.vault import keyring_access

    put(keyring_access, "objection", lambda *given, **more: None)


def taken_secrets() -> None:
    from theta_tui import environment

    put(environment, "is_secret_variable", lambda name: False)


def own_tls() -> None:
    import ssl

    from theta_tui.wire import transport

    put(transport, "tls_context", lambda bundle: ssl.create_default_context())


def own_proxy() -> None:
    import httpx

    made = httpx.AsyncClient.__init__

    def trusting(self: Any, **more: Any) -> None:
        made(self, **{**more, "trust_env": True, "transport": None})

    put(httpx.AsyncClient, "__init__", trusting)


def exact_json() -> None:
    from theta_tui.wire import replies

    put(replies, "_unique", dict)


def longest_wait() -> None:
    from theta_tui.wire import retry

    put(retry, "LONGEST_WAIT", float("inf"))


def strict_settings() -> None:
    from theta_tui.settings.schema import Key

    put(Key, "guards", property(lambda self: False))


def real_price() -> None:
    from theta_tui import admission

    put(admission, "is_price", lambda cost: True)


def unknown_price() -> None:
    from decimal import Decimal

    from theta_tui.admission import Admission

    put(Admission, "_for_unknown", lambda self, ask: Decimal(0))


def no_ledger() -> None:
    from theta_tui.admission import Admission
    from theta_tui.errors import JournalUnavailable

    async def reserve_one(self: Admission, intent: Any) -> int | None:
        try:
            return await self._journal.reserve(intent)
        except JournalUnavailable:
            return None

    put(Admission, "_reserve_one", reserve_one)


def changed_since() -> None:
    from theta_tui.books import Books

    async def prepare(self: Books, change: Any, row: int | None) -> None:
        await self.mark(row, "sent")

    put(Books, "prepare", prepare)


def protection() -> None:
    from theta_tui import review

    put(review.Policy, "is_guarded", property(lambda self: False, lambda self, value: None))


def draft_once() -> None:
    from theta_tui.mcp.drafts import Drafts

    put(Drafts, "take", lambda self, key, tool, arguments: self._kept[key])


def draft_of_its_call() -> None:
    from theta_tui.mcp.drafts import Drafts

    put(Drafts, "take", lambda self, key, tool, arguments: self._kept.pop(key))


def writes_by_flag() -> None:
    from theta_tui.mcp.server import Tools

    put(Tools, "_allow_writes", property(lambda self: True, lambda self, value: None))


def asks_the_person() -> None:
    from theta_tui.mcp.server import Tools

    put(Tools, "_wants_a_person", lambda self, draft: False)


def slows_down() -> None:
    from theta_tui.mcp import server

    put(server, "CALLS_PER_MINUTE", 1_000_000)


def ends_with_its_client() -> None:
    import asyncio

    from theta_tui.mcp import server

    served = server.serve

    async def serve(*given: Any, **more: Any) -> None:
        await served(*given, **more)
        await asyncio.Event().wait()

    put(server, "serve", serve)


def crash_path() -> None:
    from theta_tui import crash

    put(crash, "install", lambda folder: None)


def core_dumps() -> None:
    from theta_tui import crash

    put(crash, "_forbid_core_dumps", lambda: None)


def signals() -> None:
    from theta_tui.tui import signals

    put(signals, "install", lambda *given: None)
