"""Values of command-line options: read strictly, refused with what would be right and without the value."""

from __future__ import annotations

import argparse

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing decimal would slow --help down
    from decimal import Decimal


def usd(text: str) -> Decimal:
    """Read an amount in USD."""
    from decimal import Decimal, InvalidOperation

    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not (amount.is_finite() and 0 <= amount <= 1_000_000):
        raise argparse.ArgumentTypeError("must be an amount in USD such as 0.50")
    return amount


def speed(text: str) -> float:
    """Read a factor above 0."""
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if not 0 < factor <= 100_000:
        raise argparse.ArgumentTypeError("must be a number above 0")
    return factor


def port(text: str) -> int:
    """Read a port; 0 is any free one."""
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65_535):
        raise argparse.ArgumentTypeError("must be a port, 0 to 65535")
    return int(text)


def chat(text: str) -> int:
    """Read the number of a stored chat."""
    if not (text.isascii() and text.isdigit() and len(text) <= 12 and int(text) > 0):
        raise argparse.ArgumentTypeError("must be the number of a chat, such as 12")
    return int(text)
