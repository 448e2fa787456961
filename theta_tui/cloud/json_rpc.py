"""JSON-RPC 2.0 as the nodes of wire 11 speak it: a call written down, and its answer opened.

A refusal comes with HTTP 200. Which methods only read is the wire's to know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from theta_tui.change import FREE, Change, Effect, Family, Json, JsonBody, Reply, Request, Target
from theta_tui.command import Account
from theta_tui.errors import InvalidRequest, ProtocolError, Uncertain

T = TypeVar("T")

MOST_WORDS = 300
"""Characters of a node's words that an error quotes."""


def rpc(family: Family, method: str, *params: Mapping[str, Json], seconds: float | None = None) -> Request:
    """Write down a call; `params` is an array of one object, or empty (wire 11). `seconds` is its total time."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
    return Request("POST", family, body=JsonBody(body), deadline=seconds)


def result_of(reply: Reply) -> Json:
    """Give the result. InvalidRequest for an error that came beside one, ProtocolError if there is neither."""
    answer = reply.value
    if not isinstance(answer, Mapping):
        raise ProtocolError("The node's answer is no JSON-RPC answer.", status=reply.status)
    error = answer.get("error")
    if error:
        words = error.get("message") if isinstance(error, Mapping) else error
        raise InvalidRequest(f"The node refused: {str(words)[:MOST_WORDS]}", status=reply.status)
    if "result" not in answer:
        raise ProtocolError("The node's answer holds neither result nor error.", status=reply.status)
    return answer["result"]


async def ask(account: Account, family: Family, method: str, *params: Mapping[str, Json]) -> Json:
    """Send a reading call and give its result; errors as for `result_of`, NoCredentials without the node's URL."""
    return result_of(await account.read(rpc(family, method, *params)))


def change(
    summary: str,
    effect: Effect,
    request: Request,
    read: Callable[[Json], T],
    target: Target,
    notes: tuple[str, ...] = (),
) -> Change[T]:
    """Make the Change of a call; an answer without result and error leaves it Uncertain."""

    def answered(reply: Reply) -> T:
        try:
            return read(result_of(reply))
        except ProtocolError as error:
            raise Uncertain(f"The change was sent, but what became of it is unknown: {error.message}") from None

    return Change(
        summary=summary, effect=effect, requests=(request,), read=answered, cost=FREE, target=target, notes=notes
    )
