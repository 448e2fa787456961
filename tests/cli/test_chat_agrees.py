"""The same conversations through OpenAI's own SDK and through our commands, against one cloud: they read the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest

from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World

Call = Callable[..., Any]
Messages = list[dict[str, Any]]

BRIEF = {"role": "system", "content": "Be brief."}
QUESTIONS = ("hi", "what is the weather in Paris?")
PARIS = {"role": "user", "content": QUESTIONS[1]}
WEATHER = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}
ASKED = {"max_tokens": 400, "temperature": 0.2, "top_p": 0.7}


@pytest.fixture
def client(sandbox: SandboxServer, world: World) -> Iterator[openai.OpenAI]:
    base, key = f"{sandbox.origin}/infer_request", world.keys.ondemand_token
    headers = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}
    with openai.OpenAI(base_url=base, api_key=key, default_headers=headers, max_retries=0) as client:
        yield client


def theirs(client: openai.OpenAI, model: str, messages: Messages, *, stream: bool, **more: Any) -> dict[str, Any]:
    """Ask through the SDK; give what an answer has in both."""
    asked: dict[str, Any] = {"model": model, "messages": messages, **ASKED, **more}
    if stream:
        asked["stream_options"] = {"include_usage": True}
        with client.chat.completions.stream(**asked) as events:
            final = events.get_final_completion()
    else:
        final = client.chat.completions.create(**asked, stream=False)
    choice, extra = final.choices[0], final.choices[0].message.model_extra or {}
    return {
        "text": choice.message.content or "",
        "reasoning": extra.get("reasoning") or extra.get("reasoning_content") or "",
        "finish_reason": choice.finish_reason,
        "usage": final.usage.model_dump(exclude_none=True) if final.usage else None,
        "tool_calls": [
            {"id": one.id, "type": one.type, "function": one.function.model_dump(include={"name", "arguments"})}
            for one in choice.message.tool_calls or ()
        ],
    }


def ours(call: Call, model: str, messages: Messages, *, stream: bool, **more: Any) -> dict[str, Any]:
    """Ask through the command; give the same."""
    asked = {"service": model, "messages": messages, **ASKED, "stream": stream, **more}
    done = call("run", "theta.ondemand.chat", "--yes", "--output", "json", "--args", json.dumps(asked))
    assert done.code == 0, done.err
    answer: dict[str, Any] = {"tool_calls": [], **done.json}
    assert answer["complete"]
    return {name: answer[name] for name in ("text", "reasoning", "finish_reason", "usage", "tool_calls")}


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("model", ["gpt_oss_120b", "glm_5_3", "glm_5_3_flash"])
def test_two_turns_under_a_system_prompt_read_the_same(
    client: openai.OpenAI, call: Call, model: str, stream: bool
) -> None:
    said: Messages = [BRIEF]
    for question in QUESTIONS:
        said.append({"role": "user", "content": question})
        there = theirs(client, model, said, stream=stream, reasoning_effort="high")
        assert there == ours(call, model, said, stream=stream, reasoning_effort="high")
        assert there["text"]
        assert there["reasoning"]
        said.append({"role": "assistant", "content": there["text"]})


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
def test_a_tool_call_and_the_answer_to_its_result_read_the_same(
    client: openai.OpenAI, call: Call, stream: bool
) -> None:
    tools = {"tools": [WEATHER], "tool_choice": "auto"}
    asked = theirs(client, "glm_5_3", [BRIEF, PARIS], stream=stream, **tools)
    assert asked == ours(call, "glm_5_3", [BRIEF, PARIS], stream=stream, **tools)
    (wanted,) = asked["tool_calls"]
    assert (asked["finish_reason"], wanted["function"]["name"]) == ("tool_calls", "get_weather")
    told = [
        {"role": "assistant", "content": None, "tool_calls": [wanted]},
        {"role": "tool", "tool_call_id": wanted["id"], "content": '{"celsius": 12}'},
    ]
    answered = theirs(client, "glm_5_3", [BRIEF, PARIS, *told], stream=stream, **tools)
    assert answered == ours(call, "glm_5_3", [BRIEF, PARIS, *told], stream=stream, **tools)
    assert (answered["finish_reason"], answered["tool_calls"]) == ("stop", [])


def test_an_answer_that_reaches_its_cap_reads_the_same(client: openai.OpenAI, call: Call) -> None:
    long = [{"role": "user", "content": "compare cats and dogs in detail"}]
    there = theirs(client, "gpt_oss_120b", long, stream=False, reasoning_effort="low")
    assert there == ours(call, "gpt_oss_120b", long, stream=False, reasoning_effort="low")
    assert there["finish_reason"] == "length"


def test_lines_of_a_chat_say_what_the_sdk_hears(client: openai.OpenAI, program: Call, world: World) -> None:
    options = ("--lines", "--yes", "--output", "json", "--model", "glm_5_3", "--system", BRIEF["content"])
    done = program("chat", *options, stdin="\n".join(QUESTIONS))
    answers = [json.loads(line) for line in done.out.splitlines()]
    bodies = [json.loads(one.body) for one in world.calls if one.method == "POST"]
    assert [body["messages"][-1]["content"] for body in bodies] == list(QUESTIONS)
    for answer, body in zip(answers, bodies, strict=True):
        given = {name: body[name] for name in (*ASKED, "reasoning_effort")}
        there = theirs(client, "glm_5_3", body["messages"], stream=True, **given)
        assert {name: answer.get(name, []) for name in there} == there
