from __future__ import annotations

import dataclasses
import webbrowser
from typing import Any

import pytest
from textual.widgets import Input

from theta_tui.errors import UsageError
from theta_tui.journal import Entry
from theta_tui.redact import redactor
from theta_tui.sandbox.footage import make_video
from theta_tui.sandbox.livestreams import INGESTORS, streams
from theta_tui.shapes.livestreams import Livestream
from theta_tui.shapes.video import Video
from theta_tui.tui.panes.desk import Desk
from theta_tui.tui.panes.video import stream_row
from theta_tui.tui.panes.video.finding import read_search
from theta_tui.tui.panes.video.looks import embed_code, length_words
from theta_tui.tui.panes.video.node_picker import NodePicker
from theta_tui.tui.panes.video.stream_key import StreamKey
from theta_tui.tui.panes.video.stream_row import StreamRow
from theta_tui.tui.panes.video.taken import SELECT, UNSELECT, taken_nodes
from theta_tui.tui.panes.video.video_row import VideoRow, state_cell
from theta_tui.tui.review import ReviewModal
from theta_tui.tui.widgets.banner import Banner
from theta_tui.tui.widgets.secret_input import MASK


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Desk, "pause", 0.02)


async def _listed(it: Any, part: str = "videos") -> Any:
    section = it.pane.section_of(part)
    await it.until(lambda: it.pane.section is section and section.loaded_at is not None)
    return section


async def _confirmed(it: Any) -> dict[str, Any]:
    """Wait for the review, confirm it, and give the preview that it showed."""
    await it.until(lambda: isinstance(it.app.screen, ReviewModal) and it.app.screen.armed)
    preview: dict[str, Any] = it.app.screen._review.preview
    await it.press("y")
    return preview


def _names(section: Any) -> set[str]:
    return {row.name for row in section.table.visible_rows}


def _says(it: Any, words: str) -> bool:
    return any(words in text for _, _, text in it.app.messages)


# Videos


async def test_videos_are_listed_with_state_and_their_player_is_a_key_away(
    console: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    class Browser(webbrowser.BaseBrowser):
        def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
            opened.append(url)
            return True

    monkeypatch.setattr(webbrowser, "get", lambda: Browser())
    async with console(pane="video") as it:
        section = await _listed(it)
        await it.until(lambda: "● ready" in it.shown() and "◌ transcoding" in it.shown())
        assert section.table.cursor_row.name == "all-hands.mov"
        await it.press("o")
        await it.until(lambda: _says(it, "its player link comes when it is ready"))
        await it.press("down", "o")
        player = section.table.cursor_row.video.player_uri
        await it.until(lambda: opened == [player])
        choices = dict(section.copy_choices())
        assert choices["Player link"] == player
        assert f'src="{player}"' in choices["Embed code"]
        assert choices["Playback address (HLS)"].endswith("/master.m3u8")
        assert it.pane.calls()[0].command == "theta.video.list"


async def test_a_search_asks_the_cloud_by_metadata_and_esc_shows_all_again(console: Any) -> None:
    async with console(pane="video", size=(80, 24)) as it:
        section = await _listed(it)
        await it.press("f")
        await it.type("owner.team=people")
        await it.press("enter")
        await it.until(lambda: _names(section) == {"all-hands.mov"})
        assert "found by owner.team=people" in it.shown()
        assert it.world.calls[-1].path.endswith("/search")
        await it.press("escape")
        await it.until(lambda: _names(section) == {"all-hands.mov", "product-tour.mp4"})
        await it.press("f")
        await it.type("nonsense")
        await it.press("enter")
        await it.until(lambda: section.query_one(Banner).error is not None)
        assert "not KEY=VALUE" in it.shown()
        assert section.query_one("#video-find", Input).value == "nonsense"


async def test_many_videos_are_read_page_by_page(console: Any) -> None:
    async with console(pane="overview") as it:
        for number in range(150):
            make_video(it.world, {"source_uri": "https://files.example.com/a", "file_name": f"{number}.mp4"}, age=900.0)
        await it.press("8")
        section = await _listed(it)
        assert len(section.table.visible_rows) == 152
        asked = [dict(call.query) for call in it.world.calls if call.path.startswith("/video/")]
        assert [one["page"] for one in asked[:2]] == ["1", "2"]


async def test_a_key_that_is_refused_is_told_with_the_next_step(console: Any) -> None:
    async with console(pane="overview") as it:
        it.world.faults.add({"kind": "status", "status": 401, "times": None, "match": {"path": "/video/"}})
        await it.press("8")
        await it.until(lambda: it.pane.section.query_one(Banner).error is not None)
        error = it.pane.section.query_one(Banner).error
        assert (error.kind, error.status) == ("auth", 401)
        assert "R retry" in it.shown()


def test_a_search_line_is_read_or_refused_in_one_sentence() -> None:
    search = read_search("any name='All hands' owner.id=7 file=a.mp4")
    assert search is not None
    assert search.arguments(2, 100) == {
        "metadata": {"name": "All hands", "owner.id": "7"},
        "operator": "or",
        "page": 2,
        "number": 100,
        "file_name": "a.mp4",
    }
    assert read_search("  ") is None
    for line, words in (("clip", "KEY=VALUE"), ("page=2", "for itself"), ("any", "something to find"), ("a=", "KEY=")):
        with pytest.raises(UsageError, match=words):
            read_search(line)


@pytest.mark.parametrize(
    ("duration", "words"),
    [("12.5", "12 s"), ("30526", "31 s"), ("3725.0", "1:02:05"), ("95", "1:35 min"), ("", "unknown"), ("odd", "odd")],
)
def test_a_length_is_read_from_seconds_and_milliseconds(duration: str, words: str) -> None:
    assert length_words(duration) == words


def test_a_hostile_player_address_stays_inside_its_attribute() -> None:
    code = embed_code('https://x.example/"><script>')
    assert "<script>" not in code
    assert code.count('"') == embed_code("https://x.example/").count('"')


def test_every_state_has_glyph_word_and_role() -> None:
    def state(**fields: Any) -> Any:
        return state_cell(VideoRow(Video.read({"id": "v", **fields})))

    assert state(state="success", progress=100) == ("● ready", "ok")
    assert state(state="processing", sub_state="transcoding", progress=40) == ("◌ transcoding 40 %", "warn")
    assert state(state="error", error="codec") == ("✗ error", "bad")
    assert state() == ("? unknown", "muted")


# Livestreams


async def test_a_node_is_taken_by_keys_and_its_key_is_shown_only_when_asked_for(console: Any) -> None:
    async with console(pane="video", size=(80, 24)) as it:
        await _listed(it)
        await it.press("full_stop")
        section = await _listed(it, "livestreams")
        (stream,) = streams(it.world).values()
        await it.press("i")
        await it.until(lambda: isinstance(it.app.screen, NodePicker))
        await it.press("down", "enter")
        preview = await _confirmed(it)
        await it.until(lambda: isinstance(it.app.screen, StreamKey))
        node = INGESTORS[1]
        assert it.sent("PUT") == [f"/ingestor/{node['id']}/select"]
        assert preview["requests"][0]["url"].endswith(it.sent("PUT")[0])
        assert preview["requests"][0]["body"] == {"tva_stream": stream.id}
        await it.until(lambda: f"rtmp://{node['ip']}/live" in it.shown())
        assert MASK in it.shown()
        assert stream.key not in it.shown()
        await it.press("r")
        await it.until(lambda: stream.key in it.shown())
        await it.press("c")
        await it.until(lambda: "The key:" in it.shown())
        assert it.app.clipboard == stream.key
        modal = it.app.screen
        await it.press("escape")
        await it.until(lambda: it.app.screen is not modal)
        assert modal._secret is None
        assert stream.key not in it.shown()
        assert stream.key not in str(section.copy_choices())
        assert stream.key not in redactor.text(stream.key)
        entries = await it.app.session.journal.ledger()
        assert stream.key not in str([dataclasses.asdict(entry) for entry in entries])
        await it.until(lambda: section.table.cursor_row.taken is not None)
        assert "us-east" in it.shown()


async def test_a_node_is_given_back_from_the_livestream_and_from_the_node(console: Any) -> None:
    async with console(pane="video") as it:
        await _listed(it)
        await it.press("full_stop")
        section = await _listed(it, "livestreams")
        await it.press("u")
        await it.until(lambda: _says(it, "No node was taken for Workshop camera from here"))
        await it.press("full_stop")
        nodes = await _listed(it, "ingestors")
        await it.press("i")
        await it.until(lambda: isinstance(it.app.screen, NodePicker))
        assert it.pane.section is section
        await it.press("enter")
        await _confirmed(it)
        await it.until(lambda: isinstance(it.app.screen, StreamKey))
        await it.press("escape", "u")
        await _confirmed(it)
        await it.until(lambda: _says(it, "Workshop camera is without a node"))
        assert [path.rsplit("/", 1)[1] for path in it.sent("PUT")] == ["select", "unselect"]
        assert section.table.cursor_row.taken is None
        await it.press("full_stop")
        await it.until(lambda: nodes.table.cursor_row is not None and not nodes.is_stale)
        await it.press("u")
        await _confirmed(it)
        await it.until(lambda: len(it.sent("PUT", "unselect")) == 2)


def test_the_ledger_tells_which_node_serves_which_livestream() -> None:
    def entry(command: str, target: str, node: str = "", state: str = "confirmed") -> Entry:
        url = f"https://api.thetavideoapi.com/ingestor/{node}/select"
        values = dict.fromkeys(Entry.__slots__, None) | {
            "command": command,
            "target_id": target,
            "state": state,
            "changed": 5.0,
            "preview_json": f'{{"requests": [{{"url": "{url}"}}]}}' if node else "{}",
        }
        return Entry(**values)

    first, second = entry(SELECT, "a", "n1"), entry(SELECT, "b", "n2")
    refused = entry(SELECT, "a", "n3", state="refused")
    assert {key: one.ingestor_id for key, one in taken_nodes([refused, second, first]).items()} == {
        "a": "n1",
        "b": "n2",
    }
    assert taken_nodes([entry(UNSELECT, "n1"), second, first]).keys() == {"b"}
    assert taken_nodes([entry(SELECT, "b", "n1"), first]).keys() == {"b"}
    assert taken_nodes([entry(SELECT, "a")]) == {}


def test_an_old_livestream_that_carries_its_key_shows_it_nowhere() -> None:
    stream = Livestream.read({"id": "s", "name": "Old", "status": "off", "stream_key": "live_0123456789abcdef"})
    row = StreamRow(stream, has_key=True)
    from theta_tui.tui.json_lines import json_text

    told = [str(value) for _, value in stream_row.facts(row)]
    cells = [column.text(row) for column in stream_row.COLUMNS]
    assert "live_0123456789abcdef" not in " ".join([*told, *cells, json_text(stream.as_json()), repr(row)])
