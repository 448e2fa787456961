"""Community nodes, clusters and volumes (CT-19 to CT-21), listed only.

What clusters and volumes look like is invented: no source shows it. A fresh world has none of both, the demo has some.
"""

from __future__ import annotations

from typing import Any, Final, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from theta_tui.sandbox.answers import (
    Refused,
    envelope,
    need_own_project,
    need_project_key,
    read_query,
    whole_number,
)
from theta_tui.sandbox.hardware import VmType
from theta_tui.sandbox.world import World

#: GPU, GPUs, memory of one in MB, CPUs, memory in GB, price in 1/10,000 USD per hour, Mbit/s down and up, GPUs taken.
_NODES: Final = (
    ("NVIDIA-GeForce-RTX-4090", 1, 24564, 16, 64, 1800, 500, 100, 0),
    ("NVIDIA-GeForce-RTX-4090", 2, 24564, 32, 128, 3400, 940, 450, 1),
    ("NVIDIA-GeForce-RTX-3090", 1, 24576, 12, 64, 1200, 320, 60, 0),
    ("NVIDIA-GeForce-RTX-3080", 1, 10240, 8, 32, 700, 210, 35, 1),
    ("NVIDIA-RTX-A6000", 1, 49140, 24, 128, 4500, 980, 900, 0),
    ("NVIDIA-GeForce-RTX-5090", 1, 32607, 24, 96, 2900, 880, 220, 0),
)


def routes(world: World) -> list[Route]:
    """Three lists; they spell the project's id differently, as the cloud does."""

    async def nodes(request: Request) -> Response:
        """CT-19."""
        need_project_key(request, world)
        query = read_query(request, required=("projectId", "env"))
        need_own_project(world, query["projectId"])
        if query["env"] != "prod":
            raise Refused(400, "Invalid parameter: env")
        await world.pause(0.2)
        return envelope([_node(index) for index in range(len(_NODES))])

    async def clusters(request: Request) -> Response:
        """CT-20."""
        need_project_key(request, world)
        need_own_project(world, read_query(request, required=("project_id",))["project_id"])
        return envelope(_kept(world, "clusters"))

    async def volumes(request: Request) -> Response:
        """CT-21."""
        need_project_key(request, world)
        query = read_query(request, required=("projectId",), optional=("page", "number"))
        need_own_project(world, query["projectId"])
        page, number = whole_number(query, "page", 1, least=1), whole_number(query, "number", 20, least=1)
        return envelope(_kept(world, "volumes")[(page - 1) * number :][:number])

    return [
        Route("/community/nodes", nodes),
        Route("/cluster/list", clusters),
        Route("/volume/claim", volumes),
    ]


def seed(world: World) -> None:
    """What the demo's project has: one cluster, two volumes."""
    created = world.clock.iso()
    _kept(world, "clusters").append(
        {
            "id": "cluster-h100-train",
            "name": "training",
            "size": 2,
            "vm_type": "G-H100_80GB-x2",
            "region": "asia-east-1",
            "container_image": "exampleorg/train-ssh:12.4",
            "status": "Running",
            "project_id": world.project_id,
            "create_time": created,
        }
    )
    for name, size, shard, attached in (("datasets", "200Gi", 3, "research-notes"), ("checkpoints", "500Gi", 4, None)):
        _kept(world, "volumes").append(
            {
                "id": f"pvc-{name}",
                "name": name,
                "size": size,
                "status": "Bound" if attached else "Available",
                "region": "us-west",
                "shard": shard,
                "attached_to": attached,
                "create_time": created,
            }
        )


def community_node(vm_id: str) -> tuple[VmType, int] | None:
    """A community node as a machine type, and its shard; None where no free one has this id."""
    for index, (gpu, count, vram, cpu, memory, price, _, _, taken) in enumerate(_NODES):
        node = _node(index)
        if node["vm_id"] == vm_id and taken < count:
            vm = VmType(vm_id, node["node"], gpu, count, vram * count // 1024, cpu, memory, price)
            return vm, int(node["shard"])
    return None


def _kept(world: World, kind: str) -> list[dict[str, Any]]:
    return cast(list[dict[str, Any]], world.records["compute"].setdefault(kind, []))


def _node(index: int) -> dict[str, Any]:
    """The object of wire 5.1, with its mixture of numbers and numbers written as text."""
    gpu, count, vram, cpu, memory, price, down, up, taken = _NODES[index]
    shard = 3 + index % 2
    node: dict[str, Any] = {
        "cluster": f"community-{shard - 2}",
        "node": f"node-{0x7F + 31 * index:x}",
        "shard": shard,
        "vm_id": f"vm_c{index + 1}",
        "theta_env": "prod",
        "cpu_capacity": cpu,
        "cpu_allocate": cpu * taken // count,
        "memory_capacity": memory,
        "memory_allocate": memory * taken // count,
        "gpu_capacity": count,
        "gpu_allocate": taken,
        "ephemeral_storage_capacity": 900,
        "ephemeral_storage_allocate": 120 * taken,
        "label_nvidia_com_gpu_product": gpu,
        "label_nvidia_com_gpu_count": str(count),
        "label_nvidia_com_gpu_memory": str(vram),
        "label_nvidia_com_cuda_driver_major": "570",
        "label_nvidia_com_cuda_driver_minor": "86",
        "label_nvidia_com_cuda_runtime_major": "12",
        "label_nvidia_com_cuda_runtime_minor": "8",
        "label_onthetaedgecloud_com_community": "true",
        "label_onthetaedgecloud_com_price_hr": price,
        "label_onthetaedgecloud_com_shard": str(shard),
        "label_onthetaedgecloud_com_download_speed_mbps": str(down),
        "label_onthetaedgecloud_com_upload_speed_mbps": str(up),
    }
    return {**node, "label_onthetaedgecloud_com_wsl": "true"} if "3080" in gpu else node
