"""Forms about an agent: making one, changing what is changed and no more, and keeping its chat token."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from pydantic import SecretStr
from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from theta_tui.change import Done, Family
from theta_tui.errors import ThetaError
from theta_tui.shapes.agents import Agent
from theta_tui.tui.form import WHOLE, Form
from theta_tui.tui.form_fields import FieldKind, FieldSpec
from theta_tui.tui.form_screen import CommandForm, open_form
from theta_tui.tui.modal import Modal

if TYPE_CHECKING:
    from theta_tui.session import Session
    from theta_tui.tui.app import ThetaApp

UPDATE: Final = "theta.ai.agent.update"


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


class TokenForm(Modal[bool]):
    """Takes the token for chats with one agent into the vault; it is never shown."""

    DEFAULT_CSS = """
    TokenForm > .modal--frame { height: 14; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "take", show=False, priority=True)]
    AUTO_FOCUS = ""
    keys = (("ctrl+s", "keep it"), ("Esc", "close"))

    def __init__(self, session: Session, agent: Agent) -> None:
        super().__init__()
        self._session = session
        self._agent = agent
        spec = FieldSpec(
            "token", "chat token", FieldKind.SECRET, required=True,
            help="Dashboard → Agentic AI → this agent → API. It is kept in the vault, for the agents' host.",
        )  # fmt: skip
        self._form = Form([spec])

    @property
    def title_words(self) -> str:
        """Whose token it is."""
        return f"Chat token of {self._agent.name or self._agent.id}"

    def inside(self) -> Iterable[Widget]:
        """Give the line for the token."""
        yield self._form

    def on_mount(self) -> None:
        """Begin in the line."""
        first = self._form.first_focus()
        if first is not None:
            self.call_after_refresh(first.focus)

    def action_take(self) -> None:
        """Keep it."""
        self._form.action_submit()

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        event.stop()
        self.run_worker(self._keep(), group="token", exclusive=True)

    async def _keep(self) -> None:
        found = self._form.problems()
        token = self._form.values().get("token")
        if found or not isinstance(token, SecretStr):
            self._form.complain(found)
            return
        hosts = self._session.hosts
        try:
            await self._session.vault.put(
                f"chatbot/{self._agent.id}",
                token,
                origin=hosts.origin(Family.AI),
                overridden=hosts.is_overridden(Family.AI),
            )
        except ThetaError as error:
            self._form.complain({"token": f"{error.message} {error.hint}".strip()})
            return
        self.dismiss(True)
