from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam

from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.templates import STANDARD_TEMPLATES
from theta_tui.sandbox.world import World

HEADERS = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}
HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "hello"}]
WEATHER: ChatCompletionToolParam = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}


@pytest.fixture
async def client(sandbox: SandboxServer, world: World) -> AsyncIterator[openai.AsyncOpenAI]:
    base, key = f"{sandbox.origin}/infer_request", world.keys.ondemand_token
    async with openai.AsyncOpenAI(base_url=base, api_key=key, default_headers=HEADERS, max_retries=0) as client:
        yield client


async def test_the_openai_sdk_streams_a_chat(client: openai.AsyncOpenAI, world: World) -> None:
    stream = await client.chat.completions.create(
        model="gpt_oss_120b", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    text, reasons, usage = "", [], None
    async for chunk in stream:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            reasons += [choice.finish_reason] if choice.finish_reason else []
    assert text.startswith("Hello!")
    assert reasons == ["stop"]
    assert usage is not None
    assert world.charges[0].cents * 1_000_000 == usage.prompt_tokens * 4 + usage.completion_tokens * 20


async def test_the_openai_sdk_reads_a_whole_answer_with_its_reasoning(client: openai.AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(model="glm_5_3", messages=HELLO, stream=False)
    message = answer.choices[0].message
    assert message.content is not None
    assert message.content.startswith("Hello!")
    assert message.model_extra is not None
    assert "The user asks" in message.model_extra["reasoning_content"]


async def test_the_openai_sdk_collects_a_tool_call_from_its_deltas(client: openai.AsyncOpenAI) -> None:
    asked: list[ChatCompletionMessageParam] = [{"role": "user", "content": "What is the weather in Paris?"}]
    async with client.chat.completions.stream(model="glm_5_3", messages=asked, tools=[WEATHER]) as stream:
        final = await stream.get_final_completion()
    calls = final.choices[0].message.tool_calls
    assert calls is not None
    assert (calls[0].function.name, calls[0].function.arguments) == ("get_weather", '{"city": "Paris"}')
    assert final.choices[0].finish_reason == "tool_calls"


async def test_the_openai_sdk_sees_an_unknown_model_and_a_bad_request_as_such(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="service not found"):
        await client.chat.completions.create(model="qwen", messages=HELLO)
    with pytest.raises(openai.BadRequestError, match="messages must be a list"):
        await client.chat.completions.create(model="glm_5_3", messages=[])


async def test_the_openai_sdk_sees_a_wrong_token_as_such(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.AuthenticationError):
        await client.with_options(api_key="wrong").chat.completions.create(model="glm_5_3", messages=HELLO)


async def test_the_openai_sdk_streams_from_a_dedicated_endpoint(sandbox: SandboxServer, world: World) -> None:
    world.clock.speed = 0
    template = next(template for template in STANDARD_TEMPLATES if template.name == "Llama 3 8B")
    order = {"project_id": world.project_id, "deployment_template_id": template.id, "vm_id": "vm_ga1"}
    headers = {**HEADERS, "x-api-key": world.keys.project_api_key}
    async with httpx.AsyncClient(base_url=sandbox.origin, headers=headers) as controller:
        answer = await controller.post("/deployment", json={**order, "min_replicas": 1})
    base = f"{answer.json()['body']['Endpoint']}/v1"
    async with openai.AsyncOpenAI(base_url=base, api_key="none", default_headers=HEADERS, max_retries=0) as client:
        with pytest.raises(openai.NotFoundError):
            await client.models.list()
        world.clock.advance(60)
        model = (await client.models.list()).data[0].id
        stream = await client.chat.completions.create(model=model, messages=HELLO, stream=True)
        text = "".join([choice.delta.content or "" async for chunk in stream for choice in chunk.choices])
    assert text.startswith(f"Hello! I am {model}")
