from __future__ import annotations

import io
import struct
import wave
import zlib
from itertools import pairwise
from typing import Any

import pytest

from theta_tui.sandbox import media
from theta_tui.sandbox.pictures import Canvas, png, read_png

#: A 1x1 JPEG's start: SOI, an APP0 segment, and a frame header of 40 by 30 pixels.
JPEG = b"\xff\xd8\xff\xe0\x00\x04\x00\x00\xff\xc0\x00\x11\x08\x00\x1e\x00\x28\x03" + bytes(12)
GIF = b"GIF89a" + struct.pack("<HH", 70, 50) + bytes(8)


def decoded(data: bytes) -> tuple[int, int, int, list[bytes]]:
    """Width, height, channels and rows of a PNG without filters, read with nothing of ours; checks every CRC."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, header = 8, b"", b""
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length]) == (zlib.crc32(kind + content),)
        header = content if kind == b"IHDR" else header
        packed += content if kind == b"IDAT" else b""
        at += 12 + length
    assert kind == b"IEND"
    width, height, depth, colour, *_ = struct.unpack(">IIBBBBB", header)
    assert depth == 8
    channels = {2: 3, 6: 4}[colour]
    flat = zlib.decompress(packed)
    stride = width * channels + 1
    assert len(flat) == stride * height
    rows = [flat[start + 1 : start + stride] for start in range(0, len(flat), stride)]
    assert set(flat[::stride]) == {0}
    return width, height, channels, rows


def photo(data: bytes) -> media.Photo:
    found = media.look(data)
    assert found is not None
    return found


def samples(data: bytes) -> tuple[float, int]:
    """Seconds and the loudest sample of a WAV."""
    with wave.open(io.BytesIO(data)) as recording:
        frames = recording.readframes(recording.getnframes())
        assert (recording.getnchannels(), recording.getsampwidth()) == (1, 2)
        seconds = recording.getnframes() / recording.getframerate()
    return seconds, max(abs(sample) for (sample,) in struct.iter_unpack("<h", frames))


def test_a_picture_is_a_real_png_of_512_by_512_with_many_colours() -> None:
    width, height, channels, rows = decoded(media.picture("a red lighthouse", "7"))
    assert (width, height, channels) == (512, 512, 3)
    assert len({row[at : at + 3] for row in rows for at in (0, 768, 1533)}) > 100


def test_the_same_prompt_and_seed_draw_the_same_picture_and_others_do_not() -> None:
    first = media.picture("a red lighthouse", "7")
    assert media.picture("a red lighthouse", "7") == first
    assert media.picture("a red lighthouse", "8") != first
    assert decoded(media.picture("a city at night", "7"))[3] != decoded(first)[3]


@pytest.mark.parametrize(
    ("asked", "drawn"), [((640, 384), (640, 384)), ((1, 9000), (64, 1024)), ((517, 511), (512, 504))]
)
def test_sizes_are_clamped_to_what_the_model_can_draw(asked: tuple[int, int], drawn: tuple[int, int]) -> None:
    assert decoded(media.picture("sea", "1", *asked))[:2] == drawn


def test_upscaling_doubles_every_pixel() -> None:
    original = media.picture("boat", "1", 64, 64)
    width, height, _, rows = decoded(media.changed(photo(original), "upscale"))
    assert (width, height) == (128, 128)
    small = decoded(original)[3]
    assert [row[0:3] for row in rows[::2]] == [row[0:3] for row in small]
    assert all(rows[9][at : at + 3] == small[4][at // 6 * 3 : at // 6 * 3 + 3] for at in range(0, 384, 3))


def test_stylising_keeps_the_size_and_changes_the_tones() -> None:
    original = media.picture("boat", "1", 64, 64)
    styled = decoded(media.changed(photo(original), "stylize"))
    assert styled[:2] == (64, 64)
    assert len(set(b"".join(styled[3]))) <= 12 < len(set(b"".join(decoded(original)[3])))


def test_a_removed_background_is_transparent_and_the_middle_is_not() -> None:
    _, _, channels, rows = decoded(media.changed(photo(media.picture("boat", "1", 64, 64)), "background_removal"))
    assert channels == 4
    assert (rows[0][3], rows[32][32 * 4 + 3], rows[32][3]) == (0, 255, 0)


def test_every_thing_named_gets_a_box_that_can_be_seen() -> None:
    original = media.picture("boat", "1")
    marked, boxes = media.detected(photo(original), "boat. sun")
    assert [box["label"] for box in boxes] == ["boat", "sun"]
    box: Any = boxes[0]["box"]
    left, top, right, bottom = box
    row, before = decoded(marked)[3][top], decoded(original)[3][top]
    assert row[left * 3 + 3 : right * 3 - 3] != before[left * 3 + 3 : right * 3 - 3]
    assert len({row[at : at + 3] for at in range(left * 3, left * 3 + 60, 3)}) == 1
    assert bottom > top


@pytest.mark.parametrize("kind", [0, 1, 2, 3, 4])
def test_pngs_of_others_are_read_whatever_filter_they_use(kind: int) -> None:
    rows = [bytearray((x * 7 + y * 13 + c * 50) % 256 for x in range(5) for c in range(3)) for y in range(4)]
    flat = b""
    above = bytes(15)
    for row in rows:
        line = bytearray()
        for at, value in enumerate(row):
            left, up, corner = (row[at - 3], above[at], above[at - 3]) if at >= 3 else (0, above[at], 0)
            near = left + up - corner
            paeth = min((left, up, corner), key=lambda one: abs(near - one))
            line.append((value - (0, left, up, (left + up) // 2, paeth)[kind]) % 256)
        flat += bytes([kind]) + line
        above = bytes(row)
    plain = png(Canvas(5, 4, [bytearray(15)] * 4))
    start = plain.index(b"IDAT") - 4
    packed = zlib.compress(flat)
    chunk = struct.pack(">I", len(packed)) + b"IDAT" + packed + struct.pack(">I", zlib.crc32(b"IDAT" + packed))
    canvas = read_png(plain[:start] + chunk + plain[plain.index(b"IEND") - 4 :])
    assert canvas is not None
    assert canvas.rows == rows


def test_a_decompression_bomb_is_not_unpacked() -> None:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + header + bytes(4)
    assert read_png(bomb) is None
    assert photo(bomb).width == 60_000


@pytest.mark.parametrize(("data", "size"), [(JPEG, "40 by 30"), (GIF, "70 by 50")])
def test_a_caption_names_the_real_size_of_other_formats(data: bytes, size: str) -> None:
    assert size in media.caption(photo(data))


def test_a_caption_of_our_own_picture_says_what_was_asked_for() -> None:
    assert media.caption(photo(media.picture("a fox under the moon", "3"))).startswith(
        "a fox under the moon (512 by 512"
    )


def test_a_question_about_the_size_is_answered_with_the_size() -> None:
    assert "64 pixels wide" in media.answer(photo(media.picture("x", "1", 64, 64)), "How large is it?")


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP", bytes(999)]
)
def test_bytes_that_are_no_image_are_not_taken_for_one(data: bytes) -> None:
    assert media.look(data) is None


def test_speech_is_a_real_wav_that_grows_with_the_text_and_shrinks_with_the_speed() -> None:
    lengths = [
        samples(media.recording(text, "af_bella"))[0] for text in ("Hello.", "Hello there, how are you?", "a " * 90)
    ]
    assert all(shorter < longer for shorter, longer in pairwise(lengths))
    assert (
        samples(media.recording("Hello there", "af_bella", 2.0))[0]
        < samples(media.recording("Hello there", "af_bella"))[0]
    )
    assert samples(media.recording("Hello there", "am_adam"))[1] > 3000


def test_asking_for_a_song_gives_a_tune() -> None:
    seconds, loudest = samples(media.recording("sing something", "af_bella"))
    assert 2 < seconds < 5
    assert loudest > 5000


def test_what_was_spoken_here_is_understood_word_for_word() -> None:
    data = media.recording("The quick brown fox.", "bf_alice")
    assert media.transcript(data, 2.0) == "The quick brown fox."


def test_a_foreign_clip_is_transcribed_at_its_real_length() -> None:
    target = io.BytesIO()
    with wave.open(target, "wb") as recording:
        recording.setnchannels(2)
        recording.setsampwidth(2)
        recording.setframerate(8000)
        recording.writeframes(bytes(8000 * 4 * 5))
    seconds = media.clip_seconds(target.getvalue())
    assert seconds == 5
    assert "5.0 seconds" in media.transcript(target.getvalue(), seconds)
    assert media.clip_seconds(b"no sound at all") is None
