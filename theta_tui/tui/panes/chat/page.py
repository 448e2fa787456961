"""The transcript of a chat: which stored message each entry shows, what can be copied, the chat as Markdown."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding, BindingType

from theta_tui.chats.thread import Question, place_words
from theta_tui.tui.panes.chat.shown import shown
from theta_tui.tui.widgets.answer import Answer
from theta_tui.tui.widgets.entries import EntryId, StoredAnswer, StoredError, StoredUser
from theta_tui.tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from theta_tui.journal.chats import Message

YOU: Final = "You"


def _without_enter(binding: BindingType) -> BindingType:
    if isinstance(binding, Binding):
        keys = [key for key in binding.key.split(",") if key != "enter"]
        return replace(binding, key=",".join(keys))
    return binding


class Page(Transcript, inherit_bindings=False):
    """A transcript that knows who said what. Enter is left to the pane: it goes back to the composer."""

    BINDINGS: ClassVar[list[BindingType]] = [_without_enter(binding) for binding in Transcript.BINDINGS]

    def __init__(self) -> None:
        super().__init__(id="chat-page")
        self._speakers: dict[EntryId, str] = {}
        self._questions: dict[EntryId, Question] = {}
        self._messages: dict[EntryId, int] = {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been said."""
        return not self.entry_ids()

    def show_thread(
        self,
        thread: Sequence[Message],
        versions: Mapping[int, Sequence[int]] | None = None,
        notes: Mapping[int, Sequence[str]] | None = None,
    ) -> None:
        """Show stored messages in place of all there is, with their versions and the notes on their files."""
        entries = [
            (message, entry)
            for message in thread
            for entry in shown(
                message,
                place_words(message.id, (versions or {}).get(message.id, ())),
                (notes or {}).get(message.id, ()),
            )
        ]
        for kept in (self._speakers, self._questions, self._messages):
            kept.clear()
        for number, (message, entry) in zip(self.load([entry for _, entry in entries]), entries, strict=True):
            if isinstance(entry, StoredUser):
                self._speakers[number] = YOU
                self._questions[number] = Question(message.text, True, message.parent_id, message.id)
                self._messages[number] = message.id
            elif isinstance(entry, StoredAnswer):
                self._speakers[number] = str(message.meta.get("title", ""))
                self._messages[number] = message.id

    def ask(self, question: Question, notes: Sequence[str] = ()) -> EntryId:
        """Show a question, with notes below it."""
        number = self.add_user(question.text, notes)
        self._speakers[number], self._questions[number] = YOU, question
        if question.message is not None:
            self._messages[number] = question.message
        return number

    def answer(self, title: str, place: str = "") -> Answer:
        """Begin an answer; `place` tells which of its versions it is."""
        begun = self.begin_answer(f"{title} · {place}" if place else title)
        self._speakers[begun.number] = title
        return begun

    def knows(self, entry: EntryId, message: int) -> None:
        """Remember which stored message an entry shows."""
        self._messages[entry] = message

    def reveal_message(self, message: int) -> None:
        """Put the cursor on a stored message, if it is shown."""
        for entry, shown_message in self._messages.items():
            if shown_message == message:
                self.show_entry(entry)

    def card(self, card: StoredError) -> None:
        """Show what went wrong."""
        self.add_error(card.title, card.lines, card.hint)

    def take_back(self, entry: EntryId) -> None:
        """Remove a question that was not sent."""
        super().take_back(entry)
        self._speakers.pop(entry, None)
        self._questions.pop(entry, None)
        self._messages.pop(entry, None)

    @property
    def messages_at_cursor(self) -> list[int]:
        """The stored messages from the cursor upwards, else from the last one."""
        numbers = self.entry_ids()
        at = self.entry_at_cursor
        if at is not None:
            numbers = numbers[: numbers.index(at) + 1]
        return [self._messages[number] for number in reversed(numbers) if number in self._messages]

    @property
    def question_at_cursor(self) -> Question | None:
        """The question at the cursor or the one above it, to be asked again; without a cursor the last one."""
        numbers = self.entry_ids()
        at = self.entry_at_cursor
        if at is not None:
            numbers = numbers[: numbers.index(at) + 1]
        return next((self._questions[number] for number in reversed(numbers) if number in self._questions), None)

    @property
    def standing(self) -> tuple[int, int]:
        """Where the view stands: at or below the question of this number (-1: above all), by so many lines."""
        top, starts = self.scroll_offset.y, self._starts
        at = bisect_right(starts, top) - 1
        return at, top - starts[at] if at >= 0 else top

    def stand_below(self, question: int, lines: int) -> None:
        """Stand as far below a question, as long as its answer lasts; at the end if there is none."""
        starts = [*self._starts, self.conversation.height]
        if question >= len(starts) - 1:
            self.follow()
        elif question < 0:
            self.stand_at(min(lines, starts[0]))
        else:
            self.stand_at(min(starts[question] + lines, starts[question + 1] - 1))

    @property
    def _starts(self) -> list[int]:
        return [self.conversation.start(number) for number in self.entry_ids() if number in self._questions]

    def copy_choices(self, title: str) -> list[tuple[str, str]]:
        """Give what can be copied: the message at the cursor or the last one, the chat, each code block."""
        numbers = [number for number in self.entry_ids() if number in self._speakers]
        if not numbers:
            return []
        at = self.entry_at_cursor
        chosen = at if at is not None else numbers[-1]
        choices = [("Message", self.copy_text(chosen)), ("Whole chat as Markdown", self.markdown(title))]
        blocks = enumerate(self.code_blocks(chosen), start=1)
        return [*choices, *((f"Code block {number}", text) for number, text in blocks)]

    def markdown(self, title: str) -> str:
        """Write the whole chat as Markdown."""
        said = [
            f"**{speaker}**\n\n{self.copy_text(number)}"
            for number in self.entry_ids()
            if (speaker := self._speakers.get(number))
        ]
        return "\n\n".join([f"# {title or 'Chat'}", *said]) + "\n"
