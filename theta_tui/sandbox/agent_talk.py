"""Chats with simulated agents (AG-9): the words come from their documents, the dialect is that of every model."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from theta_tui.sandbox.answers import Refused, need_bearer
from theta_tui.sandbox.chats import BadChat, check
from theta_tui.sandbox.knowledge import Chatbot, answer, chatbots
from theta_tui.sandbox.prose import last_words
from theta_tui.sandbox.speech import EventStream, WholeAnswer
from theta_tui.sandbox.turn import SCENARIOS, Spoken, Turn
from theta_tui.sandbox.utterance import Piece, Speaker, Utterance, prompt_tokens, silenced, tokens
from theta_tui.sandbox.world import World

#: US cents for a token, in and out: a little, so that the demo's balance moves.
_CENTS_PER_TOKEN: Final = Decimal("0.0002")
_ROLES: Final = ("developer", "user", "assistant")


class Talk:
    """AG-9, at a host of its own with the agent's token."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def chat(self, request: Request) -> Response:
        """Answer from the documents, in OpenAI's dialect."""
        world, path = self.world, request.url.path
        need_bearer(request, world.keys.chatbot_token)
        chatbot = chatbots(world).get(request.path_params["chatbot_id"])
        if chatbot is None:
            raise Refused(404, "Chatbot not found")
        if world.balance_cents <= 0:
            raise Refused(402, "Insufficient credit balance")
        body = await _read_chat(request)
        speaker = Speaker(chatbot.describe()["model"], max_tokens=chatbot.describe()["max_tokens"])
        try:
            check(body, speaker)
            _check_roles(body)
        except BadChat as error:
            return JSONResponse({"error": error.described()}, 400)
        faults = {name: fault for name in SCENARIOS if (fault := world.faults.take(name, "POST", path))}
        utterance = _compose(chatbot, body, speaker)
        if "null_output" in faults:
            utterance = silenced(utterance)
        turn = Turn(world, speaker, body, utterance, faults, lambda spoken: self._charge(chatbot, spoken))
        streams = body.get("stream") or "sse_despite_json" in faults
        return EventStream(turn) if streams and "json_despite_sse" not in faults else WholeAnswer(turn)

    def _charge(self, chatbot: Chatbot, spoken: Spoken) -> None:
        self.world.counts["agent_chats"] += 1
        used = spoken.prompt_tokens + spoken.completion_tokens
        self.world.charge(used * _CENTS_PER_TOKEN, f"agent {chatbot.fields['name']}")


async def _read_chat(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise Refused(400, "Request body is not valid JSON") from error
    if not isinstance(body, dict):
        raise Refused(400, "Request body must be a JSON object")
    return body


def _check_roles(body: dict[str, Any]) -> None:
    for index, message in enumerate(body["messages"]):
        if message["role"] not in _ROLES:
            raise BadChat(f"messages[{index}].role must be one of {', '.join(_ROLES)}", f"messages[{index}].role")


def _compose(chatbot: Chatbot, body: dict[str, Any], speaker: Speaker) -> Utterance:
    text = answer(chatbot.documents.values(), last_words(body["messages"]))
    said = [Piece("content", token) for token in tokens(text)]
    cap = body.get("max_completion_tokens") or body.get("max_tokens") or speaker.max_tokens
    kept = tuple(said[:cap])
    told = prompt_tokens(body) + len(tokens(str(chatbot.fields.get("system_prompt") or "")))
    return Utterance(told, kept, "stop" if len(kept) == len(said) else "length")
