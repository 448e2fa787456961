"""What a chat request must look like before a simulated model answers it (wire 2.12). It knows no transport."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from theta_tui.sandbox.utterance import Speaker, prompt_tokens

_ROLES: Final = ("system", "developer", "user", "assistant", "tool")
_IMAGE: Final = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}")
_RANGES: Final = {"temperature": (0, 2), "top_p": (0, 1)}


class BadChat(Exception):
    """A chat request that makes no sense, and the parameter it fails on."""

    def __init__(self, message: str, param: str) -> None:
        super().__init__(message)
        self.param = param

    def described(self) -> dict[str, Any]:
        """The `error` object in OpenAI's form."""
        return {"message": str(self), "type": "invalid_request_error", "param": self.param, "code": None}


def check(body: Mapping[str, Any], speaker: Speaker) -> None:
    """Raise BadChat with the reason if the body is no chat request this model can answer."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadChat("messages must be a list with at least one message", "messages")
    for index, message in enumerate(messages):
        _check_message(message, f"messages[{index}]", speaker)
    for name in ("max_tokens", "max_completion_tokens"):
        _check_whole(body.get(name), name)
    for name, (least, most) in _RANGES.items():
        _check_range(body.get(name), name, least, most)
    if not isinstance(body.get("stream"), bool | None):
        raise BadChat("stream must be true or false", "stream")
    _check_effort(body.get("reasoning_effort"), speaker)
    _check_tools(body)
    if (used := prompt_tokens(body)) > speaker.context:
        raise BadChat(f"The prompt has {used} tokens, the context holds {speaker.context}", "messages")


def _check_message(message: object, where: str, speaker: Speaker) -> None:
    if not isinstance(message, dict):
        raise BadChat(f"{where} must be an object", where)
    if message.get("role") not in _ROLES:
        raise BadChat(f"{where}.role must be one of {', '.join(_ROLES)}", f"{where}.role")
    if message["role"] == "assistant" and message.get("tool_calls") and message.get("content") is None:
        return
    if isinstance(message.get("content"), list) and speaker.sees:
        _check_parts(message["content"], f"{where}.content")
    elif not isinstance(message.get("content"), str):
        raise BadChat(f"{where}.content must be a string", f"{where}.content")
    if message["role"] == "tool" and not isinstance(message.get("tool_call_id"), str):
        raise BadChat(f"{where}.tool_call_id is missing", f"{where}.tool_call_id")


def _check_parts(parts: list[object], where: str) -> None:
    for index, part in enumerate(parts):
        if not isinstance(part, dict) or not (isinstance(part.get("text"), str) or _is_image(part.get("image_url"))):
            raise BadChat(f"{where}[{index}] must be a text or an image as a data URL", f"{where}[{index}]")


def _is_image(image: object) -> bool:
    url = image.get("url") if isinstance(image, dict) else None
    return isinstance(url, str) and _IMAGE.fullmatch(url) is not None


def _check_whole(value: object, name: str) -> None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise BadChat(f"{name} must be an integer of at least 1", name)


def _check_range(value: object, name: str, least: int, most: int) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is not None and not (number and least <= value <= most):  # type: ignore[operator]
        raise BadChat(f"{name} must be a number from {least} to {most}", name)


def _check_effort(effort: object, speaker: Speaker) -> None:
    if effort is not None and speaker.efforts and effort not in speaker.efforts:
        raise BadChat(f"reasoning_effort must be one of {', '.join(speaker.efforts)}", "reasoning_effort")


def _check_tools(body: Mapping[str, Any]) -> None:
    tools = body.get("tools") or []
    if not isinstance(tools, list) or not all(_is_function(tool) for tool in tools):
        raise BadChat("tools must be a list of functions with a name", "tools")
    names = [tool["function"]["name"] for tool in tools]
    choice = body.get("tool_choice")
    if isinstance(choice, dict):
        if not _is_function(choice) or choice["function"]["name"] not in names:
            raise BadChat("tool_choice must name one of the tools", "tool_choice")
    elif choice not in (None, "none", "auto", "required"):
        raise BadChat("tool_choice must be none, auto, required or a function", "tool_choice")


def _is_function(tool: object) -> bool:
    function = tool.get("function") if isinstance(tool, dict) and tool.get("type") == "function" else None
    return isinstance(function, dict) and isinstance(function.get("name"), str)
