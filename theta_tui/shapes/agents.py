"""RAG agents ("chatbots" in the cloud's routes), and what their commands need (wire 8.1, 8.2, 8.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from theta_tui.shapes.base import Number, Shape, Table, Text, Whole, parts, records
from theta_tui.shapes.chat import Message
from theta_tui.shapes.deployments import ProjectParams

TOOLS = "agent.tools"
RETRIEVER = "retriever.type"
"""The keys of `settings` hold dots (wire 8.1)."""


class LlmEndpoint(Shape):
    """A model that an agent can speak through; its id goes into `llm_endpoint_id`."""

    id: Text = ""
    name: Text = ""
    rank: Whole = None


def _endpoints(value: object) -> tuple[LlmEndpoint, ...]:
    return tuple(LlmEndpoint.read(item) for item in parts(value))


def _dialogue(value: object) -> tuple[dict[str, Any], ...]:
    return tuple(dict(item) for item in parts(value) if isinstance(item, Mapping))


class Agent(Shape):
    """An agent (wire 8.2). `llm_endpoint` is the URL it speaks through, `llm_endpoints` are those to choose from."""

    spellings: ClassVar[dict[str, str]] = {"chatbotid": "id", "createtime": "created_at"}

    id: Text = ""
    name: Text = ""
    project_id: Text = ""
    llm_endpoint: Text = ""
    knowledge_base_id: Text = ""
    created_at: Text = ""
    model: Text = ""
    max_tokens: Whole = None
    temperature: Number = None
    system_prompt: Text = ""
    context_window: Whole = None
    settings: Table = Field(default_factory=dict)
    warm_up_messages: Annotated[tuple[dict[str, Any], ...], BeforeValidator(_dialogue)] = ()
    llm_endpoints: Annotated[tuple[LlmEndpoint, ...], BeforeValidator(_endpoints)] = ()

    @classmethod
    def of(cls, value: object) -> Self:
        """Read an answer of AG-2, AG-3 or AG-4, also one wrapped once more under `chatbot` (wire 8.3)."""
        inner = value.get("chatbot") if isinstance(value, Mapping) and "id" not in value else None
        return cls.read(inner if isinstance(inner, Mapping) else value)

    @property
    def tools(self) -> dict[str, bool]:
        """Which tools it may use: `web_search`, `text_to_sql`, and whatever else the cloud names."""
        found = self.settings.get(TOOLS)
        return {str(name): bool(on) for name, on in found.items()} if isinstance(found, Mapping) else {}

    @property
    def retriever(self) -> str:
        """How it picks passages from its documents, such as `rerank`; empty when not told."""
        return str(self.settings.get(RETRIEVER) or "")


class AgentList(Shape):
    """One page of agents, from page 0 (AG-1); `total` is what the cloud counts, if it does."""

    agents: tuple[Agent, ...] = ()
    total: Whole = None
    page: int = 0
    number: int = 0

    @classmethod
    def of(cls, value: object, page: int, number: int) -> Self:
        """Read an answer whose list may be bare or under a key that no source names."""
        told = dict(value) if isinstance(value, Mapping) else {}
        found = records(value, "chatbots", "agents", "bots", "items", "results", "data", "list")
        return cls(
            agents=tuple(Agent.read(item) for item in found),
            total=told.get("total_chatbots", told.get("total_count")),
            page=page,
            number=number,
            raw=told,
        )


class WarmUp(BaseModel):
    """One message of the exchange an agent begins with."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, hide_input_in_errors=True)

    role: Literal["user", "assistant"]
    content: str = Field(min_length=1)


class AgentListParams(ProjectParams):
    """Which page of the agents to list."""

    page: int = Field(0, description="Page, from 0.", examples=[0], ge=0)
    number: int = Field(100, description="Agents per page.", examples=[100], ge=1, le=1000)


class AgentRef(ProjectParams):
    """One agent."""

    spellings: ClassVar[dict[str, str]] = {"agentid": "chatbot_id"}

    chatbot_id: str = Field(description="Id of the agent.", examples=["chtb0t1a2b3c4d5e6f7g"], min_length=1)


class AgentFields(ProjectParams):
    """What an agent is made of (wire 8.1); `web_search`, `text_to_sql` and `retriever` are parts of `settings`."""

    max_tokens: int | None = Field(None, description="Longest answer in tokens.", examples=[2000], ge=1)
    temperature: float | None = Field(None, description="Randomness, 0 to 2.", examples=[0.5], ge=0, le=2)
    system_prompt: str | None = Field(
        None, description="What it is told before each conversation.", examples=["Answer from the documents."]
    )
    warm_up_messages: tuple[WarmUp, ...] | None = Field(
        None,
        description="The exchange it begins with: messages of user and assistant.",
        examples=[[{"role": "assistant", "content": "How can I help?"}]],
    )
    llm_endpoint_id: str | None = Field(
        None, description="Model to speak through, one of its llm_endpoints.", examples=["llm-0001"], min_length=1
    )
    settings: dict[str, Any] | None = Field(
        None, description="Settings as a whole; keys hold dots.", examples=[{RETRIEVER: "rerank"}]
    )
    web_search: bool | None = Field(None, description="Let it search the web.", examples=[False])
    text_to_sql: bool | None = Field(None, description="Let it query tables by SQL.", examples=[True])
    retriever: str | None = Field(None, description="How it picks passages.", examples=["rerank"], min_length=1)

    @property
    def tools(self) -> dict[str, bool]:
        """The tools that were spoken of."""
        named = {"web_search": self.web_search, "text_to_sql": self.text_to_sql}
        return {name: on for name, on in named.items() if on is not None}

    @property
    def names_parts_of_settings(self) -> bool:
        """Whether `settings` is to be changed in parts, without being given as a whole."""
        return self.settings is None and bool(self.tools or self.retriever)

    def given(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Give the fields that were given, as they go on the wire; `settings` are those to put named parts into."""
        changed = dict(settings if self.settings is None else self.settings)
        if self.tools:
            before = changed.get(TOOLS)
            changed[TOOLS] = {**(before if isinstance(before, dict) else {}), **self.tools}
        if self.retriever is not None:
            changed[RETRIEVER] = self.retriever
        warm_up = self.warm_up_messages
        fields = {
            "name": getattr(self, "name", None),
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
            "system_prompt": self.system_prompt,
            "warm_up_messages": None if warm_up is None else [message.model_dump() for message in warm_up],
            "llm_endpoint_id": self.llm_endpoint_id,
            "settings": changed if self.settings is not None or self.names_parts_of_settings else None,
        }
        return {name: value for name, value in fields.items() if value is not None}


class NewAgent(AgentFields):
    """An agent to create (AG-2). The fields may also come inside `payload`."""

    unfold: ClassVar[tuple[str, ...]] = ("payload",)

    name: str = Field(description="Name of the agent.", examples=["Helpdesk"], min_length=1)


class AgentUpdate(AgentFields, AgentRef):
    """What to change in an agent (AG-4); what is not given stays. The fields may also come inside `payload`."""

    unfold: ClassVar[tuple[str, ...]] = ("payload",)

    name: str | None = Field(None, description="New name.", examples=["Helpdesk"], min_length=1)


class AgentChat(AgentRef):
    """A chat with an agent (AG-9). The fields may also come inside `body`."""

    unfold: ClassVar[tuple[str, ...]] = ("body",)

    messages: tuple[Message, ...] = Field(
        description="The conversation, oldest first.",
        examples=[[{"role": "user", "content": "How long do I have to return something?"}]],
    )
    max_tokens: int | None = Field(
        None, description="Longest answer; the agent's own by default.", examples=[600], ge=1
    )
    temperature: float | None = Field(
        None, description="Randomness, 0 to 2; the agent's own by default.", examples=[0.5], ge=0, le=2
    )
    stream: bool = Field(False, description="Answer word by word.", examples=[True])

    @field_validator("messages")
    @classmethod
    def _check_roles(cls, messages: tuple[Message, ...]) -> tuple[Message, ...]:
        if not messages:
            raise ValueError("is empty: give at least one message")
        if any(message.role in ("system", "tool") for message in messages):
            raise ValueError("may have the roles developer, user and assistant only")
        return messages
