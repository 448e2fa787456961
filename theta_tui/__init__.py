"""theta-tui: the operator console for Theta EdgeCloud, in a terminal."""

__version__ = "0.1.0"
