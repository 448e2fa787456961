"""A user whose every credential is a canary: the cloud that knows them, the environment, and what was found where."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.leaks.canaries import CANARIES
from tests.leaks.haystack import found_in, found_in_files
from tests.terminal import whole_environment
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import Keys, World

STUBS = ("wl-copy", "xdg-open", "firefox")
"""Programs that the console may start; they keep what they are given: words, environment, input."""

Clean = Callable[[str, "bytes | str | Path"], None]


@pytest.fixture
def world() -> World:
    made = World(pace=0)
    seed_demo(made)
    made.keys = Keys(
        project_api_key=CANARIES["THETA_EC_API_KEY"],
        ondemand_token=CANARIES["THETA_ONDEMAND_API_TOKEN"],
        chatbot_token=CANARIES["THETA_CHATBOT_TOKEN"],
        video_sa_secret=CANARIES["THETA_VIDEO_SA_SECRET"],
    )
    return made


@pytest.fixture
def cloud(world: World) -> Iterator[SandboxServer]:
    with SandboxServer(world) as server:
        yield server


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def environ(cloud: SandboxServer, home: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of that user, with the stubs first in the path; files are made under umask 000."""
    binaries, taken = tmp_path / "bin", tmp_path / "taken"
    for folder in (binaries, taken, home, home / "tmp"):
        folder.mkdir(mode=0o700)
    for name in STUBS:
        kept = f"{taken}/{name}-$$"
        script = f'#!/bin/sh\nprintf "%s\\0" "$@" > {kept}-words\nenv -0 > {kept}-environment\ncat > {kept}-input\n'
        (binaries / name).write_text(script)
        (binaries / name).chmod(0o755)
    password = quote(CANARIES["THETA_PROXY_PASSWORD"], safe="")
    return whole_environment(
        {
            **cloud.environment(),
            "THETA_INFERENCE_AUTH_TOKEN": CANARIES["THETA_INFERENCE_AUTH_TOKEN"],
            "THETA_PROXY": f"http://user:{password}@127.0.0.1:9",
            "THETA_TUI_HOME": str(home / "theta"),
            "THETA_HTTP_MAX_RETRIES": "0",
            "TMPDIR": str(home / "tmp"),
            "WAYLAND_DISPLAY": "wayland-0",
            "PATH": f"{binaries}:{os.environ['PATH']}",
        },
        home,
    )


@pytest.fixture
def is_clean(record_property: Callable[[str, object], None]) -> Clean:
    """Hold that a haystack (bytes, text, or a folder of files) holds no canary, and put it on record."""

    def check(name: str, hay: bytes | str | Path) -> None:
        if isinstance(hay, Path):
            files = [path for path in hay.rglob("*") if path.is_file()]
            hits, size = found_in_files(hay), sum(path.stat().st_size for path in files)
        else:
            data = hay.encode("utf-8", "surrogateescape") if isinstance(hay, str) else hay
            hits, size = found_in(data), len(data)
        assert hits == [], f"{name}: {hits[:5]}"
        record_property("haystack", [name, size])
        record_property("proof", ["I5", name, len(CANARIES)])

    return check


def are_private(folder: Path) -> list[str]:
    """Name the files that are not 0600 and the folders that are not 0700."""
    wanted = {True: 0o700, False: 0o600}
    found = [folder, *folder.rglob("*")]
    return [f"{path} {path.stat().st_mode & 0o777:o}" for path in found
            if not path.is_symlink() and path.stat().st_mode & 0o777 != wanted[path.is_dir()]]  # fmt: skip
