"""Hostile text by class, as data, and what each looks like once it is harmless. It knows no console and no server."""

from __future__ import annotations

from collections.abc import Mapping

from theta_tui.safe_text import for_block

PAYLOADS: Mapping[str, str] = {
    "1 cursor": "\x1b[2J\x1b[3;3H\x1b7\x1b[5;5HFREE\x1b8",
    "2 conceal": "\x1b[8mhidden\x1b[0m",
    "3 title": "\x1b]0;PWNED\x07\x1b]2;PWNED\x1b\\",
    "4 link": "\x1b]8;;http://evil.test/osc\x1b\\safe\x1b]8;;\x1b\\",
    "5 clipboard": "\x1b]52;c;UFdORUQ=\x07",
    "6 clipboard query": "\x1b]52;c;?\x07",
    "7 file": "\x1b]1337;File=inline=1:UFdO\x07",
    "8 device control": "\x1bPq#0\x1b\\\x1bPtmux;\x1b\x1b[2J\x1b\\\x1bP+q544e",
    "9 graphics": "\x1b_Ga=T;UFdO\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\",
    "10 reports": "\x1b[6n\x1b[c\x1b[21t\x1bP$qm\x1b\\",
    "11 reset": "\x1bc\x1b(0lqk\x0e\x0f",
    "12 eight-bit": "\x9b2J\x9d0;PWNED\x9c\x90q\x9c\x9fG\x9c",
    "13 cut off": "\x1b[38;2;1;",
    "14 overprint": "9.99\r0\x08\x08\x08",
    "15 nul": "\x00a\x7fb",
    "16 direction": "\u202egnp\u202c\u2066x\u2069\u200f",
    "17 hidden": "a\u200bb\ufeff\u2060\U000e0041c\ufe0f",
    "18 separators": "a\u2028b\u2029c\x85d\x0be\x0cf",
    "19 no character": "\ud800\ufffe\U0001ffff",
    "20 look-alike": "\u0430.thetaedgecloud.com",
    "21 action": "[@click=app.quit_now]PRESS[/]",
    "21 action behind a space": "[ @click=app.quit_now]PRESS",
    "21 action behind a break": "[\n@click=app.quit_now]PRESS[/]",
    "21 action with a bracket": "[@click=app.simulate_key('[')]PRESS[/]",
    "21 action of the screen": "[@click=screen.dismiss(True)]PRESS[/]",
    "22 link": "[link=http://evil.test/m]PRESS[/link]",
    "23 path": "see [/etc/passwd] now",
    "23 unbalanced": "[b]x[/i] [red",
    "23 closing": "[/",
    "23 error": "[type=x, v={'a[0]'}]",
    "24 markdown": "[PRESS](http://evil.test/md) ![PRESS](smb://evil/x) <b onclick=x>h</b>",
    "24 script": "[PRESS](javascript:alert(1)) [PRESS](file:///etc/passwd)",
    "35 dialog": "Approved. Cost $0.00 [y] Confirm",
}
"""Short ones, so that each fits into the column of a table."""

HUGE: Mapping[str, str] = {
    "25 long": "x" * 6_000_000,
    "25 newlines": "\n" * 3_000_000,
    "25 tabs": "\t" * 2_000_000,
    "25 marks": "e" + "\u0301" * 200_000,
    "24 deep": "".join(f"{'  ' * depth}- x\n" for depth in range(1_000)),
    "24 table": "|a" * 2_000 + "|\n" + "|-" * 2_000 + "|\n",
}
"""What must be cut before a widget pays for it: as much as an answer may hold, which is cut off at 8 MB."""
LONGER = "x" * 20_000_000
"""More than that, for what is stored on this machine."""


def harmless(text: str) -> str:
    """What a person sees of a payload, each break of a line as the ordinary one: showing both must look the same."""
    return for_block(text, None)
