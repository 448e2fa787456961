"""Preferences: `settings.toml`, profiles and THETA_* variables. Never a secret; those live in the vault."""

from theta_tui.settings.environment import (
    config_dir,
    data_dir,
    ignored_variables,
    is_secret_variable,
    read_variable,
    secret_variables,
    take_environment,
)
from theta_tui.settings.file import FILE_NAME, save_value
from theta_tui.settings.loading import Row, Settings, load
from theta_tui.settings.schema import KEYS, PROFILE_NAME, SCHEMA, Key, Kind

__all__ = [
    "FILE_NAME",
    "KEYS",
    "PROFILE_NAME",
    "SCHEMA",
    "Key",
    "Kind",
    "Row",
    "Settings",
    "config_dir",
    "data_dir",
    "ignored_variables",
    "is_secret_variable",
    "load",
    "read_variable",
    "save_value",
    "secret_variables",
    "take_environment",
]
