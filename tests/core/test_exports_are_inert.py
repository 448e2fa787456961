"""What is written for other programs: no HTML in a chat's Markdown, no element of content's in a picture; its name."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.segment import Segment
from rich.terminal_theme import MONOKAI
from textual.strip import Strip

from tests.mutation.grammar import HOSTILE
from tests.picture import svg
from theta_tui.chats.export import as_markdown
from theta_tui.chats.plain_html import without_html
from theta_tui.journal import Message
from theta_tui.new_file import file_name, write_new
from theta_tui.safe_text import for_line
from theta_tui.table_text import FORMS, TableText, write
from theta_tui.tui.panes.services.results import _ending

HTML = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '<a href="javascript:alert(1)">x</a>', "<!-- x",
    "<svg/onload=alert(1)>", "</text><script>", "]]><x>", "<![CDATA[", "<?xml?>", "<iframe srcdoc='<b>'>", "&lt;b&gt;",
)  # fmt: skip
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "=cmd|' /C calc'!A0", "\t=1+1", "\r=1+1", "＝1+1", " =1+1", '"=1')
READERS = [MarkdownIt("commonmark", {"html": True}), MarkdownIt("js-default", {"html": True})]
PIECES = st.sampled_from([*HTML, "`", "``", "```", "~~~", "\n", "\n\n", "    ", "  ", "- ", "1. ", "> ", "|", "\\", "x",
                          "\n```\n", "\n~~~~\n", "\n| a | b |\n| - | - |\n", "# ", "[a]: <b>", "![",
                          "](", "\t"])  # fmt: skip


def html_in(text: str) -> list[str]:
    """The raw HTML that readers of Markdown find in a text."""
    blocks = [token for reader in READERS for token in reader.parse(text)]
    every = [*blocks, *(child for token in blocks for child in token.children or ())]
    return [token.content for token in every if token.type in ("html_block", "html_inline")]


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=24).map("".join))
@example("- a ` b\n- <script>alert(1)</script> ` c")
@example("- a\n  ```\nb <script>alert(1)</script>\n```")
@example("| a ` | <script>alert(1)</script> ` |\n| - | - |")
@example("\\` <script>alert(1)</script> `")
def test_no_reader_of_markdown_finds_html_in_a_chat(text: str) -> None:
    assert html_in(without_html(text)) == []


def test_code_keeps_its_letters_and_names_have_no_tags() -> None:
    text = "a <b> and `<i>`\n\n```html\n<div>\n```\n1 < 2"
    assert without_html(text) == "a &lt;b> and `<i>`\n\n```html\n<div>\n```\n1 &lt; 2"
    said = Message(id=1, chat_id=1, parent_id=None, role="assistant", text=HTML[0], reasoning="", state="complete",
                   meta={"title": HTML[1]}, created=0.0, changed=0.0)  # fmt: skip
    assert html_in(as_markdown(HTML[2], [said])) == []


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_an_export_holds_a_formula_or_html(form: str) -> None:
    words = [*HTML, *FORMULAS, *HOSTILE]
    written = write(TableText((("name", "NAME"), ("x", "X")), [(word, word) for word in words]), form)
    if form == "csv":
        cells = [cell for row in csv.reader(io.StringIO(written)) for cell in row]
        assert len(cells) == 2 * len(words) + 2
        assert not [cell for cell in cells if cell.lstrip()[:1] in tuple("=+@＝＋－＠") or cell[:2] in ("-1", "-=")]
    elif form == "md":
        assert html_in(written) == []
        assert len(written.splitlines()) == len(words) + 2
    else:
        assert written.isascii()
        loaded = json.loads(written) if form == "json" else [json.loads(line) for line in written.splitlines()]
        assert len(loaded) == len(words)


def test_a_picture_of_a_screen_is_xml_with_none_of_its_content_s_elements() -> None:
    lines = [Strip([Segment(for_line(word)[:60].ljust(60))]) for word in (*HTML, *HOSTILE)]
    for title in HTML:
        root = ElementTree.fromstring(svg(lines, MONOKAI, title))
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert tags <= {"svg", "style", "rect", "circle", "text", "path", "g", "tspan"}
        assert not [
            name for element in root.iter() for name in element.attrib if name.startswith("on") or "href" in name
        ]


TITLES = (
    "../../etc/passwd", "/etc/passwd", "..", ".", "", "-rf", "--help", "a\nb", "a\x00b", "CON", "nul", "com1",
    "LPT9.txt", "aux.c", "C:\\x", "a/b\\c", "~", "~root", "$HOME", "`id`", "|x", "\u202egnp.exe", "é" * 300,
    "\U0001f600" * 300,
    "x" * 5000, " lead", "trail. ", ".hidden", "a:b*c?d", "\ud800", "%2e%2e%2f", "con .txt", "*",
)  # fmt: skip


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("ending", ["md", "json", "csv"])
def test_a_title_becomes_a_name_that_every_system_takes(title: str, ending: str, tmp_path: Path) -> None:
    name = file_name(title, ending)
    stem = name.removesuffix(f".{ending}")
    assert name.endswith(f".{ending}")
    assert stem
    assert stem[0] not in ".-~ "
    assert not set(name) & set('/\\:*?"<>|$`~\0\n\r')
    assert len(name.encode()) <= 255
    assert stem.partition(".")[0].strip().upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}
    assert write_new(str(tmp_path / name), "x").parent == tmp_path


@pytest.mark.parametrize(
    "path", ["/a/../../etc/passwd.sh", "/x.exe", "/x.png/../y.desktop", "/x.%2e%2e%2fsh", "/.bashrc", "/x.mp4;.sh", "/"]
)
def test_the_name_of_a_download_takes_no_ending_of_the_server_s_that_runs(path: str) -> None:
    assert _ending(b"#!/bin/sh", f"https://out.thetaedgecloud.com{path}") == "bin"
