"""What a chat has cost, in words: this chat, what is still allowed without asking, the day and its cap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from theta_tui.tui.words import UNKNOWN, usd

if TYPE_CHECKING:
    from theta_tui.chats.book import ChatBook
    from theta_tui.session import Session


async def purse_words(session: Session, book: ChatBook) -> list[str]:
    """Give the parts, the most important first."""
    cost, has_unknown = await book.cost()
    said = []
    if book.chat is not None:
        more = f" + {UNKNOWN}" if has_unknown and cost else ""
        said.append(f"this chat {UNKNOWN if has_unknown and not cost else usd(cost)}{more}")
        left = await session.allowance(book.conversation)
        if left is not None:
            said.append(f"{usd(left)} more allowed")
    policy = session.policy()
    cap = await session.journal.cap_today(policy.profile) or policy.cap_usd
    if cap is not None:
        today = (await session.journal.spending(policy.profile)).total_usd
        said.append(f"today {usd(today)} of {usd(cap)}")
    return said
