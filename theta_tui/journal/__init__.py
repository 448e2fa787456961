"""The local journal (SQLite): spend ledger, plans, request log, chats, balance and prompt history."""

from theta_tui.journal.allowances import Allowances
from theta_tui.journal.attachments import Attachment
from theta_tui.journal.chats import MESSAGE_STATES, NEW, Chat, Message, Told
from theta_tui.journal.costs import DayCost
from theta_tui.journal.entry import OPEN_STATES, STATES, Entry, Intent
from theta_tui.journal.journal import Journal
from theta_tui.journal.money import Spending
from theta_tui.journal.notes import Balance
from theta_tui.journal.plans import PlanRecord, PlanStep
from theta_tui.journal.request_log import LoggedRequest
from theta_tui.journal.search import Hit
from theta_tui.journal.shelf import Shelved

__all__ = [
    "MESSAGE_STATES",
    "NEW",
    "OPEN_STATES",
    "STATES",
    "Allowances",
    "Attachment",
    "Balance",
    "Chat",
    "DayCost",
    "Entry",
    "Hit",
    "Intent",
    "Journal",
    "LoggedRequest",
    "Message",
    "PlanRecord",
    "PlanStep",
    "Shelved",
    "Spending",
    "Told",
]
