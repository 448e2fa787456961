"""Hardware beside deployments (wire 5): community nodes, GPU clusters, volumes, and the filtered views of deployments.

Clusters and volumes are not documented: every key received is in `raw`, the fields here are guesses that may be empty.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar, Self

from pydantic import Field

from theta_tui.shapes.base import Number, Shape, Text, Whole, as_json, records
from theta_tui.shapes.deployments import PRICE_HR_PER_USD, Deployment, ProjectParams, Template

NOTEBOOK = "Jupyter Notebook"
NODE = "GPU Node"
"""The templates whose deployments are notebooks and bare nodes (wire 5)."""

PRICE_UNIT = "1/10,000 USD per hour (assumed)"
"""The unit of a node's listed price is not stated; the edge client's is taken (wire 1.6, 5.1)."""


class CommunityNode(Shape):
    """A machine somebody offers (CT-19). Its labels come flattened with underscores; numbers may be strings."""

    spellings: ClassVar[dict[str, str]] = {
        "labelnvidiacomgpuproduct": "gpu_product",
        "labelnvidiacomgpucount": "gpu_count",
        "labelnvidiacomgpumemory": "gpu_memory_mb",
        "labelonthetaedgecloudcompricehr": "price_hr",
        "labelonthetaedgecloudcomdownloadspeedmbps": "download_mbps",
        "labelonthetaedgecloudcomuploadspeedmbps": "upload_mbps",
    }

    cluster: Text = ""
    node: Text = ""
    shard: Text = ""
    vm_id: Text = ""
    theta_env: Text = ""
    cpu_capacity: Number = None
    cpu_allocate: Number = None
    memory_capacity: Number = None
    memory_allocate: Number = None
    gpu_capacity: Number = None
    gpu_allocate: Number = None
    gpu_product: Text = ""
    gpu_count: Whole = None
    gpu_memory_mb: Number = None
    price_hr: Number = None
    download_mbps: Number = None
    upload_mbps: Number = None

    @property
    def price_usd(self) -> Decimal | None:
        """USD per hour, if the listed price has the edge client's unit; None when there is no price."""
        return self.price_hr / PRICE_HR_PER_USD if self.price_hr is not None and self.price_hr >= 0 else None

    @property
    def is_free(self) -> bool:
        """Whether a GPU of it is not taken."""
        return self.gpu_capacity is not None and (self.gpu_allocate or 0) < self.gpu_capacity

    def as_json(self) -> Any:
        """Give the cloud's object with the converted price and its unit beside the raw one."""
        return {**self.raw, "price_usd_per_hour": self.price_usd, "price_unit": PRICE_UNIT}


class CommunityNodes(Shape):
    """The community nodes a project may use."""

    nodes: tuple[CommunityNode, ...] = ()

    @classmethod
    def of(cls, value: object) -> Self:
        """Read a CT-19 answer."""
        return cls(nodes=tuple(CommunityNode.read(item) for item in records(value, "nodes")))

    def as_json(self) -> Any:
        """Give the list."""
        return as_json(self.nodes)


class Cluster(Shape):
    """A GPU cluster (CT-20): fields by the words of the dashboard's guide (wire 5.2)."""

    spellings: ClassVar[dict[str, str]] = {
        "clusterid": "id",
        "clustername": "name",
        "image": "container_image",
        "vm": "vm_type",
        "vmid": "vm_type",
        "state": "status",
        "nodecount": "size",
        "createdat": "create_time",
    }

    id: Text = ""
    name: Text = ""
    size: Whole = None
    vm_type: Text = ""
    region: Text = ""
    container_image: Text = ""
    status: Text = ""
    create_time: Text = ""


class ClusterList(Shape):
    """The GPU clusters of a project."""

    clusters: tuple[Cluster, ...] = ()

    @classmethod
    def of(cls, value: object) -> Self:
        """Read a CT-20 answer: a list, or `clusters` (wire 5.2)."""
        return cls(clusters=tuple(Cluster.read(item) for item in records(value, "clusters")))

    def as_json(self) -> Any:
        """Give the cloud's own list."""
        return as_json(self.clusters)


class Volume(Shape):
    """A volume (CT-21)."""

    spellings: ClassVar[dict[str, str]] = {
        "claimid": "id",
        "volumeid": "id",
        "claimname": "name",
        "capacity": "size",
        "sizegb": "size",
        "state": "status",
        "createdat": "create_time",
    }

    id: Text = ""
    name: Text = ""
    size: Text = ""
    status: Text = ""
    region: Text = ""
    shard: Text = ""
    create_time: Text = ""


class VolumeList(Shape):
    """One page of volumes; `page` starts at 1."""

    volumes: tuple[Volume, ...] = ()
    page: int = 1
    number: int = 0

    @classmethod
    def of(cls, value: object, page: int, number: int) -> Self:
        """Read a CT-21 answer: a list, `claims` or `volumes` (wire 5.2)."""
        found = tuple(Volume.read(item) for item in records(value, "claims", "volumes"))
        return cls(volumes=found, page=page, number=number)

    def as_json(self) -> Any:
        """Give the cloud's own list."""
        return as_json(self.volumes)


class DedicatedDeployment(Shape):
    """A deployment that serves a model, with its standard template where that is known."""

    deployment: Deployment = Deployment()
    template: Template | None = None

    def as_json(self) -> Any:
        """Give the cloud's object with its template under `template`."""
        return {**as_json(self.deployment), "template": as_json(self.template)}


class DedicatedDeployments(Shape):
    """The deployments that are neither notebooks nor bare nodes; `warning` says if the templates could not be had."""

    deployments: tuple[DedicatedDeployment, ...] = ()
    warning: str | None = None
    route: str = ""

    def as_json(self) -> Any:
        """Give the list with its warning: an empty list and a failed look-up are two things (wire 4.6)."""
        return {"deployments": as_json(self.deployments), "warning": self.warning}


class VolumePage(ProjectParams):
    """Which volumes to list."""

    page: int = Field(1, description="Page, from 1.", examples=[1], ge=1)
    number: int = Field(20, description="Volumes per page.", examples=[20], ge=1, le=200)
