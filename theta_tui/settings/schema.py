"""The one table of settings: name, kind, default, variables, help; and how a written value is read.

It knows neither files nor the environment. Loading, validation, saving and `config show` are driven by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

ON_WORDS = frozenset({"1", "true", "yes", "on"})
OFF_WORDS = frozenset({"0", "false", "no", "off"})
PROFILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
COLOURS = ("blue", "cyan", "green", "yellow", "red", "grey")
PROTECTIONS = ("open", "confirm", "read-only")
VAULTS = ("keyring", "file", "command", "plain")
_BADGE = re.compile(r"[\w.-]{1,12}")
_AMOUNT = re.compile(r"(?=\.?[0-9])[0-9]{0,9}(\.[0-9]{0,8})?")


class Kind(StrEnum):
    """What may be written for a setting, in the words used to explain it."""

    TEXT = "text on one line"
    ID = "an id without spaces or slashes"
    PROFILE = "letters, digits, dots, dashes and underscores, up to 40"
    SWITCH = "on or off"
    AMOUNT = "a plain number such as 2.50"
    KNOB = "a whole number"
    WORDS = "a list of names"
    CHOICE = "one of its words"
    BADGE = "up to 12 letters, digits, dots, dashes and underscores"
    COMMAND = "a list of words, the program first, with {name} among them"


@dataclass(frozen=True, slots=True)
class Key:
    """One setting. `strict` is the value taken when what is written cannot be read: money guards fail closed.

    `env` lists the variables that set it, the stronger first; `family` marks the base URL of a part of the cloud;
    `everywhere` keys stand at the top of the file only and not in a profile; `choices` are the words of a choice.
    """

    name: str
    kind: Kind
    default: object
    env: tuple[str, ...]
    help: str
    strict: object = None
    family: str | None = None
    everywhere: bool = False
    choices: tuple[str, ...] = ()

    @property
    def wanted(self) -> str:
        """What may be written, in words."""
        return f"one of {', '.join(self.choices)}" if self.choices else self.kind.value

    @property
    def guards(self) -> bool:
        """Whether an unreadable value must be taken as the strictest one."""
        return self.strict is not None


def _base(family: str, *env: str) -> Key:
    return Key(f"{family}_base_url", Kind.TEXT, None, env, f"Base URL of the {family} family.", family=family)


SCHEMA: tuple[Key, ...] = (
    Key("profile", Kind.PROFILE, "default", ("THETA_PROFILE",), "Profile to start with.", everywhere=True),
    Key("project_id", Kind.ID, None, ("THETA_EC_PROJECT_ID",), "Project id (prj_…)."),
    Key("org_id", Kind.ID, None, ("THETA_ORG_ID",), "Organisation id (org_…), needed for the balance."),
    Key("dry_run", Kind.SWITCH, False, ("THETA_DRY_RUN",), "Describe changes instead of sending them.", strict=True),
    Key(
        "protection",
        Kind.CHOICE,
        "open",
        (),
        "open; confirm: changes want the profile's name typed; read-only: no change at all.",
        strict="read-only",
        choices=PROTECTIONS,
    ),
    Key("colour", Kind.CHOICE, None, (), "Colour of the profile's name in the status line.", choices=COLOURS),
    Key("badge", Kind.BADGE, None, (), "Short word shown beside the profile's name, such as PROD."),
    Key(
        "vault",
        Kind.CHOICE,
        "keyring",
        ("THETA_VAULT",),
        "Where keys are kept; file: encrypted, plain: readable by every program of yours.",
        choices=VAULTS,
    ),
    Key("vault_command", Kind.COMMAND, (), (), "With vault = command: prints a key, such as pass show theta/{name}."),
    Key("read_only", Kind.SWITCH, False, ("THETA_READ_ONLY",), "Refuse every change.", strict=True),
    Key(
        "budget_usd",
        Kind.AMOUNT,
        None,
        ("THETA_MAX_BUDGET_USD",),
        "Most that may be spent in one local day, in USD.",
        strict=Decimal(0),
    ),
    Key("budget_horizon_hours", Kind.AMOUNT, Decimal(1), (), "Hours of a machine reserved when it is started."),
    Key(
        "confirm_above_usd",
        Kind.AMOUNT,
        Decimal(5),
        (),
        "Above this amount in USD the name must be typed.",
        strict=Decimal(0),
    ),
    Key(
        "mcp_limit_usd",
        Kind.AMOUNT,
        Decimal(1),
        (),
        "Above this amount in USD an MCP client must ask the person.",
        strict=Decimal(0),
    ),
    Key(
        "chat_allowance_usd",
        Kind.AMOUNT,
        Decimal("0.50"),
        (),
        "Amount in USD offered when a conversation is allowed once.",
        strict=Decimal(0),
    ),
    Key(
        "unknown_price_usd",
        Kind.AMOUNT,
        None,
        (),
        "Set aside in USD for an act of unknown price; unset: each is asked for.",
    ),
    Key("http_timeout_ms", Kind.KNOB, None, ("THETA_HTTP_TIMEOUT_MS",), "Time per attempt, 1000 to 120000 (20000)."),
    Key("http_max_retries", Kind.KNOB, None, ("THETA_HTTP_MAX_RETRIES",), "Retries of a read, 0 to 6 (2)."),
    Key(
        "http_retry_backoff_ms",
        Kind.KNOB,
        None,
        ("THETA_HTTP_RETRY_BACKOFF_MS",),
        "First delay before a retry, 25 to 10000 (250).",
    ),
    _base("ondemand", "THETA_ONDEMAND_API_BASE_URL", "THETA_API_BASE_URL"),
    _base("controller", "THETA_CONTROLLER_API_BASE_URL"),
    _base("platform", "THETA_PLATFORM_API_BASE_URL"),
    _base("ai", "THETA_AI_API_BASE_URL"),
    _base("video", "THETA_VIDEO_API_BASE_URL"),
    _base("chain", "THETA_CHAIN_RPC_URL"),
    _base("thetacli", "THETA_CLI_RPC_URL"),
    _base("edge_client", "THETA_EDGECLOUD_RPC_URL"),
    Key("ca_bundle", Kind.TEXT, None, ("THETA_CA_BUNDLE",), "File with one more certificate authority."),
    Key("proxy", Kind.TEXT, None, ("THETA_PROXY",), "Proxy URL; never used for loopback."),
    Key("inference_endpoint", Kind.TEXT, None, ("THETA_INFERENCE_ENDPOINT",), "Dedicated endpoint (https URL)."),
    Key("inference_model", Kind.TEXT, None, ("THETA_INFERENCE_MODEL",), "Model of the dedicated endpoint."),
    Key("chat_service", Kind.TEXT, "qwen3", (), "Service that a new chat starts with."),
    Key("chat_fallbacks", Kind.WORDS, (), (), "Services to take, in order, when that one has no capacity."),
    Key("chat_take_fallback", Kind.SWITCH, False, (), "Take the next of them without waiting for a key."),
    Key("smoke_services", Kind.WORDS, (), ("SERVICES",), "Services tried by the smoke test."),
    Key("wait_seconds", Kind.AMOUNT, None, ("THETA_WAIT_SECONDS",), "Smoke test: seconds to wait per call, 0 to 60."),
    Key("poll_until_done", Kind.SWITCH, True, ("THETA_POLL_UNTIL_DONE",), "Smoke test: follow pending jobs."),
    Key(
        "poll_interval_seconds",
        Kind.AMOUNT,
        Decimal(3),
        ("THETA_POLL_INTERVAL_SECONDS",),
        "Smoke test: seconds between two looks.",
    ),
    Key(
        "poll_timeout_seconds",
        Kind.AMOUNT,
        Decimal(180),
        ("THETA_POLL_TIMEOUT_SECONDS",),
        "Smoke test: seconds until a pending job is given up.",
    ),
    Key("theme", Kind.TEXT, None, (), "Name of the theme."),
    Key("density", Kind.CHOICE, "comfortable", (), "How closely things stand.", choices=("comfortable", "compact")),
)

KEYS: Mapping[str, Key] = {key.name: key for key in SCHEMA}

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Project": ("profile", "project_id", "org_id", "badge", "colour"),
    "Safety": (
        "protection",
        "dry_run",
        "read_only",
        "budget_usd",
        "budget_horizon_hours",
        "confirm_above_usd",
        "mcp_limit_usd",
        "chat_allowance_usd",
        "unknown_price_usd",
    ),
    "Keys": ("vault", "vault_command"),
    "Models": ("chat_service", "chat_fallbacks", "chat_take_fallback", "inference_endpoint", "inference_model"),
    "Looks": ("theme", "density"),
    "Network": (
        "http_timeout_ms",
        "http_max_retries",
        "http_retry_backoff_ms",
        "proxy",
        "ca_bundle",
        *(key.name for key in SCHEMA if key.family),
    ),
    "Smoke test": (
        "smoke_services",
        "wait_seconds",
        "poll_until_done",
        "poll_interval_seconds",
        "poll_timeout_seconds",
    ),
}
"""The settings as people look for them: a heading and the names under it."""


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or not value.strip().isprintable():
        raise ValueError
    return value.strip()


def _id(value: object) -> str:
    text = _text(value)
    if "/" in text or any(character.isspace() for character in text):
        raise ValueError
    return text


def _profile(value: object) -> str:
    if not isinstance(value, str) or not PROFILE_NAME.fullmatch(value):
        raise ValueError
    return value


def _switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in ON_WORDS | OFF_WORDS:
        raise ValueError
    return word in ON_WORDS


def _amount(value: object) -> Decimal:
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < 20:
        text = format(value, "f")  # 1E-8 and the like
    else:
        text = str(value).strip()
    if isinstance(value, bool) or not _AMOUNT.fullmatch(text):
        raise ValueError
    return Decimal(text)


def _knob(value: object) -> str:
    """Keep a whole number as it is written; the wire clamps it to its range."""
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise ValueError
    return text


def words_in(text: str) -> list[str]:
    """Split a list that is written in one text, with commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def _words(value: object) -> tuple[str, ...]:
    items = words_in(value) if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)):
        raise ValueError
    return tuple(_id(item) for item in items if item != "")


def _choice(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value.strip().lower()


def _badge(value: object) -> str:
    if not isinstance(value, str) or not _BADGE.fullmatch(value.strip()):
        raise ValueError
    return value.strip()


def _command(value: object) -> tuple[str, ...]:
    """Take a list only: a text would have to be split as a shell does, and there is none."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(word, str) and word.isprintable() for word in value):
        raise ValueError
    if value and not (value[0].strip() and any("{name}" in word for word in value[1:])):
        raise ValueError
    return tuple(value)


_READERS: Mapping[Kind, Callable[[object], object]] = {
    Kind.TEXT: _text,
    Kind.ID: _id,
    Kind.PROFILE: _profile,
    Kind.SWITCH: _switch,
    Kind.AMOUNT: _amount,
    Kind.KNOB: _knob,
    Kind.WORDS: _words,
    Kind.CHOICE: _choice,
    Kind.BADGE: _badge,
    Kind.COMMAND: _command,
}


def read_value(key: Key, written: object) -> object:
    """Turn what is written in a variable or the file into the setting's value; ValueError if it cannot be read."""
    value = _READERS[key.kind](written)
    if key.choices and value not in key.choices:
        raise ValueError
    return value
