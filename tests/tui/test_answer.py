"""The streaming transcript: a real app, real keys, and counts of what is drawn."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot
from textual.widgets import Input

from theta_tui.safe_text import HOSTILE
from theta_tui.tui.widgets.block_piece import BlockPiece
from theta_tui.tui.widgets.conversation_view import ConversationView
from theta_tui.tui.widgets.entries import StoredAnswer, StoredError, StoredNotice, StoredUser
from theta_tui.tui.widgets.piece import Figures
from theta_tui.tui.widgets.transcript import Transcript

MARKDOWN = """\
# Heading

A paragraph with **bold**, *italic*, `code` and [a link](https://evil.example/x).

- one
  - two
- [x] three

> quoted

| name | price |
|---|--:|
| vm_gt1 | 0.40 |
| vm_v100 with a longer name | 1.25 |

```python
def main() -> int:
    \"\"\"Several
    lines.\"\"\"
    return 42  # the answer
```

![picture](https://evil.example/p.png)

---
The end.
"""


class ChatApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Transcript(id="chat")
        yield Input(id="prompt")

    @property
    def chat(self) -> Transcript:
        return self.query_one(Transcript)

    @property
    def screen_text(self) -> str:
        return "\n".join(self.chat.render_line(y).text.rstrip() for y in range(self.chat.size.height))


async def until(pilot: Pilot[None], condition: Callable[[], bool], limit: float = 5.0) -> None:
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, "the condition did not come true"
        await pilot.pause(0.01)


def numbered(count: int, start: int = 0) -> str:
    return "".join(f"paragraph {n}\n\n" for n in range(start, start + count))


class Drawings:
    """Counts which pieces are drawn."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pieces: list[BlockPiece] = []
        draw = BlockPiece.draw

        def counted(piece: BlockPiece, paper: object) -> object:
            self.pieces.append(piece)
            return draw(piece, paper)  # type: ignore[arg-type]

        monkeypatch.setattr(BlockPiece, "draw", counted)


async def test_an_answer_is_shown_as_it_comes_and_ends_with_its_footer() -> None:
    app = ChatApp()
    async with app.run_test(size=(90, 40)) as pilot:
        app.chat.add_user("hello\nthere")
        answer = app.chat.begin_answer("llama-3 · 14:02")
        answer.feed("Some **bo")
        await until(pilot, lambda: "Some bo" in app.screen_text)
        answer.feed("ld** words")
        await until(pilot, lambda: "Some bold words" in app.screen_text)
        answer.finish("0.42 s to first token · 61 tok/s", complete=True, note=None)
        await pilot.pause()
        lines = [line.strip() for line in app.screen_text.split("\n")]
        assert lines[:3] == ["┃ hello", "┃ there", ""]
        assert lines[3:8] == ["llama-3 · 14:02", "Some bold words", "", "0.42 s to first token · 61 tok/s", ""]
        assert answer.text == "Some **bold** words"


async def test_every_kind_of_block_is_readable() -> None:
    app = ChatApp()
    async with app.run_test(size=(80, 44)) as pilot:
        app.chat.begin_answer("m").feed(MARKDOWN)
        await until(pilot, lambda: "The end." in app.screen_text)
        shown = app.screen_text
        for expected in (
            "  Heading",
            "bold, italic, code and a link (https://evil.example/x).",
            "  • one",
            "    ◦ two",
            "  ☑ three",
            "  ▎ quoted",
            "  name                       │ price",
            "  vm_v100 with a longer name │  1.25",
            "python ─ 1 ─",
            "      return 42  # the answer",
            "[image: picture] (https://evil.example/p.png)",
            "  ─────",
        ):
            assert expected in shown


@pytest.mark.parametrize("complete", [True, False])
async def test_a_partial_answer_says_so_in_words(complete: bool) -> None:
    app = ChatApp()
    async with app.run_test() as pilot:
        answer = app.chat.begin_answer("m")
        answer.feed("half")
        answer.finish("f", complete=complete, note="stopped")
        await pilot.pause()
        assert ("◼ stopped" in app.screen_text) is not complete
        assert "stopped" in app.screen_text
        answer.feed("late")
        assert answer.text == "half"


async def test_reasoning_is_a_count_until_it_is_unfolded() -> None:
    app = ChatApp()
    async with app.run_test() as pilot:
        app.chat.focus()
        answer = app.chat.begin_answer("m")
        for chunk in ("let me th", "ink about", " this\n\n- care", "fully"):
            answer.feed_reasoning(chunk)
        await until(pilot, lambda: "▸ Thinking… 7 words" in app.screen_text)
        assert "carefully" not in app.screen_text
        await pilot.press("t")
        await until(pilot, lambda: "┊ • carefully" in app.screen_text)
        answer.feed_reasoning(" now")
        await until(pilot, lambda: "carefully now" in app.screen_text)
        answer.feed("Content")
        answer.finish("f", complete=True, note=None)
        await pilot.press("enter")
        await until(pilot, lambda: "▸ Thought · 8 words" in app.screen_text and "┊" not in app.screen_text)
        assert answer.text == "Content"
        assert answer.reasoning == "let me think about this\n\n- carefully now"


async def test_a_click_on_the_thinking_line_unfolds_it() -> None:
    app = ChatApp()
    async with app.run_test() as pilot:
        answer = app.chat.begin_answer("m")
        answer.feed_reasoning("deep")
        await until(pilot, lambda: "1 word" in app.screen_text)
        await pilot.click("#chat", offset=(5, 1))
        await until(pilot, lambda: "▾ Thinking…" in app.screen_text and "┊ deep" in app.screen_text)


@pytest.mark.parametrize("width", [60, 100])
async def test_any_chunking_ends_in_the_same_lines(width: int) -> None:
    shown: list[list[str]] = []
    dice = random.Random(7)
    for steps in ([len(MARKDOWN)], [1] * len(MARKDOWN), [dice.randint(1, 30) for _ in range(200)]):
        app = ChatApp()
        async with app.run_test(size=(width, 60)) as pilot:
            answer = app.chat.begin_answer("m")
            at = 0
            for step in steps:
                answer.feed(MARKDOWN[at : at + step])
                at += step
                app.chat._paint()
            answer.finish("f", complete=True, note=None)
            await pilot.pause()
            shown.append([repr(app.chat.render_line(y)) for y in range(app.chat.size.height)])
    assert shown[0] == shown[1] == shown[2]


async def test_finished_blocks_are_not_drawn_again_by_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    app = ChatApp()
    async with app.run_test(size=(80, 30)) as pilot:
        answer = app.chat.begin_answer("m")
        answer.feed(MARKDOWN + numbered(40))
        app.chat._paint()
        await pilot.pause()
        drawings = Drawings(monkeypatch)
        for n in range(60):
            answer.feed(f"word{n} ")
            app.chat._paint()
        assert 0 < len(drawings.pieces) <= 61
        assert not any(piece.block.closed for piece in drawings.pieces)
        assert len(app.chat.children) == 0


async def test_an_open_code_block_lexes_only_its_last_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    from theta_tui.tui.widgets import code_lines

    counts: list[int] = []
    coloured = code_lines.coloured

    def counted(language: str, lines: list[str], look: object) -> object:
        counts.append(len(lines))
        return coloured(language, lines, look)  # type: ignore[arg-type]

    monkeypatch.setattr(code_lines, "coloured", counted)
    app = ChatApp()
    async with app.run_test(size=(80, 30)):
        answer = app.chat.begin_answer("m")
        answer.feed("```python\n")
        for n in range(80):
            answer.feed(f"value_{n} = compute({n})  # text\n")
            app.chat._paint()
        assert max(counts) <= code_lines.WINDOW + 2
        answer.finish("f", complete=True, note=None)
        assert counts[-1] == 80


async def test_a_chunk_that_adds_no_line_repaints_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    app = ChatApp()
    async with app.run_test(size=(80, 30)) as pilot:
        answer = app.chat.begin_answer("m")
        answer.feed(numbered(60) + "start")
        app.chat._paint()
        await pilot.pause()
        asked: list[Region] = []
        monkeypatch.setattr(app.chat, "refresh", lambda *regions, **_: asked.extend(regions))
        answer.feed(" word")
        app.chat._paint()
        assert [(region.height, region.y) for region in asked] == [(1, app.chat.size.height - 2)]


async def test_the_number_of_widgets_does_not_grow() -> None:
    app = ChatApp()
    async with app.run_test() as pilot:
        before = len(list(app.query("*")))
        for n in range(50):
            app.chat.add_user(f"q{n}")
            answer = app.chat.begin_answer("m")
            answer.feed(MARKDOWN)
            answer.finish("f", complete=True, note=None)
        await pilot.pause()
        assert len(list(app.query("*"))) == before


async def test_the_clock_stops_when_nothing_moves_and_after_the_end() -> None:
    app = ChatApp()
    async with app.run_test() as pilot:
        answer = app.chat.begin_answer("m")
        answer.feed("a")
        assert app.chat._timer is not None
        await until(pilot, lambda: app.chat._timer is None)
        assert len(app.chat._timers) == 0
        answer.feed("b")
        answer.finish("f", complete=True, note=None)
        assert app.chat._timer is None
        await until(pilot, lambda: len(app.chat._timers) == 0)


async def test_many_chunks_are_painted_at_most_twenty_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    app = ChatApp()
    async with app.run_test() as pilot:
        paints: list[float] = []
        paint = app.chat._paint
        monkeypatch.setattr(app.chat, "_paint", lambda: (paints.append(time.perf_counter()), paint())[1])
        answer = app.chat.begin_answer("m")
        end = time.perf_counter() + 0.6
        while time.perf_counter() < end:
            answer.feed("word ")
            await pilot.pause(0.002)
        gaps = [after - before for before, after in pairwise(paints)]
        assert len(paints) >= 3
        assert min(gaps) >= 0.045


async def test_it_follows_the_end_until_the_user_scrolls_up_and_again_after_end() -> None:
    app = ChatApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.chat.focus()
        answer = app.chat.begin_answer("m")
        answer.feed(numbered(50))
        await until(pilot, lambda: "paragraph 49" in app.screen_text)
        await pilot.press("pageup")
        assert not app.chat.following
        before = app.screen_text
        answer.feed(numbered(10, 50))
        await until(pilot, lambda: app.chat.new_lines == 20)
        assert "▼ 20 new below" in app.screen_text
        assert app.screen_text.split("\n")[:-1] == before.split("\n")[:-1]
        await pilot.press("end")
        assert app.chat.following
        assert "paragraph 59" in app.screen_text
        assert "new below" not in app.screen_text
        answer.feed(numbered(5, 60))
        await until(pilot, lambda: "paragraph 64" in app.screen_text)


@pytest.mark.parametrize("way", ["G", "click", "pagedown"])
async def test_the_end_is_followed_again_by_key_by_click_and_by_scrolling_there(way: str) -> None:
    app = ChatApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.chat.focus()
        answer = app.chat.begin_answer("m")
        answer.feed(numbered(30))
        await until(pilot, lambda: "paragraph 29" in app.screen_text)
        await pilot.press("shift+up", "shift+up")
        answer.feed(numbered(1, 30))
        await until(pilot, lambda: app.chat.new_lines == 2)
        if way == "click":
            await pilot.click("#chat", offset=(20, app.chat.size.height - 1))
        else:
            await pilot.press(way)
        assert app.chat.following
        assert "paragraph 30" in app.screen_text


async def test_the_wheel_stops_following_and_sending_a_message_starts_it_again() -> None:
    app = ChatApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.chat.begin_answer("m").feed(numbered(50))
        await until(pilot, lambda: "paragraph 49" in app.screen_text)
        await pilot._post_mouse_events([events.MouseScrollUp], "#chat", button=0)
        await pilot.pause()
        assert not app.chat.following
        app.chat.add_user("next question")
        await until(pilot, lambda: "next question" in app.screen_text)


async def test_a_higher_terminal_does_not_stop_following() -> None:
    app = ChatApp()
    async with app.run_test(size=(60, 20)) as pilot:
        answer = app.chat.begin_answer("m")
        answer.feed(numbered(50))
        await until(pilot, lambda: "paragraph 49" in app.screen_text)
        for size in ((60, 35), (90, 12), (40, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert app.chat.following
            assert "paragraph 49" in app.screen_text


async def test_what_was_at_the_top_stays_there_when_the_width_changes() -> None:
    app = ChatApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.chat.focus()
        words = "many words that wrap sooner or later in any terminal there is "
        app.chat.load([StoredAnswer("m", "".join(f"item {n}: {words * 3}\n\n" for n in range(80)))])
        await pilot.press("pageup", "pageup", "pageup")
        top = next(line for line in app.screen_text.split("\n") if "item" in line).split(":")[0]
        for size in ((120, 20), (61, 20)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert top in "\n".join(app.screen_text.split("\n")[:6])


async def test_a_resize_that_was_lost_is_made_up_for_when_it_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    app = ChatApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.chat.load([StoredAnswer("m", "many words that fill more than one line of sixty columns " * 3)])
        await pilot.pause()
        with monkeypatch.context() as lost:
            lost.setattr(ConversationView, "on_resize", lambda self: None)
            await pilot.resize_terminal(30, 20)
            await pilot.pause()
        app.chat.refresh()
        await until(pilot, lambda: max(map(len, app.screen_text.split("\n"))) <= 30)


async def test_a_stored_chat_opens_at_its_end_and_draws_only_what_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    drawings = Drawings(monkeypatch)
    app = ChatApp()
    async with app.run_test(size=(100, 30)) as pilot:
        stored = [
            each
            for n in range(2_500)
            for each in (StoredUser(f"q{n}"), StoredAnswer("m", f"**a{n}**\n\nb", footer="f"))
        ]
        numbers = app.chat.load(stored)
        await pilot.pause()
        assert "a2499" in app.screen_text
        assert len(numbers) == 5_000
        assert len(drawings.pieces) <= 60
        app.chat.focus()
        await pilot.press("home")
        assert app.screen_text.split("\n")[0].strip("▌ ") == "┃ q0"
        await pilot.press("end")
        assert "a2499" in app.screen_text
        assert len(drawings.pieces) <= 120


async def test_scrolling_up_through_guessed_heights_shows_every_line_once() -> None:
    app = ChatApp()
    async with app.run_test(size=(50, 16)) as pilot:
        app.chat.focus()
        words = "so many words that no guess of the height is right, 日本語 "
        body = [f"n{n} {words * (n % 7)}" for n in range(40)]
        app.chat.load([StoredAnswer("m", f"{text}\n\n```\n{n}\n```\n") for n, text in enumerate(body)])
        await pilot.pause()
        before = app.screen_text.split("\n")
        for _ in range(400):
            await app.run_action("lines(-1)", app.chat)
            after = app.screen_text.split("\n")
            if app.chat.scroll_offset.y == 0 and after[0] == before[0]:
                break
            assert after[1:] == before[:-1]
            before = after
        assert before[0].strip() == "m"


async def test_unfolding_what_is_above_does_not_move_what_is_seen() -> None:
    app = ChatApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.chat.focus()
        answer = app.chat.begin_answer("m")
        answer.feed_reasoning("thoughts\n\n" * 10)
        answer.feed(numbered(60))
        answer.finish("f", complete=True, note=None)
        await pilot.press("pageup", "pageup")
        before = app.screen_text
        await pilot.press("t")
        await pilot.pause(0.1)
        assert app.screen_text == before


async def test_up_and_down_move_between_messages() -> None:
    app = ChatApp()
    async with app.run_test(size=(60, 16)) as pilot:
        app.chat.focus()
        numbers = [app.chat.add_user(f"question {n}\n" * 4) for n in range(8)]
        assert app.chat.entry_at_cursor is None
        await pilot.press("up")
        assert app.chat.entry_at_cursor == numbers[-1]
        await pilot.press("k", "k", "k", "k", "j")
        assert app.chat.entry_at_cursor == numbers[4]
        assert "▌ ┃ question 4" in app.screen_text
        await pilot.press("g")
        assert app.chat.entry_at_cursor == numbers[0]
        assert app.screen_text.startswith("▌ ┃ question 0")
        await pilot.press("up", "G")
        assert app.chat.entry_at_cursor == numbers[-1]
        app.query_one(Input).focus()
        await pilot.pause()
        assert "▌" not in app.screen_text


async def test_code_blocks_are_copied_by_their_number_also_while_open() -> None:
    app = ChatApp()
    async with app.run_test():
        answer = app.chat.begin_answer("m")
        answer.feed("```py\nx = 1\n\ny\n```\n- in a list\n\n  ~~~\n  z\n  ~~~\n\n```\nopen")
        assert app.chat.code_blocks(answer.number) == ["x = 1\n\ny", "z", "open"]
        (number,) = app.chat.load([StoredAnswer("m", "```\nstored\n```")])
        assert app.chat.code_blocks(number) == ["stored"]
        assert app.chat.copy_text(number) == "```\nstored\n```"


async def test_a_wide_table_stays_in_the_view_and_a_very_wide_one_becomes_a_list() -> None:
    app = ChatApp()
    async with app.run_test(size=(60, 40)) as pilot:
        cell = "several words in a cell "
        answer = app.chat.begin_answer("m")
        answer.feed(f"| a | b |\n|---|---|\n| {cell * 4} | {cell * 2} |\n\n")
        many = [f"head{n}" for n in range(20)]
        answer.feed(
            "|" + "|".join(many) + "|\n|" + "-|" * 20 + "\n|" + "|".join(f"value{n}" for n in range(20)) + "|\n"
        )
        await until(pilot, lambda: "head19: value19" in app.screen_text)
        assert "a               " in app.screen_text
        assert all(app.chat.render_line(y).cell_length == app.chat.size.width for y in range(app.chat.size.height))


HOSTILE_TEXTS = [
    "\x1b[2J\x1b[H wiped",
    "\x1b]52;c;aGVsbG8=\x07",
    "\x1b]8;;http://evil\x1b\\safe.com\x1b]8;;\x1b\\",
    "\x9b31m \x9d0;title\x9c",
    "a\rb\x08c\x00d\x7f",
    "\u202eevil\u2066x\u200b\ufeff",
    "&#8238;entity &#x200b; &#27;[2J <http://e/%E2%80%AE%1b>",
    "[x](javascript:alert) ![i](http://e/\u202e) [y](<http://a b\u202e>)",
    "[@click=app.bell]press[/] [/] [link=http://e]l[/link] [type=x, v={'a[0]'}]",
    "\ud800 lone " + "e" + "\u0301" * 200,
    "\u2028\u2029\x85\x0b\x0c",
]


@pytest.mark.parametrize("payload", HOSTILE_TEXTS)
async def test_hostile_text_is_inert_in_every_place_and_every_chunking(payload: str) -> None:
    app = ChatApp()
    async with app.run_test(size=(80, 60)) as pilot:
        chat = app.chat
        chat.add_user(payload)
        chat.add_notice(payload, payload)
        chat.add_error(payload, [payload], payload)
        answer = chat.begin_answer(payload)
        for text in (
            payload,
            f"\n\n```{payload}\n{payload}\n```\n",
            f"| {payload} |\n|---|\n| {payload} |\n",
            f"# {payload}\n- {payload}",
        ):
            for character in text:
                answer.feed(character)
                answer.feed_reasoning(character)
            chat._paint()
        answer.fold()
        answer.finish(payload, complete=False, note=payload)
        await pilot.pause()
        assert_inert(chat)
        assert not HOSTILE.search(chat.copy_text(answer.number).replace("\n", ""))
        text = f"{payload}\n\n# {payload}"
        chat.load(
            [
                StoredUser(payload),
                StoredNotice(payload),
                StoredError(payload, [payload], payload),
                StoredAnswer("m", text),
            ]
        )
        await pilot.pause()
        assert_inert(chat)


def assert_inert(chat: Transcript) -> None:
    assert chat.conversation.height > 0
    for line in range(chat.conversation.height):
        assert chat._paper is not None
        found = chat.conversation.strip(line, chat._paper)
        if found is None:
            continue
        for segment in found[1]:
            assert not HOSTILE.search(segment.text)
            assert segment.style is None or (not segment.style.link and not segment.style.meta)


async def test_an_error_card_and_a_notice_stay_readable_when_narrow() -> None:
    app = ChatApp()
    async with app.run_test(size=(60, 24)) as pilot:
        app.chat.add_notice("switched to another model\nas asked", "system")
        app.chat.add_error(
            "The service has no free machine right now and said so at some length", ["409 busy"], "Press m"
        )
        await pilot.pause()
        lines = [line.strip() for line in app.screen_text.split("\n")]
        assert lines[0] == "▪ switched to another model"
        card = [line for line in lines if line[:1] in "╭│╰" and line]
        assert len({len(line) for line in card}) == 1
        assert "│ 409 busy" in app.screen_text
        assert "→ Press m" in app.screen_text


async def test_a_theme_change_recolours_old_lines() -> None:
    app = ChatApp()
    async with app.run_test() as pilot:
        app.chat.add_user("hello")
        await pilot.pause()
        before = repr(app.chat.render_line(0))
        app.theme = "textual-light"
        await until(pilot, lambda: repr(app.chat.render_line(0)) != before)


async def test_clear_and_load_detach_an_answer_that_still_streams() -> None:
    app = ChatApp()
    async with app.run_test() as pilot:
        answer = app.chat.begin_answer("m")
        answer.feed("old words")
        app.chat.clear()
        answer.feed(" more")
        answer.finish("f", complete=True, note=None)
        await pilot.pause()
        assert app.screen_text.strip() == ""
        assert answer.text == "old words more"


async def test_what_is_added_before_there_is_a_screen_is_shown() -> None:
    class EarlyApp(ChatApp):
        def compose(self) -> ComposeResult:
            chat = Transcript(id="chat")
            chat.add_user("early")
            chat.begin_answer("m").feed("bird")
            yield chat

    app = EarlyApp()
    async with app.run_test() as pilot:
        await until(pilot, lambda: "early" in app.screen_text and "bird" in app.screen_text)


async def test_a_flood_of_lines_is_taken_step_by_step_until_its_end() -> None:
    app = ChatApp()
    async with app.run_test() as pilot:
        answer = app.chat.begin_answer("m")
        answer.feed("- line\n" * 9_000)
        answer.finish("the footer", complete=True, note=None)
        assert "the footer" not in app.screen_text
        await until(pilot, lambda: "the footer" in app.screen_text)
        assert app.chat._timer is None
        assert app.chat.conversation.height > 9_000


async def test_an_answer_with_more_lines_than_are_made_at_once_is_loaded_whole() -> None:
    app = ChatApp()
    async with app.run_test() as pilot:
        app.chat.load([StoredAnswer("m", "- line\n" * 25_000, footer="the footer")])
        await until(pilot, lambda: "the footer" in app.screen_text)
        assert app.chat.conversation.height > 25_000


def test_a_footer_breaks_between_two_figures() -> None:
    footer = Figures("0.40 s · 45 tokens/s · $0.000057 (estimate) · chatcmpl-249176", "footer")
    assert footer.rows(80) == ["0.40 s · 45 tokens/s · $0.000057 (estimate) · chatcmpl-249176"]
    assert footer.rows(45) == ["0.40 s · 45 tokens/s · $0.000057 (estimate)", "chatcmpl-249176"]
    assert footer.rows(4) == ["0.40 s", "45 tokens/s", "$0.000057 (estimate)", "chatcmpl-249176"]
