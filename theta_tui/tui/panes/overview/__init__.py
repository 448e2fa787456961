"""The overview: tiles that lead to the panes, drawn at once and filled later."""
