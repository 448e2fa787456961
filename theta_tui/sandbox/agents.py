"""RAG agents, their documents, and chats with them: AG-1 to AG-9 (wire 8).

Scenarios: `agent_bare` (AG-2 to AG-4 answer without the envelope), `agent_list` (option `key`: the list under that
key, or bare without one), `document_bare_status` (AG-6 and AG-8 without `status`); for AG-9 those of `turn.py`.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from theta_tui.sandbox.agent_talk import Talk
from theta_tui.sandbox.answers import (
    Answer,
    Refused,
    envelope,
    need,
    need_own_project,
    need_project_key,
    read_json,
    read_query,
    whole_number,
)
from theta_tui.sandbox.chatbot_orders import read_fields, read_metadata
from theta_tui.sandbox.forms import FormPart, read_form, text_of
from theta_tui.sandbox.knowledge import Chatbot, Document, chatbots
from theta_tui.sandbox.world import World


def make_chatbot(world: World, fields: dict[str, Any]) -> Chatbot:
    """A new agent with these fields, put into the world."""
    ids = world.ids
    chatbot = Chatbot(ids.make("cht"), world.project_id, f"kb-{ids.hexadecimal(8)}", world.clock.iso())
    chatbot.change(fields)
    chatbots(world)[chatbot.id] = chatbot
    return chatbot


def add_document(world: World, chatbot: Chatbot, data: bytes, metadata: dict[str, Any]) -> Document:
    """A new document of an agent."""
    document = Document(world.ids.make("doc_"), data, metadata, world.clock.iso())
    chatbot.documents[document.id] = document
    return document


def routes(world: World) -> list[Route]:
    """The routes, most particular first."""
    desk, talk = _Desk(world), Talk(world)
    one = "/chatbot/{chatbot_id}"
    return [
        Route("/api/v1/chatbot/{chatbot_id}/chat/completions", talk.chat, methods=["POST"]),
        Route("/chatbot/list", desk.show_all, methods=["GET"]),
        Route("/chatbot", desk.create, methods=["POST"]),
        Route(f"{one}/document/list", desk.show_documents, methods=["GET"]),
        Route(f"{one}/document", desk.add, methods=["POST"]),
        Route(f"{one}/document/{{document_id}}", desk.show_document, methods=["GET"]),
        Route(f"{one}/document/{{document_id}}", desk.replace, methods=["PUT"]),
        Route(one, desk.show, methods=["GET"]),
        Route(one, desk.change, methods=["PUT"]),
    ]


class _Desk:
    """Management, at the controller with the project key."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def show_all(self, request: Request) -> Response:
        """AG-1."""
        query = self._admit(request, paged=True)
        page, number = whole_number(query, "page", 0), whole_number(query, "number", 100, least=1)
        found = [chatbot.describe() for chatbot in chatbots(self.world).values()][page * number :][:number]
        fault = self.world.faults.take("agent_list", request.method, request.url.path)
        key = fault.option("key") if fault else "chatbots"
        return envelope({key: found} if key else found)

    async def create(self, request: Request) -> Response:
        """AG-2."""
        need_project_key(request, self.world)
        body = await read_json(request)
        need_own_project(self.world, need(body, "project_id", str))
        need(body, "name", str)
        chatbot = make_chatbot(self.world, read_fields(body))
        self.world.counts["agents"] += 1
        return self._shown(request, chatbot)

    async def show(self, request: Request) -> Response:
        """AG-3."""
        self._admit(request)
        return self._shown(request, self._chatbot(request))

    async def change(self, request: Request) -> Response:
        """AG-4."""
        need_project_key(request, self.world)
        body = await read_json(request)
        need_own_project(self.world, need(body, "project_id", str))
        chatbot = self._chatbot(request)
        chatbot.change(read_fields(body))
        return self._shown(request, chatbot)

    async def show_documents(self, request: Request) -> Response:
        """AG-5."""
        query = self._admit(request, paged=True)
        chatbot = self._chatbot(request)
        page, number = whole_number(query, "page", 0), whole_number(query, "number", 30, least=1)
        every = [chatbot.list_entry(document) for document in chatbot.documents.values()]
        pages = -(-len(every) // number)
        shown = every[page * number :][:number]
        return envelope({"documents": shown, "total_documents": len(every), "total_pages": pages})

    async def add(self, request: Request) -> Response:
        """AG-6."""
        chatbot, file, metadata = await self._document_form(request)
        document = add_document(self.world, chatbot, file.data, metadata or {})
        return self._saved(request, document)

    async def show_document(self, request: Request) -> Response:
        """AG-7; the query may lack the project."""
        need_project_key(request, self.world)
        query = read_query(request, optional=("project_id",))
        need_own_project(self.world, query.get("project_id", self.world.project_id))
        document = self._document(request, self._chatbot(request))
        return envelope({"id": document.id, "content": document.text, "metadata": document.metadata})

    async def replace(self, request: Request) -> Response:
        """AG-8; metadata that is not given stays."""
        chatbot, file, metadata = await self._document_form(request)
        document = self._document(request, chatbot)
        document.data = file.data
        document.metadata = document.metadata if metadata is None else metadata
        return self._saved(request, document)

    def _admit(self, request: Request, *, paged: bool = False) -> dict[str, str]:
        need_project_key(request, self.world)
        query = read_query(request, required=("project_id",), optional=("page", "number") if paged else ())
        need_own_project(self.world, query["project_id"])
        return query

    async def _document_form(self, request: Request) -> tuple[Chatbot, FormPart, dict[str, Any] | None]:
        need_project_key(request, self.world)
        read_query(request)
        form = await read_form(request, required=("file", "project_id"), optional=("metadata",))
        need_own_project(self.world, text_of(form["project_id"], "project_id"))
        file = form["file"]
        if not file.filename or not file.content_type:
            raise Refused(400, "Part file must have a filename and a content type")
        given = form.get("metadata")
        metadata = None if given is None else read_metadata(text_of(given, "metadata"))
        chatbot = self._chatbot(request)
        await self.world.pause(0.6)
        return chatbot, file, metadata

    def _chatbot(self, request: Request) -> Chatbot:
        chatbot = chatbots(self.world).get(request.path_params["chatbot_id"])
        if chatbot is None:
            raise Refused(404, "Chatbot not found")
        return chatbot

    def _document(self, request: Request, chatbot: Chatbot) -> Document:
        document = chatbot.documents.get(request.path_params["document_id"])
        if document is None:
            raise Refused(404, "Document not found")
        return document

    def _shown(self, request: Request, chatbot: Chatbot) -> Response:
        bare = self.world.faults.take("agent_bare", request.method, request.url.path)
        return Answer(chatbot.describe()) if bare else envelope(chatbot.describe())

    def _saved(self, request: Request, document: Document) -> Response:
        self.world.counts["documents"] += 1
        bare = self.world.faults.take("document_bare_status", request.method, request.url.path)
        return Answer({"body": {"id": document.id}}) if bare else envelope({"id": document.id})
