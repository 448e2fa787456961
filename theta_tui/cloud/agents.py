"""RAG agents, their documents, and chats with them (wire 8).

Agents and documents are managed at the controller with the project key; chats go to a host of their own with the
token of one agent. There is no known way to delete an agent or a document, so none is offered.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
from typing import Any

from theta_tui.change import (
    After,
    Change,
    Cost,
    Effect,
    Family,
    FormBody,
    JsonBody,
    Part,
    Reply,
    Request,
    StreamChange,
    Target,
    query_of,
)
from theta_tui.cloud import timeouts
from theta_tui.cloud.answers import read_as, read_one
from theta_tui.cloud.chat import chat_fold, check_answer, spent_on, whole_answer
from theta_tui.command import Account, Cloud, mutation, query
from theta_tui.errors import ThetaError, UsageError
from theta_tui.shapes.agent_documents import (
    Document,
    DocumentFile,
    DocumentList,
    DocumentListParams,
    DocumentRef,
    DocumentUpdate,
    Metadata,
    NewDocument,
    SavedDocument,
)
from theta_tui.shapes.agents import Agent, AgentChat, AgentList, AgentListParams, AgentRef, AgentUpdate, NewAgent
from theta_tui.shapes.chat import ChatAnswer, ChatEvent

UPLOAD_SECONDS = 120.0
"""A document is cut up and embedded before the cloud answers; how long that may take no source tells."""

NAME_SECONDS = 3.0
"""How long a chat waits to learn what its agent is called; it goes on without."""


class Agents(Cloud):
    """Agents that answer from documents."""

    prefix = "theta.ai.agent"
    domain = "agents"
    needs = (Family.CONTROLLER,)

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._names: dict[str, str] = {}

    @query("list")
    async def list_all(self, params: AgentListParams) -> AgentList:
        """List the agents of a project (AG-1)."""
        asked = query_of(
            project_id=self.account.project_id(params.project_id), page=params.page, number=params.number
        )  # fmt: skip
        reply = await self.account.read(Request("GET", Family.CONTROLLER, ("chatbot", "list"), asked))
        listed = read_as(lambda value: AgentList.of(value, params.page, params.number), reply)
        self._names |= {agent.id: agent.name or agent.id for agent in listed.agents}
        return listed

    @query()
    async def get(self, params: AgentRef) -> Agent:
        """Show one agent with its settings and the models it can speak through (AG-3)."""
        asked = query_of(project_id=self.account.project_id(params.project_id))
        reply = await self.account.read(Request("GET", Family.CONTROLLER, ("chatbot", params.chatbot_id), asked))
        return read_one(Agent.of, reply)

    @mutation(Effect.CREATE)
    async def create(self, params: NewAgent) -> Change[Agent]:
        """Create an agent; it knows nothing until documents are added (AG-2)."""
        body = {"project_id": self.account.project_id(params.project_id), **params.given({})}
        return Change(
            summary=f"Create the agent {params.name}",
            effect=Effect.CREATE,
            requests=(Request("POST", Family.CONTROLLER, ("chatbot",), body=JsonBody(body)),),
            read=lambda reply: _named(Agent.of(reply.value), name=params.name),
            target=Target("agent", "", params.name),
            identify=lambda agent: agent.id,
        )

    @mutation(Effect.UPDATE)
    async def update(self, params: AgentUpdate) -> Change[Agent]:
        """Change an agent: only what is given is sent, the rest stays (AG-4).

        `web_search`, `text_to_sql` and `retriever` are put into the settings as they are now, which are read first:
        whether the cloud would merge a part of them is not known.
        """
        settings: dict[str, Any] = {}
        if params.names_parts_of_settings:
            known = await self.get(AgentRef(chatbot_id=params.chatbot_id, project_id=params.project_id))
            settings = known.settings
        fields = params.given(settings)
        if not fields:
            raise UsageError("theta.ai.agent.update changes nothing: give at least one field of the agent.")
        body = {"project_id": self.account.project_id(params.project_id), **fields}
        return Change(
            summary=f"Change {', '.join(fields)} of the agent {params.chatbot_id}",
            effect=Effect.UPDATE,
            requests=(Request("PUT", Family.CONTROLLER, ("chatbot", params.chatbot_id), body=JsonBody(body)),),
            read=lambda reply: _named(Agent.of(reply.value), id=params.chatbot_id),
            target=Target("agent", params.chatbot_id, params.chatbot_id),
        )

    @mutation(Effect.METERED, needs=(Family.AI,))
    async def chat(self, params: AgentChat) -> StreamChange[ChatEvent, ChatAnswer]:
        """Chat with an agent; it answers from its documents.

        AG-9, paid, at a price that no source tells. The agent's own token is used where one is kept, else the general
        chatbot token.
        """
        agent, name = params.chatbot_id, await self._name_of(params.chatbot_id)
        fields = {
            "messages": [message.as_json() for message in params.messages],
            "max_tokens": params.max_tokens,
            "temperature": params.temperature,
            "stream": params.stream,
        }
        request = Request(
            "POST",
            Family.AI,
            ("api", "v1", "chatbot", agent, "chat", "completions"),
            body=JsonBody({name: value for name, value in fields.items() if value is not None}),
            credential=f"chatbot/{agent}",
            deadline=timeouts.STREAM_SECONDS if params.stream else timeouts.CHAT_SECONDS,
            first_byte=timeouts.SLOW_FIRST_TOKEN_SECONDS,
        )
        fold = chat_fold(f"agent/{agent}", None)
        return StreamChange(
            summary=f"Ask the agent {name}",
            effect=Effect.METERED,
            requests=(request,),
            read=lambda reply: whole_answer(fold(), reply),
            fold=fold,
            cost=Cost(item=f"agent/{agent}"),
            target=Target("agent", agent, name),
            spent=spent_on,
            identify=lambda answer: answer.request_id or "",
            verify=check_answer,
        )

    async def _name_of(self, agent: str) -> str:
        """Give what an agent is called; its id where nobody tells: a chat needs no key of the controller."""
        if agent not in self._names:
            self._names[agent] = agent
            with contextlib.suppress(ThetaError):
                asked = query_of(project_id=self.account.project_id(None))
                request = Request("GET", Family.CONTROLLER, ("chatbot", agent), asked, deadline=NAME_SECONDS, retries=0)
                self._names[agent] = Agent.of((await self.account.read(request)).value).name or agent
        return self._names[agent]


class AgentDocuments(Cloud):
    """What an agent knows."""

    prefix = "theta.ai.agent.document"
    domain = "agents"
    needs = (Family.CONTROLLER,)

    @query("list")
    async def list_all(self, params: DocumentListParams) -> DocumentList:
        """List the documents of an agent, without their content (AG-5)."""
        asked = query_of(
            project_id=self.account.project_id(params.project_id), page=params.page, number=params.number
        )  # fmt: skip
        reply = await self.account.read(Request("GET", Family.CONTROLLER, (*_documents(params), "list"), asked))
        return read_as(lambda value: DocumentList.of(value, params.page, params.number), reply)

    @query()
    async def get(self, params: DocumentRef) -> Document:
        """Show one document with its content (AG-7)."""
        asked = query_of(project_id=self.account.project_id(params.project_id))
        path = (*_documents(params), params.document_id)
        return read_one(Document.read, await self.account.read(Request("GET", Family.CONTROLLER, path, asked)))

    @mutation(Effect.CREATE)
    async def create(self, params: NewDocument) -> Change[SavedDocument]:
        """Add a document to an agent (AG-6)."""
        metadata = params.metadata or _plain(params.file)
        return Change(
            summary=f"Add {_shown(params.file)} to the agent {params.chatbot_id}",
            effect=Effect.CREATE,
            requests=(self._upload("POST", params, metadata),),
            read=lambda reply: _saved(reply, params.file),
            target=Target("document", "", params.file.filename),
            notes=(f"metadata: {metadata.line}",),
            identify=lambda document: document.id,
        )

    @mutation(Effect.UPDATE)
    async def update(self, params: DocumentUpdate) -> Change[SavedDocument]:
        """Replace the content of a document; a missing one is created instead, unless told not to.

        AG-8, then AG-6 after a 404. Without `metadata` none is sent, so that what the document has is left alone.
        """
        metadata = params.metadata
        put = self._upload("PUT", params, metadata, params.document_id)
        post = self._upload("POST", params, metadata or _plain(params.file))
        instead = (dataclasses.replace(post, only_after=After.MISSING),) if params.create_if_missing else ()
        return Change(
            summary=f"Replace the document {params.document_id} of the agent {params.chatbot_id} by "
            f"{_shown(params.file)}{', or create it if it is missing' if instead else ''}",
            effect=Effect.UPDATE,
            requests=(put, *instead),
            read=lambda reply: _saved(reply, params.file, params.document_id),
            target=Target("document", params.document_id, params.file.filename),
            notes=(f"metadata: {metadata.line if metadata else 'not sent'}",),
            identify=lambda document: document.id,
        )

    def _upload(self, method: str, params: NewDocument, metadata: Metadata | None, *document_id: str) -> Request:
        file, project = params.file, self.account.project_id(params.project_id)
        parts = [
            Part("file", file.data, file.filename, file.content_type),
            Part("project_id", project.encode("utf-8", "replace")),
        ]
        if metadata is not None:
            text = json.dumps(metadata.as_sent(file.filename), ensure_ascii=True, separators=(",", ":"))
            parts.append(Part("metadata", text.encode("ascii")))
        return Request(
            method,
            Family.CONTROLLER,
            (*_documents(params), *document_id),
            body=FormBody(tuple(parts)),
            deadline=max(self.account.request_timeout(), UPLOAD_SECONDS),
        )


def _documents(params: AgentRef) -> tuple[str, ...]:
    return "chatbot", params.chatbot_id, "document"


def _plain(file: DocumentFile) -> Metadata:
    """Give the metadata of a file of which nothing was said: a text called by its name."""
    return Metadata(query_type="text", description=file.filename, sql_description=None)


def _shown(file: DocumentFile) -> str:
    return f"{file.filename} ({len(file.data)} bytes)"


def _named(agent: Agent, **known: str) -> Agent:
    """Fill in what a short answer leaves out."""
    return agent.model_copy(update={name: value for name, value in known.items() if not getattr(agent, name)})


def _saved(reply: Reply, file: DocumentFile, document_id: str = "") -> SavedDocument:
    """Tell what happened by the route that answered."""
    found = SavedDocument.read(reply.value)
    updated = reply.request.method == "PUT"
    known = found.id or (document_id if updated else "")
    outcome = "updated" if updated else "created"
    return found.model_copy(update={"id": known, "filename": file.filename, "outcome": outcome})
