"""Which of the system's clipboard tools can work here. It starts none of them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence


def tools(environ: Mapping[str, str]) -> list[Sequence[str]]:
    """Give the system's clipboard tools that can work here, best first."""
    wanted: list[Sequence[str]] = [("pbcopy",)] if sys.platform == "darwin" else []
    if environ.get("WAYLAND_DISPLAY"):
        wanted.append(("wl-copy",))
    if environ.get("DISPLAY"):
        wanted += [("xclip", "-selection", "clipboard"), ("xsel", "--clipboard", "--input")]
    path = environ.get("PATH")
    return [argv for argv in wanted if shutil.which(argv[0], path=path)]
