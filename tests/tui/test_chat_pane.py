"""The chat, by real keys in the real console against a real simulated cloud."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from textual import events

from theta_tui.journal.chats import Message
from theta_tui.settings import save_value
from theta_tui.tui.panes.chat import ChatPane
from theta_tui.tui.panes.chat.composer import Composer
from theta_tui.tui.panes.chat.options_form import OptionsForm
from theta_tui.tui.panes.chat.page import Page

Opens = Callable[..., AbstractAsyncContextManager[Any]]
ANSWERS = "/infer_request/"
QUESTION = "hi"
GREETING = "simulated by the theta-tui sandbox"
LONG = "compare cats and dogs in detail"


class Chat:
    """A console on its chat pane, and what a person does there."""

    def __init__(self, it: Any) -> None:
        self.it = it

    @property
    def pane(self) -> ChatPane:
        return cast(ChatPane, self.it.pane)

    @property
    def composer(self) -> Composer:
        return self.it.app.screen_stack[0].query_one(Composer)

    @property
    def page(self) -> Page:
        return self.it.app.screen_stack[0].query_one(Page)

    @property
    def asked(self) -> list[str]:
        return self.it.sent("POST", ANSWERS)

    async def until(self, predicate: Callable[[], object]) -> None:
        await self.it.until(predicate)

    async def shows(self, *texts: str) -> None:
        for text in texts:
            await self.it.until(lambda text=text: text in self.it.shown())

    async def put(self, text: str) -> None:
        """Paste a text, as a terminal does; where no bracketed paste is needed, this is faster than keys."""
        self.it.app.post_message(events.Paste(text))
        await self.it.until(lambda: self.composer.text.endswith(text))

    async def ask(self, text: str = QUESTION) -> None:
        await self.put(text)
        await self.it.press("enter")

    async def review(self) -> Any:
        await self.it.until(lambda: getattr(self.it.app.screen, "armed", False))
        return self.it.app.screen

    async def agree(self, *keys: str) -> None:
        await self.review()
        await self.it.press(*(keys or ("a",)), "y")

    async def answered(self, text: str = QUESTION) -> None:
        await self.ask(text)
        if not getattr(self, "_agreed", False):
            await self.agree()
            self._agreed = True
        await self.at_rest()

    async def at_rest(self) -> None:
        await self.it.until(lambda: not self.pane.busy_words and not self.page._moving)

    async def stored(self) -> list[Message]:
        assert self.pane.book.chat is not None
        messages: list[Message] = await self.it.app.session.journal.messages(self.pane.book.chat)
        return messages

    def fault(self, kind: str, **options: Any) -> None:
        self.it.world.faults.add({"kind": kind, "match": {"method": "POST", "path": ANSWERS}, **options})


@asynccontextmanager
async def at_chat(console: Opens, service: str = "glm_5_3", **how: Any) -> AsyncIterator[Chat]:
    async with console(pane="chat", **how) as it:
        chat = Chat(it)
        await it.until(lambda: chat.pane.loaded_at)
        if chat.pane.book.target.name != service and chat.pane.book.chat is None:
            chat.pane.use_service(service)
            await chat.shows(f"{service}")
        yield chat


# Asking


async def test_a_message_streams_in_with_its_figures_and_is_stored(console: Opens) -> None:
    async with at_chat(console, "qwen3") as chat:
        await chat.it.type(QUESTION)
        await chat.it.press("enter")
        await chat.agree()
        await chat.shows(GREETING, "to first token", "tokens/s", " in, ", " out", "$0.0000", "chatcmpl-")
        await chat.at_rest()
        question, answer = await chat.stored()
        assert (question.role, question.text, answer.parent_id) == ("user", QUESTION, question.id)
        assert answer.state == "complete"
        assert GREETING in answer.text
        assert answer.meta["target"] == {"kind": "service", "id": "qwen3", "name": "qwen3"}
        assert Decimal(answer.meta["cost_usd"]) > 0
        assert answer.meta["usage"]["completion_tokens"] > 10
        assert chat.composer.text == ""


async def test_the_thread_is_told_with_the_next_question(console: Opens) -> None:
    async with at_chat(console) as chat:
        await chat.answered()
        await chat.answered("and why")
        body = chat.it.world.calls[-1].body
        sent = next(call.body for call in reversed(chat.it.world.calls) if call.method == "POST")
        assert b'"content":"hi"' in sent.replace(b": ", b":"), body
        assert b'"role":"assistant"' in sent.replace(b": ", b":")
        assert [message.role for message in await chat.stored()] == ["user", "assistant"] * 2


async def test_the_review_comes_once_in_a_conversation_that_was_allowed(console: Opens) -> None:
    async with at_chat(console) as chat:
        await chat.ask()
        await chat.agree()
        await chat.at_rest()
        assert len(chat.asked) == 1
        await chat.ask("hello")
        await chat.until(lambda: len(chat.asked) == 2)
        await chat.at_rest()
        await chat.it.press("ctrl+n")
        await chat.until(lambda: chat.pane.book.chat is None)
        await chat.ask("hello")
        await chat.review()
        assert len(chat.asked) == 2


async def test_cancelling_the_review_sends_nothing_and_gives_the_text_back(console: Opens) -> None:
    async with at_chat(console) as chat:
        await chat.ask("line one\nline two")
        await chat.review()
        assert chat.composer.text == ""
        await chat.it.press("escape")
        await chat.shows("Not sent.")
        assert chat.composer.text == "line one\nline two"
        assert chat.asked == []
        assert chat.page.is_empty
        assert chat.pane.book.chat is None
        assert await chat.it.app.session.journal.chats() == []


async def test_a_dry_run_of_a_later_question_keeps_the_chat_and_gives_the_text_back(console: Opens) -> None:
    async with at_chat(console) as chat:
        await chat.ask()
        await chat.agree("tab")
        await chat.at_rest()
        await chat.ask("once more")
        await chat.review()
        await chat.it.press("d")
        await chat.shows("Dry run: nothing was sent.")
        assert chat.composer.text == "once more"
        assert len(chat.asked) == 1
        assert [message.text for message in await chat.stored() if message.role == "user"] == [QUESTION]


async def test_the_balance_falls_after_the_answer(console: Opens) -> None:
    async with at_chat(console) as chat:
        before = chat.it.sent("GET", "balance")
        await chat.answered()
        await chat.until(lambda: len(chat.it.sent("GET", "balance")) > len(before))


async def test_a_second_question_waits_for_the_first_answer_and_is_kept(console: Opens) -> None:
    async with at_chat(console) as chat:
        chat.it.world.pace = 1
        await chat.ask(LONG)
        await chat.agree()
        await chat.shows("is thinking")
        await chat.ask("too early")
        await chat.shows("still coming")
        assert chat.composer.text == "too early"
        await chat.it.press("escape")
        await chat.at_rest()
        assert len(chat.asked) == 1


# Stopping


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_stopping_keeps_the_part_and_pays_only_for_it(console: Opens, key: str) -> None:
    async with at_chat(console, "qwen3") as chat:
        chat.it.world.pace = 4
        await chat.ask(LONG)
        await chat.agree()
        await chat.shows("is writing")
        await chat.until(lambda: len(_last_text(chat)) > 20)
        begun = time.monotonic()
        await chat.it.press(key)
        await chat.until(lambda: not chat.pane.busy_words)
        assert time.monotonic() - begun < 1
        await chat.shows("◼ stopped")
        answer = (await chat.stored())[-1]
        assert answer.state == "stopped"
        assert 20 < len(answer.text) < 1500
        await chat.until(lambda: chat.it.world.charges)
        assert chat.composer.has_focus


async def test_a_stop_before_anything_was_sent_keeps_nothing_and_gives_the_question_back(console: Opens) -> None:
    async with at_chat(console, "qwen3") as chat:
        chat.it.world.faults.add({"kind": "hang", "match": {"method": "GET", "path": "service"}, "times": None})
        before = len(chat.it.world.calls)
        await chat.ask(LONG)
        await chat.until(lambda: any("service" in call.path for call in chat.it.world.calls[before:]))
        await chat.it.press("escape")
        await chat.shows("Not sent.")
        assert (chat.asked, chat.composer.text) == ([], LONG)
        assert await chat.it.app.session.journal.chats() == []


async def test_reading_back_while_an_answer_streams_and_following_again(console: Opens) -> None:
    async with at_chat(console, "qwen3", size=(80, 20)) as chat:
        chat.it.world.pace = 0.6
        await chat.ask(LONG)
        await chat.agree()
        await chat.until(lambda: len(chat.page.copy_text(chat.page.entry_ids()[-1])) > 700)
        await chat.it.press("pageup")
        await chat.shows("new below")
        top = chat.page.scroll_offset.y
        said = len(_last_text(chat))
        await chat.until(lambda: len(_last_text(chat)) > said + 40)
        assert chat.page.scroll_offset.y == top
        for _ in range(9):
            await chat.it.press("pagedown")
        await chat.until(lambda: chat.page.following and "new below" not in chat.it.shown())
        await chat.it.pilot.resize_terminal(100, 30)
        await chat.at_rest()
        await chat.shows("to first token")
        assert chat.composer.has_focus


def _last_text(chat: Chat) -> str:
    entries = chat.page.entry_ids()
    return chat.page.copy_text(entries[-1]) if entries else ""


async def test_escape_leaves_the_input_when_nothing_runs_and_i_or_enter_returns(console: Opens) -> None:
    async with at_chat(console) as chat:
        for back in ("i", "enter"):
            await chat.it.press("x", "escape")
            await chat.until(lambda: chat.page.has_focus)
            await chat.it.press(back)
            await chat.until(lambda: chat.composer.has_focus)
        assert chat.composer.text == "xx"
        await chat.it.press("escape", "4")
        await chat.until(lambda: chat.it.pane.title == "Deployments")


async def test_an_answer_goes_on_while_another_pane_is_shown(console: Opens) -> None:
    async with at_chat(console, "qwen3") as chat:
        pane = chat.pane
        chat.it.world.pace = 0.2
        await chat.ask(LONG)
        await chat.agree()
        await chat.shows("is writing")
        await chat.it.press("f4")
        await chat.until(lambda: chat.it.pane.title == "Deployments")
        await chat.until(lambda: not pane.busy_words)
        await chat.it.press("3")
        await chat.shows("to first token")


# Errors


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (404, {"status": "error", "message": "no such thing here"}, "no such thing here"),
        (400, {"error": {"message": "bad words"}}, "bad words"),
        (401, {"status": "error", "message": "token expired"}, "The key was refused"),
        (500, {"status": "error", "message": "it burns"}, "Nobody knows whether it was answered"),
    ],
)
async def test_an_error_is_a_card_and_the_question_comes_back(
    console: Opens, status: int, body: dict[str, Any], said: str
) -> None:
    async with at_chat(console) as chat:
        chat.fault("status", status=status, body=body)
        await chat.answered("what is it")
        await chat.shows("╭─ ✗", said, f"status {status}")
        assert chat.composer.text == "what is it"
        assert len(chat.asked) == 1
        assert (await chat.stored())[-1].state == "failed"


async def test_a_failed_question_is_not_told_again(console: Opens) -> None:
    async with at_chat(console) as chat:
        chat.fault("status", status=400, body={"error": {"message": "no"}})
        await chat.answered("the bad one")
        await chat.it.press("ctrl+u")
        await chat.answered("the good one")
        sent = next(call.body for call in reversed(chat.it.world.calls) if call.method == "POST")
        assert b"the bad one" not in sent
        assert b"the good one" in sent


async def test_capacity_shows_the_wait_and_then_offers_the_next_model(console: Opens, tmp_path: Path) -> None:
    save_value(None, "chat_fallbacks", ["glm_5_3_flash"], config_dir=tmp_path / "config")
    busy = {"status": 409, "body": {"status": "error", "message": "No instances available"}}
    async with at_chat(console, THETA_HTTP_MAX_RETRIES="1") as chat:
        chat.fault("status", headers={"Retry-After": "1"}, **busy)
        chat.fault("status", times=9, **busy)
        await chat.ask("anybody there")
        await chat.agree()
        await chat.shows("waits · again in", "No instances available")
        await chat.until(lambda: not chat.pane.busy_words)
        await chat.shows("No machine is free", "ctrl+f asks glm_5_3_flash instead")
        assert chat.composer.text == "anybody there"
        chat.it.world.faults.clear()
        await chat.it.press("escape", "f")
        await chat.shows("glm_5_3_flash is asked instead of glm_5_3", "to first token")
        assert chat.composer.text == ""


async def test_an_empty_answer_is_its_own_card_with_the_way_out(console: Opens) -> None:
    async with at_chat(console) as chat:
        chat.fault("null_output")
        await chat.answered("say it")
        await chat.shows("The model said nothing", "max tokens", "ctrl+s")
        assert chat.composer.text == "say it"
        assert (await chat.stored())[-1].state == "failed"


async def test_an_empty_purse_is_told_as_such(console: Opens) -> None:
    async with at_chat(console) as chat:
        await chat.answered()
        chat.fault("status", status=402, body={"status": "error", "message": "Insufficient credit balance"})
        await chat.answered("more")
        await chat.shows("Not paid for", "Insufficient credit balance")


# What arrives


@pytest.mark.parametrize("kind", ["malformed_line", "crlf", "sse_despite_json", "json_despite_sse", "comment_lines"])
async def test_an_odd_stream_still_becomes_a_whole_answer(console: Opens, kind: str) -> None:
    async with at_chat(console) as chat:
        chat.fault(kind)
        await chat.answered()
        await chat.shows(GREETING)
        assert (await chat.stored())[-1].state == "complete"


async def test_a_key_that_a_model_says_back_in_two_pieces_is_not_shown(console: Opens) -> None:
    async with at_chat(console) as chat:
        key = chat.it.world.keys.ondemand_token
        halves = (f"Your key is {key[:9]}", f"{key[9:]}, is it not? ")
        chunks = (json.dumps({"choices": [{"index": 0, "delta": {"content": half}}]}) for half in halves)
        chat.fault("malformed_line", text="\n\ndata: ".join(chunks))
        await chat.answered()
        await chat.shows("Your key is [redacted], is it not?")
        assert key[9:] not in chat.it.shown()
        assert key[9:] not in "".join(text for _, text in chat.page.copy_choices("a chat"))
        assert key not in (await chat.stored())[-1].text


async def test_a_stream_without_its_end_mark_counts_as_finished(console: Opens) -> None:
    async with at_chat(console) as chat:
        chat.fault("no_done")
        await chat.answered()
        await chat.shows(GREETING)
        assert (await chat.stored())[-1].state == "complete"


async def test_a_cut_stream_keeps_its_text_and_is_marked(console: Opens) -> None:
    async with at_chat(console, "qwen3") as chat:
        chat.fault("cut_stream", chunks=20)
        await chat.answered(LONG)
        await chat.shows("◼ The answer was cut")
        answer = (await chat.stored())[-1]
        assert answer.state == "cut"
        assert answer.text


async def test_an_error_in_the_middle_keeps_the_text_and_says_the_words(console: Opens) -> None:
    async with at_chat(console, "qwen3") as chat:
        chat.fault("error_event", chunks=20, text="The worker was lost")
        await chat.answered(LONG)
        await chat.shows("The worker was lost")
        assert (await chat.stored())[-1].state == "cut"


@pytest.mark.parametrize("service", ["glm_5_3", "gpt_oss_120b", "qwen3"])
async def test_reasoning_is_kept_apart_in_every_spelling(console: Opens, service: str) -> None:
    async with at_chat(console, service) as chat:
        if service == "qwen3":
            chat.fault("think_tags")
        await chat.answered()
        await chat.shows("▸ Thought ·", GREETING)
        answer = (await chat.stored())[-1]
        assert "The user asks" in answer.reasoning
        assert "The user asks" not in answer.text
        assert "<think>" not in answer.text
        await chat.it.press("escape", "t")
        await chat.shows("The user asks")


async def test_hostile_words_of_a_model_stay_words(console: Opens) -> None:
    hostile = "\x1b]0;owned\x07 [@click=app.quit_now]press[/] \u202egnp.exe [bold]not bold[/bold] \x9b31m"
    said = {"role": "assistant", "content": hostile, "reasoning": hostile}
    completion = {"id": hostile, "model": hostile, "choices": [{"message": said, "finish_reason": "stop"}]}
    async with at_chat(console) as chat:
        chat.fault("json", body=completion)
        await chat.answered()
        await chat.shows("[@click=app.quit_now]press[/]", "[bold]not bold[/bold]")
        shown = chat.it.shown()
        assert not set(shown) & {"\x1b", "\x07", "\u202e", "\x9b"}
        chat.fault("status", status=400, body={"error": {"message": hostile}})
        await chat.answered("more")
        await chat.shows("✗ The cloud did not take the request")
        assert not set(chat.it.shown()) & {"\x1b", "\x07", "\u202e", "\x9b"}
        assert all(not set(text) & {"\x1b", "\x07", "\u202e"} for _, text in chat.pane.copy_choices())


# Writing


async def test_a_paste_with_line_breaks_does_not_send(console: Opens) -> None:
    async with at_chat(console) as chat:
        chat.it.app.post_message(events.Paste("one\rtwo\r\nthree\r"))
        await chat.until(lambda: "three" in chat.composer.text)
        await chat.it.pilot.pause(0.1)
        assert chat.composer.text == "one\ntwo\nthree\n"
        assert chat.page.is_empty


async def test_a_raw_burst_with_enter_is_a_paste_and_not_sent(console: Opens) -> None:
    async with at_chat(console) as chat:
        for key in ("o", "n", "e", "enter", "t", "w", "o", "enter"):
            chat.it.app.post_message(events.Key(key, key if len(key) == 1 else "\r"))
        await chat.until(lambda: chat.composer.text == "one\ntwo\n")
        await chat.it.pilot.pause(0.1)
        assert chat.composer.text == "one\ntwo\n"
        assert chat.page.is_empty


async def test_ctrl_j_begins_a_line_where_the_cursor_is(console: Opens) -> None:
    async with at_chat(console) as chat:
        await chat.it.press("a", "ctrl+j", "b")
        assert chat.composer.text == "a\nb"
        assert chat.composer.size.height == 2


async def test_arrows_at_the_edges_walk_what_was_sent_and_come_back(console: Opens) -> None:
    async with at_chat(console) as chat:
        await chat.answered("first")
        await chat.answered("second")
        await chat.it.type("new")
        await chat.it.press("up")
        assert chat.composer.text == "second"
        await chat.it.press("up")
        assert chat.composer.text == "first"
        await chat.it.press("down", "down")
        assert chat.composer.text == "new"


async def test_a_text_beyond_the_limit_is_refused_in_one_line_and_kept(console: Opens) -> None:
    async with at_chat(console) as chat:
        long = "x" * 200_001
        await chat.put(long)
        await chat.it.press("enter")
        await chat.shows("200,000 is the most")
        assert chat.composer.text == long
        assert chat.page.is_empty


async def test_a_draft_survives_the_console(console: Opens) -> None:
    async with at_chat(console) as chat:
        await chat.put("half a thought")
        journal = chat.it.app.session.journal
        drafts: list[str] = []
        end = time.monotonic() + 2
        while not any(drafts) and time.monotonic() < end:
            drafts.append(await journal.draft("new"))
            await chat.it.pilot.pause(0.05)
        assert drafts[-1] == "half a thought"
    async with at_chat(console) as chat:
        assert chat.composer.text == "half a thought"


async def test_the_last_words_before_quitting_are_a_draft_too(console: Opens) -> None:
    async with at_chat(console) as chat:
        await chat.it.press("q", "u", "i", "c", "k")
    async with at_chat(console) as chat:
        assert chat.composer.text == "quick"


# Chats


async def test_the_last_chat_is_there_again_with_its_model_and_settings(console: Opens) -> None:
    async with at_chat(console, "gpt_oss_120b") as chat:
        await chat.answered()
    async with at_chat(console, "gpt_oss_120b") as chat:
        await chat.shows("┃ hi", GREETING, "to first token", "gpt_oss_120b · on-demand")
        await chat.answered("again")
        assert len(await chat.stored()) == 4


async def test_leaving_while_the_last_chat_is_being_opened_opens_it_all_the_same(console: Opens) -> None:
    async with at_chat(console, "gpt_oss_120b") as chat:
        await chat.answered()
    async with console(pane="overview") as it:
        free = threading.Event()
        busy = asyncio.create_task(it.app.session.journal._store.read(lambda _: free.wait(30), False))
        for key in ("3", "f4", "f3"):
            await it.press(key)
        free.set()
        assert await busy
        await it.until(lambda: "┃ hi" in it.shown())


async def test_chats_are_listed_found_opened_renamed_and_deleted(console: Opens) -> None:
    async with at_chat(console) as chat:
        await chat.answered("about lighthouses")
        await chat.it.press("ctrl+n")
        await chat.shows("Ask anything.")
        chat._agreed = False
        await chat.answered("about foxes")
        await chat.it.press("ctrl+l")
        await chat.shows("TITLE", "about foxes", "about lighthouses")
        await chat.it.press("slash")
        await chat.it.type("lighth")
        await chat.until(lambda: "about foxes" not in chat.it.shown().split("TITLE")[-1])
        await chat.it.press("enter", "r")
        await chat.it.press("end")
        await chat.it.type("!")
        await chat.it.press("enter")
        await chat.shows("about lighthouses!")
        await chat.it.press("enter")
        await chat.shows("┃ about lighthouses")
        await chat.it.press("ctrl+l")
        await chat.shows("TITLE")
        await chat.it.press("d")
        await chat.shows("Delete about")
        await chat.it.press("y")
        await chat.shows("Deleted")
        await chat.it.press("escape")
        assert len(await chat.it.app.session.journal.chats()) == 1


async def test_the_model_is_switched_by_keys_and_the_missing_ones_say_why(console: Opens) -> None:
    async with at_chat(console, "qwen3") as chat:
        await chat.it.press("ctrl+o")
        await chat.shows("USD PER M", "glm_5_3_flash", "○ Stopped", "○ not configured")
        await chat.it.press("down", "down")
        await chat.shows("Set THETA_INFERENCE_ENDPOINT")
        await chat.it.type("flash")
        await chat.it.press("enter")
        await chat.shows("glm_5_3_flash · on-demand")
        await chat.answered()
        assert chat.asked == ["/infer_request/chat/completions"]


async def test_a_deployment_is_asked_for_nothing_beyond_its_machine(console: Opens) -> None:
    async with at_chat(console) as chat:
        listed = await chat.it.app.session.ask("theta.deployments.list")
        running = next(item for item in listed.deployments if item.name == "support-chat")
        chat.pane.use_deployment(running.key, running.name)
        await chat.shows("support-chat · your machine")
        await chat.answered()
        await chat.shows("$0.00")
        assert chat.it.sent("POST", f"/endpoint/{running.suffix}/v1/chat/completions")


async def test_settings_are_checked_used_shown_and_kept_with_the_chat(console: Opens) -> None:
    async with at_chat(console) as chat:
        await chat.it.press("ctrl+s")
        await chat.until(lambda: isinstance(chat.it.app.screen, OptionsForm))
        await chat.it.type("Be brief")
        await chat.it.press("tab", "9", "enter")
        await chat.shows("Temperature is a number from 0 to 2")
        await chat.it.press("backspace", "1", "tab", "tab", "6", "4", "0", "tab", "right", "right", "ctrl+s")
        await chat.shows("Be brief", "temp 1", "max 640", "effort high")
        await chat.answered()
        sent = next(call.body for call in reversed(chat.it.world.calls) if call.method == "POST")
        for part in (b'"role":"system"', b"Be brief", b'"max_tokens":640', b'"reasoning_effort":"high"'):
            assert part in sent.replace(b": ", b":")
    async with at_chat(console) as chat:
        await chat.shows("Be brief", "max 640", "effort high")
        assert chat.composer.text == ""


async def test_asking_again_and_editing_make_branches_and_the_old_ones_stay(console: Opens) -> None:
    async with at_chat(console) as chat:
        await chat.answered("what are foxes")
        await chat.it.press("escape", "E", "enter")
        await chat.until(lambda: len(chat.asked) == 2)
        await chat.at_rest()
        messages = await chat.stored()
        assert [message.role for message in messages] == ["user", "assistant", "assistant"]
        assert messages[1].parent_id == messages[2].parent_id == messages[0].id
        assert len(chat.page.entry_ids()) == 2
        await chat.it.press("escape", "E")
        await chat.until(lambda: chat.composer.text == "what are foxes")
        await chat.it.press("question_mark", "enter")
        await chat.until(lambda: len(chat.asked) == 3)
        await chat.at_rest()
        messages = await chat.stored()
        assert [message.text for message in messages if message.role == "user"] == ["what are foxes", "what are foxes?"]
        assert "┃ what are foxes?" in chat.it.shown()
        assert len(chat.page.entry_ids()) == 2


async def test_what_can_be_copied_is_the_message_the_chat_and_each_code_block(console: Opens) -> None:
    async with at_chat(console, "qwen3") as chat:
        await chat.answered("write python code for primes")
        choices = dict(chat.pane.copy_choices())
        assert choices["Message"] == (await chat.stored())[-1].text
        assert choices["Whole chat as Markdown"].startswith("# write python code for primes\n\n**You**")
        assert "import" in choices["Code block 1"]


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (100, 30), (140, 40), (200, 50)])
async def test_whom_and_how_is_asked_shows_at_every_width(console: Opens, size: tuple[int, int]) -> None:
    async with at_chat(console, "glm_5_3_flash", size=size) as chat:
        heading = next(line for line in chat.it.shown().splitlines() if "glm_5_3_flash" in line)
        for value in ("0.5", "0.7", "500", "low"):
            assert value in heading
        assert "system" in heading
