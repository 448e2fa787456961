"""The Deployments pane (domains deployments and inference): list, wizard, readiness, start, stop, delete."""
