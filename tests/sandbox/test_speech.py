from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.utterance import SPEAKERS, compose, tokens
from theta_tui.sandbox.world import World

CHAT = "/infer_request/chat/completions"
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "kelvin"]}},
            "required": ["city", "unit"],
        },
    },
}
TIME = {"type": "function", "function": {"name": "get_time", "parameters": {"type": "object", "properties": {}}}}


@pytest.fixture
def client(sandbox: SandboxServer, world: World) -> Iterator[httpx.Client]:
    headers = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)", "Authorization": f"Bearer {world.keys.ondemand_token}"}
    with httpx.Client(base_url=sandbox.origin, headers=headers, timeout=5) as client:
        yield client


def chat(text: str = "hello", model: str = "gpt_oss_120b", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


def whole(client: httpx.Client, text: str = "hello", **more: Any) -> dict[str, Any]:
    answer = client.post(CHAT, json=chat(text, **{"stream": False, **more}))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def streamed(client: httpx.Client, text: str = "hello", **more: Any) -> str:
    answer = client.post(CHAT, json=chat(text, **{"stream": True, **more}))
    assert answer.headers["content-type"].startswith("text/event-stream"), answer.text
    return answer.text


def chunks(text: str) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]


def joined(text: str, key: str) -> str:
    return "".join(chunk["choices"][0]["delta"].get(key) or "" for chunk in chunks(text) if chunk["choices"])


def fault(world: World, kind: str, **options: Any) -> None:
    world.faults.add({"kind": kind, **options})


def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.005)
    return condition()


def test_a_stream_is_role_deltas_finish_usage_and_done_in_this_order(client: httpx.Client) -> None:
    text = streamed(client)
    blocks = text.split("\n\n")
    assert blocks[-2:] == ["data: [DONE]", ""]
    assert all(block.startswith("data: ") for block in blocks[:-1])
    got = chunks(text)
    assert got[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert [chunk["choices"][0]["finish_reason"] for chunk in got[:-1]] == [None] * (len(got) - 2) + ["stop"]
    assert got[-1]["choices"] == []
    assert got[-1]["usage"]["completion_tokens"] == len(got) - 3
    assert {chunk["id"] for chunk in got} == {got[0]["id"]}
    assert got[0]["id"].startswith("chatcmpl-")
    assert {(chunk["object"], chunk["model"]) for chunk in got} == {("chat.completion.chunk", "gpt_oss_120b")}


def test_json_and_stream_say_the_same_and_cost_the_same(client: httpx.Client) -> None:
    answer, text = whole(client, "tell me about harbours"), streamed(client, "tell me about harbours")
    message = answer["choices"][0]["message"]
    assert message["content"] == joined(text, "content")
    assert message["reasoning"] == joined(text, "reasoning")
    assert answer["usage"] == chunks(text)[-1]["usage"]
    assert answer["usage"]["total_tokens"] == answer["usage"]["prompt_tokens"] + answer["usage"]["completion_tokens"]
    assert answer["object"] == "chat.completion"


@pytest.mark.parametrize(("model", "streams"), [("glm_5_3", True), ("gpt_oss_120b", False)])
def test_each_model_has_its_own_habit_when_stream_is_absent(client: httpx.Client, model: str, streams: bool) -> None:
    kind = client.post(CHAT, json=chat(model=model)).headers["content-type"]
    assert kind.startswith("text/event-stream" if streams else "application/json")


def test_reasoning_has_the_key_of_its_model_and_never_mixes_with_the_answer(client: httpx.Client) -> None:
    glm = whole(client, model="glm_5_3")["choices"][0]["message"]
    oss = whole(client)["choices"][0]["message"]
    assert set(glm) == {"role", "content", "reasoning_content"}
    assert set(oss) == {"role", "content", "reasoning"}
    assert "The user asks" in oss["reasoning"]
    assert "The user asks" not in oss["content"]


def test_more_effort_means_more_reasoning(client: httpx.Client) -> None:
    lengths = [
        len(whole(client, model="glm_5_3", reasoning_effort=effort)["choices"][0]["message"]["reasoning_content"])
        for effort in ("low", "high", "max")
    ]
    assert lengths[0] * 2 < lengths[1] < lengths[2]


def test_a_minimax_like_model_thinks_in_tags(client: httpx.Client) -> None:
    content = whole(client, model="minimax_m2_5")["choices"][0]["message"]["content"]
    assert content.startswith("<think>")
    assert "</think>" in content


@pytest.mark.parametrize("cap", [1, 10, 48])
def test_a_small_cap_leaves_gpt_oss_without_an_answer(client: httpx.Client, cap: int) -> None:
    choice = whole(client, max_tokens=cap)
    assert choice["choices"][0]["message"]["content"] is None
    assert choice["choices"][0]["finish_reason"] == "length"
    assert choice["usage"]["completion_tokens"] == cap
    assert joined(streamed(client, max_tokens=cap), "content") == ""


def test_an_answer_longer_than_the_cap_ends_with_length(client: httpx.Client) -> None:
    answer = whole(client, "a long text about the sea", model="qwen3", max_tokens=90)
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 90
    assert len(tokens(answer["choices"][0]["message"]["content"])) == 90


def test_long_means_twenty_thousand_characters_with_code_and_tables(client: httpx.Client) -> None:
    content = whole(client, "a long text about the sea", model="glm_5_3")["choices"][0]["message"]["content"]
    assert 19_000 < len(content) < 23_000
    for part in ("```python", "```bash", "|---|", "\n- ", "\n1. ", "\n## "):
        assert part in content


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("hi", "Hello!"),
        ("write some python code for parsing", "```python"),
        ("a bash loop please", "```bash"),
        ("compare cats versus dogs", "|---|"),
        ("Reply with exactly: pong", "pong"),
        ("What should I know about lighthouses before I visit one this autumn?", "lighthouses"),
    ],
)
def test_the_answer_reacts_to_what_was_asked(client: httpx.Client, asked: str, said: str) -> None:
    assert said in whole(client, asked)["choices"][0]["message"]["content"]


def test_short_questions_get_short_answers_and_the_history_counts(client: httpx.Client) -> None:
    first = whole(client, "why is it so?")["choices"][0]["message"]["content"]
    assert len(first) < 250
    history = [
        {"role": "user", "content": "what about volcanoes"},
        {"role": "assistant", "content": "They are hot."},
        {"role": "user", "content": "why is it so?"},
    ]
    body = {"model": "gpt_oss_120b", "messages": history}
    again = client.post(CHAT, json=body).json()["choices"][0]["message"]["content"]
    assert "volcanoes" in again
    assert again == client.post(CHAT, json=body).json()["choices"][0]["message"]["content"]


@pytest.mark.parametrize("text", ["a long text", "code please", "日本語 🎉 naïve\r\n\t x_1 12345", "<b>&[/x]"])
def test_word_pieces_joined_are_the_text_again(text: str) -> None:
    speech = compose(chat(text), SPEAKERS["glm_5_3"]).text("content")
    assert "".join(tokens(speech)) == speech
    assert "".join(tokens(text)) == text


def test_a_tool_call_comes_as_json_and_as_deltas_alike(client: httpx.Client) -> None:
    asked = {"model": "glm_5_3", "tools": [TIME, WEATHER]}
    choice = whole(client, "What is the weather in New York?", **asked)["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    (call,) = choice["message"]["tool_calls"]
    assert call["function"]["name"] == "get_weather"
    assert json.loads(call["function"]["arguments"]) == {"city": "New York", "unit": "celsius"}
    deltas = [
        part
        for chunk in chunks(streamed(client, "What is the weather in New York?", **asked))
        if chunk["choices"]
        for part in chunk["choices"][0]["delta"].get("tool_calls", [])
    ]
    assert (deltas[0]["id"], deltas[0]["type"], deltas[0]["function"]["name"]) == (
        call["id"],
        "function",
        "get_weather",
    )
    assert len(deltas) > 3
    assert "".join(part["function"]["arguments"] for part in deltas) == call["function"]["arguments"]
    assert {part["index"] for part in deltas} == {0}


def test_tool_choice_decides_and_a_tool_result_is_answered_in_words(client: httpx.Client) -> None:
    asked = {"model": "glm_5_3", "tools": [TIME, WEATHER]}
    forced = whole(client, "weather?", **asked, tool_choice={"type": "function", "function": {"name": "get_time"}})
    assert forced["choices"][0]["message"]["tool_calls"][0]["function"]["name"] == "get_time"
    assert "tool_calls" not in whole(client, "weather?", **asked, tool_choice="none")["choices"][0]["message"]
    assert "tool_calls" not in whole(client, "weather?", tools=[WEATHER])["choices"][0]["message"]  # gpt_oss
    history = [
        *chat("weather?")["messages"],
        {"role": "assistant", "content": None, "tool_calls": [{"id": "call_1"}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "21 degrees"},
    ]
    answer = client.post(CHAT, json={**asked, "messages": history, "stream": False}).json()
    assert "21 degrees" in answer["choices"][0]["message"]["content"]


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]}, "messages[0].content"),
        ({"messages": [{"role": "pope", "content": "x"}]}, "messages[0].role"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"temperature": 2.5}, "temperature"),
        ({"top_p": "0.5"}, "top_p"),
        ({"stream": "yes"}, "stream"),
        ({"reasoning_effort": "max"}, "reasoning_effort"),
        ({"tools": [{"name": "x"}]}, "tools"),
        ({"tool_choice": "sometimes"}, "tool_choice"),
    ],
)
def test_a_senseless_request_is_refused_and_costs_nothing(
    client: httpx.Client, world: World, wrong: dict[str, Any], param: str
) -> None:
    answer = client.post(CHAT, json={**chat(), **wrong})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param
    assert world.charges == []


def test_null_output_is_success_without_words(client: httpx.Client, world: World) -> None:
    fault(world, "null_output")
    choice = whole(client)["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == (None, "length")
    assert whole(client)["choices"][0]["message"]["content"]


def test_a_stream_may_end_without_done_with_comments_crlf_and_a_malformed_line(
    client: httpx.Client, world: World
) -> None:
    plain = streamed(client)
    for kind in ("no_done", "comment_lines", "crlf", "malformed_line"):
        fault(world, kind)
    text = client.post(CHAT, json=chat(stream=True)).content.decode()
    assert "[DONE]" not in text
    assert ": still here\r\n\r\n" in text
    assert text.count("\n") == text.count("\r\n")
    broken = [line for line in text.splitlines() if line == 'data: {"id": "chatcmpl-']
    assert len(broken) == 1
    assert joined(text.replace(broken[0], ""), "content") == joined(plain, "content")


def test_the_form_of_the_answer_may_contradict_the_request(client: httpx.Client, world: World) -> None:
    fault(world, "sse_despite_json")
    assert client.post(CHAT, json=chat(stream=False)).text.startswith("data: {")
    fault(world, "json_despite_sse")
    assert client.post(CHAT, json=chat(stream=True)).json()["choices"][0]["message"]["content"]


def test_think_tags_can_be_ordered_for_any_model(client: httpx.Client, world: World) -> None:
    fault(world, "think_tags")
    message = whole(client)["choices"][0]["message"]
    assert message["content"].startswith("<think>")
    assert "reasoning" not in message


@pytest.mark.parametrize("openai", [False, True])
def test_an_error_may_come_in_the_middle_of_a_stream(client: httpx.Client, world: World, openai: bool) -> None:
    fault(world, "error_event", chunks=4, text="worker lost", openai=openai)
    got = chunks(streamed(client))
    assert len(got) == 6
    assert (got[-1]["error"]["message"] if openai else got[-1]["message"]) == "worker lost"
    assert world.charges[0].cents > 0


def test_a_cut_stream_breaks_the_connection_and_costs_only_what_was_sent(client: httpx.Client, world: World) -> None:
    fault(world, "cut_stream", chunks=7)
    received: list[bytes] = []
    with client.stream("POST", CHAT, json=chat(stream=True)) as answer, pytest.raises(httpx.RemoteProtocolError):
        received.extend(answer.iter_bytes())
    assert len(chunks(b"".join(received).decode())) == 8
    (job,) = jobs(client, world)
    assert job["usage"]["output"] == 7
    assert job["state"] == "cancelled"


def test_a_client_that_leaves_a_stalled_stream_ends_it_and_pays_for_what_was_sent(
    client: httpx.Client, world: World
) -> None:
    fault(world, "stall_stream", chunks=5)
    with client.stream("POST", CHAT, json=chat(stream=True)) as answer:
        lines = answer.iter_lines()
        assert len([next(lines) for _ in range(12)]) == 12
        assert world.charges == []
    assert eventually(lambda: bool(world.charges))
    assert jobs(client, world)[0]["usage"]["output"] == 5


def test_at_pace_one_a_stream_comes_at_a_readable_speed(client: httpx.Client, world: World) -> None:
    world.pace, world.clock.speed = 1.0, 10.0
    start = time.monotonic()
    text = streamed(client, max_tokens=40)
    seconds = time.monotonic() - start
    assert len(chunks(text)) == 43
    assert 0.3 + 39 / 45 - 0.1 < seconds < 0.8 + 40 / 45 + 1.0


def jobs(client: httpx.Client, world: World) -> list[dict[str, Any]]:
    body = client.get(f"/infer_request/{world.project_id}/list").json()["body"]
    found: list[dict[str, Any]] = body["infer_requests"]
    return found
