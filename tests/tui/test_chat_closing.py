"""How answers end, what a thread tells a model, and how settings are read: the pure parts of the chat."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from theta_tui.chats.book import title_of
from theta_tui.chats.options import Options, read_count, read_number
from theta_tui.chats.target import Target
from theta_tui.chats.thread import branch, told
from theta_tui.errors import CapacityError, NotFound, Uncertain
from theta_tui.journal.chats import Message
from theta_tui.shapes.chat import ChatAnswer, ChatEvent
from theta_tui.tui.panes.chat.answering import Outcome
from theta_tui.tui.panes.chat.closing import close, footer
from theta_tui.tui.panes.chat.shown import shown
from theta_tui.tui.panes.chat.tool_calls import FENCE, ToolCalls

GLM = Target.service("glm_5_3")


def _message(number: int, parent: int | None, role: str, text: str, state: str = "complete", **meta: Any) -> Message:
    return Message(
        id=number, chat_id=1, parent_id=parent, role=role, text=text, reasoning="", state=state, meta=meta,
        created=0, changed=0,
    )  # fmt: skip


def test_a_footer_has_every_figure_that_is_known() -> None:
    answer = ChatAnswer(
        text="x", usage={"prompt_tokens": 1075, "completion_tokens": 90}, cost_usd=Decimal("0.00042"),
        cost_is_estimate=True, request_id="chatcmpl-1", seconds=2.5,
    )  # fmt: skip
    assert footer(answer, 0.5) == (
        "0.50 s to first token · 45 tokens/s · 1,075 in, 90 out · $0.000420 (estimate) · chatcmpl-1"
    )


def test_a_footer_says_unknown_and_never_zero() -> None:
    assert footer(ChatAnswer(text="x", seconds=1.0), None) == "tokens unknown · cost unknown"


def test_an_answer_in_one_piece_has_a_speed_over_all() -> None:
    answer = ChatAnswer(text="x", usage={"prompt_tokens": 1, "completion_tokens": 100}, seconds=2.0)
    assert "50 tokens/s" in footer(answer, 2.0)


def test_a_lost_answer_is_uncertain_and_says_not_to_repeat_it_blindly() -> None:
    closing = close(Outcome(error=Uncertain("lost", status=500)), GLM, "t")
    assert closing.state == "failed"
    assert closing.card is not None
    assert "Nobody knows" in closing.card.title
    assert "Do not repeat it blindly" in closing.card.hint
    assert "uncertain · status 500" in closing.card.lines


@pytest.mark.parametrize("error", [NotFound("gone", status=404), CapacityError("busy", status=409)])
def test_a_card_names_the_key_that_helps(error: NotFound | CapacityError) -> None:
    card = close(Outcome(error=error), GLM, "t").card
    assert card is not None
    assert "ctrl+o" in card.hint


def test_a_stop_before_the_first_word_says_that_it_may_be_charged() -> None:
    closing = close(Outcome(stopped=True), GLM, "t")
    assert (closing.state, closing.card) == ("stopped", None)
    assert closing.note is not None
    assert "charged" in closing.note


def test_an_empty_answer_after_thinking_asks_for_more_tokens() -> None:
    closing = close(Outcome(result=ChatAnswer(reasoning="hm", finish_reason="length")), GLM, "t")
    assert closing.is_failure
    assert closing.card is not None
    assert "tokens on thinking" in closing.card.lines[0]
    assert "max tokens" in closing.card.hint


def test_tool_calls_stay_inside_their_fence_whatever_they_hold() -> None:
    calls = ToolCalls()
    parts = [("look", True), ('{"q": "````````', False), ('\\n# out"}', False)]
    block = "".join(
        calls.text_of(ChatEvent(kind="tool_call", text=text, call=0, is_name=is_name)) for text, is_name in parts
    )
    block = (block + calls.close()).strip()
    assert block.startswith(f"{FENCE}calls\nlook(")
    assert block.endswith(f")\n{FENCE}")
    assert block.count(FENCE) == 2


@pytest.mark.parametrize("said", [FENCE, f"a\n{FENCE}\n", f"  {FENCE}", f"a\u2028{FENCE}\x85{FENCE}"])
def test_no_tool_call_ends_its_block_even_in_pieces(said: str) -> None:
    for size in (1, 3, 100):
        calls = ToolCalls()
        pieces = [said[at : at + size] for at in range(0, len(said), size)]
        told = [ChatEvent(kind="tool_call", text=piece, call=0, is_name=True) for piece in pieces]
        told += [ChatEvent(kind="tool_call", text=piece, call=0, is_name=False) for piece in pieces]
        shown = "".join(calls.text_of(event) for event in told) + calls.close()
        begins = [line for line in re.split(r"[\n\r\x0b\x0c\x85\u2028]", shown) if line.lstrip().startswith("```")]
        assert begins == [f"{FENCE}calls", FENCE]


def test_a_thread_leads_to_the_newest_branch_and_leaves_failures_out() -> None:
    messages = [
        _message(1, None, "user", "old question"),
        _message(2, 1, "assistant", "old answer"),
        _message(3, 2, "user", "refused"),
        _message(4, 3, "assistant", "", "failed", card={"title": "No", "lines": ["why"], "hint": "h"}),
        _message(5, 2, "user", "asked better"),
        _message(6, 5, "assistant", "half", "stopped"),
    ]
    assert [message.id for message in branch(messages)] == [1, 2, 5, 6]
    assert [message.id for message in told(branch(messages))] == [1, 2, 5, 6]
    assert [message.id for message in told(branch(messages, 4))] == [1, 2]
    assert [type(entry).__name__ for entry in shown(messages[3])] == ["StoredError"]


def test_a_thread_with_a_loop_in_its_parents_ends() -> None:
    messages = [_message(1, 2, "user", "a"), _message(2, 1, "assistant", "b")]
    assert len(branch(messages)) == 2


@pytest.mark.parametrize("text", ["warm", "2.1", "-1", "nan", "inf", "1e999"])
def test_a_number_out_of_range_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ValueError, match="Temperature is a number from 0 to 2"):
        read_number(text, 0, 2, "Temperature")


@pytest.mark.parametrize("text", ["0", "5001", "-3", "1.5", "٣", "9" * 40])
def test_a_count_out_of_range_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ValueError, match="Max tokens is a whole number from 1 to 5,000"):
        read_count(text, 5000, "Max tokens")


def test_empty_fields_mean_the_default_and_are_not_sent() -> None:
    assert read_number(" ", 0, 1, "Top p") is None
    assert read_count("1,500", 5000, "Max tokens") == 1500
    asked = GLM.arguments([{"role": "user", "content": "hi"}], Options())
    assert set(asked) == {"messages", "stream", "service"}
    assert GLM.defaults == Options("", 0.5, 0.7, 500, "low")


def test_an_effort_that_the_model_does_not_know_is_not_sent() -> None:
    chosen = Options(effort="medium")
    assert "reasoning_effort" not in GLM.arguments([], chosen)
    assert Target.service("gpt_oss_120b").arguments([], chosen)["reasoning_effort"] == "medium"


def test_stored_options_of_a_wrong_type_are_left_out() -> None:
    assert Options.read({"temperature": "hot", "max_tokens": [], "system": 3, "effort": "low"}) == Options(effort="low")
    assert Target.read({"kind": "weapon"}) is None
    assert Target.read(GLM.as_json()) == GLM


def test_a_title_is_the_beginning_of_the_question_in_whole_words() -> None:
    assert title_of("short\n one") == "short one"
    title = title_of("why is it that " + "words " * 30)
    assert len(title) <= 60
    assert title.endswith("words…")
