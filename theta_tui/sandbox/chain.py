"""A small blockchain in simulated time (wire 11.1): blocks, accounts, transactions. It knows no HTTP.

Hashes and addresses are invented, and nothing is signed. A block is final as soon as its time has come.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Final, cast

from theta_tui.sandbox.world import World

CHAIN_ID: Final = "privatenet"
FIRST_HEIGHT: Final = 20554
"""The height when the world began."""
BLOCK_SECONDS: Final = 6
LEAST_FEE: Final = 3 * 10**17
WEI: Final = 10**18
_DIRECTLY_FINAL: Final = 4
_OLDEST_KNOWN: Final = 2000
_SEND, _CONTRACT = 2, 7


class ChainRefused(Exception):
    """The chain says no; the text is what the node answers."""


@dataclass
class Holder:
    """What an account holds, in wei, and the sequence of its last transaction."""

    theta: int = 0
    tfuel: int = 0
    sequence: int = 0


@dataclass
class Transaction:
    """A transaction and the height of the block it is in, which may be yet to come."""

    hash: str
    raw: str
    type: int
    height: int
    content: dict[str, Any] = field(default_factory=dict)


def digest(*parts: object) -> str:
    """An invented hash: always the same for the same parts."""
    return "0x" + hashlib.sha256("/".join(str(part) for part in parts).encode()).hexdigest()


WALLET: Final = tuple("0x" + digest("wallet", number)[2:42] for number in range(2))
"""The addresses of the two keys that are there from the beginning."""


class Chain:
    """The chain of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.holders = {
            WALLET[0]: Holder(theta=1250 * WEI, tfuel=48_210_500_000_000_000_000_123, sequence=6),
            WALLET[1]: Holder(theta=0, tfuel=12 * WEI // 10),
        }
        self.transactions: dict[str, Transaction] = {}

    @property
    def head(self) -> int:
        """The height of the latest final block."""
        return FIRST_HEIGHT + int(self._world.clock.elapsed() // BLOCK_SECONDS)

    @property
    def now(self) -> int:
        """Simulated Unix seconds."""
        return int(self._world.clock.now().timestamp())

    def status(self) -> dict[str, Any]:
        """The result of `theta.GetStatus`."""
        head = self.head
        return {
            "latest_finalized_block_hash": digest("block", head),
            "latest_finalized_block_height": str(head),
            "latest_finalized_block_time": str(self._time(head)),
            "latest_finalized_block_epoch": str(2 * head),
            "current_epoch": str(2 * head + 3),
            "current_time": str(self.now),
            "syncing": False,
        }

    def account(self, address: str) -> dict[str, Any]:
        """The result of `theta.GetAccount`."""
        holder = self.holders.get(address.lower())
        if holder is None:
            raise ChainRefused(f"Account with address {address} is not found")
        return {
            "sequence": str(holder.sequence),
            "coins": {"thetawei": str(holder.theta), "tfuelwei": str(holder.tfuel)},
            "reserved_funds": [],
            "last_updated_block_height": str(self.head if holder.sequence else FIRST_HEIGHT),
            "root": "0x" + "0" * 64,
            "code": "0x" + "0" * 64,
        }

    def block(self, height: int) -> dict[str, Any]:
        """The final block of a height; empty when there is none yet."""
        if not 0 <= height <= self.head:
            return {}
        own = [one for one in self.transactions.values() if one.height == height]
        held = [Transaction(digest("coinbase", height), digest("raw", height), 0, height), *own]
        return {
            "chain_id": CHAIN_ID,
            "epoch": str(2 * height),
            "height": str(height),
            "parent": digest("block", height - 1),
            "transactions_hash": digest("transactions", height, len(held)),
            "state_hash": digest("state", height),
            "timestamp": str(self._time(height)),
            "proposer": "0x" + digest("proposer", height % 7)[2:42],
            "children": [digest("block", height + 1)] if height < self.head else [],
            "status": _DIRECTLY_FINAL,
            "hash": digest("block", height),
            "transactions": [{"raw": one.content or one.raw, "type": one.type, "hash": one.hash} for one in held],
        }

    def block_of(self, block_hash: str) -> dict[str, Any]:
        """The block with a hash, among the last two thousand; empty when there is none."""
        heights = range(self.head, max(self.head - _OLDEST_KNOWN, -1), -1)
        return next((self.block(height) for height in heights if digest("block", height) == block_hash), {})

    def transaction(self, tx_hash: str) -> dict[str, Any]:
        """The result of `theta.GetTransaction`."""
        found = self.transactions.get(tx_hash)
        if found is None:
            return {"block_hash": "", "block_height": "0", "status": "not_found", "hash": tx_hash, "transaction": None}
        is_final = found.height <= self.head
        return {
            "block_hash": digest("block", found.height) if is_final else "",
            "block_height": str(found.height) if is_final else "0",
            "status": "finalized" if is_final else "pending",
            "hash": found.hash,
            "type": found.type,
            "transaction": found.content or {"raw": found.raw},
        }

    def pending(self) -> list[str]:
        """Hashes of transactions whose block is yet to come."""
        return [one.hash for one in self.transactions.values() if one.height > self.head]

    def take(self, raw: str, *, waits: bool, kind: int = _CONTRACT, content: dict[str, Any] | None = None) -> Any:
        """Take a transaction in; the answer has its hash, and its block's header if the caller waits for it.

        Whoever waits finds it in the block that is there; otherwise it is in the next one.
        """
        tx_hash = digest("transaction", raw)
        if tx_hash in self.transactions:
            raise ChainRefused(f"Transaction already seen: {tx_hash}")
        height = self.head if waits else self.head + 1
        self.transactions[tx_hash] = Transaction(tx_hash, raw, kind, height, content or {})
        self._world.counts["chain_transactions"] += 1
        header = {"ChainID": CHAIN_ID, "Epoch": 2 * height, "Height": height, "Parent": digest("block", height - 1)}
        return {"hash": tx_hash, "block": header if waits else None}

    def send(self, asked: dict[str, Any]) -> Any:
        """Move coins as `thetacli.Send` asks; refused before anything moves."""
        sender = self.holders.setdefault(asked["from"].lower(), Holder())
        theta, tfuel, fee = (int(asked[name]) for name in ("thetawei", "tfuelwei", "fee"))
        if asked["chain_id"] != CHAIN_ID:
            raise ChainRefused(f"Invalid chain ID: {asked['chain_id']}")
        if int(asked["sequence"]) != sender.sequence + 1:
            raise ChainRefused(f"Invalid sequence: got {asked['sequence']}, expected {sender.sequence + 1}")
        if fee < LEAST_FEE:
            raise ChainRefused(f"Insufficient fee: at least {LEAST_FEE} tfuelwei")
        if theta > sender.theta or tfuel + fee > sender.tfuel:
            raise ChainRefused("Insufficient fund")
        content = {name: asked[name] for name in ("from", "to", "thetawei", "tfuelwei", "fee")}
        raw = digest("send", asked["from"], asked["sequence"])
        answer = self.take(raw, waits=not asked["async"], kind=_SEND, content=content)
        receiver = self.holders.setdefault(asked["to"].lower(), Holder())
        sender.sequence += 1
        sender.theta, sender.tfuel = sender.theta - theta, sender.tfuel - tfuel - fee
        receiver.theta, receiver.tfuel = receiver.theta + theta, receiver.tfuel + tfuel
        return answer

    def _time(self, height: int) -> int:
        born = self._world.clock.now().timestamp() - self._world.clock.elapsed()
        return int(born) + (height - FIRST_HEIGHT) * BLOCK_SECONDS


def chain_of(world: World) -> Chain:
    """The chain of this world; a reset begins it anew."""
    return cast(Chain, world.records["network"].setdefault("chain", Chain(world)))
