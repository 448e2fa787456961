"""A line for a secret: masked, never copied or cut, and emptied as soon as what was typed is whole.

Its messages carry no text. What it holds afterwards is a `SecretStr`; it does not know what for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

from pydantic import SecretStr
from textual import events
from textual.message import Message
from textual.widgets import Input

from theta_tui.errors import UsageError
from theta_tui.redact import redactor

MASK: Final = "••••••••••••"
"""Shown for a secret of any length."""
_LONGEST: Final = 10_000
"""Characters of a paste that are looked at; longer ones are surely no key."""


class MaskedInput(Input):
    """A masked line that keeps what is typed; nothing of it is selected with the mouse, copied or cut."""

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, *, id: str | None = None, compact: bool = False, **more: Any) -> None:  # noqa: A002 Textual's own name
        super().__init__(password=True, id=id, compact=compact, **more)

    def action_copy(self) -> None:
        """Refuse to copy."""

    def action_cut(self) -> None:
        """Refuse to cut."""

    def __rich_repr__(self) -> Any:
        """Show nothing of the text."""
        yield "id", self.id


class SecretInput(MaskedInput):
    """Takes a secret by typing or pasting; `read` gives it trimmed, or raises UsageError in words for the field."""

    DEFAULT_CSS = """
    SecretInput.-taken > .input--placeholder { color: $foreground; }
    """

    class Told(Message):
        """Something about this line has changed; whoever cares looks at `secret` and `problem`."""

        def __init__(self, line: SecretInput) -> None:
            super().__init__()
            self.line = line

        @property
        def control(self) -> SecretInput:
            """The line, for selectors."""
            return self.line

    class Typed(Told):
        """The text has changed, or a paste was refused."""

    class Taken(Told):
        """A secret was taken out of the line, or the one held was given up."""

    class Entered(Told):
        """Enter was pressed."""

    class CopyRefused(Told):
        """Somebody tried to copy or cut."""

    def __init__(self, read: Callable[[str], str], *, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002 Textual's own name
        super().__init__(placeholder=placeholder, select_on_focus=False, id=id)
        self._read = read
        self._empty_words = placeholder
        self.secret: SecretStr | None = None
        self.problem = ""

    def invite(self, words: str) -> None:
        """Say something in the empty line."""
        self._empty_words = words
        if self.secret is None:
            self.placeholder = words

    def take(self) -> None:
        """Take what was typed out of the line; with a problem it stays there, to be mended."""
        if not self.value:
            return
        try:
            text = self._read(self.value)
        except UsageError as error:
            self._object(error.message)
            return
        redactor.learn(text)
        self.value = ""
        self._hold(SecretStr(text))

    def hold(self, secret: SecretStr) -> None:
        """Hold a secret that was found elsewhere."""
        self.value = ""
        self._hold(secret)

    def forget(self) -> None:
        """Give up the text and the secret."""
        self.value = self.problem = ""
        self._hold(None)

    def post_message(self, message: Message) -> bool:
        """Post a message; those of an ordinary input, which would carry the text, become ours, which do not."""
        if isinstance(message, Input.Blurred):
            if self.app.app_focus:  # else the user is only in another window, perhaps to copy the key
                self.take()
            return True
        if isinstance(message, Input.Submitted):
            self.take()
            return super().post_message(self.Entered(self))
        if isinstance(message, Input.Changed):
            self._changed()
            return super().post_message(self.Typed(self))
        return super().post_message(message)

    def action_copy(self) -> None:
        """Refuse to copy."""
        self.post_message(self.CopyRefused(self))

    def action_cut(self) -> None:
        """Refuse to cut."""
        self.post_message(self.CopyRefused(self))

    def action_paste(self) -> None:
        """Paste from the app's own clipboard."""
        self._paste(self.app.clipboard)

    def action_delete_left(self) -> None:
        """Delete a character; on an empty line, the secret that is held and what was said of it."""
        if self.value:
            super().action_delete_left()
        else:
            self.forget()

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()  # the input's own would cut the text at the first line break, in silence
        self._paste(event.text)

    def _paste(self, text: str) -> None:
        if not text.strip():
            return
        try:
            if len(text) > _LONGEST:
                raise UsageError("This is far too long for a key.")
            self.value = self._read(text)
            self.cursor_position = len(self.value)
        except UsageError as error:
            self.value = ""
            self._object(error.message)

    def _changed(self) -> None:
        """Look at what is typed at once."""
        self.problem = ""
        if not self.value:
            return
        if self.secret is not None:
            self._hold(None)
        try:
            self._read(self.value)
        except UsageError as error:
            self.problem = error.message

    def _hold(self, secret: SecretStr | None) -> None:
        self.secret = secret
        self.placeholder = self._empty_words if secret is None else MASK
        self.set_class(secret is not None, "-taken")
        self.post_message(self.Taken(self))

    def _object(self, words: str) -> None:
        self.problem = words
        self.post_message(self.Typed(self))
