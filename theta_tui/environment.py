"""The process environment and the folders: the only reader of `os.environ`.

Main takes the environment once, before anything else runs; what was taken is handed on as a plain mapping.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

HOME_VARIABLE = "THETA_TUI_HOME"
_SECRETS = (
    "THETA_EC_API_KEY",
    "THETA_ONDEMAND_API_TOKEN",
    "THETA_ONDEMAND_API_KEY",
    "THETA_API_KEY",
    "THETA_INFERENCE_AUTH_TOKEN",
    "THETA_INFERENCE_AUTH_USER",
    "THETA_INFERENCE_AUTH_PASS",
    "THETA_VIDEO_SA_ID",
    "THETA_VIDEO_SA_SECRET",
    "THETA_CHATBOT_TOKEN",
)
_PUBLIC = ("THETA_VIDEO_SA_ID",)
"""Ids among them that answers and addresses show."""
_MAY_HOLD_A_PASSWORD = ("THETA_PROXY",)
_SECRET_ENDINGS = ("_KEY", "_TOKEN", "_SECRET", "_PASS", "_PASSWORD", "_PASSPHRASE")
_IGNORED = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "SSLKEYLOGFILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
)


def secret_variables() -> tuple[str, ...]:
    """Name the variables whose values are credentials."""
    return _SECRETS


def is_secret_variable(name: str) -> bool:
    """Whether a variable may hold a secret of ours: a known one, or a THETA_* name that sounds like one."""
    known = name in _SECRETS or name in _MAY_HOLD_A_PASSWORD
    return known or (name.startswith("THETA_") and name.endswith(_SECRET_ENDINGS))


def take_environment() -> Mapping[str, str]:
    """Read THETA_* (and the smoke test's SERVICES) into a mapping, then drop what nobody else may see.

    Secrets leave `os.environ`, so that programs started by us do not inherit them, and so does every TEXTUAL*
    variable (key injection, log file, driver). Call it once: a second call no longer finds the secrets.
    """
    taken = {name: value for name, value in os.environ.items() if name.startswith("THETA_") or name == "SERVICES"}
    _taken.extend(taken[name] for name in _SECRETS if name in taken and name not in _PUBLIC)
    for name in tuple(os.environ):
        if name.startswith("TEXTUAL") or is_secret_variable(name):
            del os.environ[name]
    return taken


_taken: list[str] = []


def taken_secrets() -> Sequence[str]:
    """Give the secrets that were taken, for the redactor: whatever fails before a session begins must not tell them."""
    return _taken


def read_variable(name: str, environ: Mapping[str, str]) -> str | None:
    """Read a variable that the user names (`@env:NAME`): what was taken first, then the process environment."""
    value = environ.get(name)
    return value if value is not None else os.environ.get(name)


def ignored_variables() -> tuple[str, ...]:
    """Name the proxy, TLS and TEXTUAL* variables that are set and have no effect here, for `doctor`.

    Call it before `take_environment`, which drops the last of these.
    """
    return tuple(sorted(name for name in os.environ if name.upper() in _IGNORED or name.startswith("TEXTUAL")))


def config_dir(environ: Mapping[str, str] | None = None) -> Path:
    """Give the folder of `settings.toml` and user themes: THETA_TUI_HOME/config, else the platform's own."""
    home = _home(environ)
    if home is not None:
        return home / "config"
    from platformdirs import user_config_path

    return user_config_path("theta-tui", appauthor=False)


def data_dir(environ: Mapping[str, str] | None = None, *, demo: bool = False) -> Path:
    """Give the folder of the journal: THETA_TUI_HOME/data, else the platform's own; the demo has one inside."""
    home = _home(environ)
    if home is not None:
        folder = home / "data"
    else:
        from platformdirs import user_data_path

        folder = user_data_path("theta-tui", appauthor=False)
    return folder / "demo" if demo else folder


def process_environment() -> Mapping[str, str]:
    """Give the process environment as it is now, for callers that were handed none."""
    return os.environ


def _home(environ: Mapping[str, str] | None) -> Path | None:
    written = (os.environ if environ is None else environ).get(HOME_VARIABLE, "")
    return Path(written).expanduser().absolute() if written else None
