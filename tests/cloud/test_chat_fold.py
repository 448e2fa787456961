from __future__ import annotations

import tracemalloc
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theta_tui.change import Ending
from theta_tui.cloud.chat import ChatFold, ThinkTags, check_answer, worst_tokens
from theta_tui.errors import EmptyOutput, JobFailed
from theta_tui.shapes.chat import ChatAnswer, Message
from theta_tui.shapes.on_demand import Price

PRICE = Price(input_usd=Decimal("0.0000002"), output_usd=Decimal("0.0000004"), is_per_token=True)


def fold(*messages: Any, complete: bool = True, price: Price | None = PRICE) -> ChatAnswer:
    folded = ChatFold(service="qwen3", price=price, prompt_bytes=30)
    for message in messages:
        list(folded.feed(message))
    return folded.result(Ending(complete=complete, seconds=2.0, first_seconds=0.5))


def delta(**fields: Any) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "model": "m", "choices": [{"index": 0, "delta": fields, "finish_reason": None}]}


FINISH = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
USAGE = {"choices": [], "usage": {"prompt_tokens": 75, "completion_tokens": 76, "total_tokens": 151}}


def test_pieces_become_one_answer_with_usage_and_cost() -> None:
    answer = fold(delta(role="assistant", content=""), delta(content="Hel"), delta(content="lo"), FINISH, USAGE)
    assert answer.text == "Hello"
    assert answer.finish_reason == "stop"
    assert answer.usage == {"prompt_tokens": 75, "completion_tokens": 76, "total_tokens": 151}
    assert answer.cost_usd == Decimal("0.0000454")
    assert answer.cost_is_estimate
    assert (answer.request_id, answer.model) == ("chatcmpl-1", "m")
    assert (answer.seconds, answer.first_token_seconds) == (2.0, 0.5)


def test_thousands_of_pieces_take_little_more_room_than_their_letters() -> None:
    folded, words = ChatFold(service="qwen3"), [f"{number:<4}" for number in range(5_000)]
    tracemalloc.start()
    for word in words:
        list(folded.feed(delta(content="".join([*word]))))  # a string of its own, as each that is parsed
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert folded.result(Ending(complete=True, seconds=1.0)).text == "".join(words)
    assert kept < 4 * len("".join(words))


@pytest.mark.parametrize("key", ["reasoning", "reasoning_content"])
def test_reasoning_is_kept_apart_in_both_spellings(key: str) -> None:
    answer = fold(delta(**{key: "Hm."}), delta(content="Yes."), FINISH)
    assert (answer.reasoning, answer.text) == ("Hm.", "Yes.")


def test_a_whole_answer_in_json_is_a_stream_of_one() -> None:
    message = {"role": "assistant", "content": "Hello.", "reasoning": "Short."}
    answer = fold({"id": "x", "choices": [{"message": message, "finish_reason": "stop"}], **USAGE, "model": "m"} | {
        "choices": [{"message": message, "finish_reason": "stop"}]
    })  # fmt: skip
    assert (answer.text, answer.reasoning, answer.finish_reason) == ("Hello.", "Short.", "stop")


def test_plain_completion_text_is_read_too() -> None:
    assert fold({"choices": [{"text": "old style", "finish_reason": "stop"}]}).text == "old style"


def test_the_clouds_own_cost_wins_over_any_estimate() -> None:
    job = {
        "id": "infr_rqst_1", "state": "success", "output": {"message": "Hi"},
        "usage": {"input": 5, "output": 9}, "cost_usd": {"input": Decimal("0.001"), "output": Decimal("0.002")},
    }  # fmt: skip
    answer = fold({"infer_requests": [job]})
    assert answer.text == "Hi"
    assert answer.cost_usd == Decimal("0.003")
    assert not answer.cost_is_estimate
    assert answer.usage == {"prompt_tokens": 5, "completion_tokens": 9}


def test_a_job_still_running_says_how_to_follow_it() -> None:
    answer = fold({"infer_requests": [{"id": "infr_rqst_1", "state": "processing", "output": None}]})
    assert not answer.complete
    assert "infr_rqst_1" in answer.notes[0]


def test_a_failed_job_raises_with_the_clouds_words() -> None:
    answer = fold({"infer_requests": [{"id": "r", "state": "error", "error_message": "CUDA out of memory"}]})
    with pytest.raises(JobFailed, match="CUDA out of memory"):
        check_answer(answer)


def test_a_null_output_is_an_empty_completion_never_text() -> None:
    answer = fold({"infer_requests": [{"id": "r", "state": "success", "output": {"message": None}}]})
    with pytest.raises(EmptyOutput, match="empty completion"):
        check_answer(answer)


def test_an_answer_of_reasoning_only_says_where_the_budget_went() -> None:
    answer = fold(delta(reasoning="and on and on"), {"choices": [{"delta": {}, "finish_reason": "length"}]})
    with pytest.raises(EmptyOutput, match="spending its budget on reasoning"):
        check_answer(answer)


def test_a_cut_answer_keeps_its_part_and_an_estimate() -> None:
    answer = fold(delta(content="half an ans"), complete=False)
    check_answer(answer)
    assert (answer.text, answer.complete) == ("half an ans", False)
    assert answer.cost_usd is not None
    assert answer.cost_usd > 0
    assert answer.cost_is_estimate


def test_an_unknown_price_stays_unknown() -> None:
    assert fold(delta(content="x"), FINISH, USAGE, price=None).cost_usd is None


def test_tool_calls_are_joined_from_their_pieces() -> None:
    first = {"index": 0, "id": "call_1", "function": {"name": "look_up", "arguments": '{"ci'}}
    second = {"index": 0, "function": {"arguments": 'ty":"Rome"}'}}
    answer = fold(delta(tool_calls=[first]), delta(tool_calls=[second]), FINISH)
    assert answer.tool_calls[0]["function"] == {"name": "look_up", "arguments": '{"city":"Rome"}'}
    assert not answer.is_empty


@pytest.mark.parametrize("message", [None, [], "text", 7, {"choices": None}, {"choices": [None]}, {"choices": [{}]}])
def test_odd_messages_change_nothing(message: Any) -> None:
    assert fold(message, FINISH).text == ""


@pytest.mark.parametrize("messages", [(), (None,), ([], 7, "text"), ({},), ({"body": {}},)])
def test_an_answer_in_which_nothing_is_said_proves_nothing(messages: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match="says nothing"):
        fold(*messages)
    assert fold(*messages, complete=False).text == ""


@given(cuts=st.lists(st.integers(0, 60), max_size=8))
def test_think_tags_are_found_wherever_the_pieces_are_cut(cuts: list[int]) -> None:
    source = "before <think>inner <b>thought</b></think>after < think"
    tags, events = ThinkTags(), []
    edges = [0, *sorted(min(cut, len(source)) for cut in cuts), len(source)]
    for start, end in pairwise(edges):
        events += list(tags.feed(source[start:end]))
    events += list(tags.flush())
    assert "".join(event.text for event in events if event.kind == "text") == "before after < think"
    assert "".join(event.text for event in events if event.kind == "reasoning") == "inner <b>thought</b>"


def test_the_worst_case_counts_a_token_for_every_byte() -> None:
    tokens_in, tokens_out = worst_tokens((Message(role="user", content="häß"),), 500)
    assert tokens_in >= len("häß".encode())
    assert tokens_out == 500
