"""Law 3: import directions and single owners; what is loaded at the skeleton and at the first frame."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

NOT_BEFORE_THE_SKELETON = (
    "textual", "rich", "pydantic", "httpx", "sqlite3", "keyring", "pygments", "markdown_it",
    "argparse", "dataclasses", "inspect", "typing", "pathlib", "asyncio",
)  # fmt: skip
NOT_BEFORE_THE_FIRST_FRAME = (
    "pydantic", "httpx", "sqlite3", "pygments", "markdown_it", "keyring", "starlette", "uvicorn", "click",
    "theta_tui.session", "theta_tui.registry", "theta_tui.cloud", "theta_tui.shapes", "theta_tui.wire",
    "theta_tui.sandbox", "theta_tui.journal", "theta_tui.settings", "theta_tui.chats",
    "theta_tui.tui.panes.overview.contents", "theta_tui.tui.panes.record_pane", "theta_tui.tui.panes.chat",
    "theta_tui.tui.panes.deployments", "theta_tui.tui.panes.services", "textual.widgets._text_area", "textual.markdown",
)  # fmt: skip

AT_THE_SKELETON = """
import json, sys
import theta_tui.__main__, theta_tui.console
print(json.dumps(sorted(sys.modules)))
"""

AT_THE_FIRST_FRAME = """
import asyncio, json, sys
from theta_tui.launch import Launch
from theta_tui.tui.app import ThetaApp

class Stopped(ThetaApp):
    async def _begin(self):
        self.loaded = sorted(sys.modules)
        self.exit(0)

async def main():
    app = Stopped(Launch(environ={}, demo=True))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        while not hasattr(app, "loaded"):
            await pilot.pause()
    print(json.dumps(app.loaded))

asyncio.run(main())
"""

NOT_BEFORE_THEY_ARE_SHOWN = (
    "theta_tui.tui.panes.deployments.pane", "theta_tui.tui.panes.activity.pane", "theta_tui.tui.panes.record_pane",
    "theta_tui.tui.panes.chat", "theta_tui.tui.form", "theta_tui.tui.review",
)  # fmt: skip

BEHIND_THE_OVERVIEW = """
import json, sys
import theta_tui.tui.panes.overview.pane, theta_tui.tui.panes.overview.contents
print(json.dumps(sorted(sys.modules)))
"""

AFTER_A_COMMAND = """
import json, sys
from theta_tui.registry import find
find("theta.billing.balance")
print(json.dumps(sorted(sys.modules)))
"""


def _modules(program: str) -> list[str]:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environ, check=True, timeout=60
    )
    loaded: list[str] = json.loads(done.stdout.splitlines()[-1])
    return loaded


def _among(banned: tuple[str, ...], loaded: list[str]) -> list[str]:
    return [name for name in loaded if any(name == one or name.startswith(one + ".") for one in banned)]


def test_the_skeleton_is_drawn_with_the_standard_library_alone() -> None:
    assert _among(NOT_BEFORE_THE_SKELETON, _modules(AT_THE_SKELETON)) == []


def test_the_first_frame_needs_nothing_heavy() -> None:
    loaded = _modules(AT_THE_FIRST_FRAME)
    assert "textual.app" in loaded
    assert _among(NOT_BEFORE_THE_FIRST_FRAME, loaded) == []


def test_the_overview_brings_no_other_pane() -> None:
    loaded = _modules(BEHIND_THE_OVERVIEW)
    assert "theta_tui.tui.panes.deployments.row" in loaded
    assert _among(NOT_BEFORE_THEY_ARE_SHOWN, loaded) == []


def test_a_command_brings_its_own_domain_alone() -> None:
    loaded = [name for name in _modules(AFTER_A_COMMAND) if name.startswith("theta_tui.cloud.")]
    assert "theta_tui.cloud.billing" in loaded
    assert not {"theta_tui.cloud.network", "theta_tui.cloud.video", "theta_tui.cloud.agents"} & set(loaded)


def test_rooms_import_only_whom_they_may() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports")], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_only_the_gate_approves() -> None:
    package = ROOT / "theta_tui"
    made = re.compile(r"(?<!class )\bApproved\(")
    makers = [str(path.relative_to(package)) for path in package.rglob("*.py") if made.search(path.read_text("utf-8"))]
    assert makers == ["gate.py"]
