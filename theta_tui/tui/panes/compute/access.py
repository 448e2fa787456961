"""How to log in to a GPU node: by what the cloud tells, else by what is usual, marked as such."""

from __future__ import annotations

import re
import shlex
from urllib.parse import urlsplit

from theta_tui.shapes.deployments import Deployment
from theta_tui.tui.panes.compute.further import told

USUAL_USER = "root"
_HOST = re.compile(r"[A-Za-z0-9._:-]+")


def ssh_line(deployment: Deployment) -> str:
    """Give a line for a shell; nothing while no host is known. What the cloud names is quoted."""
    host = str(told(deployment, "ssh_host") or urlsplit(deployment.endpoint).hostname or "")
    if not _HOST.fullmatch(host) or host.startswith("-"):
        return ""
    user = str(told(deployment, "ssh_user", "ssh_username") or USUAL_USER)
    port = str(told(deployment, "ssh_port") or "")
    where = shlex.quote(f"{user}@{host}")
    return f"ssh -p {port} {where}" if port.isascii() and port.isdecimal() else f"ssh {where}"


def ssh_words(deployment: Deployment) -> str:
    """Give the line, and what of it is only usual."""
    line = ssh_line(deployment)
    if not line:
        return "no host yet"
    names = {"host": told(deployment, "ssh_host"), "user": told(deployment, "ssh_user", "ssh_username")}
    assumed = " and ".join(word for word, value in names.items() if not value)
    return f"{line}   ({assumed} assumed: the cloud does not tell)" if assumed else line
