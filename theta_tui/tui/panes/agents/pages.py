"""All agents, all documents: page after page until the cloud has no more. It knows no screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from theta_tui.shapes.agent_documents import Document
from theta_tui.shapes.agents import Agent

T = TypeVar("T")
Ask = Callable[[str, dict[str, Any]], Awaitable[Any]]

PER_PAGE = 100
MOST_PAGES = 20
"""Pages asked for at the most: 2,000 records."""


async def every_agent(ask: Ask) -> list[Agent]:
    """List the agents of the project (AG-1); a page that brings nothing new is the last one."""
    found: list[Agent] = []
    for page in range(MOST_PAGES):
        listed = await ask("theta.ai.agent.list", {"page": page, "number": PER_PAGE})
        fresh = _fresh(listed.agents, found, lambda agent: agent.id or agent.name)
        found += fresh
        if len(listed.agents) < PER_PAGE or not fresh or listed.total == len(found):
            break
    return found


async def every_document(ask: Ask, chatbot_id: str) -> list[Document]:
    """List the documents of an agent (AG-5), without their content."""
    found: list[Document] = []
    for page in range(MOST_PAGES):
        asked = {"chatbot_id": chatbot_id, "page": page, "number": PER_PAGE}
        listed = await ask("theta.ai.agent.document.list", asked)
        fresh = _fresh(listed.documents, found, lambda document: document.id or document.filename)
        found += fresh
        if listed.is_last or not fresh:
            break
    return found


def _fresh(page: Sequence[T], found: Sequence[T], key: Callable[[T], str]) -> list[T]:
    """Give what a page brings; nothing if all it names was on earlier pages. What it cannot name stays."""
    known = {key(one) for one in found}
    new = [one for one in page if not key(one) or key(one) not in known]
    return new if not found or any(map(key, new)) else []


async def count_documents(ask: Ask, chatbot_id: str) -> int | None:
    """Count the documents of an agent as the cloud counts them; None if it does not."""
    listed = await ask("theta.ai.agent.document.list", {"chatbot_id": chatbot_id, "page": 0, "number": 1})
    total: int | None = listed.total
    return total
