"""Which columns of a table the user wants to see, and in which order: `[columns]` of the settings file.

A table is named by its id, such as `deployments`. What a name means is the table's own business: it leaves out those it
does not have.
"""

from __future__ import annotations

import re
from pathlib import Path

from theta_tui.errors import UsageError
from theta_tui.settings.file import read_file
from theta_tui.settings.writing import save_entry

_TABLE = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def load_columns(table_id: str, *, config_dir: Path) -> list[str] | None:
    """Give the columns chosen for a table, in order; None if nothing was chosen. Blocks for a moment."""
    chosen = read_file(config_dir).columns.get(table_id)
    return None if chosen is None else list(chosen)


def save_columns(table_id: str, columns: list[str] | None, *, config_dir: Path) -> None:
    """Keep the choice; None goes back to the table's own. Blocks for a moment: call it in a thread.

    UsageError for an empty choice and for a settings file that is damaged.
    """
    if not _TABLE.fullmatch(table_id):
        raise UsageError("This cannot be the name of a table.", hint="For example: columns.deployments")
    if columns is not None and not (columns and all(name and name.isprintable() for name in columns)):
        raise UsageError("At least one column is shown.")
    save_entry(("columns",), table_id, columns, config_dir=config_dir)
