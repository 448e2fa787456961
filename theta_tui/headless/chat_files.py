"""Text files in a question, and the question with their text below it. Pictures and other bytes are refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from theta_tui.errors import UsageError

LARGEST: Final = 200_000
"""Bytes of one file."""


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file that is sent as part of a question."""

    name: str
    text: str

    @classmethod
    def read(cls, path: str) -> Self:
        """Read a file of text; UsageError for one that is missing, too large, or no text."""
        file = Path(path).expanduser()
        try:
            size = file.stat().st_size
            if size > LARGEST:
                raise UsageError(f"{file.name} has {size:,} bytes; {LARGEST:,} is the most that is sent.")
            text = file.read_bytes().decode("utf-8")
        except OSError as error:
            why = (error.strerror or type(error).__name__).lower()
            raise UsageError(f"{path[:200]} cannot be read: {why}.") from None
        except UnicodeDecodeError:
            text = "\0"
        if "\0" in text:
            raise UsageError(f"{file.name} is no text in UTF-8; only text is sent from here.")
        return cls(file.name, text)


def with_files(question: str, files: Sequence[TextFile]) -> str:
    """Write the files below a question, each as a code block under its name."""
    return "\n\n".join([question, *(_block(file) for file in files)])


def _block(file: TextFile) -> str:
    longest = max((len(run) for run in re.findall(r"`+", file.text)), default=0)
    fence = "`" * max(3, longest + 1)
    end = "" if file.text.endswith("\n") else "\n"
    return f"{file.name}:\n{fence}\n{file.text}{end}{fence}"
