from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest

from theta_tui.sandbox.agent_seed import seed_agents
from theta_tui.sandbox.knowledge import Chatbot, chatbots
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World

TEXT = {"query_type": "text", "description": "FAQ", "type": "file", "filename": "faq.txt"}
FILE = ("faq.txt", b"Gift cards never expire.", "text/plain")


@pytest.fixture
def client(sandbox: SandboxServer, world: World) -> Iterator[httpx.Client]:
    seed_agents(world)
    headers = {"User-Agent": "Mozilla/5.0", "x-api-key": world.keys.project_api_key}
    with httpx.Client(base_url=sandbox.origin, headers=headers, timeout=5) as client:
        yield client


@pytest.fixture
def bot(client: httpx.Client, world: World) -> Chatbot:
    return next(iter(chatbots(world).values()))


def own(world: World) -> dict[str, str]:
    return {"project_id": world.project_id}


def upload(client: httpx.Client, world: World, path: str, method: str = "POST", **more: Any) -> httpx.Response:
    """A document as httpx itself would send it: another hand than the one that writes our own forms."""
    data = {**own(world), "metadata": json.dumps(TEXT)} | more.pop("data", {})
    data = {name: value for name, value in data.items() if value is not None}
    return client.request(method, path, data=data, files=more.pop("files", {"file": FILE}), **more)


@pytest.mark.parametrize("path", ["/chatbot/list", "/chatbot/x", "/chatbot/x/document/list", "/chatbot/x/document/y"])
def test_a_wrong_key_is_401_and_a_foreign_project_403(client: httpx.Client, world: World, path: str) -> None:
    refused = client.get(path, params=own(world), headers={"x-api-key": "wrong"})
    assert (refused.status_code, refused.json()) == (401, {"status": "error", "message": "Unauthorized"})
    assert client.get(path, params={"project_id": "prj_other"}).status_code == 403


@pytest.mark.parametrize("path", ["/chatbot/list", "/chatbot/{id}", "/chatbot/{id}/document/list"])
def test_the_project_must_be_spelled_right(client: httpx.Client, world: World, bot: Chatbot, path: str) -> None:
    path = path.format(id=bot.id)
    assert client.get(path).status_code == 400
    assert client.get(path, params={"projectId": world.project_id}).status_code == 400
    assert client.get(path, params=own(world)).status_code == 200


def test_one_document_needs_no_project_as_the_specification_has_it(client: httpx.Client, bot: Chatbot) -> None:
    document = next(iter(bot.documents.values()))
    body = client.get(f"/chatbot/{bot.id}/document/{document.id}").json()["body"]
    assert body == {"id": document.id, "content": document.text, "metadata": document.metadata}


def test_an_agent_is_shown_with_every_documented_field(client: httpx.Client, world: World, bot: Chatbot) -> None:
    shown = client.get(f"/chatbot/{bot.id}", params=own(world)).json()["body"]
    documented = (
        "id name project_id llm_endpoint knowledge_base_id created_at model max_tokens temperature system_prompt "
        "context_window settings warm_up_messages llm_endpoints"
    )
    assert set(shown) == set(documented.split())
    assert len(bot.id) == 20


def test_an_agent_can_be_shown_without_the_envelope(client: httpx.Client, world: World, bot: Chatbot) -> None:
    world.faults.add({"kind": "agent_bare"})
    path = f"/chatbot/{bot.id}"
    bare, enveloped = client.get(path, params=own(world)).json(), client.get(path, params=own(world)).json()
    assert bare == enveloped["body"]


def test_agents_are_created_and_changed_in_part(client: httpx.Client, world: World) -> None:
    made = client.post("/chatbot", json={**own(world), "name": "New", "max_tokens": 50}).json()["body"]
    settings = {"agent.tools": {"web_search": True}}
    changed = client.put(f"/chatbot/{made['id']}", json={**own(world), "settings": settings}).json()["body"]
    assert (changed["name"], changed["max_tokens"]) == ("New", 50)
    assert changed["settings"] == {"agent.tools": {"web_search": True}, "retriever.type": "rerank"}


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": 7},
        {"name": "x", "colour": "red"},
        {"name": "x", "max_tokens": "100"},
        {"name": "x", "max_tokens": True},
        {"name": "x", "temperature": 2.5},
        {"name": "x", "llm_endpoint_id": "llm-9999"},
        {"name": "x", "warm_up_messages": [{"role": "system", "content": "x"}]},
        {"name": "x", "settings": {"agent.tools": {"web_search": "yes"}}},
        {"name": "x", "settings": []},
    ],
)
def test_a_wrong_agent_is_400(client: httpx.Client, world: World, body: dict[str, Any]) -> None:
    before = len(chatbots(world))
    answer = client.post("/chatbot", json={**own(world), **body})
    assert (answer.status_code, answer.json()["status"]) == (400, "error")
    assert len(chatbots(world)) == before


def test_what_is_not_there_is_404(client: httpx.Client, world: World, bot: Chatbot) -> None:
    assert client.get("/chatbot/cht1", params=own(world)).json()["message"] == "Chatbot not found"
    assert client.put("/chatbot/cht1", json=own(world)).status_code == 404
    assert client.get(f"/chatbot/{bot.id}/document/doc1").json()["message"] == "Document not found"
    assert upload(client, world, f"/chatbot/{bot.id}/document/doc1", "PUT").status_code == 404
    assert upload(client, world, "/chatbot/cht1/document").status_code == 404


@pytest.mark.parametrize("path", ["/chatbot/{id}", "/chatbot/{id}/document/{document}"])
def test_nothing_can_be_deleted(client: httpx.Client, bot: Chatbot, path: str) -> None:
    assert client.delete(path.format(id=bot.id, document=next(iter(bot.documents)))).status_code == 405


def test_a_document_is_added_listed_and_replaced(client: httpx.Client, world: World, bot: Chatbot) -> None:
    path = f"/chatbot/{bot.id}/document"
    made = upload(client, world, path).json()["body"]["id"]
    listed = client.get(f"{path}/list", params=own(world)).json()["body"]
    assert (listed["total_documents"], listed["total_pages"]) == (5, 1)
    entry = listed["documents"][-1]
    assert (entry["id"], entry["metadata"], entry["knowledge_base_id"]) == (made, TEXT, bot.knowledge_base_id)
    assert entry["embedding_token_count"] > 0
    assert "content" not in entry
    replaced = upload(client, world, f"{path}/{made}", "PUT", files={"file": ("b.txt", b"New", "text/plain")})
    assert replaced.json()["body"] == {"id": made}
    assert client.get(f"{path}/{made}").json()["body"]["content"] == "New"


def test_documents_come_in_pages_from_zero(client: httpx.Client, world: World, bot: Chatbot) -> None:
    path = f"/chatbot/{bot.id}/document/list"
    pages = [client.get(path, params={**own(world), "page": page, "number": 3}).json()["body"] for page in range(3)]
    assert [len(page["documents"]) for page in pages] == [3, 1, 0]
    assert {page["total_pages"] for page in pages} == {2}


@pytest.mark.parametrize(
    "wrong",
    [
        {"data": {"project_id": None}},
        {"data": {"metadata": "not JSON"}},
        {"data": {"metadata": '["list"]'}},
        {"data": {"metadata": '{"query_type":"text"}'}},
        {"data": {"metadata": '{"query_type":"graph","description":"x"}'}},
        {"data": {"metadata": '{"query_type":"sql","sql_description":"x","sql_schema":{"table_name":"t"}}'}},
        {"data": {"metadata": '{"query_type":"text","description":"x","colour":"red"}'}},
        {"data": {"colour": "red"}},
        {"files": {"document": FILE}},
        {"files": {"file": (None, b"no file", "text/plain")}},
        {"files": {"file": FILE, "metadata": ("m.json", b"{}", "application/json")}, "data": {"metadata": None}},
    ],
)
def test_a_wrong_form_is_400(client: httpx.Client, world: World, bot: Chatbot, wrong: dict[str, Any]) -> None:
    answer = upload(client, world, f"/chatbot/{bot.id}/document", **wrong)
    assert (answer.status_code, answer.json()["status"]) == (400, "error")
    assert len(bot.documents) == 4


def test_a_form_of_a_foreign_project_is_403(client: httpx.Client, world: World, bot: Chatbot) -> None:
    answer = upload(client, world, f"/chatbot/{bot.id}/document", data={"project_id": "prj_other"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=x", b"no framing"),
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense\r\n\r\n\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\ncut'),
    ],
)
def test_broken_framing_is_400(client: httpx.Client, bot: Chatbot, kind: str, content: bytes) -> None:
    answer = client.post(f"/chatbot/{bot.id}/document", content=content, headers={"content-type": kind})
    assert answer.status_code == 400


def chat(client: httpx.Client, world: World, bot: str, words: str, token: str | None = None, **more: Any) -> Any:
    headers = {"authorization": f"Bearer {token or world.keys.chatbot_token}"}
    body = {"messages": [{"role": "user", "content": words}], **more}
    return client.post(f"/api/v1/chatbot/{bot}/chat/completions", json=body, headers=headers)


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("How many days do I have to return something?", "within 30 days"),
        ("What does express shipping cost?", "$12"),
        ("What became of order 1043?", "waiting for stock"),
        ("Is water damage covered?", "Water damage is not covered"),
        ("Do you sell submarines?", "I found nothing about that"),
    ],
)
def test_an_agent_quotes_the_sentence_that_fits(
    client: httpx.Client, world: World, bot: Chatbot, words: str, part: str
) -> None:
    answer = chat(client, world, bot.id, words).json()
    assert part in answer["choices"][0]["message"]["content"]
    assert answer["choices"][0]["finish_reason"] == "stop"


def test_every_chat_takes_a_little_money(client: httpx.Client, world: World, bot: Chatbot) -> None:
    before = world.balance_cents
    chat(client, world, bot.id, "Is water damage covered?")
    assert 0 < before - world.balance_cents < 1
    assert world.charges[-1].why == "agent Shop helpdesk"


def test_the_openai_library_streams_an_agents_answer(client: httpx.Client, world: World, bot: Chatbot) -> None:
    base = f"{world.origin}/api/v1/chatbot/{bot.id}"
    agent = {"User-Agent": "Mozilla/5.0"}
    with openai.OpenAI(base_url=base, api_key=world.keys.chatbot_token, default_headers=agent) as theirs:
        stream = theirs.chat.completions.create(
            model="any", messages=[{"role": "user", "content": "Is water damage covered?"}], stream=True
        )
        text = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    assert "Water damage is not covered" in text


def test_a_chat_is_refused_without_the_agents_token(client: httpx.Client, world: World, bot: Chatbot) -> None:
    for token in ("wrong", world.keys.project_api_key, world.keys.ondemand_token):
        assert chat(client, world, bot.id, "Hi", token).status_code == 401
    assert chat(client, world, "cht1", "Hi").status_code == 404
    assert world.charges == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"messages": []},
        {"messages": [{"role": "system", "content": "x"}]},
        {"messages": [{"role": "tool", "content": "x"}]},
        {"stream": "yes"},
        {"max_tokens": 0},
        {"temperature": 3},
    ],
)
def test_a_chat_that_makes_no_sense_is_400(
    client: httpx.Client, world: World, bot: Chatbot, wrong: dict[str, Any]
) -> None:
    answer = chat(client, world, bot.id, "Hi", **wrong)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]
    assert world.charges == []


def test_an_answer_ends_at_max_tokens(client: httpx.Client, world: World, bot: Chatbot) -> None:
    answer = chat(client, world, bot.id, "Is water damage covered?", max_tokens=3).json()
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 3


def test_the_environment_offers_the_token(sandbox: SandboxServer, world: World) -> None:
    assert sandbox.environment()["THETA_CHATBOT_TOKEN"] == world.keys.chatbot_token


def test_a_fresh_world_has_no_agents(client: httpx.Client, world: World) -> None:
    client.post("/_sandbox/reset")
    assert client.get("/chatbot/list", params=own(world)).json()["body"] == {"chatbots": []}
