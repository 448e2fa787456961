"""What simulated agents are made of and what they know: fields, documents, and the sentence that answers a question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from theta_tui.sandbox.utterance import tokens
from theta_tui.sandbox.world import World

LLMS: Final = (
    ("llm-0001", "Llama 3.1 70B", "llama_3_1_70b"),
    ("llm-0002", "GPT-OSS 120B", "gpt_oss_120b"),
)
_SETTINGS: Final = {"agent.tools": {"web_search": False, "text_to_sql": False}, "retriever.type": "rerank"}
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+|\n+")
_SMALL_WORDS: Final = (
    "a an and are as at be by can do does for from have how i if in is it its long many may me much must my of on or "
    "our so that the their them there they this to us was we what when where which who why will with you your"
)
_STOP_WORDS: Final = frozenset(_SMALL_WORDS.split())


@dataclass
class Document:
    """A document: its bytes, what its owner said of it, and when it came."""

    id: str
    data: bytes
    metadata: dict[str, Any]
    created_at: str

    @property
    def text(self) -> str:
        """Its content as the cloud shows it."""
        return self.data.decode("utf-8", "replace")

    @property
    def filename(self) -> str:
        """What to call it in an answer."""
        return str(self.metadata.get("filename") or self.id)


@dataclass
class Chatbot:
    """An agent. `fields` are those a client may set (wire 8.1); documents are kept in the order they came."""

    id: str
    project_id: str
    knowledge_base_id: str
    created_at: str
    fields: dict[str, Any] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)

    def change(self, fields: Mapping[str, Any]) -> None:
        """Take over what is given; each key of `settings` is replaced as a whole."""
        settings = {**self.fields.get("settings", _SETTINGS), **(fields.get("settings") or {})}
        self.fields = {**self.fields, **fields, "settings": settings}

    def describe(self) -> dict[str, Any]:
        """The object of wire 8.2."""
        given = self.fields
        llm = next(llm for llm in LLMS if llm[0] == given.get("llm_endpoint_id", LLMS[0][0]))
        return {
            "id": self.id,
            "name": given["name"],
            "project_id": self.project_id,
            "llm_endpoint": f"https://{llm[2].replace('_', '-')}.thetaedgecloud.com/v1",
            "knowledge_base_id": self.knowledge_base_id,
            "created_at": self.created_at,
            "model": llm[2],
            "max_tokens": given.get("max_tokens", 2000),
            "temperature": given.get("temperature", 0.5),
            "system_prompt": given.get("system_prompt", ""),
            "context_window": None,
            "settings": given["settings"],
            "warm_up_messages": given.get("warm_up_messages", []),
            "llm_endpoints": [{"id": one[0], "name": one[1], "rank": 5 * rank} for rank, one in enumerate(LLMS, 1)],
        }

    def list_entry(self, document: Document) -> dict[str, Any]:
        """A document as AG-5 lists it."""
        return {
            "id": document.id,
            "knowledge_base_id": self.knowledge_base_id,
            "metadata": document.metadata,
            "created_at": document.created_at,
            "embedding_token_count": len(tokens(document.text)),
        }


def chatbots(world: World) -> dict[str, Chatbot]:
    """The agents of a world, by id."""
    return world.records["agents"]


def answer(documents: Iterable[Document], asked: str) -> str:
    """What an agent says: the sentence of its documents that shares most with the question, and where it stands."""
    wanted = _stems(asked)
    best, found = 0.0, None
    for document in documents:
        about = _stems(str(document.metadata.get("description") or document.metadata.get("sql_description") or ""))
        for sentence in filter(None, map(str.strip, _SENTENCE.split(document.text))):
            own = _stems(sentence)
            score = len(wanted & own) + 0.3 * len(wanted & about) if wanted & own else 0.0
            score -= len(own) / 1000  # of two that fit equally, the shorter one
            if score > best:
                best, found = score, (sentence, document)
    if found is None:
        return "I found nothing about that in my documents. Ask about something they cover, or add a document."
    sentence, document = found
    return f"According to **{document.filename}**:\n\n> {sentence.lstrip('#-* ')}"


def _stems(text: str) -> set[str]:
    """The words that carry meaning, cut so that `returns` and `returned` meet."""
    words = re.findall(r"\w+", text.lower())
    return {re.sub(r"(?:ing|ed|es|s|e)$", "", word) for word in words if word not in _STOP_WORDS}
