"""The agents of the demo: a shop's helpdesk and a company's handbook, with the documents that they answer from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from theta_tui.sandbox.agents import add_document, make_chatbot
from theta_tui.sandbox.knowledge import Chatbot
from theta_tui.sandbox.world import World

_RETURNS: Final = """# Returns

You may return anything within 30 days of its arrival. Returns are free of charge inside the country.
Refunds reach your account five working days after the parcel is back with us.
Opened headphones cannot be returned for reasons of hygiene.
If something arrives broken, send a photo to the helpdesk and keep the box.
"""
_SHIPPING: Final = """Parcels leave our warehouse on the day of the order if it comes before 14:00.
Standard shipping takes two to four working days and costs $4.90.
Orders above $60 are shipped free of charge.
Express shipping is delivered the next morning and costs $12.
We do not ship to post boxes.
"""
_WARRANTY: Final = """Every device has a warranty of two years. The warranty of batteries ends after twelve months.
A repair takes about ten days. Water damage is not covered by the warranty.
"""
_ORDERS: Final = """order_id,placed,item,status
1042,2026-05-20,Desk lamp,shipped
1043,2026-05-21,Mechanical keyboard,waiting for stock
1044,2026-05-23,Standing desk,delivered
1045,2026-05-25,USB-C hub,cancelled
"""
_TRAVEL: Final = """# Travel

Book trains in second class up to four hours and in first class beyond. Flights need the approval of your lead.
Hotels may cost $160 a night, in capital cities $220. Hand in receipts within 14 days, as photos.
"""
_ONBOARDING: Final = """# The first week

On Monday you get your laptop and your badge. Your buddy shows you around and has lunch with you.
Ask for access to the GPU project in the #platform channel. The security training is due on Friday.
"""

_HELPDESK: Final = {
    "name": "Shop helpdesk",
    "system_prompt": "You help customers of a small electronics shop. Answer from the documents only.",
    "max_tokens": 800,
    "temperature": 0.2,
    "settings": {"agent.tools": {"web_search": False, "text_to_sql": True}},
    "warm_up_messages": [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hello! Ask me about orders, shipping or returns."},
    ],
}
_HANDBOOK: Final = {
    "name": "Team handbook",
    "system_prompt": "You know the handbook of our team. Quote it.",
    "llm_endpoint_id": "llm-0002",
}
_ORDER_TABLE: Final = {
    "query_type": "sql",
    "sql_schema": {
        "table_name": "orders",
        "columns": [{"name": name, "type": "TEXT"} for name in ("order_id", "placed", "item", "status")],
    },
    "sql_description": "Orders and what became of them",
}


def seed_agents(world: World) -> None:
    """Two agents that have been there for some weeks."""
    helpdesk = make_chatbot(world, dict(_HELPDESK))
    _add(world, helpdesk, "returns.md", _RETURNS, 41, "Returns and refunds")
    _add(world, helpdesk, "shipping.txt", _SHIPPING, 41, "Shipping times and prices")
    _add(world, helpdesk, "warranty.txt", _WARRANTY, 12, "Warranty and repairs")
    _add(world, helpdesk, "orders.csv", _ORDERS, 2, _ORDER_TABLE)
    handbook = make_chatbot(world, dict(_HANDBOOK))
    _add(world, handbook, "travel.md", _TRAVEL, 20, "Business trips: trains, hotels, receipts")
    _add(world, handbook, "onboarding.md", _ONBOARDING, 20, "The first week at work")
    for chatbot, days in ((helpdesk, 42), (handbook, 21)):
        chatbot.created_at = _days_ago(world, days)


def _add(world: World, chatbot: Chatbot, filename: str, text: str, days: int, about: str | dict[str, Any]) -> None:
    metadata = {"query_type": "text", "description": about} if isinstance(about, str) else about
    document = add_document(world, chatbot, text.encode(), {**metadata, "type": "file", "filename": filename})
    document.created_at = _days_ago(world, days)


def _days_ago(world: World, days: int) -> str:
    return world.clock.iso(world.clock.now() - timedelta(days=days))
