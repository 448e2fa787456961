"""The field a message is written in: Enter sends, a paste never does, arrows at the edges walk what was sent before."""

from __future__ import annotations

import re
from typing import Final

from textual import events
from textual.message import Message
from textual.timer import Timer
from textual.widgets import TextArea

LONGEST: Final = 200_000
"""Characters of a message that is sent."""
MOST_HELD: Final = 1_000_000
"""Characters that the field takes; a paste beyond is refused before it is laid out."""
BURST_SECONDS: Final = 0.005
"""Keys nearer to each other than this came in one read: a terminal pastes, nobody types."""
SEND_SECONDS: Final = 0.03
"""How long Enter waits for what may follow it in the same paste."""

NEWLINE_KEYS: Final = ("ctrl+j", "shift+enter", "alt+enter", "ctrl+enter")
"""Not bindings: a binding runs only after keys that follow it in the same read have been inserted."""

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class History:
    """What was sent before, newest first, and the text that was begun before looking back."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._at = -1
        self._begun = ""

    def fill(self, texts: list[str]) -> None:
        """Take these texts, newest first."""
        self._texts, self._at = list(texts), -1

    def add(self, text: str) -> None:
        """Remember one more."""
        self._texts = [text, *(old for old in self._texts if old != text)]
        self._at = -1

    def leave(self) -> None:
        """Stop looking back: what is in the field is a new text now."""
        self._at = -1

    def older(self, text: str) -> str | None:
        """Give the text before; `text` is what is in the field now. None at the end."""
        if self._at + 1 >= len(self._texts):
            return None
        if self._at < 0:
            self._begun = text
        self._at += 1
        return self._texts[self._at]

    def newer(self) -> str | None:
        """Give the text after, at last the one that was begun; None when not looking back."""
        if self._at < 0:
            return None
        self._at -= 1
        return self._begun if self._at < 0 else self._texts[self._at]


class Composer(TextArea):
    """One to eight lines that grow with the text."""

    DEFAULT_CSS = """
    Composer {
        width: 1fr; height: auto; min-height: 1; max-height: 8;
        border: none; padding: 0; background: $surface;
        scrollbar-size-vertical: 1;
        &:focus { border: none; }
        & .text-area--cursor-line { background: $surface; }
        & .text-area--placeholder { color: $foreground-muted; }
    }
    """

    class Sent(Message):
        """Enter was pressed on a text; it is still in the field."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Refused(Message):
        """Something was not taken; `words` say why."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    class Emptied(Message):
        """Backspace was pressed although there is nothing in the field."""

    class Called(Message):
        """A slash was typed into the empty field: what can be done is to be shown."""

    class Paged(Message):
        """A page key was pressed: the transcript is to scroll, by so many pages."""

        def __init__(self, pages: float) -> None:
            super().__init__()
            self.pages = pages

    def __init__(self) -> None:
        super().__init__(id="composer", soft_wrap=True, show_line_numbers=False, highlight_cursor_line=False)
        self.cursor_blink = False
        self.history_texts = History()
        self._burst = 0
        self._last_key = 0.0
        self._enter: tuple[float, Timer] | None = None
        self._put = ""

    def put(self, text: str, *, at_start: bool = False) -> None:
        """Put a text into the field in place of what is there."""
        self._put = text
        self.load_text(text)
        self.move_cursor((0, 0) if at_start else self.document.end)

    @property
    def is_touched(self) -> bool:
        """Whether somebody wrote here since a text was put."""
        return self.text != self._put

    def drop(self, text: str) -> None:
        """Take a text that was sent out of the field; what was typed after it stays."""
        self.put(self.text.removeprefix(text))

    async def on_key(self, event: events.Key) -> None:
        """Tell a typed Enter from one within a paste."""
        near = event.time - self._last_key < BURST_SECONDS
        is_text = event.is_printable or event.key in ("enter", "tab", *NEWLINE_KEYS)
        if self._enter is not None:
            self._settle_enter(pasted=is_text and event.time - self._enter[0] < BURST_SECONDS)
        self._burst = self._burst + 1 if near and is_text else int(is_text)
        self._last_key = event.time
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            if self._burst > 2:
                self.action_newline()
            else:
                self._enter = (event.time, self.set_timer(SEND_SECONDS, self._settle_enter))
        elif event.key in NEWLINE_KEYS:
            event.stop()
            event.prevent_default()
            self.action_newline()
        elif event.key == "tab" and near:
            event.stop()
            event.prevent_default()
            self._type("\t")
        elif event.key == "backspace" and not self.text:
            self.post_message(self.Emptied())
        elif event.character == "/" and not self.text and not near:
            event.stop()
            event.prevent_default()
            self.post_message(self.Called())
        elif is_text or event.key in ("backspace", "delete"):
            self.history_texts.leave()

    def on_paste(self, event: events.Paste) -> None:
        """Insert pasted text with its line breaks; control characters are dropped."""
        event.stop()
        event.prevent_default()
        text = _CONTROLS.sub("", event.text.replace("\r\n", "\n").replace("\r", "\n"))
        if len(self.text) + len(text) > MOST_HELD:
            self.post_message(self.Refused(f"{len(text):,} characters are too many to paste; nothing was pasted."))
            return
        self.history_texts.leave()
        self._type(text)

    def action_newline(self) -> None:
        """Begin another line."""
        self._type("\n")

    def action_cursor_up(self, select: bool = False) -> None:
        """Go up a line; from the first one to the text sent before."""
        older = None
        if not select and self.navigator.is_first_wrapped_line(self.cursor_location):
            older = self.history_texts.older(self.text)
        if older is None:
            super().action_cursor_up(select)
        else:
            self.put(older, at_start=True)

    def action_cursor_down(self, select: bool = False) -> None:
        """Go down a line; from the last one to the text sent after."""
        newer = None
        if not select and self.navigator.is_last_wrapped_line(self.cursor_location):
            newer = self.history_texts.newer()
        if newer is None:
            super().action_cursor_down(select)
        else:
            self.put(newer)

    def action_cursor_page_up(self) -> None:
        """Read back while writing."""
        self.post_message(self.Paged(-1.0))

    def action_cursor_page_down(self) -> None:
        """Read on while writing; at the end the transcript follows again."""
        self.post_message(self.Paged(1.0))

    def _settle_enter(self, *, pasted: bool = False) -> None:
        if self._enter is None:
            return
        self._enter[1].stop()
        self._enter = None
        if pasted:
            self.action_newline()
            return
        text = self.text
        if len(text) > LONGEST:
            words = f"{len(text):,} characters: {LONGEST:,} is the most that is sent. Your text is kept."
            self.post_message(self.Refused(words))
        elif text.strip():
            self.post_message(self.Sent(text))

    def _type(self, text: str) -> None:
        result = self._replace_via_keyboard(text, *self.selection)
        if result is not None:
            self.move_cursor(result.end_location)
