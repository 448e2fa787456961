"""Whole chats with whoever there is: an agent, a model that is taken instead of a busy one, one nobody may pay for."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.tui.conftest import Opens
from tests.tui.test_chat_pane import QUESTION, Chat, at_chat
from theta_tui.settings import save_value
from theta_tui.tui.panes.chat.partner_picker import PartnerPicker
from theta_tui.tui.review import ReviewModal

AGENT = "Shop helpdesk"
BUSY = {"status": 409, "body": {"status": "error", "message": "No instances available"}}


async def _choose(chat: Chat, name: str) -> None:
    """Take a partner from the list, as a person does."""
    await chat.it.press("ctrl+o")
    await chat.until(lambda: isinstance(chat.it.app.screen, PartnerPicker))
    await chat.shows(name)
    await chat.it.type(name)
    await chat.until(lambda: chat.it.app.screen._table.filter_state.count == 1)
    await chat.it.press("enter")
    await chat.until(lambda: chat.pane.book.target.name == name)


def _notices(chat: Chat) -> str:
    """All that stands in the transcript, also below a review."""
    return "\n".join(chat.page.copy_text(entry) for entry in chat.page.entry_ids())


async def _ledger(chat: Chat) -> list[Any]:
    return list(await chat.it.app.session.journal.ledger())


async def test_an_agent_is_chosen_reviewed_by_its_name_asked_twice_and_kept(console: Opens, tmp_path: Path) -> None:
    save_value(None, "unknown_price_usd", "0.05", config_dir=tmp_path / "config")
    async with at_chat(console) as chat:
        await _choose(chat, AGENT)
        await chat.ask("Where is my parcel?")
        review = (await chat.review())._review
        assert (review.summary, review.target.name) == (f"Ask the agent {AGENT}", AGENT)
        await chat.shows(f"Ask the agent {AGENT}", review.target.id, "unknown price · $0.05 is set aside for it")
        await chat.agree()
        await chat.shows(f"{AGENT} · ", "to first token", "cost unknown")
        await chat.at_rest()
        await chat.ask("And how much is it?")
        await chat.until(lambda: len(chat.it.sent("POST", "/chat/completions")) == 2)
        await chat.at_rest()
        agent = chat.pane.book.target
        assert chat.it.sent("POST", "/chat/completions") == [f"/api/v1/chatbot/{agent.id}/chat/completions"] * 2
        assert [message.role for message in await chat.stored()] == ["user", "assistant"] * 2
        assert {message.meta["target"]["name"] for message in await chat.stored() if message.meta} == {AGENT}
        rows = await _ledger(chat)
        assert [(row.target_name, row.worst_usd, row.state) for row in rows] == [
            (AGENT, Decimal("0.05"), "confirmed")
        ] * 2
    async with at_chat(console, AGENT) as chat:
        await chat.shows(AGENT, "Where is my parcel?", "And how much is it?")


async def test_the_budget_stops_the_next_message_before_it_is_sent(console: Opens) -> None:
    async with at_chat(console, THETA_MAX_BUDGET_USD="0.02") as chat:
        await chat.ask()
        await chat.agree()
        await chat.at_rest()
        await chat.ask("word " * 5_000)
        await chat.review()
        assert isinstance(chat.it.app.screen, ReviewModal)
        await chat.shows("of today's $0.02 are taken, and this may cost")
        await chat.it.press("y", "escape")
        await chat.shows("⚠ Not sent: ", "of today's $0.02 are taken")
        assert chat.composer.text == "word " * 5_000
        assert len(chat.asked) == 1
        assert [message.text for message in await chat.stored() if message.role == "user"] == [QUESTION]
        assert [row.state for row in await _ledger(chat)] == ["confirmed"]


async def test_a_busy_model_is_left_for_the_next_one_without_a_key_where_the_settings_say_so(
    console: Opens, tmp_path: Path
) -> None:
    save_value(None, "chat_fallbacks", ["glm_5_3_flash"], config_dir=tmp_path / "config")
    save_value(None, "chat_take_fallback", True, config_dir=tmp_path / "config")
    async with at_chat(console, THETA_HTTP_MAX_RETRIES="0") as chat:
        chat.fault("status", times=9, **BUSY)
        await chat.ask("anybody there")
        await chat.agree("tab")
        await chat.until(lambda: "glm_5_3_flash is asked instead of glm_5_3" in _notices(chat))
        assert (await chat.review())._review.target.name == "glm_5_3_flash"
        chat.it.world.faults.clear()
        await chat.agree("tab")
        await chat.shows("No machine is free", "glm_5_3_flash · ", "to first token")
        await chat.at_rest()
        assert chat.composer.text == ""
        assert [row.target_name for row in await _ledger(chat)] == ["glm_5_3_flash", "glm_5_3"]
        assert [row.state for row in await _ledger(chat)] == ["confirmed", "refused"]


async def test_ctrl_f_takes_the_next_model_while_the_busy_one_is_waited_for(console: Opens, tmp_path: Path) -> None:
    save_value(None, "chat_fallbacks", ["glm_5_3_flash"], config_dir=tmp_path / "config")
    async with at_chat(console, THETA_HTTP_MAX_RETRIES="3") as chat:
        chat.fault("status", times=9, headers={"Retry-After": "50"}, **BUSY)
        await chat.ask("anybody there")
        await chat.agree()
        await chat.shows("again in 4", "ctrl+f asks glm_5_3_flash instead")
        chat.it.world.faults.clear()
        await chat.it.press("ctrl+f")
        await chat.shows("glm_5_3_flash is asked instead of glm_5_3", "to first token")
        await chat.at_rest()
        assert chat.composer.text == ""
        assert chat.pane.book.target.name == "glm_5_3_flash"
        assert len(chat.asked) == 2
