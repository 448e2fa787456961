"""What a command wants done, written down: Request, Change, StreamChange, Plan.

Pure data. It does not know hosts, credentials or how anything is sent; the gate shows these objects to a
reviewer and the wire sends the very same ones.
"""

from __future__ import annotations

from theta_tui.change.act import (
    Approved,
    Change,
    Done,
    Effect,
    Ending,
    EndpointCredential,
    Fold,
    MachineEvent,
    NotDone,
    Stream,
    StreamChange,
    Target,
)
from theta_tui.change.bodies import Body, FileBody, FormBody, Json, JsonBody, Part, RawBody, freeze
from theta_tui.change.cost import FREE, Cost, Spent
from theta_tui.change.holes import Hole, HoleKind, Segment
from theta_tui.change.plan import Filled, Plan, Renewal, Step, Wait
from theta_tui.change.progress import Attempt, CancelledUndone, Progress, Reached, Repeating, Sending, Stage, Waiting
from theta_tui.change.request import After, Family, Reply, Request, fillable, holes_in, query_of, segments

__all__ = [
    "FREE",
    "After",
    "Approved",
    "Attempt",
    "Body",
    "CancelledUndone",
    "Change",
    "Cost",
    "Done",
    "Effect",
    "Ending",
    "EndpointCredential",
    "Family",
    "FileBody",
    "Filled",
    "Fold",
    "FormBody",
    "Hole",
    "HoleKind",
    "Json",
    "JsonBody",
    "MachineEvent",
    "NotDone",
    "Part",
    "Plan",
    "Progress",
    "RawBody",
    "Reached",
    "Renewal",
    "Repeating",
    "Reply",
    "Request",
    "Segment",
    "Sending",
    "Spent",
    "Stage",
    "Step",
    "Stream",
    "StreamChange",
    "Target",
    "Wait",
    "Waiting",
    "fillable",
    "freeze",
    "holes_in",
    "query_of",
    "segments",
]
