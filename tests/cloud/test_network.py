"""JSON-RPC on the real stack: refusals with HTTP 200, numbers of any length, and funds that move once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.stack import Begin, Person
from theta_tui.change import Done, Effect, NotDone
from theta_tui.errors import InvalidRequest, NoCredentials, NotFound, ProtocolError, Uncertain, UsageError
from theta_tui.sandbox.chain import BLOCK_SECONDS, FIRST_HEIGHT, WALLET, WEI, chain_of, digest
from theta_tui.sandbox.network import WALLET_PASSWORD
from theta_tui.sandbox.world import Call, World
from theta_tui.session import Session
from theta_tui.shapes.base import as_json
from theta_tui.shapes.network import Account, Block, ChainStatus, coins

from .conftest import written

HEIR = "0x9f1233798e905e173560071255140b4a8abd3ec6"
PAYMENT = {
    "chain_id": "privatenet",
    "from": WALLET[0],
    "to": HEIR,
    "tfuelwei": "1500000000000000001",
    "fee": "300000000000000000",
    "sequence": "7",
}


def sent(world: World, method: str) -> list[Call]:
    return [call for call in world.calls if json.loads(call.body or b"{}").get("method") == method]


def edge_of_a_block(world: World) -> None:
    """Freeze time in the middle of a block, so that only the test moves it."""
    world.clock.speed = 0
    world.clock.advance(BLOCK_SECONDS / 2)


@pytest.mark.parametrize(
    ("variable", "command", "arguments"),
    [
        ("THETA_CHAIN_RPC_URL", "theta.chain.status", {}),
        ("THETA_CHAIN_RPC_URL", "theta.chain.broadcast", {"tx_bytes": "00"}),
        ("THETA_CLI_RPC_URL", "theta.keys.list", {}),
        ("THETA_CLI_RPC_URL", "theta.keys.send", PAYMENT),
        ("THETA_EDGECLOUD_RPC_URL", "theta.edge.status", {}),
        ("THETA_EDGECLOUD_RPC_URL", "theta.edge.setPrice", {"price_hr": "1"}),
    ],
)
async def test_without_a_url_there_is_no_default(
    variable: str, command: str, arguments: dict[str, Any], on_demo: Begin, world: World
) -> None:
    session, person = await on_demo(**{variable: None}), Person()
    with pytest.raises(NoCredentials, match=f"{variable} missing"):
        await (
            session.submit(command, arguments, reviewer=person)
            if command.endswith(("broadcast", "send", "setPrice"))
            else session.ask(command, arguments)
        )
    assert (person.shown, world.calls) == ([], [])


async def test_a_call_is_json_rpc_with_an_array(cloud: Session, world: World) -> None:
    await cloud.ask("theta.chain.account", {"address": WALLET[0]})
    await cloud.ask("theta.chain.version")
    bodies = [json.loads(call.body) for call in world.calls]
    assert bodies[0] == {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "theta.GetAccount",
        "params": [{"address": WALLET[0]}],
    }
    assert bodies[1]["params"] == []
    assert not any(name in ("authorization", "x-api-key") for call in world.calls for name, _ in call.headers)


async def test_the_head_of_the_chain_advances_with_time(cloud: Session, world: World) -> None:
    edge_of_a_block(world)
    first: ChainStatus = await cloud.ask("theta.chain.status")
    world.clock.advance(10 * BLOCK_SECONDS)
    then = await cloud.ask("theta.chain.status")
    heights = (first.latest_finalized_block_height, then.latest_finalized_block_height)
    assert heights == (str(FIRST_HEIGHT), str(FIRST_HEIGHT + 10))
    assert first.syncing is False


async def test_an_account_shows_wei_as_text_and_coins_beside_it(cloud: Session) -> None:
    account: Account = await cloud.ask("theta.chain.account", {"address": WALLET[0]})
    shown = as_json(account)
    assert shown["coins"] == {"thetawei": "1250000000000000000000", "tfuelwei": "48210500000000000000123"}
    assert (shown["theta"], shown["tfuel"]) == ("1250", "48210.500000000000000123")
    assert (shown["address"], account.sequence) == (WALLET[0], "6")


@pytest.mark.parametrize(
    ("wei", "written"),
    [
        ("0", "0"),
        ("1", "0.000000000000000001"),
        (10**18, "1"),
        ("1" + "0" * 40, "1" + "0" * 22),
        ("123456789012345678901234567890123456789012345678", "123456789012345678901234567890.123456789012345678"),
        ("1e18", None),
        ("-5", None),
        ("٣", None),
        (None, None),
        (True, None),
    ],
)
def test_wei_is_converted_exactly_or_not_at_all(wei: object, written: str | None) -> None:
    assert coins(wei) == written


def test_amounts_that_came_as_numbers_keep_their_digits() -> None:
    account = Account.read({"sequence": 6, "coins": {"thetawei": 10**30, "tfuelwei": "7"}})
    assert (account.sequence, account.theta, account.tfuel) == ("6", "1" + "0" * 12, "0.000000000000000007")


async def test_a_refusal_with_http_200_is_an_error(cloud: Session, world: World) -> None:
    world.faults.add({"kind": "rpc_error", "code": -32000, "message": "chain is on holiday"})
    with pytest.raises(InvalidRequest, match="chain is on holiday"):
        await cloud.ask("theta.chain.status")
    assert [call.status for call in world.calls] == [200]


@pytest.mark.parametrize("error", [{"code": -32000, "message": "no"}, "no"])
async def test_an_error_beside_an_empty_result_is_an_error(cloud: Session, world: World, error: object) -> None:
    world.faults.add({"kind": "json", "body": {"jsonrpc": "2.0", "id": 1, "result": None, "error": error}})
    with pytest.raises(InvalidRequest, match="no"):
        await cloud.ask("theta.chain.version")


@pytest.mark.parametrize("body", [{"jsonrpc": "2.0", "id": 1}, [], "hello", {}])
async def test_an_answer_that_is_none_is_a_protocol_error(cloud: Session, world: World, body: Any) -> None:
    world.faults.add({"kind": "json", "body": body})
    with pytest.raises(ProtocolError):
        await cloud.ask("theta.chain.status")


async def test_a_block_by_height_is_final_and_says_so(cloud: Session, world: World) -> None:
    found = await cloud.ask("theta.chain.blockByHeight", {"height": FIRST_HEIGHT})
    shown = as_json(found)
    assert (shown["final"], shown["block"]["status_name"]) == (True, "directly final")
    assert shown["block"]["transactions"][0]["type_name"] == "coinbase"
    block: Block = await cloud.ask("theta.chain.block", {"hash": found.block.hash})
    assert (block.height, block.is_final) == (str(FIRST_HEIGHT), True)


async def test_a_height_that_is_not_final_yet_is_an_answer_of_its_own(cloud: Session) -> None:
    found = await cloud.ask("theta.chain.blockByHeight", {"height": "99999999"})
    assert (found.is_final, found.block) == (False, None)
    assert as_json(found)["note"] == "No block of this height is final yet."


@pytest.mark.parametrize("body", [{"result": {}}, {"result": None}, {"result": ""}, {}])
async def test_every_empty_result_means_not_final_yet(cloud: Session, world: World, body: dict[str, Any]) -> None:
    world.faults.add({"kind": "json", "body": {"jsonrpc": "2.0", "id": 1, **body}})
    found = await cloud.ask("theta.chain.blockByHeight", {"height": "20554"})
    assert (found.is_final, found.block) == (False, None)


@pytest.mark.parametrize(
    ("status", "name", "final"),
    [
        (0, "pending", False),
        (3, "committed", False),
        (4, "directly final", True),
        ("6", "trusted", True),
        (9, "", False),
    ],
)
def test_only_three_states_of_a_block_are_final(status: object, name: str, final: bool) -> None:
    block = Block.read({"status": status})
    assert (block.status_name, block.is_final) == (name, final)


async def test_an_unknown_block_is_not_found(cloud: Session) -> None:
    with pytest.raises(NotFound):
        await cloud.ask("theta.chain.block", {"hash": "0x" + "0" * 64})


async def test_a_contract_is_asked_without_a_review(cloud: Session) -> None:
    found = await cloud.ask("theta.chain.callSmartContract", {"sctxBytes": "0x02f902f9"})
    assert (found.gas_used, found.vm_error) == ("21656", "")


async def test_an_asynchronous_broadcast_waits_for_its_block(cloud: Session, world: World) -> None:
    edge_of_a_block(world)
    done = await cloud.submit("theta.chain.broadcastAsync", {"tx_bytes": "0xbeef"}, reviewer=Person())
    tx_hash = done.value.hash
    assert (await cloud.ask("theta.chain.pendingTransactions")).tx_hashes == (tx_hash,)
    assert (await cloud.ask("theta.chain.transaction", {"hash": tx_hash})).status == "pending"
    world.clock.advance(BLOCK_SECONDS)
    found = await cloud.ask("theta.chain.transaction", {"hash": tx_hash})
    assert (found.status, found.type_name) == ("finalized", "smart contract")
    assert (await cloud.ask("theta.chain.pendingTransactions")).tx_hashes == ()


async def test_a_broadcast_needs_its_last_digits_typed_and_goes_without_0x(cloud: Session, world: World) -> None:
    person = Person()
    done = await cloud.submit("theta.chain.broadcast", {"tx_bytes": "0x02f902f90102aa"}, reviewer=person)
    [review] = person.shown
    assert (review.effect, review.typed) == (Effect.DESTROY, "f90102aa")
    assert done.value.block["Height"] == chain_of(world).head
    [call] = sent(world, "theta.BroadcastRawTransaction")
    assert json.loads(call.body)["params"] == [{"tx_bytes": "02f902f90102aa"}]


async def test_a_transfer_needs_the_recipient_typed_and_is_sent_once(cloud: Session, world: World) -> None:
    person = Person()
    done = await cloud.submit("theta.keys.send", PAYMENT, reviewer=person)
    assert isinstance(done, Done)
    [review] = person.shown
    assert (review.effect, review.typed, review.target.id) == (Effect.DESTROY, HEIR, "")
    assert review.summary == f"Send 1.500000000000000001 TFUEL to {HEIR} on privatenet (fee 0.3 TFUEL)"
    [call] = sent(world, "thetacli.Send")
    [asked] = json.loads(call.body)["params"]
    assert asked == {**PAYMENT, "thetawei": "0", "async": False}
    assert all(isinstance(value, str) for name, value in asked.items() if name != "async")
    assert chain_of(world).holders[HEIR].tfuel == 15 * WEI // 10 + 1
    assert world.counts["chain_transactions"] == 1


async def test_a_transfer_that_was_not_confirmed_moves_nothing(on_demo: Begin, world: World) -> None:
    session = await on_demo(THETA_DRY_RUN="1")
    outcome = await session.submit("theta.keys.send", PAYMENT, reviewer=Person())
    assert isinstance(outcome, NotDone)
    assert outcome.preview["requests"][0]["body"]["params"][0]["to"] == HEIR
    assert sent(world, "thetacli.Send") == []


async def test_a_lost_answer_to_a_transfer_is_uncertain_and_never_sent_again(on_demo: Begin, world: World) -> None:
    session = await on_demo(THETA_HTTP_MAX_RETRIES="6")
    world.faults.add({"kind": "reset", "after": True, "match": {"path": "/rpc/cli"}})
    with pytest.raises(Uncertain):
        await session.submit("theta.keys.send", PAYMENT, reviewer=Person())
    assert len(sent(world, "thetacli.Send")) == 1
    assert world.counts["chain_transactions"] == 1
    [row] = await session.journal.ledger(5)
    assert row.state == "uncertain"


async def test_a_second_sending_of_the_same_transfer_is_void(cloud: Session, world: World) -> None:
    await cloud.submit("theta.keys.send", PAYMENT, reviewer=Person())
    with pytest.raises(InvalidRequest, match="sequence"):
        await cloud.submit("theta.keys.send", PAYMENT, reviewer=Person())
    assert world.counts["chain_transactions"] == 1


@pytest.mark.parametrize("body", [{"jsonrpc": "2.0", "id": 1}, "done"])
async def test_an_unreadable_answer_to_a_transfer_is_uncertain(cloud: Session, world: World, body: Any) -> None:
    world.faults.add({"kind": "json", "body": body, "match": {"path": "/rpc/cli"}})
    with pytest.raises(Uncertain):
        await cloud.submit("theta.keys.send", PAYMENT, reviewer=Person())


@pytest.mark.parametrize(
    "wrong",
    [
        {"tfuelwei": "1.5"},
        {"tfuelwei": 15},
        {"tfuelwei": "-1"},
        {"tfuelwei": "1e18"},
        {"tfuelwei": "٣"},
        {"tfuelwei": "0", "thetawei": "00"},
        {"to": "0x1234"},
        {"to": "theta-wallet"},
        {"from": HEIR[2:]},
        {"fee": ""},
        {"sequence": None},
        {"gas": "1"},
    ],
)
async def test_a_transfer_that_is_not_well_formed_is_refused(
    cloud: Session, world: World, wrong: dict[str, Any]
) -> None:
    person = Person()
    with pytest.raises(UsageError):
        await cloud.submit("theta.keys.send", {**PAYMENT, **wrong}, reviewer=person)
    assert (person.shown, world.calls) == ([], [])


async def test_a_locked_key_does_not_pay(cloud: Session, world: World) -> None:
    with pytest.raises(InvalidRequest, match="not been unlocked"):
        await cloud.submit("theta.keys.send", {**PAYMENT, "from": WALLET[1]}, reviewer=Person())
    key = {"address": WALLET[1]}
    assert (await cloud.ask("theta.keys.isUnlocked", key)).unlocked is False
    opened = await cloud.submit("theta.keys.unlock", {**key, "password": WALLET_PASSWORD}, reviewer=Person())
    assert opened.value.unlocked is True
    assert as_json(await cloud.ask("theta.keys.isUnlocked", key)) == {"address": WALLET[1], "unlocked": True}
    locked = await cloud.submit("theta.keys.lock", key, reviewer=Person())
    assert locked.value.unlocked is False


async def test_a_new_key_is_listed_and_its_password_is_nowhere(cloud: Session, world: World, tmp_path: Path) -> None:
    person = Person()
    done = await cloud.submit("theta.keys.new", {"password": "canary-Wallet-7Qx2"}, reviewer=person)
    assert done.value.address in (await cloud.ask("theta.keys.list")).addresses
    [call] = sent(world, "thetacli.NewKey")
    assert b"canary-Wallet-7Qx2" in call.body
    assert person.shown[0].preview["requests"][0]["body"]["params"] == [{"password": "[redacted]"}]
    files = written(tmp_path)
    assert b"theta.keys.new" in files
    assert b"canary-Wallet-7Qx2" not in files
    assert "canary-Wallet-7Qx2" not in repr(person.shown) + repr(done)


async def test_a_wrong_password_is_the_nodes_own_refusal(cloud: Session) -> None:
    with pytest.raises(InvalidRequest, match="passphrase"):
        await cloud.submit("theta.keys.unlock", {"address": WALLET[1], "password": "guess-guess"}, reviewer=Person())


async def test_the_edge_client_tells_its_price_raw_and_converted(cloud: Session) -> None:
    shown = as_json(await cloud.ask("theta.edge.status"))
    assert (shown["price_hr"], str(shown["price_usd_per_hour"])) == ("1800", "0.18")
    assert shown["connection_status"] == "complete"


async def test_the_price_of_the_edge_client_is_set(cloud: Session, world: World) -> None:
    person = Person()
    done = await cloud.submit("theta.edge.setPrice", {"priceHr": 2000}, reviewer=person)
    assert "($0.2)" in person.shown[0].summary
    assert str(done.value.price_usd) == "0.2"
    assert (await cloud.ask("theta.edge.status")).price_hr == 2000
    [call] = sent(world, "edgecloud.SetPrice")
    assert json.loads(call.body)["params"] == [{"price_hr": "2000"}]


async def test_jobs_come_in_pages_and_failed_ones_say_why(cloud: Session, world: World) -> None:
    jobs = (await cloud.ask("theta.edge.jobs")).jobs
    assert len(jobs) >= 4
    assert [job.error_message for job in jobs if job.error_time] == ["worker lost"]
    page = await cloud.ask("theta.edge.jobs", {"page": 1, "size": 2})
    assert [job.id for job in page.jobs] == [job.id for job in jobs[2:4]]


async def test_undocumented_answers_of_the_edge_client_come_as_they_are(cloud: Session, world: World) -> None:
    assert "deployments" in as_json(await cloud.ask("theta.edge.deployments"))
    world.faults.add({"kind": "rpc_result", "call": "edgecloud.GetRewards", "result": [1, "two"]})
    assert as_json(await cloud.ask("theta.edge.rewards")) == [1, "two"]


async def test_unknown_fields_and_numbers_as_text_do_no_harm(cloud: Session, world: World) -> None:
    world.faults.add({"kind": "extra_fields", "strings": True, "times": None})
    found = await cloud.ask("theta.chain.blockByHeight", {"height": str(FIRST_HEIGHT)})
    assert found.is_final
    assert found.block.hash == digest("block", FIRST_HEIGHT)


async def test_a_node_that_waited_in_vain_has_not_said_that_nothing_was_paid(cloud: Session, world: World) -> None:
    world.faults.add({"kind": "rpc_error", "code": -32000, "message": "Timed out waiting for the block", "times": None})
    with pytest.raises(Uncertain, match="Timed out"):
        await cloud.submit("theta.keys.send", PAYMENT, reviewer=Person())
    assert len(sent(world, "thetacli.Send")) == 1
    assert (await cloud.journal.ledger(1))[0].state == "uncertain"
