"""The headless face: what `theta-tui run` and its kin do without a screen. `cli` reads the words, these rooms obey."""
