"""Compares what the cloud answers with what is documented of it. Values are never looked at or shown, only their types.

The keys are those of the wire specification's sections 2, 4, 5, 7, 8, 10 and 11.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pydantic import SecretStr

from theta_tui.change import Family
from theta_tui.errors import NoCredentials, ThetaError
from theta_tui.registry import commands
from theta_tui.session import Session

TYPES: dict[type, str] = {
    bool: "flag", int: "number", float: "number", Decimal: "number", str: "text", SecretStr: "text",
    dict: "object", list: "list", tuple: "list", type(None): "null",
}  # fmt: skip
Values = dict[str, Any]
Rows = Callable[[Any], Iterable[Mapping[str, Any]]]


@dataclass(frozen=True)
class Read:
    """A query, where its records are, and their documented keys; without the required ones it is of no use."""

    command: str
    records: Rows
    required: Mapping[str, str]
    documented: Mapping[str, str] = field(default_factory=dict)
    arguments: Callable[[Values], Mapping[str, Any] | None] = lambda values: {}
    what: str = ""


@dataclass
class Drift:
    """What one read found. `lacking` are required keys that a record has not."""

    command: str
    records: int = 0
    lacking: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    not_read: str = ""

    def lines(self) -> Iterator[str]:
        """Tell it in a line, and one more for each kind of drift."""
        yield f"{self.command}: {self.not_read or f'{self.records} records'}"
        for name in ("lacking", "missing", "unknown", "types"):
            if found := sorted(getattr(self, name)):
                yield f"    {name}: {', '.join(found)}"


def keys(words: str) -> dict[str, str]:
    """Read "id:text cost:number,text note:?text" into names and types: none means any, "?" that it may be absent."""
    return {name: kinds for name, _, kinds in (word.partition(":") for word in words.split())}


def compare(read: Read, found: Iterable[Mapping[str, Any]]) -> Drift:
    """Compare records with the documented keys; upper and lower case and underscores do not count."""
    drift = Drift(f"{read.command}{read.what and f' ({read.what})'}")
    documented = {_fold(name): (name, kinds) for name, kinds in {**read.required, **read.documented}.items()}
    for record in found:
        drift.records += 1
        got = {_fold(name): (name, value) for name, value in record.items()}
        here = {fold for fold, (_, value) in got.items() if value is not None}
        drift.lacking |= {name for name in read.required if _fold(name) not in here}
        drift.missing |= {
            name for name, kinds in read.documented.items() if kinds[:1] != "?" and _fold(name) not in got
        }
        drift.unknown |= {name for fold, (name, _) in got.items() if fold not in documented}
        for fold, (name, value) in got.items():
            kinds = documented.get(fold, ("", ""))[1].removeprefix("?")
            kind = TYPES.get(type(value), type(value).__name__)
            if kinds and kind not in (*kinds.split(","), "null"):
                drift.types.add(f"{name} is {kind}, not {kinds}")
    return drift


async def compare_all(session: Session, reads: Iterable[Read]) -> list[Drift]:
    """Ask every query whose keys are configured, one after the other, and compare; nothing is ever submitted."""
    configured = await session.configured()
    values: Values = {}
    return [await _one(session, read, configured, values) for read in reads]


async def _one(session: Session, read: Read, configured: Mapping[str, Any], values: Values) -> Drift:
    command = commands()[read.command]
    assert command.is_read, read.command
    lacking = [family for family in command.needs if not _is_configured(session, family, configured)]
    arguments = read.arguments(values)
    if lacking or arguments is None:
        words = f"no {lacking[0].value} configured" if lacking else "there is none to ask about"
        return Drift(read.command, not_read=f"skipped, {words}")
    try:
        values[read.command] = await session.ask(read.command, arguments)
    except NoCredentials as error:
        return Drift(read.command, not_read=f"skipped, {error.message}")
    except ThetaError as error:
        return Drift(read.command, not_read=f"failed, {error.kind}")
    return compare(read, read.records(values[read.command]))


def _is_configured(session: Session, family: Family, configured: Mapping[str, Any]) -> bool:
    if family in (Family.CHAIN, Family.THETACLI, Family.EDGE_CLIENT):
        return family.value in session.settings.bases
    return bool(configured.get(family.value))


def _fold(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _each(name: str) -> Rows:
    return lambda value: [one.raw for one in getattr(value, name)]


def _first(command: str, name: str, argument: str) -> Callable[[Values], Mapping[str, Any] | None]:
    def arguments(values: Values) -> Mapping[str, Any] | None:
        found = getattr(values.get(command), name, ())
        return {argument: found[0].id} if found else None

    return arguments


def _first_document(values: Values) -> Mapping[str, Any] | None:
    agents = _first("theta.ai.agent.list", "agents", "chatbot_id")(values)
    document = _first("theta.ai.agent.document.list", "documents", "document_id")(values)
    return {**agents, **document} if agents and document else None


def _itself(value: Any) -> list[Mapping[str, Any]]:
    return [value.raw]


def _predictions(value: Any) -> list[Mapping[str, Any]]:
    return [one for service in value.services for one in service.raw.get("predictions", {}).values()]


SERVICE = (
    keys("id:text name:text alias:text state:text predictions:object default_prediction:text"),
    keys("template_id:text,object workload_type:text min_vram:number min_ram:number executions:number rank:number "
         "variant_templates:?object workers create_time:text update_time:text"),
)  # fmt: skip
PREDICTION = (
    keys("input_vars:object output_vars:object"),
    keys("rank:number func_type:text instructions:text cost:number,object cost_divisor:number variants:?list "
         "external_price_tier:?text openrouter_metadata:?object"),
)  # fmt: skip
JOB = (
    keys("id:text state:text"),
    keys("org_id:text project_id:text service_id:text template_id:text prediction:text variant:text webhook:text "
         "community_worker_only:flag infer_endpoint_id:text usage:object prediction_cost:object cost_usd:object "
         "prediction_cost_divisor:number input:object output:object create_time:text update_time:text "
         "assigned_time:text process_time:text success_time:text error_time:text error_message:text is_new:flag"),
)  # fmt: skip
TEMPLATE = (
    keys("id:text name:text"),
    keys("description:text short_description:text tags:list category:text project_id:text container_images:list "
         "suggested_vms:list container_port:number,text container_args:list env_vars:object require_env_vars:flag "
         "rank:number icon_url:text create_time:text support_on_demand:flag min_vram:number hidden:flag"),
)  # fmt: skip
DEPLOYMENT = (
    keys("Shard:number,text Suffix:text"),
    keys("ID:number,text BaseID:text Name:text Endpoint:text EndpointStatus:text Region:text TemplateName:text"),
)
NODE = keys(
    "cluster:text node:text shard:number,text vm_id:text theta_env:text cpu_capacity:number,text "
    "cpu_allocate:number,text memory_capacity:number,text memory_allocate:number,text gpu_capacity:number,text "
    "gpu_allocate:number,text ephemeral_storage_capacity ephemeral_storage_allocate label_nvidia_com_gpu_product:text "
    "label_nvidia_com_gpu_count label_nvidia_com_gpu_memory label_nvidia_com_cuda_driver_major "
    "label_nvidia_com_cuda_driver_minor label_nvidia_com_cuda_runtime_major label_nvidia_com_cuda_runtime_minor "
    "label_onthetaedgecloud_com_community label_onthetaedgecloud_com_price_hr label_onthetaedgecloud_com_shard "
    "label_onthetaedgecloud_com_download_speed_mbps label_onthetaedgecloud_com_upload_speed_mbps "
    "label_onthetaedgecloud_com_wsl:?"
)
AGENT = (
    keys("id:text name:text project_id:text"),
    keys("llm_endpoint:text knowledge_base_id:text created_at:text model:text max_tokens:number temperature:number "
         "system_prompt:text context_window:number settings:object warm_up_messages:list llm_endpoints:list"),
)  # fmt: skip
VIDEO = (
    keys("id:text state:text"),
    keys("service_account_id:text file_name:text sub_state:text source_upload_id:text source_uri:text "
         "playback_policy:text progress:number error:text,object duration:text resolution:number metadata:object "
         "playback_uri:text player_uri:text create_time:text update_time:text"),
)  # fmt: skip
STREAM = (
    keys("id:text name:text status:text"),
    keys("playback_uri:text player_uri:text update_time:text"),
)

READS = (
    Read("theta.ondemand.listServices", _each("services"), *SERVICE),
    Read("theta.ondemand.listServices", _predictions, *PREDICTION, what="predictions"),
    Read("theta.ondemand.listRequests", _each("requests"), *JOB),
    Read("theta.deployments.listVm", _each("vms"), keys("id:text"), keys("name:text")),
    Read("theta.project.get", _itself, keys("id:text org_id:text"),
         keys("name:text tva_id:text gateway_id:text create_time:text")),
    Read("theta.project.members", _each("members"), keys("id:text role:text"),
         keys("first_name:text last_name:text avatar_url:text create_time:text email:text disabled:flag")),
    Read("theta.billing.balance", _itself, keys("balance:number,text"), keys("org_id:text")),
    Read("theta.deployments.list", _each("deployments"), *DEPLOYMENT),
    Read("theta.deployments.listStandard", _each("templates"), *TEMPLATE, lambda values: {"category": "serving"}),
    Read("theta.deployments.listCustom", _each("templates"), *TEMPLATE),
    Read("theta.deployments.searchTemplates", _each("templates"), *TEMPLATE),
    Read("theta.ai.gpuCluster.list", _each("clusters"), {}),
    Read("theta.ai.storage.list", _each("volumes"), {}),
    Read("theta.compute.communityNodes", _each("nodes"), keys("vm_id:text"), NODE),
    Read("theta.ai.agent.list", _each("agents"), *AGENT),
    Read("theta.ai.agent.get", _itself, *AGENT, _first("theta.ai.agent.list", "agents", "chatbot_id")),
    Read("theta.ai.agent.document.list", _each("documents"), keys("id:text"),
         keys("knowledge_base_id:text metadata:object created_at:text embedding_token_count:number"),
         _first("theta.ai.agent.list", "agents", "chatbot_id")),
    Read("theta.ai.agent.document.get", _itself, keys("id:text"), keys("content:text metadata:object"),
         _first_document),
    Read("theta.video.list", _each("videos"), *VIDEO),
    Read("theta.video.videoGet", _itself, *VIDEO, _first("theta.video.list", "videos", "video_id")),
    Read("theta.video.streams", _each("streams"), *STREAM),
    Read("theta.video.streamGet", _itself, *STREAM, _first("theta.video.streams", "streams", "stream_id")),
    Read("theta.video.ingestor.list", _each("ingestors"), keys("id:text"), keys("ip:text stakes geo")),
    Read("theta.chain.version", _itself, keys("version:text"), keys("git_hash:text timestamp:text")),
    Read("theta.chain.status", _itself, keys("latest_finalized_block_height:text"),
         keys("latest_finalized_block_hash:text latest_finalized_block_time:text latest_finalized_block_epoch:text "
              "current_epoch:text current_time:text syncing:flag")),
    Read("theta.edge.status", _itself, keys("price_hr:text"),
         keys("wallet_address:text machine_id:text connection_status:text recent_deployments:list recent_jobs:list "
              "current_month_deployments_reward current_month_jobs_reward current_month_total_reward")),
    Read("theta.edge.jobs", _each("jobs"), keys("id:text"),
         keys("reward_usd success_time:text error_time:text error_message:text")),
)  # fmt: skip
