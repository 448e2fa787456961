"""The Activity pane (all domains): every change with its cost, and every request with its timing."""
