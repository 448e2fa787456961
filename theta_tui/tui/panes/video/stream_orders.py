"""What can be done to a livestream that is there: a node is taken for it, and given back."""

from __future__ import annotations

from theta_tui.shapes.livestreams import Ingestor
from theta_tui.tui.panes.orders import Verb
from theta_tui.tui.panes.video.ingestor_row import IngestorRow
from theta_tui.tui.panes.video.stream_row import StreamRow, node_words
from theta_tui.tui.panes.video.taken import SELECT, UNSELECT


def take_node(node: Ingestor) -> Verb[StreamRow]:
    """Give the order that takes this node for a livestream."""
    return Verb[StreamRow](
        command=SELECT,
        doing="Taking a node",
        noun="node",
        done=f"ready to be sent to: {node_words(node, node.id)}, within five minutes",
        arguments=lambda row: {"ingestor_id": node.id, "tva_stream": row.key},
        is_so=lambda row: row is not None and row.taken is not None and row.taken.ingestor_id == node.id,
    )


def _no_node(row: StreamRow) -> str | None:
    if row.taken is not None:
        return None
    return f"No node was taken for {row.name} from here; under ingestors, u gives any node back."


GIVE_BACK = Verb[StreamRow](
    command=UNSELECT,
    doing="Giving the node back",
    noun="return of the node",
    done="without a node: nobody can send to it",
    arguments=lambda row: {"ingestor_id": row.taken.ingestor_id if row.taken else ""},
    is_so=lambda row: row is not None and row.taken is None and not row.is_on,
    refusal=_no_node,
)
GIVE_NODE_BACK = Verb[IngestorRow](
    command=UNSELECT,
    doing="Giving it back",
    noun="return",
    done="given back",
    arguments=lambda row: {"ingestor_id": row.key},
    is_so=lambda row: row is not None and not row.stream,
)
