"""The chain, its keys and the edge client (wire 11), and what their commands need.

Amounts and heights are decimal strings of any length and stay strings; what is converted stands beside them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, model_validator

from theta_tui.shapes.base import Flag, Money, Number, Params, Shape, Table, Text, Texts, Whole, as_json, parts, records
from theta_tui.shapes.deployments import PRICE_HR_PER_USD

WEI_PLACES = 18
"""1 THETA is 10^18 thetawei and 1 TFUEL 10^18 tfuelwei (wire 11.1)."""

_BLOCK_STATUS = (
    "pending", "valid", "invalid", "committed", "directly final", "indirectly final", "trusted",
)  # fmt: skip
_FINAL = frozenset({4, 5, 6})
_TRANSACTION_TYPES = (
    "coinbase", "slash", "send", "reserve fund", "release fund", "service payment", "split rule", "smart contract",
    "deposit stake", "withdraw stake",
)  # fmt: skip


def coins(wei: object) -> str | None:
    """Write an amount of wei in whole coins, exactly; None for anything but digits."""
    text = str(wei)
    if isinstance(wei, bool) or not re.fullmatch(r"[0-9]{1,78}", text):
        return None
    whole, fraction = divmod(int(text), 10**WEI_PLACES)
    return f"{whole}.{fraction:0{WEI_PLACES}d}".rstrip("0").rstrip(".")


def _named(names: tuple[str, ...], index: int | None) -> str:
    return names[index] if index is not None and 0 <= index < len(names) else ""


class NodeVersion(Shape):
    """What software a node runs."""

    version: Text = ""
    git_hash: Text = ""
    timestamp: Text = ""


class ChainStatus(Shape):
    """Where the chain is, by this node. Heights, epochs and times (Unix seconds) are strings of digits."""

    latest_finalized_block_hash: Text = ""
    latest_finalized_block_height: Text = ""
    latest_finalized_block_time: Text = ""
    latest_finalized_block_epoch: Text = ""
    current_epoch: Text = ""
    current_time: Text = ""
    syncing: Flag = False


class Account(Shape):
    """An account: its coins in wei, and the sequence of its last transaction; the next one needs one more."""

    address: Text = ""
    sequence: Text = ""
    coins: Table = Field(default_factory=dict)
    last_updated_block_height: Text = ""

    @property
    def theta(self) -> str | None:
        """THETA in whole coins, exactly."""
        return coins(self.coins.get("thetawei"))

    @property
    def tfuel(self) -> str | None:
        """TFUEL in whole coins, exactly."""
        return coins(self.coins.get("tfuelwei"))

    def as_json(self) -> Any:
        """Give the node's object with the converted amounts beside the raw ones."""
        return {"address": self.address, **self.raw, "theta": self.theta, "tfuel": self.tfuel}


class ChainTransaction(Shape):
    """A transaction: alone (`theta.GetTransaction`), or in a block."""

    hash: Text = ""
    type: Whole = None
    status: Text = ""
    block_hash: Text = ""
    block_height: Text = ""
    transaction: Table = Field(default_factory=dict)

    @property
    def type_name(self) -> str:
        """What kind it is, in words; empty when unknown."""
        return _named(_TRANSACTION_TYPES, self.type)

    def as_json(self) -> Any:
        """Give the node's object with its type in words."""
        return {**self.raw, **({"type_name": self.type_name} if self.type_name else {})}


class Block(Shape):
    """A block; `status` is a number whose word is `status_name`."""

    hash: Text = ""
    height: Text = ""
    epoch: Text = ""
    chain_id: Text = ""
    parent: Text = ""
    proposer: Text = ""
    timestamp: Text = ""
    status: Whole = None

    @property
    def status_name(self) -> str:
        """The status in words; empty when unknown."""
        return _named(_BLOCK_STATUS, self.status)

    @property
    def is_final(self) -> bool:
        """Whether it can no longer be replaced."""
        return self.status in _FINAL

    @property
    def transactions(self) -> tuple[ChainTransaction, ...]:
        """Its transactions in their order."""
        return tuple(ChainTransaction.read(item) for item in parts(self.raw.get("transactions")))

    def as_json(self) -> Any:
        """Give the node's object with status and types in words."""
        told = {"status_name": self.status_name, "final": self.is_final}
        return {**self.raw, **told, "transactions": as_json(self.transactions)}


class BlockAtHeight(Shape):
    """The final block of a height, or the fact that there is none yet."""

    height: Text = ""
    block: Block | None = None

    @property
    def is_final(self) -> bool:
        """Whether a block of this height is final."""
        return self.block is not None and self.block.is_final

    def as_json(self) -> Any:
        """Give the block, or null and why."""
        block = self.block.as_json() if self.block else None
        note = {} if self.is_final else {"note": "No block of this height is final yet."}
        return {"height": self.height, "final": self.is_final, "block": block, **note}


class PendingTransactions(Shape):
    """Hashes of what waits for a block."""

    tx_hashes: Texts = ()


class ContractResult(Shape):
    """What a smart contract answered to a call that changes nothing."""

    vm_return: Text = ""
    contract_address: Text = ""
    gas_used: Text = ""
    vm_error: Text = ""


class Broadcast(Shape):
    """A transaction that the node took; `block` is the header it is in, empty while none holds it."""

    hash: Text = ""
    block: Table = Field(default_factory=dict)


class WalletAddresses(Shape):
    """The addresses whose keys thetacli holds."""

    addresses: Texts = ()


class WalletAddress(Shape):
    """A new key's address."""

    address: Text = ""


class KeyState(Shape):
    """Whether a key may sign without its password."""

    address: Text = ""
    unlocked: Flag = False

    def as_json(self) -> Any:
        """Give the state with the address it is about."""
        return {"address": self.address, **self.raw}


class EdgePrice(Shape):
    """The price of an edge client: raw, and in USD per hour by the unit of wire 1.6."""

    price_hr: Number = None

    @property
    def price_usd(self) -> Decimal | None:
        """USD per hour; None without a price."""
        return None if self.price_hr is None else self.price_hr / PRICE_HR_PER_USD

    def as_json(self) -> Any:
        """Give the client's object with the converted price beside the raw one."""
        return {**self.raw, "price_usd_per_hour": self.price_usd}


class EdgeStatus(EdgePrice):
    """An edge client: who it is, whether it is connected, and what it earned this month (USD)."""

    wallet_address: Text = ""
    machine_id: Text = ""
    connection_status: Text = ""
    current_month_deployments_reward: Money = None
    current_month_jobs_reward: Money = None
    current_month_total_reward: Money = None


class EdgeJob(Shape):
    """A job an edge client did; the reward is in USD."""

    id: Text = ""
    reward_usd: Money = None
    success_time: Text = ""
    error_time: Text = ""
    error_message: Text = ""


class EdgeJobs(Shape):
    """One page of an edge client's jobs."""

    jobs: tuple[EdgeJob, ...] = ()

    @classmethod
    def of(cls, value: object) -> Self:
        """Read the answer of `edgecloud.GetJobs`."""
        raw = dict(value) if isinstance(value, Mapping) else {}
        return cls(jobs=tuple(EdgeJob.read(item) for item in records(value, "jobs")), raw=raw)


class RawResult(Shape):
    """An answer nobody has described (wire 19): given as it came."""

    value: Any = None

    def as_json(self) -> Any:
        """Give the answer."""
        return self.value


def _without_prefix(text: str) -> str:
    """Drop the 0x that people paste: the node's own sample has none (wire 11.1)."""
    return text[2:] if text[:2] in ("0x", "0X") else text


Address = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{40}$")]
Hash = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{64}$")]
Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,40}$")]
HexBytes = Annotated[
    str, StringConstraints(pattern=r"^(0[xX])?([0-9a-fA-F]{2})+$", max_length=500_000), AfterValidator(_without_prefix)
]

_ADDRESS = "0x2e833968e5bb786ae419c4d13189fb081cc43bab"


class AddressParams(Params):
    """One account."""

    address: Address = Field(description="Address: 0x and 40 hex digits.", examples=[_ADDRESS])


class BlockRef(Params):
    """One block."""

    hash: Hash = Field(description="Hash of the block: 0x and 64 hex digits.", examples=["0x" + "0" * 61 + "abc"])


class HeightParams(Params):
    """One height of the chain."""

    height: Digits = Field(
        description="Height of the block, as digits.", examples=["20554"], coerce_numbers_to_str=True
    )


class TransactionRef(Params):
    """One transaction."""

    hash: Hash = Field(description="Hash of the transaction: 0x and 64 hex digits.", examples=["0x" + "0" * 61 + "def"])


class ContractCall(Params):
    """A smart contract call that changes nothing."""

    sctx_bytes: HexBytes = Field(description="The call's transaction, as hex digits.", examples=["02f902f90102"])


class SignedTransaction(Params):
    """A signed transaction."""

    tx_bytes: HexBytes = Field(description="The signed transaction, as hex digits.", examples=["02f902f90102"])


class NewKey(Params):
    """What a new key needs."""

    password: SecretStr = Field(
        description="Password of the new key (@env:NAME, @file:PATH or -).", examples=["@env:WALLET_PASSWORD"]
    )


class UnlockKey(AddressParams):
    """What unlocking a key needs."""

    password: SecretStr = Field(
        description="Password of the key (@env:NAME, @file:PATH or -).", examples=["@env:WALLET_PASSWORD"]
    )


class Transfer(Params):
    """A transfer of coins (wire 11.2). Amounts are strings of digits, in wei."""

    spellings: ClassVar[dict[str, str]] = {"from": "sender", "to": "recipient", "async": "asynchronous"}

    chain_id: str = Field(description="Chain to send on.", examples=["privatenet"], min_length=1, max_length=100)
    sender: Address = Field(description="Address that pays (also called from).", examples=[_ADDRESS])
    recipient: Address = Field(
        description="Address that gets it (also called to).", examples=["0x9f1233798e905e173560071255140b4a8abd3ec6"]
    )
    thetawei: Digits = Field("0", description="THETA to send, in wei.", examples=["0"])
    tfuelwei: Digits = Field("0", description="TFUEL to send, in wei.", examples=["1000000000000000000"])
    fee: Digits = Field(description="Fee in tfuelwei.", examples=["300000000000000000"])
    sequence: Digits = Field(
        description="The sender's sequence plus one (theta.chain.account shows it).", examples=["7"]
    )
    asynchronous: bool = Field(False, description="Do not wait for a block (also called async).", examples=[False])

    @model_validator(mode="after")
    def _something_moves(self) -> Self:
        if int(self.thetawei) == 0 and int(self.tfuelwei) == 0:
            raise ValueError("needs thetawei or tfuelwei above 0")
        return self


class EdgePage(Params):
    """A page of an edge client's list."""

    page: int = Field(0, description="Page, from 0.", examples=[0], ge=0)
    size: int = Field(50, description="Entries per page.", examples=[50], ge=1, le=500)


class EdgePriceParams(Params):
    """What an edge client shall cost."""

    price_hr: Digits = Field(
        description="Price in 1/10,000 USD per hour: 2000 is $0.20.", examples=["2000"], coerce_numbers_to_str=True
    )
