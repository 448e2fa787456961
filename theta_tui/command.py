"""Commands: decorated methods of cloud objects, and what such an object may ask of its session.

A command's name, schema, help, effect and credentials are derived here from the method itself; console, CLI and MCP
read the same `Command`.
"""

from __future__ import annotations

import difflib
import inspect
import re
import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, ParamSpec, Protocol, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError

from theta_tui.change import Change, Effect, Family, Plan, Reply, Request, StreamChange
from theta_tui.errors import UsageError
from theta_tui.leftover import Leftover, Unsettled

P = ParamSpec("P")
R = TypeVar("R")


class Kind(StrEnum):
    """What a command is: a read, one Change, or a Plan of several."""

    QUERY = "query"
    MUTATION = "mutation"
    WORKFLOW = "workflow"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A dedicated inference endpoint: its origin, the vault item with its credentials, and the model to ask for."""

    origin: str
    credential: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class KeyState:
    """One credential: its name in the vault, what it opens, its variables, where users find it, where it lives now."""

    name: str
    label: str
    variables: tuple[str, ...]
    where: str
    source: str | None


class Reader(Protocol):
    """The harmless half of the wire."""

    async def read(self, request: Request, *alternatives: Request) -> Reply:
        """Send a read; the next alternative only after the answer its `only_after` names."""


class Account(Reader, Protocol):
    """What a cloud object may ask of its session: reads, ids, and a few preferences. Nothing that changes anything."""

    def project_id(self, given: str | None = None) -> str:
        """Give the project id; NoCredentials when none is known."""

    def known_org_id(self) -> str | None:
        """Give the configured organisation id, if any."""

    def endpoint(self) -> Endpoint:
        """Give the configured dedicated endpoint; NoCredentials without one, PolicyRefused for a foreign host."""

    def check_url(self, url: str, family: Family) -> str:
        """Give the URL back if answers may name it for this family; PolicyRefused otherwise."""

    def preferred_services(self) -> tuple[str, ...]:
        """Give the services that the settings name as fallbacks, in order."""

    def request_timeout(self) -> float:
        """Give the configured time-out of one attempt, in seconds."""

    async def last_cost(self, item: str) -> Decimal | None:
        """Give what this item cost the last time, in USD, from the journal."""

    async def check_credential(self, family: Family) -> str:
        """Tell where the family's credential comes from; NoCredentials when it is missing."""

    async def key_states(self) -> tuple[KeyState, ...]:
        """Tell of every credential where it lives; no value is looked at."""

    def is_dry_run(self) -> bool:
        """Whether changes are only described, not sent."""

    async def usual_seconds(self, item: str) -> float | None:
        """Give how long this item took in the middle of its past calls, in seconds, from the journal."""

    async def leftovers(self) -> tuple[Leftover, ...]:
        """List the workflows whose clean-up is still open, from the journal, oldest first."""

    async def close_leftover(self, number: int) -> None:
        """Write down in the journal that nothing is left of a workflow."""

    async def unsettled(self) -> tuple[Unsettled, ...]:
        """List the changes whose outcome nobody knows, from the journal, oldest first."""

    async def settle(
        self, item: Unsettled, *, happened: bool, words: str, key: str = "", usd: Decimal | None = None
    ) -> None:
        """Write down in the journal what became of a change: whether it happened, and what object and cost it has."""

    def learn_costs(self, told: Mapping[str, Decimal]) -> None:
        """Have the journal write down, soon, what calls came to: object → USD."""


class Cloud:
    """A domain of the cloud. Its decorated methods are commands named `prefix.methodName`."""

    prefix: ClassVar[str]
    domain: ClassVar[str]
    needs: ClassVar[tuple[Family, ...]] = ()

    def __init__(self, account: Account) -> None:
        self.account = account


@dataclass(frozen=True, slots=True)
class Mark:
    """What a decorator leaves on a method."""

    kind: Kind
    effect: Effect | None = None
    name: str | None = None
    aliases: tuple[str, ...] = ()
    needs: tuple[Family, ...] | None = None


Method = Callable[P, Awaitable[R]]

_SOURCE = re.compile(r" \((?:[A-Z]{2}-\d+|wire)[^)]*\)(?=\.$)")
"""The wire numbers that end a docstring's first line: for readers of the code, not of the help."""


def query(
    name: str | None = None, *, aliases: tuple[str, ...] = (), needs: tuple[Family, ...] | None = None
) -> Callable[[Method[P, R]], Method[P, R]]:
    """Make a method a reading command. `needs` replaces the credentials of its class."""
    return _marked(Mark(Kind.QUERY, None, name, aliases, needs))


def mutation(
    effect: Effect, name: str | None = None, *, aliases: tuple[str, ...] = (), needs: tuple[Family, ...] | None = None
) -> Callable[[Method[P, R]], Method[P, R]]:
    """Make a method a command that changes or spends something; it returns a Change and sends nothing."""
    return _marked(Mark(Kind.MUTATION, effect, name, aliases, needs))


def workflow(
    effect: Effect, name: str | None = None, *, aliases: tuple[str, ...] = (), needs: tuple[Family, ...] | None = None
) -> Callable[[Method[P, R]], Method[P, R]]:
    """Make a method a command of several steps under one review; it returns a Plan and sends nothing."""
    return _marked(Mark(Kind.WORKFLOW, effect, name, aliases, needs))


def _marked(mark: Mark) -> Callable[[Method[P, R]], Method[P, R]]:
    def decorate(method: Method[P, R]) -> Method[P, R]:
        method.__command__ = mark  # type: ignore[attr-defined]
        return method

    return decorate


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the registry, as every face sees it."""

    name: str
    kind: Kind
    effect: Effect | None
    help: str
    doc: str
    params: type[BaseModel]
    result: Any
    streams: bool
    needs: tuple[Family, ...]
    domain: str
    cloud: type[Cloud]
    method: str
    aliases: tuple[str, ...] = ()

    @property
    def is_read(self) -> bool:
        """Whether it changes and spends nothing."""
        return self.kind is Kind.QUERY

    def parse(self, given: BaseModel | Mapping[str, Any] | None) -> BaseModel:
        """Read arguments into this command's params; UsageError in one line that names the argument."""
        if isinstance(given, self.params):
            return given
        if isinstance(given, BaseModel) or not isinstance(given or {}, Mapping):
            raise UsageError(f"{self.name} takes an object of arguments.")
        fields = dict(given or {})
        if "endpoint" in fields and "endpoint" not in self.params.model_fields:
            raise UsageError(ENDPOINT_OVERRIDE)
        try:
            return self.params.model_validate(fields)
        except ValidationError as error:
            raise _usage_error(self, error) from None

    def given(self, params: BaseModel | Mapping[str, Any] | None) -> Mapping[str, Any]:
        """Give the arguments that were given, read as `parse` reads them.

        Secrets stay `SecretStr`, and so does what no repr shows: the content of a file.
        """
        return _given(self.parse(params))

    async def call(self, cloud: Cloud, params: BaseModel) -> Any:
        """Run the method of this cloud object: a query gives its value, the others a Change or a Plan."""
        method = getattr(cloud, self.method)
        return await (method(params) if _takes_params(method) else method())


ENDPOINT_OVERRIDE = "args.endpoint override is disabled for security. Set THETA_INFERENCE_ENDPOINT instead."
"""The skill's own words for it (wire 12.2)."""


def _given(params: BaseModel) -> dict[str, Any]:
    fields = type(params).model_fields
    given = {name: getattr(params, name) for name in fields if name in params.model_fields_set}
    return {name: _without_content(value, is_shown=fields[name].repr) for name, value in given.items()}


def _without_content(value: Any, *, is_shown: bool = True) -> Any:
    if isinstance(value, BaseModel):
        return _given(value)
    if isinstance(value, Mapping):
        return {key: _without_content(item, is_shown=is_shown) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_without_content(item, is_shown=is_shown) for item in value)
    return value if is_shown or not isinstance(value, str) else SecretStr(value)


def _usage_error(command: Command, error: ValidationError) -> UsageError:
    """Say in one line what is wrong with the arguments and where; never with the value, which may be a secret."""
    found = error.errors(include_input=False, include_url=False, include_context=False)
    # A misspelt name also leaves its field missing; the misspelling is what helps.
    first = next((error for error in found if error["type"] == "extra_forbidden"), found[0])
    place = ".".join(str(part) for part in first["loc"]) or "arguments"
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    fields = command.params.model_fields
    if first["type"] == "missing" and len(first["loc"]) == 1:
        missing = [str(error["loc"][0]) for error in found if error["type"] == "missing" and len(error["loc"]) == 1]
        told = [fields[name].description or name for name in missing if name in fields]
        return UsageError(
            f"Missing required {'fields' if len(missing) > 1 else 'field'}: {', '.join(missing)}", hint=" ".join(told)
        )
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(place, list(fields), n=1)
        known = f"Did you mean {near[0]}?" if near else f"It takes: {', '.join(fields) or 'no arguments'}."
        return UsageError(f"{command.name} has no argument {place!r}{more}.", hint=known)
    words = first["msg"].removeprefix("Value error, ")
    words = words if first["type"] == "value_error" else words[0].lower() + words[1:]
    return UsageError(f"{command.name}: {place} {words}{more}" if first["type"] == "value_error"
                      else f"{command.name}: {place}: {words}{more}")  # fmt: skip


def commands_of(cloud: type[Cloud], no_params: type[BaseModel]) -> tuple[Command, ...]:
    """Derive the commands of one class, in the order of their definition."""
    return tuple(
        _derive(cloud, name, member.__command__, no_params)
        for name, member in vars(cloud).items()
        if hasattr(member, "__command__")
    )


def _derive(cloud: type[Cloud], method_name: str, mark: Mark, no_params: type[BaseModel]) -> Command:
    method = getattr(cloud, method_name)
    hints = typing.get_type_hints(method)
    result = hints.pop("return")
    params = next(iter(hints.values()), no_params)
    doc = inspect.getdoc(method) or ""
    origin = typing.get_origin(result) or result
    _check(cloud, method_name, mark, origin)
    inner = typing.get_args(result)
    return Command(
        name=f"{cloud.prefix}.{mark.name or _camel(method_name)}",
        kind=mark.kind,
        effect=mark.effect,
        help=_SOURCE.sub("", doc.split("\n", 1)[0]),
        doc=doc,
        params=params,
        result=inner[-1] if mark.kind is not Kind.QUERY and inner else result,
        streams=origin is StreamChange,
        needs=cloud.needs if mark.needs is None else mark.needs,
        domain=cloud.domain,
        cloud=cloud,
        method=method_name,
        aliases=mark.aliases,
    )


def _check(cloud: type[Cloud], method: str, mark: Mark, result: Any) -> None:
    expected = {Kind.MUTATION: (Change, StreamChange), Kind.WORKFLOW: (Plan,)}.get(mark.kind)
    if expected and result not in expected:
        raise TypeError(f"{cloud.__name__}.{method} is a {mark.kind} and must return {expected[0].__name__}")


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name.strip("_"))


def _takes_params(method: Callable[..., Any]) -> bool:
    return bool(inspect.signature(method).parameters)
