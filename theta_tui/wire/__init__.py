"""The wire: the only room that speaks HTTP."""

import sys

# Where click is installed httpx imports a command line of its own, and rich and pygments with it; nobody calls it here.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
