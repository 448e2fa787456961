"""Settings as one frozen object: the environment wins over the profile, the profile over the top of the file.

What cannot be read becomes a problem, told in one line without the value. A guard of money that cannot be read is
taken as strict: dry-run and read-only on, a budget of 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from theta_tui import environment
from theta_tui.errors import UsageError
from theta_tui.settings.file import FILE_NAME, SettingsFile, read_file
from theta_tui.settings.schema import KEYS, PROFILE_NAME, SCHEMA, Key, read_value

DEFAULT = "default"
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of `config show`: the value as text ("" when there is none) and where it comes from."""

    name: str
    value: str
    source: str
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every preference of one profile. Amounts are USD; `http_*` are raw texts which the wire reads and clamps.

    `bases` maps a family's name to its overridden base URL, as written; `base_sources` to the variable (or place in the
    file) that overrides it. `sources` says for every setting where it comes from. `profiles` are those of the file,
    `keys` its table of the keyboard: `preset` and action → key. A profile protected as read-only has `read_only` on.
    """

    profile: str = DEFAULT
    project_id: str | None = None
    org_id: str | None = None
    dry_run: bool = False
    read_only: bool = False
    protection: str = "open"
    colour: str | None = None
    badge: str | None = None
    vault: str = "keyring"
    vault_command: tuple[str, ...] = ()
    budget_usd: Decimal | None = None
    budget_horizon_hours: Decimal = Decimal(1)
    confirm_above_usd: Decimal = Decimal(5)
    mcp_limit_usd: Decimal = Decimal(1)
    chat_allowance_usd: Decimal = Decimal("0.50")
    unknown_price_usd: Decimal | None = None
    http_timeout_ms: str | None = None
    http_max_retries: str | None = None
    http_retry_backoff_ms: str | None = None
    ca_bundle: str | None = None
    proxy: str | None = field(default=None, repr=False)
    inference_endpoint: str | None = None
    inference_model: str | None = None
    chat_service: str = "qwen3"
    chat_fallbacks: tuple[str, ...] = ()
    chat_take_fallback: bool = False
    smoke_services: tuple[str, ...] = ()
    wait_seconds: Decimal | None = None
    poll_until_done: bool = True
    poll_interval_seconds: Decimal = Decimal(3)
    poll_timeout_seconds: Decimal = Decimal(180)
    theme: str | None = None
    density: str = "comfortable"
    bases: Mapping[str, str] = field(default_factory=dict, repr=False)
    base_sources: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict, repr=False)
    profiles: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def http_knobs(self) -> Mapping[str, str]:
        """Give what is written for the THETA_HTTP_* variables, by variable, wherever it was written."""
        written = {key.env[0]: getattr(self, key.name) for key in SCHEMA if key.name.startswith("http_")}
        return {variable: text for variable, text in written.items() if text is not None}

    def raise_problems(self) -> None:
        """Refuse to go on if anything could not be read: UsageError with every problem, one per line."""
        if self.problems:
            raise UsageError("\n".join(self.problems), hint="`theta-tui config path` names the file.")

    def rows(self) -> tuple[Row, ...]:
        """Give every setting for `config show`, in the order of the table; passwords within URLs are masked."""
        return tuple(Row(key.name, _shown(self._value(key)), self.sources[key.name], key.help) for key in SCHEMA)

    def _value(self, key: Key) -> object:
        return self.bases.get(key.family) if key.family else getattr(self, key.name)


def load(
    profile: str | None = None, environ: Mapping[str, str] | None = None, config_dir: Path | None = None
) -> Settings:
    """Load the settings of a profile; never fails on a bad value (see `Settings.problems`).

    The profile is the argument, else THETA_PROFILE, else `profile` at the top of the file, else "default". An empty
    variable counts as unset. UsageError only for a profile name that cannot be one: guessing another profile would
    use its keys.
    """
    variables = environment.process_environment() if environ is None else environ
    file = read_file(config_dir or environment.config_dir(variables))
    loading = _Loading(variables, file)
    name, source = loading.profile(profile)
    loading.section = name
    values = {key.name: loading.value(key) for key in SCHEMA if key.name != "profile"}
    families = {key.name: key.family for key in SCHEMA if key.family}
    bases = {family: str(values[name]) for name, family in families.items() if values[name] is not None}
    if values["protection"] == "read-only" and not values["read_only"] and not file.damaged:
        values["read_only"], loading.sources["read_only"] = True, loading.sources["protection"]
    plain: dict[str, Any] = {key: value for key, value in values.items() if key not in families}
    return Settings(
        profile=name,
        **plain,
        bases=MappingProxyType(bases),
        base_sources=MappingProxyType({family: loading.sources[f"{family}_base_url"] for family in bases}),
        sources=MappingProxyType({"profile": source, **loading.sources}),
        profiles=tuple(file.profiles),
        keys=MappingProxyType(dict(file.keys)),
        problems=(*file.problems, *loading.problems),
    )


class _Loading:
    """One pass over the table: looks a value up, reads it, remembers its source and what was wrong."""

    def __init__(self, variables: Mapping[str, str], file: SettingsFile) -> None:
        self._variables = variables
        self._file = file
        self.section = DEFAULT
        self.sources: dict[str, str] = {}
        self.problems: list[str] = []

    def profile(self, asked: str | None) -> tuple[str, str]:
        """Give the profile's name and where it was chosen."""
        in_file = self._file.top.get("profile")
        choices = (
            (asked, "--profile"),
            (self._variables.get("THETA_PROFILE"), "THETA_PROFILE"),
            (in_file, FILE_NAME),
            (DEFAULT, "default"),
        )
        name, source = next((name, source) for name, source in choices if name not in (None, ""))
        if not isinstance(name, str) or not PROFILE_NAME.fullmatch(name):
            raise UsageError(f"{source}: this cannot be the name of a profile.", hint=KEYS["profile"].kind.value)
        return name, source

    def value(self, key: Key) -> object:
        """Give a setting's value, and note its source and its problem."""
        written, source = self._look_up(key)
        self.sources[key.name] = source
        if written is _ABSENT:
            return key.default
        try:
            return read_value(key, written)
        except ValueError:
            return self._unreadable(key, source)

    def _unreadable(self, key: Key, source: str) -> object:
        taken = key.strict if key.guards else key.default
        consequence = f"; taken as {_shown(taken)} to be safe" if key.guards else ""
        self.problems.append(f"{source}: {key.name} must be {key.wanted}{consequence}.")
        return taken

    def _look_up(self, key: Key) -> tuple[object, str]:
        for variable in key.env:
            if self._variables.get(variable, ""):
                return self._variables[variable], variable
        if self._file.damaged and key.guards:
            return key.strict, f"{FILE_NAME} is damaged"
        table = self._file.profiles.get(self.section, {})
        if key.name in table:
            return table[key.name], self._file.place(key.name, self.section)
        if key.name in self._file.top:
            return self._file.top[key.name], self._file.place(key.name)
        return _ABSENT, "default"


def _shown(value: object) -> str:
    """Give a value as it would be written; a password within a URL is masked."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value)
    scheme, separator, rest = str(value).partition("://")
    host, slash, path = rest.partition("/")
    if separator and "@" in host:
        return f"{scheme}://[redacted]@{host.rpartition('@')[2]}{slash}{path}"
    return str(value)
