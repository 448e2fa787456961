"""Agents on the real stack: what is sent for them, what is made of odd answers, and what is refused beforehand."""

from __future__ import annotations

import base64
import dataclasses
import json
import logging
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.stack import Begin, Person
from theta_tui.change import Done, NotDone
from theta_tui.errors import AuthError, EmptyOutput, InvalidRequest, NotFound, Uncertain, UsageError
from theta_tui.registry import commands
from theta_tui.review import Answer
from theta_tui.sandbox.agent_seed import seed_agents
from theta_tui.sandbox.knowledge import Chatbot, chatbots
from theta_tui.sandbox.world import Call, World
from theta_tui.session import Session
from theta_tui.shapes.agent_documents import DocumentFile, Metadata

AGENT = "theta.ai.agent"
FAQ = {"filename": "faq.txt", "content": "Gift cards never expire.", "contentType": "text/plain"}
TABLE = {
    "query_type": "sql",
    "sql_schema": {"table_name": "stock", "columns": [{"name": "item", "type": "TEXT"}]},
    "sql_description": "What is in stock",
}
QUESTION = {"messages": [{"role": "user", "content": "How many days do I have to return something?"}]}


@pytest.fixture
async def session(begin: Begin, world: World) -> Session:
    seed_agents(world)
    begun: Session = await begin()
    return begun


def helpdesk(world: World) -> Chatbot:
    return next(bot for bot in chatbots(world).values() if bot.fields["name"] == "Shop helpdesk")


async def submit(session: Session, name: str, person: Person | None = None, **arguments: Any) -> Any:
    done = await session.submit(f"{AGENT}.{name}", arguments, reviewer=person or Person())
    assert isinstance(done, Done)
    return done.value


def changes(world: World) -> list[Call]:
    return [call for call in world.calls if call.method != "GET"]


def parts(call: Call) -> dict[str, bytes]:
    """The parts of a recorded multipart body, by their first header line."""
    blocks = call.body.split(b"--" + call.content_type.partition("boundary=")[2].encode())[1:-1]
    split = [block.strip(b"\r\n").partition(b"\r\n\r\n") for block in blocks]
    return {head.decode().split("\r\n")[0].partition("form-data; ")[2]: data for head, _, data in split}


def test_every_command_of_the_skill_is_there_and_none_deletes() -> None:
    names = {name.removeprefix(f"{AGENT}.") for name in commands() if name.startswith(f"{AGENT}.")}
    documents = {f"document.{verb}" for verb in ("create", "update", "get", "list")}
    assert names == {"create", "get", "update", "list", "chat"} | documents


@pytest.mark.parametrize("shape", [None, {"key": None}, {"key": "chatbots"}, {"key": "items"}, {"key": "whatever"}])
async def test_agents_are_found_under_any_plausible_key(session: Session, world: World, shape: Any) -> None:
    if shape is not None:
        world.faults.add({"kind": "agent_list", **shape})
    found = await session.ask(f"{AGENT}.list")
    assert [agent.name for agent in found.agents] == ["Shop helpdesk", "Team handbook"]
    assert found.agents[0].tools == {"web_search": False, "text_to_sql": True}
    assert found.agents[0].retriever == "rerank"
    assert [endpoint.id for endpoint in found.agents[0].llm_endpoints] == ["llm-0001", "llm-0002"]


async def test_agents_come_page_by_page(session: Session, world: World) -> None:
    pages = [await session.ask(f"{AGENT}.list", {"page": page, "number": 1}) for page in range(3)]
    assert [[agent.name for agent in page.agents] for page in pages] == [["Shop helpdesk"], ["Team handbook"], []]
    assert dict(world.calls[1].query) == {"project_id": world.project_id, "page": "1", "number": "1"}


async def test_one_bad_row_does_not_hide_the_good_ones(session: Session, world: World) -> None:
    rows = [None, "text", {"id": None, "max_tokens": "many", "settings": 7, "llm_endpoints": {}}, {"id": "cht1"}, 3]
    world.faults.add({"kind": "json", "body": {"status": "success", "body": {"chatbots": rows}}})
    found = await session.ask(f"{AGENT}.list")
    assert [agent.id for agent in found.agents] == ["", "", "", "cht1", ""]
    assert [agent.fault for agent in found.agents] == [
        "null where an object belongs, at chatbots[0]", "a text where an object belongs, at chatbots[1]", "", "",
        "a number where an object belongs, at chatbots[4]",
    ]  # fmt: skip
    assert found.agents[2].max_tokens is None
    assert found.agents[2].settings == {}


@pytest.mark.parametrize("bare", [False, True])
async def test_an_agent_is_read_bare_and_enveloped(session: Session, world: World, bare: bool) -> None:
    if bare:
        world.faults.add({"kind": "agent_bare", "times": None})
    agent = await session.ask(f"{AGENT}.get", {"chatbotId": helpdesk(world).id})
    assert (agent.name, agent.max_tokens, agent.context_window) == ("Shop helpdesk", 800, None)
    made = await submit(session, "create", payload={"name": "New one", "max_tokens": 100})
    assert made.id in chatbots(world)
    assert (made.name, made.max_tokens) == ("New one", 100)


async def test_an_empty_answer_to_a_create_still_names_the_agent(session: Session, world: World) -> None:
    world.faults.add({"kind": "status", "status": 204, "body": "", "match": {"method": "POST"}})
    made = await submit(session, "create", payload={"name": "New one"})
    assert (made.name, made.id) == ("New one", "")


async def test_an_unknown_agent_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound, match="Chatbot not found"):
        await session.ask(f"{AGENT}.get", {"chatbot_id": "cht00000000000000000"})


async def test_an_update_sends_only_what_was_given(session: Session, world: World) -> None:
    bot = helpdesk(world)
    warm_up = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]
    agent = await submit(session, "update", chatbotId=bot.id, payload={"warm_up_messages": warm_up})
    [call] = changes(world)
    assert (call.method, call.path) == ("PUT", f"/chatbot/{bot.id}")
    assert json.loads(call.body) == {"project_id": world.project_id, "warm_up_messages": warm_up}
    assert len(world.calls) == 1
    assert agent.warm_up_messages == tuple(warm_up)
    assert agent.system_prompt.startswith("You help customers")


async def test_a_tool_is_switched_without_losing_the_other_settings(session: Session, world: World) -> None:
    bot = helpdesk(world)
    agent = await submit(session, "update", chatbot_id=bot.id, web_search=True)
    wanted = {"agent.tools": {"web_search": True, "text_to_sql": True}, "retriever.type": "rerank"}
    [call] = changes(world)
    assert json.loads(call.body) == {"project_id": world.project_id, "settings": wanted}
    assert agent.settings == wanted


async def test_settings_given_as_a_whole_are_not_read_first(session: Session, world: World) -> None:
    await submit(
        session, "update", chatbot_id=helpdesk(world).id, settings={"retriever.type": "plain"}, retriever="bm25"
    )
    [call] = world.calls
    assert json.loads(call.body)["settings"] == {"retriever.type": "bm25"}


async def test_an_update_of_nothing_is_refused_here(session: Session, world: World) -> None:
    with pytest.raises(UsageError, match="changes nothing"):
        await submit(session, "update", chatbot_id=helpdesk(world).id)
    assert world.calls == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": ""}, "name"),
        ({"name": "x", "temperature": 3}, "temperature"),
        ({"name": "x", "max_tokens": 0}, "max_tokens"),
        ({"name": "x", "warm_up_messages": [{"role": "system", "content": "x"}]}, "warm_up_messages.0.role"),
        ({"name": "x", "warmUp": 1}, "no argument 'warmUp'"),
        ({}, "Missing required field: name"),
    ],
)
async def test_wrong_fields_of_an_agent_are_refused_here(
    session: Session, world: World, fields: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        await submit(session, "create", payload=fields)
    assert words in caught.value.message
    assert "\n" not in caught.value.message
    assert world.calls == []


@pytest.mark.parametrize("hostile", ["../cht1", "a/b", "a b", "..", "a?x=1", "a%2f", "\u001b[2J"])
async def test_an_id_cannot_leave_its_place_in_the_path(session: Session, world: World, hostile: str) -> None:
    with pytest.raises(UsageError):
        await session.ask(f"{AGENT}.get", {"chatbot_id": hostile})
    assert world.calls == []


async def test_the_review_of_a_chat_names_the_agent_also_where_nobody_tells_its_name(
    session: Session, world: World
) -> None:
    bot = helpdesk(world)
    asked = {"chatbot_id": bot.id, "messages": [{"role": "user", "content": "hi"}]}
    world.faults.add({"kind": "status", "status": 500, "match": {"method": "GET"}})
    _, change = await session.build(f"{AGENT}.chat", asked)
    assert (change.target.id, change.target.name) == (bot.id, bot.id)
    await session.ask(f"{AGENT}.list")
    _, change = await session.build(f"{AGENT}.chat", asked)
    assert change.summary == "Ask the agent Shop helpdesk"
    assert (change.target.id, change.target.name) == (bot.id, "Shop helpdesk")
    assert [call.method for call in world.calls] == ["GET", "GET"]


async def test_a_document_is_added_as_the_official_example_does(session: Session, world: World) -> None:
    bot = helpdesk(world)
    saved = await submit(session, "document.create", chatbotId=bot.id, file=FAQ, metadata=TABLE)
    [call] = changes(world)
    sent = parts(call)
    assert list(sent) == ['name="file"; filename="faq.txt"', 'name="project_id"', 'name="metadata"']
    assert b"Content-Type: text/plain\r\n\r\nGift cards never expire.\r\n" in call.body
    assert sent['name="project_id"'] == world.project_id.encode()
    assert json.loads(sent['name="metadata"']) == {**TABLE, "type": "file", "filename": "faq.txt"}
    assert (saved.outcome, saved.filename) == ("created", "faq.txt")
    assert bot.documents[saved.id].data == b"Gift cards never expire."


async def test_a_document_of_which_nothing_is_said_is_a_text_called_by_its_name(session: Session, world: World) -> None:
    saved = await submit(session, "document.create", chatbot_id=helpdesk(world).id, file=FAQ)
    metadata = helpdesk(world).documents[saved.id].metadata
    assert metadata == {"query_type": "text", "description": "faq.txt", "type": "file", "filename": "faq.txt"}


async def test_an_answer_without_status_is_read(session: Session, world: World) -> None:
    world.faults.add({"kind": "document_bare_status"})
    saved = await submit(session, "document.create", chatbot_id=helpdesk(world).id, file=FAQ)
    assert saved.id in helpdesk(world).documents


async def test_bytes_travel_as_base64_and_arrive_as_they_were(session: Session, world: World) -> None:
    data = bytes(range(256)) + b"\r\n--theta-tui-7d1b5c3e9f--\r\n"
    text = base64.encodebytes(data).decode()
    file = {"filename": "scan.pdf", "content": text, "encoding": "base64", "contentType": "application/pdf"}
    saved = await submit(session, "document.create", chatbot_id=helpdesk(world).id, file=file)
    assert helpdesk(world).documents[saved.id].data == data


@pytest.mark.parametrize("name", ['a"; name="x.txt', "Ünïcode 文書.txt", "a;b=c.txt", "%22.txt", "-rf.txt", "x" * 255])
async def test_odd_file_names_arrive_and_break_out_of_nothing(session: Session, world: World, name: str) -> None:
    saved = await submit(session, "document.create", chatbot_id=helpdesk(world).id, file={**FAQ, "filename": name})
    document = await session.ask(f"{AGENT}.document.get", {"chatbotId": helpdesk(world).id, "documentId": saved.id})
    assert document.filename == name
    assert document.content == "Gift cards never expire."


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", ".", "..", "../x.txt", "/etc/passwd", "a\\b.txt", "a\r\nX: y", "a\x00b", "\x1b]0;x\x07"),
        *("a\u202etxt.exe", "a\u2028b", "\ud800", "x" * 256, "文" * 100),
    ],
)
async def test_hostile_file_names_are_refused_here(session: Session, world: World, name: str) -> None:
    with pytest.raises(UsageError, match="filename must be a plain name") as caught:
        await submit(session, "document.create", chatbot_id=helpdesk(world).id, file={**FAQ, "filename": name})
    assert "\n" not in caught.value.message
    assert world.calls == []


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ({**FAQ, "encoding": "base64", "content": "not base64!"}, "not base64"),
        ({**FAQ, "encoding": "base64", "content": "QUJD=QUJD"}, "not base64"),
        ({**FAQ, "encoding": "base64", "content": "QQ"}, "not base64"),
        ({**FAQ, "encoding": "base64", "content": "ünïcode"}, "not base64"),
        ({**FAQ, "encoding": "base64", "content": " \n "}, "content is empty"),
        ({**FAQ, "encoding": "rot13"}, "file.encoding"),
        ({**FAQ, "content": ""}, "file.content"),
        ({**FAQ, "content": "\ud800"}, "file"),
        ({**FAQ, "contentType": "text/plain\r\nX: y"}, "contentType must be"),
        ({**FAQ, "contentType": "text"}, "contentType must be"),
        ({**FAQ, "path": "/etc/passwd"}, "file.path"),
        ("@/etc/passwd", "file"),
        ({"filename": "x"}, "file.content"),
    ],
)
async def test_files_that_make_no_sense_are_refused_here(session: Session, world: World, file: Any, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        await submit(session, "document.create", chatbot_id=helpdesk(world).id, file=file)
    assert words in caught.value.message
    assert "passwd" not in caught.value.message
    assert world.calls == []


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({}, "metadata.query_type"),
        ({"query_type": "graph"}, "metadata.query_type"),
        ({"query_type": "text"}, "takes description, nothing else"),
        ({"query_type": "text", "description": ""}, "metadata.description"),
        ({"query_type": "text", "description": "x", "sql_description": "y"}, "takes description, nothing else"),
        ({"query_type": "sql", "description": "x"}, "takes sql_description and sql_schema, nothing else"),
        ({**TABLE, "sql_schema": {"table_name": "t", "columns": []}}, "metadata.sql_schema.columns"),
        ({**TABLE, "sql_schema": {"table_name": "t", "columns": [{"name": "x"}]}}, "columns.0.type"),
        ({**TABLE, "sql_schema": {"columns": [{"name": "x", "type": "TEXT"}]}}, "table_name"),
        ({**TABLE, "colour": "red"}, "metadata.colour"),
        ({**TABLE, "type": "url"}, "metadata.type"),
    ],
)
async def test_wrong_metadata_is_told_in_one_line(
    session: Session, world: World, metadata: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        await submit(session, "document.create", chatbot_id=helpdesk(world).id, file=FAQ, metadata=metadata)
    assert words in caught.value.message
    assert "\n" not in caught.value.message
    assert world.calls == []


async def test_a_preview_shows_sizes_and_never_the_content(session: Session, world: World) -> None:
    person = Person(Answer.PREVIEW)
    arguments = {"chatbot_id": helpdesk(world).id, "file": FAQ, "metadata": TABLE}
    outcome = await session.submit(f"{AGENT}.document.create", arguments, reviewer=person)
    assert isinstance(outcome, NotDone)
    [request] = outcome.preview["requests"]
    assert request["body"][0] == {
        "name": "file", "filename": "faq.txt", "bytes": len(FAQ["content"]), "content_type": "text/plain"
    }  # fmt: skip
    assert outcome.preview["notes"] == ["metadata: sql: stock (item TEXT): What is in stock"]
    assert "Gift cards" not in json.dumps(outcome.preview, default=str) + repr(person.shown[0].act)
    assert changes(world) == []


async def test_a_sent_document_leaves_no_content_in_journal_and_log(
    session: Session, world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await submit(session, "document.create", chatbot_id=helpdesk(world).id, file=FAQ)
    assert len(await session.journal.requests(10)) == 1
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert b"faq.txt" in kept
    assert b"Gift cards" not in kept
    assert "Gift cards" not in caplog.text


async def test_a_read_document_keeps_its_content_out_of_its_repr(session: Session, world: World) -> None:
    bot = helpdesk(world)
    document = await session.ask(
        f"{AGENT}.document.get", {"chatbotId": bot.id, "documentId": next(iter(bot.documents))}
    )
    assert "within 30 days" in document.content
    assert "within 30 days" not in repr(document)
    assert dict(world.calls[0].query) == {"project_id": world.project_id}
    assert "Gift cards" not in repr(DocumentFile.model_validate(FAQ))


async def test_documents_come_page_by_page_with_their_totals(session: Session, world: World) -> None:
    bot = helpdesk(world)
    found = [
        await session.ask(f"{AGENT}.document.list", {"chatbotId": bot.id, "page": page, "number": 3})
        for page in range(2)
    ]
    assert [[document.filename for document in page.documents] for page in found] == [
        ["returns.md", "shipping.txt", "warranty.txt"],
        ["orders.csv"],
    ]
    assert [(page.total, page.pages, page.is_last) for page in found] == [(4, 2, False), (4, 2, True)]
    table = found[1].documents[0]
    assert (table.query_type, table.description) == ("sql", "Orders and what became of them")
    assert all(document.embedding_token_count for page in found for document in page.documents)


async def test_totals_may_be_text_and_metadata_may_be_broken(session: Session, world: World) -> None:
    rows = [
        7,
        {"id": "d1", "metadata": '{"filename":"a.txt","query_type":"text"}', "embedding_token_count": "12"},
        {"id": "d2", "metadata": "not JSON"},
        {"id": "d3", "metadata": ["odd"], "embedding_token_count": {}},
    ]
    body = {"documents": rows, "total_documents": "61", "total_pages": "3"}
    world.faults.add({"kind": "json", "body": {"body": body}})
    found = await session.ask(f"{AGENT}.document.list", {"chatbotId": "cht1"})
    unread, *found_documents = found.documents
    assert unread.fault == "a number where an object belongs, at documents[0]"
    assert [document.id for document in found_documents] == ["d1", "d2", "d3"]
    assert (found.total, found.pages, found.is_last) == (61, 3, False)
    assert [document.filename for document in found_documents] == ["a.txt", "", ""]
    assert found_documents[0].embedding_token_count == 12


async def test_a_document_is_replaced_and_keeps_its_metadata(session: Session, world: World) -> None:
    bot = helpdesk(world)
    key, before = next((key, dict(doc.metadata)) for key, doc in bot.documents.items() if doc.filename == "orders.csv")
    saved = await submit(session, "document.update", chatbotId=bot.id, documentId=key, file=FAQ)
    assert (saved.id, saved.outcome) == (key, "updated")
    assert bot.documents[key].data == b"Gift cards never expire."
    assert bot.documents[key].metadata == before
    [call] = changes(world)
    assert 'name="metadata"' not in parts(call)


async def test_a_missing_document_is_created_instead_and_the_review_says_so(session: Session, world: World) -> None:
    bot, person = helpdesk(world), Person()
    saved = await submit(session, "document.update", person, chatbotId=bot.id, documentId="doc-gone", file=FAQ)
    assert saved.outcome == "created"
    assert saved.id != "doc-gone"
    assert saved.id in bot.documents
    assert [(call.method, call.status) for call in changes(world)] == [("PUT", 404), ("POST", 200)]
    shown = person.shown[0].preview["requests"]
    assert [(request["method"], request.get("only_after")) for request in shown] == [("PUT", None), ("POST", "404")]
    assert "or create it if it is missing" in person.shown[0].summary
    assert saved.as_json() == {"id": saved.id, "filename": "faq.txt", "outcome": "created"}


async def test_a_missing_document_is_an_error_where_creating_is_not_wanted(session: Session, world: World) -> None:
    bot, count = helpdesk(world), len(helpdesk(world).documents)
    arguments = {"chatbotId": bot.id, "documentId": "doc-gone", "file": FAQ, "createIfMissing": False}
    with pytest.raises(NotFound, match="Document not found"):
        await submit(session, "document.update", **arguments)
    assert [call.method for call in changes(world)] == ["PUT"]
    assert len(bot.documents) == count


async def test_nothing_is_created_for_an_agent_that_is_missing(session: Session, world: World) -> None:
    with pytest.raises(NotFound, match="Chatbot not found"):
        await submit(session, "document.update", chatbotId="cht1", documentId="doc-gone", file=FAQ)
    assert [call.status for call in changes(world)] == [404, 404]


async def test_an_upload_whose_answer_is_lost_is_uncertain_and_not_repeated(session: Session, world: World) -> None:
    world.faults.add({"kind": "reset", "after": True, "match": {"method": "POST"}})
    with pytest.raises(Uncertain):
        await submit(session, "document.create", chatbot_id=helpdesk(world).id, file=FAQ)
    assert world.counts["documents"] == 1


async def test_a_refusal_of_the_cloud_is_told_in_its_words(session: Session, world: World) -> None:
    body = {"status": "error", "message": "Invalid part: metadata"}
    world.faults.add({"kind": "status", "status": 400, "body": body, "match": {"method": "POST"}})
    with pytest.raises(InvalidRequest, match="Invalid part: metadata"):
        await submit(session, "document.create", chatbot_id=helpdesk(world).id, file=FAQ)


def test_metadata_keeps_the_name_its_owner_gave() -> None:
    metadata = Metadata.model_validate({"query_type": "text", "description": "x", "filename": "own.txt"})
    assert metadata.as_sent("faq.txt")["filename"] == "own.txt"


async def test_an_agent_answers_from_its_documents_and_the_call_is_charged(session: Session, world: World) -> None:
    bot, person = helpdesk(world), Person()
    answer = await submit(session, "chat", person, chatbotId=bot.id, **QUESTION)
    assert "within 30 days" in answer.text
    assert "returns.md" in answer.text
    assert (answer.service, answer.complete, answer.cost_usd) == (f"agent/{bot.id}", True, None)
    assert world.charged_cents > 0
    [call] = changes(world)
    assert call.path == f"/api/v1/chatbot/{bot.id}/chat/completions"
    assert json.loads(call.body) == {**QUESTION, "stream": False}
    assert person.shown[0].preview["cost"]["source"] == "unknown price"
    assert person.shown[0].preview["requests"][0]["headers"]["Authorization"] == "[redacted]"


async def test_an_agents_answer_streams(session: Session, world: World) -> None:
    arguments = {"chatbotId": helpdesk(world).id, **QUESTION, "stream": True}
    run = await session.open(f"{AGENT}.chat", arguments, reviewer=Person())
    async with run:
        pieces = [event.text async for event in run]
    assert len(pieces) > 5
    assert "".join(pieces) == run.result.text
    assert run.result.finish_reason == "stop"
    assert run.result.usage["total_tokens"] > 0


async def test_what_was_uploaded_is_known_in_the_next_chat(session: Session, world: World) -> None:
    bot = helpdesk(world)
    ask = {"chatbotId": bot.id, "messages": [{"role": "user", "content": "Do gift cards expire?"}]}
    assert "never expire" not in (await submit(session, "chat", **ask)).text
    await submit(session, "document.create", chatbotId=bot.id, file=FAQ)
    assert "Gift cards never expire." in (await submit(session, "chat", **ask)).text


async def test_a_price_that_is_unknown_needs_max_usd_under_a_cap(session: Session, world: World) -> None:
    session.settings = dataclasses.replace(session.settings, budget_usd=Decimal(1))
    arguments = {"chatbotId": helpdesk(world).id, **QUESTION}
    outcome = await session.submit(f"{AGENT}.chat", arguments, reviewer=Person())
    assert isinstance(outcome, NotDone)
    assert outcome.reason == "budget"
    assert changes(world) == []
    done = await session.submit(f"{AGENT}.chat", arguments, reviewer=Person(), max_usd=Decimal("0.10"))
    assert isinstance(done, Done)
    assert (await session.journal.ledger(1))[0].worst_usd == Decimal("0.10")


async def test_a_wrong_token_is_401(session: Session, world: World) -> None:
    world.keys = type(world.keys)(chatbot_token="another-token-altogether")
    with pytest.raises(AuthError):
        await submit(session, "chat", chatbotId=helpdesk(world).id, **QUESTION)


async def test_an_empty_answer_is_an_error(session: Session, world: World) -> None:
    world.faults.add({"kind": "null_output"})
    with pytest.raises(EmptyOutput):
        await submit(session, "chat", chatbotId=helpdesk(world).id, **QUESTION)


@pytest.mark.parametrize(
    "messages", [[], [{"role": "system", "content": "x"}], [{"role": "tool", "content": "x"}], [{"role": "king"}]]
)
async def test_messages_an_agent_would_not_take_are_refused_here(session: Session, world: World, messages: Any) -> None:
    with pytest.raises(UsageError, match="messages"):
        await submit(session, "chat", chatbotId=helpdesk(world).id, messages=messages)
    assert world.calls == []
