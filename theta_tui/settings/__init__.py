"""Preferences: `settings.toml`, profiles and THETA_* variables. Never a secret; those live in the vault."""

from theta_tui.environment import (
    config_dir,
    data_dir,
    ignored_variables,
    is_secret_variable,
    read_variable,
    secret_variables,
    take_environment,
)
from theta_tui.settings.columns import load_columns, save_columns
from theta_tui.settings.file import FILE_NAME, PRESET, read_file
from theta_tui.settings.loading import Row, Settings, load
from theta_tui.settings.profiles import Profile, known_profile, profiles, refuse_misspelt
from theta_tui.settings.schema import GROUPS, KEYS, OFF_WORDS, ON_WORDS, PROFILE_NAME, SCHEMA, Key, Kind, words_in
from theta_tui.settings.writing import as_written, save_entry, save_value

__all__ = [
    "FILE_NAME",
    "GROUPS",
    "KEYS",
    "OFF_WORDS",
    "ON_WORDS",
    "PRESET",
    "PROFILE_NAME",
    "SCHEMA",
    "Key",
    "Kind",
    "Profile",
    "Row",
    "Settings",
    "as_written",
    "config_dir",
    "data_dir",
    "ignored_variables",
    "is_secret_variable",
    "known_profile",
    "load",
    "load_columns",
    "profiles",
    "read_file",
    "read_variable",
    "refuse_misspelt",
    "save_columns",
    "save_entry",
    "save_value",
    "secret_variables",
    "take_environment",
    "words_in",
]
