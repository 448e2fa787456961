from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.templates import STANDARD_TEMPLATES
from theta_tui.sandbox.world import World

BY_NAME = {template.name: template for template in STANDARD_TEMPLATES}
MODEL = BY_NAME["Llama 3 8B"].model
HELLO = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}], "stream": False}


@pytest.fixture
def client(sandbox: SandboxServer, world: World) -> Iterator[httpx.Client]:
    world.clock.speed = 0
    with httpx.Client(base_url=sandbox.origin, headers={"User-Agent": "Mozilla/5.0"}, timeout=5) as client:
        yield client


def deploy(client: httpx.Client, world: World, template: str = "Llama 3 8B", **more: Any) -> str:
    body = {"project_id": world.project_id, "deployment_template_id": BY_NAME[template].id}
    body |= {"vm_id": "vm_ga1", "min_replicas": 1, **more}
    answer = client.post("/deployment", json=body, headers={"x-api-key": world.keys.project_api_key})
    endpoint: str = answer.json()["body"]["Endpoint"]
    return endpoint


def statuses(client: httpx.Client, world: World, url: str, seconds: int, step: int = 2) -> list[int]:
    """The answers seen on the way, each once."""
    seen: list[int] = []
    for _ in range(0, seconds + 1, step):
        status = client.get(url).status_code
        if seen[-1:] != [status]:
            seen.append(status)
        world.clock.advance(step)
    return seen


def test_an_openai_endpoint_warms_up(client: httpx.Client, world: World) -> None:
    url = deploy(client, world) + "/v1/models"
    assert statuses(client, world, url, 60) == [404, 503, 200]
    assert client.get(url).json()["data"][0]["id"] == MODEL


def test_a_gradio_endpoint_refuses_early_and_then_is_ready(client: httpx.Client, world: World) -> None:
    endpoint = deploy(client, world, "Grounding Dino")
    assert statuses(client, world, f"{endpoint}/config", 60) == [404, 503, 401, 200]
    assert client.get(f"{endpoint}/config").json()["version"] == "3.41.2"
    assert client.get(f"{endpoint}/v1/models").status_code == 404


def test_a_large_model_takes_eleven_minutes(client: httpx.Client, world: World) -> None:
    url = deploy(client, world, "GPT-OSS 20B") + "/v1/models"
    assert statuses(client, world, url, 660, step=10) == [404, 503, 500, 200]


def test_an_endpoint_can_stay_broken_though_listed_as_running(client: httpx.Client, world: World) -> None:
    world.faults.add({"kind": "never_ready"})
    url = deploy(client, world) + "/v1/models"
    assert statuses(client, world, url, 1000, step=10) == [404, 502]
    assert client.get("/_sandbox/world").json()["deployments"][0]["state"] == "Running"


def test_a_warm_up_can_be_scripted(client: httpx.Client, world: World) -> None:
    world.faults.add({"kind": "warm_up", "script": [[4, 404], [8, 502]]})
    url = deploy(client, world) + "/v1/models"
    assert statuses(client, world, url, 10) == [404, 502, 200]


def test_a_stopped_or_unknown_endpoint_is_404(client: httpx.Client, world: World) -> None:
    endpoint = deploy(client, world)
    world.clock.advance(60)
    assert client.get(f"{endpoint}/v1/models").status_code == 200
    next(iter(world.deployments.values())).stop(world.clock.elapsed())
    assert client.get(f"{endpoint}/v1/models").status_code == 404
    assert client.get("/endpoint/0123456789abcdef/v1/models").status_code == 404


@pytest.mark.parametrize("auth", [None, ("me", "wrong"), ("other", "pass")])
def test_credentials_are_asked_for_before_the_backend_is(client: httpx.Client, world: World, auth: Any) -> None:
    url = deploy(client, world, auth_username="me", auth_password="pass") + "/v1/models"
    world.clock.advance(30)
    answer = client.get(url, auth=auth)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert client.get(url, auth=("me", "pass")).status_code == 503
    world.clock.advance(30)
    assert client.get(url, auth=("me", "pass")).status_code == 200
    assert client.get(url, headers={"Authorization": "Bearer x"}).status_code == 401


def test_a_chat_answers_in_openai_form_and_charges_nothing(client: httpx.Client, world: World) -> None:
    endpoint = deploy(client, world)
    world.clock.advance(60)
    balance = world.balance_cents
    answer = client.post(f"{endpoint}/v1/chat/completions", json=HELLO).json()
    assert answer["choices"][0]["message"]["content"]
    assert answer["usage"]["completion_tokens"] == world.counts["endpoint_tokens"] > 0
    assert (world.counts["endpoint_chats"], world.balance_cents) == (1, balance)


def test_a_chat_streams_when_asked(client: httpx.Client, world: World) -> None:
    endpoint = deploy(client, world)
    world.clock.advance(60)
    answer = client.post(f"{endpoint}/v1/chat/completions", json={**HELLO, "stream": True})
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
    assert events[-1] == "[DONE]"
    chunks = [json.loads(event) for event in events[:-1]]
    assert any(chunk["choices"] and chunk["choices"][0]["delta"].get("content") for chunk in chunks)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (json.dumps({"messages": HELLO["messages"]}).encode(), 400),
        (json.dumps({"model": MODEL, "messages": []}).encode(), 400),
        (json.dumps({**HELLO, "model": "other"}).encode(), 404),
    ],
)
def test_a_bad_chat_gets_openais_error(client: httpx.Client, world: World, body: bytes, status: int) -> None:
    endpoint = deploy(client, world)
    world.clock.advance(60)
    answer = client.post(f"{endpoint}/v1/chat/completions", content=body)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_other_paths_get_a_page_or_a_detail(client: httpx.Client, world: World) -> None:
    endpoint = deploy(client, world, "Grounding Dino")
    world.clock.advance(60)
    assert "Grounding Dino" in client.get(f"{endpoint}/").text
    assert client.post(f"{endpoint}/nothing").json() == {"detail": "Not Found"}
