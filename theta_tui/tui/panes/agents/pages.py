"""All agents, all documents: page after page until the cloud has no more. It knows no screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from theta_tui.shapes.agent_documents import Document
from theta_tui.shapes.agents import Agent

Ask = Callable[[str, dict[str, Any]], Awaitable[Any]]

PER_PAGE = 100
MOST_PAGES = 20
"""Pages asked for at the most: 2,000 records."""


async def every_agent(ask: Ask) -> list[Agent]:
    """List the agents of the project (AG-1); a page that brings nothing new is the last one."""
    found: dict[str, Agent] = {}
    for page in range(MOST_PAGES):
        listed = await ask("theta.ai.agent.list", {"page": page, "number": PER_PAGE})
        fresh = {agent.id or agent.name: agent for agent in listed.agents}
        is_last = len(listed.agents) < PER_PAGE or fresh.keys() <= found.keys()
        found |= fresh
        if is_last or listed.total == len(found):
            break
    return list(found.values())


async def every_document(ask: Ask, chatbot_id: str) -> list[Document]:
    """List the documents of an agent (AG-5), without their content."""
    found: dict[str, Document] = {}
    for page in range(MOST_PAGES):
        asked = {"chatbot_id": chatbot_id, "page": page, "number": PER_PAGE}
        listed = await ask("theta.ai.agent.document.list", asked)
        fresh = {document.id or document.filename: document for document in listed.documents}
        is_last = listed.is_last or fresh.keys() <= found.keys()
        found |= fresh
        if is_last:
            break
    return list(found.values())


async def count_documents(ask: Ask, chatbot_id: str) -> int | None:
    """Count the documents of an agent as the cloud counts them; None if it does not."""
    listed = await ask("theta.ai.agent.document.list", {"chatbot_id": chatbot_id, "page": 0, "number": 1})
    total: int | None = listed.total
    return total
