"""Three nodes behind JSON-RPC 2.0 (wire 11): the chain, thetacli's wallet, an edge client. Errors come with HTTP 200.

Scenarios, each narrowed by an option `call` (the method): `rpc_error` (options `code`, `message`), `rpc_result`
(option `result`, {}: what is answered in place of the real result).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from theta_tui.sandbox.answers import Answer
from theta_tui.sandbox.chain import WALLET, ChainRefused, chain_of
from theta_tui.sandbox.world import World

WALLET_PASSWORD: Final = "sandboxwallet"  # noqa: S105 - nobody can take it for a real one
_PARSE, _REQUEST, _METHOD, _PARAMS, _REFUSED = -32700, -32600, -32601, -32602, -32000
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_HASH: Final = re.compile(r"0x[0-9a-fA-F]{64}")
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})+")
_DIGITS: Final = re.compile(r"[0-9]{1,40}")
_TEXT: Final = re.compile(r"\S.*", re.DOTALL)

Handler = Callable[[World, dict[str, Any]], Any]
Fields = Mapping[str, object]
"""What a method takes: name → the pattern of a string, or the type of another value; all are needed."""


class RpcError(Exception):
    """A JSON-RPC error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def routes(world: World) -> list[Route]:
    """Three doors on our own origin."""

    def node(methods: Mapping[str, tuple[Fields, Handler]]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            return await _answer(world, methods, request)

        return answer

    doors = {"/rpc/chain": _CHAIN, "/rpc/cli": _WALLET, "/rpc/edge": _EDGE}
    return [Route(path, node(methods), methods=["POST"]) for path, methods in doors.items()]


async def _answer(world: World, methods: Mapping[str, tuple[Fields, Handler]], request: Request) -> Response:
    call: Any = None
    try:
        call = await _read(request)
        method, given = _checked(call, methods)
        about = {"method": "POST", "path": request.url.path, "call": method}
        refused, replaced = world.faults.take("rpc_error", **about), world.faults.take("rpc_result", **about)
        if refused is not None:
            raise RpcError(int(refused.option("code", _REFUSED)), refused.option("message", "Simulated fault"))
        result = replaced.option("result", {}) if replaced else methods[method][1](world, given)
    except ChainRefused as error:
        return _error(call, _REFUSED, str(error))
    except RpcError as error:
        return _error(call, error.code, str(error))
    return Answer({"jsonrpc": "2.0", "id": call["id"], "result": result})


def _error(call: Any, code: int, message: str) -> Response:
    number = call.get("id") if isinstance(call, dict) else None
    return Answer({"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}})


async def _read(request: Request) -> Any:
    if "json" not in request.headers.get("content-type", ""):
        raise RpcError(_REQUEST, "Content-Type must be application/json")
    try:
        return json.loads(await request.body())
    except ValueError as error:
        raise RpcError(_PARSE, "parse error") from error


def _checked(call: Any, methods: Mapping[str, tuple[Fields, Handler]]) -> tuple[str, dict[str, Any]]:
    """The method and its one object of arguments, as strictly as it can be said."""
    if not isinstance(call, dict) or call.get("jsonrpc") != "2.0" or not isinstance(call.get("id"), int | str):
        raise RpcError(_REQUEST, "invalid request")
    method, params = call.get("method"), call.get("params")
    if not isinstance(method, str) or method not in methods:
        raise RpcError(_METHOD, f"the method {method} does not exist/is not available")
    if not isinstance(params, list) or len(params) > 1 or not all(isinstance(one, dict) for one in params):
        raise RpcError(_PARAMS, "params must be an array of at most one object")
    given, fields = dict(params[0]) if params else {}, methods[method][0]
    for name in sorted(set(given) | set(fields)):
        if name not in fields or name not in given:
            raise RpcError(_PARAMS, f"{'unknown' if name in given else 'missing'} param: {name}")
        if not _fits(given[name], fields[name]):
            raise RpcError(_PARAMS, f"invalid param: {name}")
    return method, given


def _fits(value: object, kind: object) -> bool:
    if isinstance(kind, re.Pattern):
        return isinstance(value, str) and kind.fullmatch(value) is not None
    return isinstance(value, bool) == (kind is bool) and isinstance(value, cast(type, kind))


def _wallet(world: World) -> dict[str, Any]:
    """Keys by address with their passwords, and which of them are unlocked: the first one."""
    kept = world.records["network"]
    return kept.setdefault("wallet", {"keys": dict.fromkeys(WALLET, WALLET_PASSWORD), "unlocked": {WALLET[0]}})  # type: ignore[no-any-return]


def _new_key(world: World, given: dict[str, Any]) -> Any:
    address = "0x" + world.ids.hexadecimal(40)
    _wallet(world)["keys"][address] = given["password"]
    return {"address": address}


def _key(world: World, given: dict[str, Any]) -> str:
    address = str(given["address"]).lower()
    if address not in _wallet(world)["keys"]:
        raise RpcError(_REFUSED, f"Key not found: {given['address']}")
    return address


def _unlock(world: World, given: dict[str, Any]) -> Any:
    address = _key(world, given)
    if _wallet(world)["keys"][address] != given["password"]:
        raise RpcError(_REFUSED, "could not decrypt key with given passphrase")
    _wallet(world)["unlocked"].add(address)
    return {"unlocked": True}


def _lock(world: World, given: dict[str, Any]) -> Any:
    _wallet(world)["unlocked"].discard(_key(world, given))
    return {"unlocked": False}


def _send(world: World, given: dict[str, Any]) -> Any:
    if _key(world, {"address": given["from"]}) not in _wallet(world)["unlocked"]:
        raise RpcError(_REFUSED, f"The address {given['from']} has not been unlocked yet")
    return chain_of(world).send(given)


def _contract(world: World, given: dict[str, Any]) -> Any:
    answer = {"vm_return": "0" * 63 + "1", "contract_address": "0x" + "0" * 40, "gas_used": "21656", "vm_error": ""}
    return answer if len(given["sctx_bytes"]) > 2 else {**answer, "vm_return": "", "vm_error": "execution reverted"}


def _price(world: World) -> str:
    return str(world.records["network"].get("price_hr", "1800"))


def _set_price(world: World, given: dict[str, Any]) -> Any:
    world.records["network"]["price_hr"] = given["price_hr"]
    return {"price_hr": given["price_hr"]}


def _jobs(world: World) -> list[dict[str, Any]]:
    """One job for each quarter of an hour since the world began, and four before; the newest first."""
    count = 4 + int(world.clock.elapsed() // 900)
    told = {"success_time": world.clock.iso(), "error_time": None, "error_message": None}
    failed = {"success_time": None, "error_time": world.clock.iso(), "error_message": "worker lost"}
    return [
        {"id": f"job_{number:06d}", "reward_usd": "0.000000" if number == 2 else "0.004200",
         **(failed if number == 2 else told)}
        for number in range(count, 0, -1)
    ]  # fmt: skip


def _runs(world: World) -> list[dict[str, Any]]:
    times = {"start_time": world.clock.iso(), "end_time": None}
    return [{"id": "run_000001", **times, "price_hr": _price(world), "reward_usd": "0.017000"}]


def _page(items: list[dict[str, Any]], given: dict[str, Any]) -> list[dict[str, Any]]:
    return items[given["page"] * given["size"] :][: given["size"]]


def _edge_status(world: World, given: dict[str, Any]) -> Any:
    return {
        "wallet_address": WALLET[0],
        "machine_id": "machine_sandbox",
        "connection_status": "complete",
        "price_hr": _price(world),
        "recent_deployments": _runs(world),
        "recent_jobs": _jobs(world)[:5],
        "current_month_deployments_reward": "4.310000",
        "current_month_jobs_reward": "1.264200",
        "current_month_total_reward": "5.574200",
    }


_PAGING: Final[Fields] = {"page": int, "size": int}
_SENDING: Final[Fields] = {
    "chain_id": _TEXT,
    "from": _ADDRESS,
    "to": _ADDRESS,
    **dict.fromkeys(("thetawei", "tfuelwei", "fee", "sequence"), _DIGITS),
    "async": bool,
}
_VERSION: Final = {"version": "4.1.0", "git_hash": "5a6ed1d0", "timestamp": "Thu Jan 1 00:00:00 UTC 2026"}

_CHAIN: Final[Mapping[str, tuple[Fields, Handler]]] = {
    "theta.GetVersion": ({}, lambda world, given: _VERSION),
    "theta.GetStatus": ({}, lambda world, given: chain_of(world).status()),
    "theta.GetAccount": ({"address": _ADDRESS}, lambda world, given: chain_of(world).account(given["address"])),
    "theta.GetBlock": ({"hash": _HASH}, lambda world, given: chain_of(world).block_of(given["hash"])),
    "theta.GetBlockByHeight": ({"height": _DIGITS}, lambda world, given: chain_of(world).block(int(given["height"]))),
    "theta.GetTransaction": ({"hash": _HASH}, lambda world, given: chain_of(world).transaction(given["hash"])),
    "theta.GetPendingTransactions": ({}, lambda world, given: {"tx_hashes": chain_of(world).pending()}),
    "theta.CallSmartContract": ({"sctx_bytes": _HEX}, _contract),
    "theta.BroadcastRawTransaction": (
        {"tx_bytes": _HEX},
        lambda world, given: chain_of(world).take(given["tx_bytes"], waits=True),
    ),
    "theta.BroadcastRawTransactionAsync": (
        {"tx_bytes": _HEX},
        lambda world, given: {"hash": chain_of(world).take(given["tx_bytes"], waits=False)["hash"]},
    ),
}
_WALLET: Final[Mapping[str, tuple[Fields, Handler]]] = {
    "thetacli.NewKey": ({"password": _TEXT}, _new_key),
    "thetacli.ListKeys": ({}, lambda world, given: {"addresses": list(_wallet(world)["keys"])}),
    "thetacli.UnlockKey": ({"address": _ADDRESS, "password": _TEXT}, _unlock),
    "thetacli.LockKey": ({"address": _ADDRESS}, _lock),
    "thetacli.IsKeyUnlocked": (
        {"address": _ADDRESS},
        lambda world, given: {"unlocked": _key(world, given) in _wallet(world)["unlocked"]},
    ),
    "thetacli.Send": (_SENDING, _send),
}
_EDGE: Final[Mapping[str, tuple[Fields, Handler]]] = {
    "edgecloud.GetStatus": ({}, _edge_status),
    "edgecloud.SetPrice": ({"price_hr": _DIGITS}, _set_price),
    "edgecloud.GetJobs": (_PAGING, lambda world, given: {"jobs": _page(_jobs(world), given)}),
    "edgecloud.GetDeployments": (_PAGING, lambda world, given: {"deployments": _page(_runs(world), given)}),
    "edgecloud.GetRewards": ({}, lambda world, given: {"rewards": [{"month": "2026-05", "total_usd": "5.574200"}]}),
}
