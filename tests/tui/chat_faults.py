"""What a chat may meet, line by line of the wire's own account of it, and what the transcript then says. Data only."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

GREETING = "simulated by the theta-tui sandbox"
BUSY = "No instances available - try again later"
UNSURE = ("Nobody knows whether it was answered", "counts as spent")
WARMING = "still warming up"


@dataclass(frozen=True)
class Case:
    """One thing that goes wrong, or is only odd, and what is left of it on the screen, in the store, in the ledger.

    `words` are in the transcript. `state` is the stored answer's, `row` the ledger's; `cost` is what the ledger knows:
    nothing ("none": the worst case counts where the row is uncertain or confirmed), an "estimate", or what was "told".
    `tries` is how often it was sent, `offers` whether another model is.
    """

    line: str
    fault: dict[str, Any]
    words: tuple[str, ...]
    state: str = "failed"
    row: str = "refused"
    cost: str = "none"
    tries: int = 1
    offers: bool = False
    partner: str = "glm_5_3"
    absent: tuple[str, ...] = field(default=())


def status(code: int, message: str | None, **more: Any) -> dict[str, Any]:
    """An error envelope, each time it is asked."""
    body = "" if message is None else {"status": "error", "message": message}
    return {"kind": "status", "status": code, "body": body, "times": None, **more}


def page(code: int, text: str = "<html><body><h1>Sorry</h1></body></html>") -> dict[str, Any]:
    """An HTML page, each time it is asked."""
    return {"kind": "status", "status": code, "content_type": "text/html", "body": text, "times": None}


def stream(*events: Any, kind: str = "text/event-stream", field: str = "data: ", last: str = "\n\n") -> dict[str, Any]:
    """A stream of these events, written as they are or as JSON."""
    lines = [event if isinstance(event, str) else f"{field}{json.dumps(event)}" for event in events]
    body = "\n\n".join(lines) + last if lines else ""
    return {"kind": "status", "status": 200, "content_type": kind, "body": body}


def chunk(finish: str | None = None, **delta: str) -> dict[str, Any]:
    """One piece of an answer."""
    return {"id": "chatcmpl-1", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def job(**fields: Any) -> dict[str, Any]:
    """An infer request as OD-3 answers it."""
    return {"kind": "json", "body": {"status": "success", "body": {"infer_requests": [{"id": "infr_1", **fields}]}}}


STOP, DONE = chunk("stop"), "data: [DONE]"
WHOLE_MESSAGE: dict[str, Any] = {"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]}
USAGE = {"prompt_tokens": 75, "completion_tokens": 76, "total_tokens": 151}

REFUSALS = (
    Case("12.1 401", status(401, "Unauthorized"), ("The key was refused", "THETA_ONDEMAND_API_TOKEN", ":setup")),
    Case("12.1 401 bare", status(401, None), ("The key was refused", "auth · status 401")),
    Case("12.1 402", status(402, "Insufficient credit balance"), ("Not paid for", "Insufficient", "Add credits")),
    Case("12.1 403", status(403, "You are not allowed to perform this action"),
         ("The key may not do this", "You are not allowed", "prj_ id")),
    Case("12.1 403 1010 text", {"kind": "cloudflare_1010"}, ("Blocked before Theta saw it", "not about your key")),
    Case("12.1 403 1010 page", page(403, "<h1>Error 1010</h1><p>browser signature</p>"),
         ("Blocked before Theta saw it", "not about your key"), absent=("<h1>", "signature")),
    *(Case(f"12.1 {code} billing", status(code, words), ("Not paid for", words, "Add credits"))
      for code, words in ((403, "insufficient balance"), (429, "quota exceeded, add credit"))),
    *(Case(f"12.1 quota as {code}", status(code, "10 minute quota reached"),
           ("The quota is used up", "10 minute quota reached", "up to ten minutes")) for code in (403, 409, 429)),
    Case("12.1 404", status(404, "service not found"), ("Not found", "service not found", "ctrl+o")),
    Case("12.1 404 OD-3", status(404, "service not found"), ("Not found", "ctrl+o"), partner="qwen3"),
    Case("12.1 409", status(409, BUSY), ("No machine is free", BUSY, "ctrl+f asks glm_5_3_flash"), tries=2,
         offers=True),
    Case("12.1 409 OD-3", status(409, BUSY), ("No machine is free", "ctrl+f asks"), tries=2, offers=True,
         partner="qwen3"),
    Case("12.3 other 409", status(409, "somebody else was faster"), ("The cloud refused", "somebody else", "ctrl+o")),
    Case("12.3 400", status(400, "max_tokens is too large"), ("did not take the request", "too large", "ctrl+s")),
    Case("12.3 422", status(422, "bad field"), ("did not take the request", "bad field", "ctrl+s")),
    Case("12.3 429", status(429, "slow down"), ("Too many requests", "slow down", "Ask again later"), tries=2),
    Case("12.3 429 for long", status(429, "slow down", headers={"Retry-After": "999999"}),
         ("Too many requests", "slow down. It asks to wait for more than a day.", "ctrl+o")),
    Case("12.3 503", status(503, "busy"), ("The cloud has trouble", "busy", "Nothing was charged"), tries=2),
    Case("1.4 200 error", {"kind": "json", "body": {"status": "error", "message": "the input is wrong"}},
         ("did not take the request", "the input is wrong", "ctrl+s")),
)  # fmt: skip

UNKNOWN = (
    *(Case(f"12.3 {code}", status(code, "it burns"), (*UNSURE, f"answered {code}: it burns"), row="uncertain")
      for code in (500, 502, 504)),
    Case("12.3 502 page", page(502), UNSURE, row="uncertain", absent=("Sorry",)),
    Case("12.3 520 page", page(520), UNSURE, row="uncertain"),
    Case("F18 200 page", page(200), (*UNSURE, "an HTML page came"), row="uncertain", absent=("Sorry",)),
    Case("F8 reset", {"kind": "reset"}, (*UNSURE, "broke before"), row="uncertain"),
    Case("F9 no answer", {"kind": "hang"}, (*UNSURE, "did not answer within"), row="uncertain"),
    Case("F26 flood", {"kind": "flood", "bytes": 9_000_000}, (*UNSURE, "the answer is larger"), row="uncertain"),
    Case("2.13.9 error at once", stream({"error": {"message": "overloaded", "code": 503}}), (*UNSURE, "overloaded"),
         row="uncertain"),
    Case("F33 nothing at all", stream(), (*UNSURE, "broke before"), row="uncertain"),
)  # fmt: skip

BROKE_OFF = "The answer broke off before a word came"
EMPTY = (
    Case("12.1 null output", {"kind": "null_output"}, ("The model said nothing", "tokens on thinking", "ctrl+s"),
         row="confirmed", cost="estimate"),
    Case("12.1 null output OD-3", job(state="success", output={"message": None}, cost_usd={"output": 0.001}),
         ("The model said nothing", "ctrl+s", "$0.0010", "infr_1"), row="confirmed", cost="told", partner="qwen3"),
    Case("12.1 state error OD-3", job(state="error", error_message="CUDA out of memory"),
         ("The model failed", "CUDA out of memory", "cost unknown", "ctrl+o"), row="confirmed", partner="qwen3"),
    Case("2.8 still running OD-3", job(state="processing", output=None),
         ("The model is still at work", "theta.ondemand.pollUntilDone requestId=infr_1", "cost unknown"),
         row="confirmed", partner="qwen3"),
    Case("F36 all thinking", stream(chunk(reasoning="I wonder."), chunk("length"), DONE),
         ("▸ Thought", "The model said nothing", "tokens on thinking"), row="confirmed", cost="estimate"),
    Case("F33 cut at once", {"kind": "cut_stream", "chunks": 0}, (BROKE_OFF, "the connection broke", "cost unknown"),
         row="confirmed"),
    Case("F32 stalled in thought", {"kind": "stall_stream", "chunks": 9}, (BROKE_OFF, "▸ Thought", "nothing came for"),
         row="confirmed", cost="estimate"),
    Case("2.13.4 nothing readable", stream("data: {nope"), (BROKE_OFF, "1 unreadable line", "cost unknown"),
         row="confirmed"),
    Case("F34 keep-alives only", stream(": still here", ": still here"), (BROKE_OFF, "cost unknown"), row="confirmed"),
    Case("2.13.9 error after the first chunk", {"kind": "error_event", "chunks": 0, "text": "The worker was lost"},
         (BROKE_OFF, "The worker was lost", "cost unknown"), row="confirmed"),
)  # fmt: skip

ONCE = chunk(content="Once upon")
CUT = tuple(
    Case(line, fault, ("Once upon", "◼ The answer was cut", *words, "(estimate)"), "cut", "confirmed", "estimate")
    for line, fault, words in (
        ("2.13.6 no end at all", stream(ONCE), ("the connection ended early",)),
        ("F33 cut inside an event", stream(ONCE, 'data: {"choices": [{"del', last=""), ("Once",)),
        ("2.13.9 error event", stream(ONCE, {"status": "error", "message": "The worker was lost"}),
         ("The worker was lost",)),
        ("2.13.9 error object", stream(ONCE, {"error": {"message": "overloaded"}}), ("overloaded",)),
        ("F35 endless line", stream(ONCE, "data: " + "x" * 1_100_000), ("larger than 1 MB",)),
    )
)  # fmt: skip
CUT_BY_THE_CLOUD = tuple(
    Case(line, {"kind": kind, "chunks": 12}, ("◼ The answer was cut", words, "(estimate)"), "cut", "confirmed",
         "estimate", partner="qwen3")
    for line, kind, words in (
        ("F32 stall", "stall_stream", "nothing came for"),
        ("F33 cut", "cut_stream", "the connection broke"),
        ("F34 error event", "error_event", "The worker was lost"),
    )
)  # fmt: skip

WHOLE = tuple(
    Case(line, fault, words, "complete", "confirmed", "estimate")
    for line, fault, words in (
        ("2.13.1 message.content", stream(WHOLE_MESSAGE, DONE),
         ("Hello",)),
        ("2.13.1 content beside an empty delta",
         stream({"choices": [{"delta": {}, **WHOLE_MESSAGE["choices"][0]}]}), ("Hello",)),
        ("2.13.1 choices.text", stream({"choices": [{"text": "Hello", "finish_reason": "stop"}]}, DONE), ("Hello",)),
        ("2.13.2 reasoning", stream(chunk(reasoning="Hm."), chunk(content="Hello"), STOP), ("▸ Thought", "Hello")),
        ("2.13.2 reasoning_content", stream(chunk(reasoning_content="Hm."), chunk(content="Hello"), STOP),
         ("▸ Thought", "Hello")),
        ("2.13.3 usage in a chunk of its own", stream(chunk(content="Hello"), STOP, {"choices": [], "usage": USAGE}),
         ("Hello", "75 in, 76 out", "chatcmpl-1")),
        ("2.13.3 usage without choices", stream(chunk(content="Hello"), STOP, {"usage": USAGE}, DONE),
         ("75 in, 76 out",)),
        ("2.13.4 comments and blank lines", stream(": hello", "", chunk(content="Hello"), "", STOP), ("Hello",)),
        ("2.13.4 a broken line", {"kind": "malformed_line"}, (GREETING, "1 unreadable line skipped")),
        ("2.13.5 no space", stream(chunk(content="Hello"), STOP, "data:[DONE]", field="data:"), ("Hello",)),
        ("2.13.5 CRLF", {"kind": "crlf"}, (GREETING,)),
        ("2.13.6 no [DONE]", {"kind": "no_done"}, (GREETING, " in, ")),
        ("2.13.7 JSON for a stream", {"kind": "json_despite_sse"}, (GREETING, " in, ")),
        ("2.13.7 SSE under another name", stream(chunk(content="Hello"), STOP, kind="text/plain"), ("Hello",)),
        ("2.13.7 JSON called a stream",
         {"kind": "status", "status": 200, "content_type": "text/event-stream",
          "body": json.dumps(WHOLE_MESSAGE)}, ("Hello",)),
        ("2.13.9 busy at once, then not", stream({"status": "error", "message": BUSY}), (GREETING,)),
    )
)  # fmt: skip
OD_3 = tuple(
    Case(line, fault, words, "complete", "confirmed", cost, partner="qwen3")
    for line, fault, words, cost in (
        ("2.13.8 envelope for OD-3",
         job(state="success", output={"message": "Hello"}, usage={"input": 5, "output": 9},
             cost_usd={"input": 0.001, "output": 0.002}), ("Hello", "5 in, 9 out", "$0.0030", "infr_1"), "told"),
        ("2.13.8 completion for OD-3", {"kind": "json_despite_sse"}, (GREETING,), "estimate"),
        ("2.14 think tags", {"kind": "think_tags"}, ("▸ Thought", GREETING), "estimate"),
    )
)  # fmt: skip

MACHINES = (
    *(Case(f"12.1 warm-up {code}", status(code, "Not ready"), (WARMING, "Not ready"), partner="machine",
           row="uncertain" if code in (500, 502, 504) else "refused", tries=2 if code == 503 else 1)
      for code in (401, 404, 500, 502, 503, 504)),
    Case("9.3 page", page(503), (WARMING,), partner="machine", row="uncertain"),
    Case("9.3 connection", {"kind": "reset"}, ("costs nothing beyond",), partner="machine", row="uncertain"),
)  # fmt: skip
AGENTS = (
    Case("8.5 wrong token", status(401, "Unauthorized"), ("The key was refused", "chatbot"), partner="agent"),
    Case("8.5 cut", stream(ONCE), ("Once upon", "◼ The answer was cut", "cost unknown"), "cut", "confirmed",
         partner="agent"),
)  # fmt: skip

CASES = {
    "refusals": REFUSALS,
    "unknown outcomes": UNKNOWN,
    "empty answers": EMPTY,
    "cut answers": (*CUT, *CUT_BY_THE_CLOUD),
    "odd answers": (*WHOLE, *OD_3),
    "machines": MACHINES,
    "agents": AGENTS,
}
