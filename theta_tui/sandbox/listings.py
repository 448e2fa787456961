"""How a machine looks on the wire: the PascalCase objects of wire 4.5 and 4.6."""

from __future__ import annotations

from typing import Any

from theta_tui.sandbox.machines import Machine
from theta_tui.sandbox.world import World


def endpoint(world: World, machine: Machine) -> str:
    """Where this machine answers, on our own origin."""
    return f"{world.origin}/endpoint/{machine.suffix}"


def listed(world: World, machine: Machine) -> dict[str, Any]:
    """A list item; beyond the names of wire 4.6 the keys are invented, in the same family."""
    at = world.clock.elapsed()
    return {
        "ID": machine.number,
        "BaseID": machine.base_id,
        "Name": machine.name,
        "ProjectID": world.project_id,
        "TemplateID": machine.template.id,
        "TemplateName": machine.template.name,
        "Endpoint": endpoint(world, machine),
        "Shard": machine.shard,
        "Suffix": machine.suffix,
        "EndpointStatus": machine.state(at),
        "Replicas": f"{machine.ready_replicas(at)}/{machine.min_replicas}",
        "MinReplicas": machine.min_replicas,
        "MaxReplicas": machine.max_replicas,
        "Region": machine.region,
        "VmId": machine.vm.id,
        "GPU": machine.vm.gpu,
        "GPUCount": machine.vm.gpu_count,
        "CPU": machine.vm.cpu,
        "Memory": f"{machine.vm.memory_gb}Gi",
        "ContainerImage": machine.container_image,
        "Annotations": machine.annotations,
        "CreatedAt": machine.create_time,
    }


def disclosed(world: World, machine: Machine) -> dict[str, Any]:
    """The answer of CT-8 and CT-12, which shows the endpoint's credentials in clear."""
    credentials = {"AuthUsername": machine.auth_username or None, "AuthPassword": machine.auth_password or None}
    return {**listed(world, machine), **credentials}
