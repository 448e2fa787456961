"""Forms about an agent: making one, changing what is changed and no more, and keeping its chat token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from theta_tui.change import Done, Family
from theta_tui.errors import ThetaError
from theta_tui.shapes.agents import Agent
from theta_tui.tui.form import WHOLE
from theta_tui.tui.form_dialog import FormDialog
from theta_tui.tui.form_fields import FieldKind, FieldSpec
from theta_tui.tui.form_screen import CommandForm, open_form

if TYPE_CHECKING:
    from theta_tui.session import Session
    from theta_tui.tui.app import ThetaApp

UPDATE: Final = "theta.ai.agent.update"
_TOKEN: Final = FieldSpec(
    "token", "chat token", FieldKind.SECRET, required=True,
    help="Dashboard → Agentic AI → this agent → API. It is kept in the vault, for the agents' host.",
)  # fmt: skip


def settings_of(agent: Agent) -> dict[str, Any]:
    """Give what an agent is made of, as the form to change it begins with."""
    fields = {
        "name": agent.name,
        "max_tokens": agent.max_tokens,
        "temperature": agent.temperature,
        "system_prompt": agent.system_prompt,
        "warm_up_messages": [dict(message) for message in agent.warm_up_messages],
        "web_search": agent.tools.get("web_search"),
        "text_to_sql": agent.tools.get("text_to_sql"),
        "retriever": agent.retriever,
    }
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


class AgentChange(CommandForm):
    """The form of an agent that is there; what stays as it was is not sent."""

    def __init__(self, agent: Agent) -> None:
        self._before = settings_of(agent)
        known = {"chatbot_id": agent.id, **self._before}
        super().__init__(UPDATE, values=known, fixed=("chatbot_id",), title=f"Change {agent.name or agent.id}")

    def complaints(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Nothing changed is nothing to send."""
        return {} if self._changed(values) else {WHOLE: "Nothing is changed yet."}

    async def arguments(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Give what is changed."""
        return {"chatbot_id": values["chatbot_id"], **self._changed(values)}

    def _changed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items()
                if name != "chatbot_id" and value != self._before.get(name)}  # fmt: skip


async def make_agent(app: ThetaApp) -> Agent | None:
    """Create an agent in the form of the command; None when it was given up."""
    done = await open_form(app, "theta.ai.agent.create", title="New agent")
    return done.value if isinstance(done, Done) else None


async def change_agent(app: ThetaApp, agent: Agent) -> bool:
    """Change an agent; whether it was changed."""
    return isinstance(await app.push_screen_wait(AgentChange(agent)), Done)


class TokenForm(FormDialog[bool]):
    """Takes the token for chats with one agent into the vault; it is never shown."""

    DEFAULT_CSS = """
    TokenForm > .modal--frame { height: 14; }
    """
    keys = (("ctrl+s", "keep it"), ("Esc", "close"))

    def __init__(self, session: Session, agent: Agent) -> None:
        super().__init__(f"Chat token of {agent.name or agent.id}", (_TOKEN,))
        self._session = session
        self._agent = agent

    async def made(self, values: Mapping[str, Any]) -> tuple[bool | None, dict[str, str]]:
        """Keep the token, for the agents' host; what the vault says against it is said at the field."""
        token = values["token"]
        hosts = self._session.hosts
        try:
            await self._session.vault.put(
                f"chatbot/{self._agent.id}",
                token,
                origin=hosts.origin(Family.AI),
                overridden=hosts.is_overridden(Family.AI),
            )
        except ThetaError as error:
            return None, {"token": f"{error.message} {error.hint}".strip()}
        return True, {}
