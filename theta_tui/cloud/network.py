"""The chain, its keys and the edge client (wire 11). Each needs the URL of a node of its own; there is no default."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from theta_tui.change import Change, Effect, Family, Json, Target
from theta_tui.cloud.json_rpc import ask, change, result_of, rpc
from theta_tui.command import Cloud, mutation, query
from theta_tui.errors import NotFound, ProtocolError
from theta_tui.shapes.deployments import PRICE_HR_PER_USD
from theta_tui.shapes.network import (
    Account,
    AddressParams,
    Block,
    BlockAtHeight,
    BlockRef,
    Broadcast,
    ChainStatus,
    ChainTransaction,
    ContractCall,
    ContractResult,
    EdgeJobs,
    EdgePage,
    EdgePrice,
    EdgePriceParams,
    EdgeStatus,
    HeightParams,
    KeyState,
    NewKey,
    NodeVersion,
    PendingTransactions,
    RawResult,
    SignedTransaction,
    TransactionRef,
    Transfer,
    UnlockKey,
    WalletAddress,
    WalletAddresses,
    coins,
)

BLOCK_SECONDS = 60.0
"""How long a node may hold a call that waits for a block."""
TAIL = 8
"""Hex digits that name a transaction whose hash is not known yet."""


class Chain(Cloud):
    """The blockchain, as one node sees it."""

    prefix = "theta.chain"
    domain = "network"
    needs = (Family.CHAIN,)

    @query()
    async def version(self) -> NodeVersion:
        """Show what software the node runs (wire 11.1)."""
        return NodeVersion.read(await self._ask("GetVersion"))

    @query()
    async def status(self) -> ChainStatus:
        """Show how far the chain is and whether the node is syncing (wire 11.1)."""
        return ChainStatus.read(await self._ask("GetStatus"))

    @query("account")
    async def show_account(self, params: AddressParams) -> Account:
        """Show an account: THETA, TFUEL and sequence (wire 11.1)."""
        found = Account.read(await self._ask("GetAccount", {"address": params.address}))
        return found.model_copy(update={"address": params.address})

    @query()
    async def block(self, params: BlockRef) -> Block:
        """Show the block with this hash (wire 11.1)."""
        found = await self._ask("GetBlock", {"hash": params.hash})
        if not found:
            raise NotFound(f"The node knows no block {params.hash}.")
        return Block.read(found)

    @query()
    async def block_by_height(self, params: HeightParams) -> BlockAtHeight:
        """Show the final block of a height, or that there is none yet (wire 11.1)."""
        reply = await self.account.read(rpc(Family.CHAIN, "theta.GetBlockByHeight", {"height": params.height}))
        # "Empty result" may be {}, null, or no result at all.
        is_bare = isinstance(reply.value, Mapping) and not reply.value.get("error") and "result" not in reply.value
        found = None if is_bare else result_of(reply)
        return BlockAtHeight(height=params.height, block=Block.read(found) if found else None)

    @query()
    async def transaction(self, params: TransactionRef) -> ChainTransaction:
        """Show a transaction and whether it is final (wire 11.1)."""
        found = await self._ask("GetTransaction", {"hash": params.hash})
        if not found:
            raise NotFound(f"The node knows no transaction {params.hash}.")
        return ChainTransaction.read(found)

    @query()
    async def pending_transactions(self) -> PendingTransactions:
        """List the transactions that wait for a block (wire 11.1)."""
        return PendingTransactions.read(await self._ask("GetPendingTransactions"))

    @query()
    async def call_smart_contract(self, params: ContractCall) -> ContractResult:
        """Ask a smart contract without changing anything (wire 11.1)."""
        return ContractResult.read(await self._ask("CallSmartContract", {"sctx_bytes": params.sctx_bytes}))

    @mutation(Effect.DESTROY)
    async def broadcast(self, params: SignedTransaction) -> Change[Broadcast]:
        """Send a signed transaction to the chain and wait for its block; it cannot be taken back (wire 11.1)."""
        return self._broadcast(params, "theta.BroadcastRawTransaction", "and wait for its block")

    @mutation(Effect.DESTROY)
    async def broadcast_async(self, params: SignedTransaction) -> Change[Broadcast]:
        """Send a signed transaction to the chain without waiting; it cannot be taken back (wire 11.1)."""
        return self._broadcast(params, "theta.BroadcastRawTransactionAsync", "without waiting for a block")

    def _broadcast(self, params: SignedTransaction, method: str, how: str) -> Change[Broadcast]:
        size, tail = len(params.tx_bytes) // 2, params.tx_bytes[-TAIL:]
        return change(
            f"Broadcast a signed transaction of {size} bytes ending in {tail} {how}",
            Effect.DESTROY,
            rpc(Family.CHAIN, method, {"tx_bytes": params.tx_bytes}, seconds=BLOCK_SECONDS),
            Broadcast.read,
            Target("transaction", name=tail),
            ("What the transaction does is written in its bytes alone; it may move funds.",),
        )

    async def _ask(self, method: str, *params: Mapping[str, Json]) -> Json:
        return await ask(self.account, Family.CHAIN, f"theta.{method}", *params)


class Keys(Cloud):
    """The keys that thetacli holds, and what they pay."""

    prefix = "theta.keys"
    domain = "network"
    needs = (Family.THETACLI,)

    @query("list")
    async def list_all(self) -> WalletAddresses:
        """List the addresses whose keys thetacli holds (wire 11.2)."""
        return WalletAddresses.read(await ask(self.account, Family.THETACLI, "thetacli.ListKeys"))

    @query()
    async def is_unlocked(self, params: AddressParams) -> KeyState:
        """Tell whether a key may sign without its password (wire 11.2)."""
        asked = {"address": params.address}
        return _key_state(await ask(self.account, Family.THETACLI, "thetacli.IsKeyUnlocked", asked), params.address)

    @mutation(Effect.CREATE)
    async def new(self, params: NewKey) -> Change[WalletAddress]:
        """Make a new key, kept by thetacli under a password (wire 11.2)."""
        return change(
            "Make a new key",
            Effect.CREATE,
            rpc(Family.THETACLI, "thetacli.NewKey", {"password": params.password}),
            WalletAddress.read,
            Target("key"),
        )

    @mutation(Effect.UPDATE)
    async def unlock(self, params: UnlockKey) -> Change[KeyState]:
        """Unlock a key: until it is locked whoever reaches thetacli can pay with it (wire 11.2)."""
        asked = {"address": params.address, "password": params.password}
        return change(
            f"Unlock the key {params.address}",
            Effect.UPDATE,
            rpc(Family.THETACLI, "thetacli.UnlockKey", asked),
            lambda found: _key_state(found, params.address),
            Target("key", params.address),
        )

    @mutation(Effect.UPDATE)
    async def lock(self, params: AddressParams) -> Change[KeyState]:
        """Lock a key, so that it needs its password again (wire 11.2)."""

        async def is_locked() -> KeyState | None:
            found = await self.is_unlocked(params)
            if not isinstance(found.raw.get("unlocked"), bool):
                raise ProtocolError("The answer does not tell how the key stands.")
            return None if found.unlocked else found

        lock = change(
            f"Lock the key {params.address}",
            Effect.UPDATE,
            rpc(Family.THETACLI, "thetacli.LockKey", {"address": params.address}),
            lambda found: _key_state(found, params.address),
            Target("key", params.address),
        )
        return dataclasses.replace(lock, reconcile=is_locked, idempotent=True)

    @mutation(Effect.DESTROY)
    async def send(self, params: Transfer) -> Change[Broadcast]:
        """Pay THETA or TFUEL from an unlocked key; it cannot be taken back (wire 11.2).

        The sequence makes a second sending of the same transfer void on the chain.
        """
        asked: dict[str, Any] = {
            "chain_id": params.chain_id,
            "from": params.sender,
            "to": params.recipient,
            "thetawei": params.thetawei,
            "tfuelwei": params.tfuelwei,
            "fee": params.fee,
            "sequence": params.sequence,
            "async": params.asynchronous,
        }
        amounts = [(coins(params.thetawei), "THETA"), (coins(params.tfuelwei), "TFUEL")]
        moved = " and ".join(f"{amount} {coin}" for amount, coin in amounts if amount != "0")
        return change(
            f"Send {moved} to {params.recipient} on {params.chain_id} (fee {coins(params.fee)} TFUEL)",
            Effect.DESTROY,
            rpc(Family.THETACLI, "thetacli.Send", asked, seconds=BLOCK_SECONDS),
            Broadcast.read,
            Target("address", name=params.recipient),
            ("This moves funds on the chain: no budget in USD counts them, and nobody can take them back.",),
        )


class EdgeClient(Cloud):
    """An EdgeCloud client: a machine of one's own that earns by its jobs."""

    prefix = "theta.edge"
    domain = "network"
    needs = (Family.EDGE_CLIENT,)

    @query()
    async def status(self) -> EdgeStatus:
        """Show the edge client: wallet, connection, price and this month's rewards (wire 11.3)."""
        return EdgeStatus.read(await self._ask("GetStatus"))

    @query()
    async def jobs(self, params: EdgePage) -> EdgeJobs:
        """List the jobs the edge client did, with their rewards (wire 11.3)."""
        return EdgeJobs.of(await self._ask("GetJobs", {"page": params.page, "size": params.size}))

    @query()
    async def deployments(self, params: EdgePage) -> RawResult:
        """List the deployments the edge client ran, as it tells them (wire 11.3)."""
        return RawResult(value=await self._ask("GetDeployments", {"page": params.page, "size": params.size}))

    @query()
    async def rewards(self) -> RawResult:
        """Show the rewards of the edge client, as it tells them (wire 11.3)."""
        return RawResult(value=await self._ask("GetRewards"))

    @mutation(Effect.UPDATE)
    async def set_price(self, params: EdgePriceParams) -> Change[EdgePrice]:
        """Set what an hour of the edge client costs others (wire 11.3)."""
        usd = Decimal(params.price_hr) / PRICE_HR_PER_USD
        return change(
            f"Ask {params.price_hr} for an hour of the edge client (${usd.normalize():f})",
            Effect.UPDATE,
            rpc(Family.EDGE_CLIENT, "edgecloud.SetPrice", {"price_hr": params.price_hr}),
            EdgePrice.read,
            Target("edge client"),
        )

    async def _ask(self, method: str, *params: Mapping[str, Json]) -> Json:
        return await ask(self.account, Family.EDGE_CLIENT, f"edgecloud.{method}", *params)


def _key_state(found: Json, address: str) -> KeyState:
    return KeyState.read(found).model_copy(update={"address": address})
