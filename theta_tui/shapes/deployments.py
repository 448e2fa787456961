"""Deployments, their templates and machine types (wire 4 and 6), and what their commands need."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from theta_tui.shapes.base import (
    Flag,
    Money,
    Number,
    Params,
    Secret,
    Shape,
    Table,
    Text,
    Texts,
    Whole,
    as_json,
    records,
)

PRICE_HR_PER_USD = Decimal(10_000)
"""`price_hr` is a number of 1/10,000 USD per hour wherever its unit could be told (wire 1.6; assumed for PF-1)."""

GRADIO_PORT = 7860
LARGE_VRAM_GB = 40


class Template(Shape):
    """What can be deployed (wire 4.3). Older answers name one `container_image`."""

    spellings: ClassVar[dict[str, str]] = {"containerimage": "container_images"}

    id: Text = ""
    name: Text = ""
    description: Text = ""
    short_description: Text = ""
    category: Text = ""
    tags: Texts = ()
    project_id: Text = ""
    container_images: Texts = ()
    suggested_vms: Texts = ()
    container_port: Whole = None
    env_vars: Table = Field(default_factory=dict)
    require_env_vars: Flag = False
    min_vram: Number = None
    rank: Whole = None
    hidden: Flag = False
    create_time: Text = ""

    @property
    def probe(self) -> Literal["openai", "gradio"]:
        """Which readiness probe fits: Gradio's port and prototyping templates, else the OpenAI route (wire 9.2)."""
        return "gradio" if self.container_port == GRADIO_PORT or self.category == "prototyping" else "openai"

    @property
    def answers_probe(self) -> bool:
        """Whether a probe can be expected to succeed: notebooks and bare nodes have none that is known (wire 9.2)."""
        return self.category != "prototyping" or self.container_port == GRADIO_PORT

    @property
    def is_large(self) -> bool:
        """Whether its model is of the kind that takes a quarter of an hour to load (wire 9.3)."""
        return self.min_vram is not None and self.min_vram >= LARGE_VRAM_GB

    @property
    def slug(self) -> str:
        """Its name as the beginning of a deployment's: lower case, digits, dashes."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower())[:24].strip("-") or "theta"


class TemplateList(Shape):
    """One page of templates; `total` is what the cloud counts, `page` starts at 0."""

    templates: tuple[Template, ...] = ()
    total: Whole = None
    page: int = 0
    number: int = 0

    @classmethod
    def of(cls, value: object, page: int, number: int) -> Self:
        """Read a CT-1 or CT-2 answer."""
        found = tuple(Template.read(item) for item in records(value, "templates"))
        total = value.get("total_count") if isinstance(value, dict) else None
        raw = value if isinstance(value, dict) else {}
        return cls(templates=found, total=total, page=page, number=number, raw=raw)


class VmType(Shape):
    """A machine type (PF-1). Only `id` is certain; every further key received is in `raw`."""

    spellings: ClassVar[dict[str, str]] = {"vmid": "id", "priceusdhr": "usd_per_hour", "priceperhour": "usd_per_hour"}

    id: Text = ""
    name: Text = ""
    gpu: Text = ""
    gpu_count: Whole = None
    vram_gb: Number = None
    cpu: Number = None
    memory_gb: Number = None
    usd_per_hour: Money = None
    price_hr: Money = None

    @property
    def price_usd(self) -> Decimal | None:
        """USD per hour; `price_hr` counts 1/10,000 USD."""
        if self.usd_per_hour is not None:
            return self.usd_per_hour
        return self.price_hr / PRICE_HR_PER_USD if self.price_hr is not None else None


class VmTypes(Shape):
    """All machine types."""

    vms: tuple[VmType, ...] = ()

    def find(self, vm_id: str) -> VmType | None:
        """Give the type with this id."""
        return self._by_id.get(vm_id)

    @cached_property
    def _by_id(self) -> dict[str, VmType]:
        return {vm.id: vm for vm in reversed(self.vms) if vm.id}  # of two with one id the first


class Deployment(Shape):
    """A deployment (wire 4.5, 4.6): PascalCase in the cloud, not fully documented; unknown keys stay in `raw`."""

    spellings: ClassVar[dict[str, str]] = {
        "endpointurl": "endpoint",
        "url": "endpoint",
        "status": "endpoint_status",
        "createtime": "created_at",
        "machinetype": "vm_id",
        "vm": "vm_id",
    }

    id: Text = ""
    base_id: Text = ""
    name: Text = ""
    template_name: Text = ""
    template_id: Text = ""
    endpoint: Text = ""
    shard: Text = ""
    suffix: Text = ""
    endpoint_status: Text = ""
    region: Text = ""
    vm_id: Text = ""
    replicas: Whole = None
    min_replicas: Whole = None
    max_replicas: Whole = None
    ready_replicas: Whole = None
    created_at: Text = ""
    auth_username: Text = ""
    auth_password: Secret = None
    annotations: Table = Field(default_factory=dict)

    @classmethod
    def of(cls, value: object) -> Self:
        """Read a CT-8 answer: an object, or the sentence of 2024 that ends in the endpoint's URL."""
        if isinstance(value, str):
            found = re.search(r"https?://\S+", value)
            return cls.from_endpoint(found[0].rstrip(".,;)")) if found else cls(raw={"answer": value})
        return cls.read(value)

    @classmethod
    def from_endpoint(cls, endpoint: str) -> Self:
        """Derive name, suffix and shard from the host pattern of wire 4.5, as far as it holds."""
        parts = urlsplit(endpoint)
        match = re.fullmatch(r"(.+)-([0-9a-z]{16,28})\.tec-s(\w+)\..+", parts.hostname or "")
        path = re.fullmatch(r"/endpoint/([0-9a-z]+)/?", parts.path)
        name, suffix, shard = match.groups() if match else ("", path[1] if path else "", "")
        return cls(name=name, suffix=suffix, shard=shard, endpoint=endpoint, raw={"Endpoint": endpoint})

    @property
    def key(self) -> str:
        """What identifies it: suffix, else base id, else id."""
        return self.suffix or self.base_id or self.id

    @property
    def is_running(self) -> bool:
        """Whether the cloud says so; readiness is decided by probing, never by this (wire 19)."""
        return self.endpoint_status.lower().startswith("running")

    @property
    def is_billed(self) -> bool:
        """Whether a machine is held for it, as far as its status tells: everything but stopped and failed."""
        status = self.endpoint_status.lower()
        return bool(status) and not any(word in status for word in ("stop", "fail", "error", "delet", "terminat"))

    @property
    def billed_replicas(self) -> int:
        """How many machines it holds."""
        return max(self.replicas or self.min_replicas or 1, 1)

    @property
    def replica_counts(self) -> tuple[int | None, int | None]:
        """Ready and wanted replicas, from the counts or from "1/1" in the status or beside it (wire 4.6)."""
        told = [str(value) for key, value in self.raw.items() if key.lower() == "replicas"]
        found = next(filter(None, (re.search(r"(\d+)/(\d+)", text) for text in (*told, self.endpoint_status))), None)
        ready, wanted = (int(found[1]), int(found[2])) if found else (None, None)
        return (
            self.ready_replicas if self.ready_replicas is not None else ready,
            self.replicas or wanted or self.min_replicas,
        )


class DeploymentList(Shape):
    """The deployments of a project, and which of the two list routes answered (wire 4.2)."""

    deployments: tuple[Deployment, ...] = ()
    route: str = ""

    def as_json(self) -> Any:
        """Give the cloud's own list."""
        return as_json(self.deployments)

    def find(self, key: str) -> Deployment | None:
        """Give the deployment with this suffix, base id, id or name."""
        if not key:
            return None
        return next((item for item in self.deployments if key in (item.suffix, item.base_id, item.id, item.name)), None)


class RouteTried(Shape):
    """One of the two list routes: whether it answered, with what status, and how many deployments it named."""

    route: str = ""
    works: bool = False
    status: int | None = None
    deployments: int | None = None
    error: str | None = None


class RouteProbe(Shape):
    """Which list routes work for the project; the first that does is the one that is used (wire 4.2)."""

    routes: tuple[RouteTried, ...] = ()

    @property
    def working(self) -> tuple[str, ...]:
        """The routes that answered."""
        return tuple(tried.route for tried in self.routes if tried.works)

    def as_json(self) -> Any:
        """Give every route with the one to use, null when none works."""
        return {"routes": as_json(self.routes), "use": next(iter(self.working), None)}


class ProjectParams(Params):
    """A project, the configured one by default."""

    project_id: str | None = Field(
        None, description="Project id; the configured one by default.", examples=["prj_a1b2c3d4e5f6g7h8i9j0k1l2m3n4"]
    )


class StandardTemplates(Params):
    """Which standard templates to list."""

    category: Literal["serving", "prototyping"] = Field(description="serving or prototyping.", examples=["serving"])
    page: int = Field(0, description="Page, from 0.", examples=[0], ge=0)
    number: int = Field(50, description="Templates per page.", examples=[50], ge=1, le=200)


class DeploymentRef(ProjectParams):
    """One deployment, by shard and suffix."""

    shard: str = Field(description="Shard of the deployment.", examples=["1"], min_length=1, coerce_numbers_to_str=True)
    suffix: str = Field(description="Suffix of the deployment.", examples=["9f3c1a7be0d24586"], min_length=1)
    name: str | None = Field(None, description="Its name, for the review.", examples=["demo-4k2j"])


class DeploymentSwitch(DeploymentRef):
    """One deployment to start or stop; with its base id there is one way more (CT-18)."""

    base_id: str | None = Field(
        None,
        description="Base id, where known; looked up when missing.",
        examples=["ab12cd34"],
        coerce_numbers_to_str=True,
    )


class DeploymentUpdate(ProjectParams):
    """What to change of a deployment (CT-13); only what is given is sent. The fields may also come inside `payload`."""

    unfold: ClassVar[tuple[str, ...]] = ("payload",)

    shard: str = Field(description="Shard of the deployment.", examples=["1"], min_length=1, coerce_numbers_to_str=True)
    suffix: str = Field(description="Suffix of the deployment.", examples=["9f3c1a7be0d24586"], min_length=1)
    name: str | None = Field(None, description="Another name.", examples=["demo-4k2j"], min_length=1)
    vm_id: str | None = Field(None, description="Another machine type.", examples=["vm_gt1"], min_length=1)
    min_replicas: int | None = Field(None, description="Machines to run.", examples=[1], ge=1, le=100)
    max_replicas: int | None = Field(None, description="Machines at the most.", examples=[1], ge=1, le=100)
    container_image: str | None = Field(
        None, description="Another of the template's images.", examples=["exampleorg/vllm-serve:1.0"]
    )
    env_vars: dict[str, str] | None = Field(None, description="Environment of the container.", examples=[{"LOG": "1"}])
    annotations: dict[str, str] | None = Field(
        None, description="nickname and tags.", examples=[{"nickname": "demo", "tags": "test"}]
    )
    auth_username: str | None = Field(None, description="Basic auth user of the endpoint.", examples=["client"])
    auth_password: SecretStr | None = Field(
        None, description="Basic auth password (@env:NAME, @file:PATH or -).", examples=["@env:ENDPOINT_PASSWORD"]
    )

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.changed():
            raise ValueError("needs at least one field to change")
        if (self.auth_username is None) != (self.auth_password is None):
            raise ValueError("takes auth_username and auth_password together")
        return self

    def changed(self) -> dict[str, Any]:
        """Give the fields that were given, by the cloud's names."""
        place = ("project_id", "shard", "suffix")
        fields = {name: getattr(self, name) for name in type(self).model_fields if name not in place}
        return {name: value for name, value in fields.items() if value is not None}


class DeploymentDelete(ProjectParams):
    """One deployment to delete, by base id or by shard and suffix."""

    deployment_id: str | None = Field(
        None, description="Base id, where known.", examples=["ab12cd34"], coerce_numbers_to_str=True
    )
    shard: str | None = Field(None, description="Shard.", examples=["1"], coerce_numbers_to_str=True)
    suffix: str | None = Field(None, description="Suffix.", examples=["9f3c1a7be0d24586"])
    name: str | None = Field(None, description="Its name, for the review.", examples=["demo-4k2j"])


class NewDeployment(ProjectParams):
    """What a deployment needs (CT-8). The fields may also come inside `payload`."""

    unfold: ClassVar[tuple[str, ...]] = ("payload",)
    spellings: ClassVar[dict[str, str]] = {"deploymentimageid": "deployment_template_id"}

    deployment_template_id: str = Field(
        description="Template to deploy.", examples=["img_m1n2b3v4c5x6z7l8k9j0h1g2f3d4"], min_length=1
    )
    vm_id: str = Field(description="Machine type.", examples=["vm_gt1"], min_length=1)
    min_replicas: int = Field(1, description="Machines to run.", examples=[1], ge=1, le=100)
    max_replicas: int | None = Field(None, description="Machines at the most.", examples=[1], ge=1, le=100)
    name: str | None = Field(None, description="Name; made up when missing.", examples=["demo-4k2j"])
    container_image: str | None = Field(
        None, description="One of the template's images, if it has several.", examples=["exampleorg/vllm-serve:1.0"]
    )
    env_vars: dict[str, str] | None = Field(None, description="Environment of the container.", examples=[{"LOG": "1"}])
    annotations: dict[str, str] | None = Field(
        None, description="nickname and tags.", examples=[{"nickname": "demo", "tags": "test"}]
    )
    auth_username: str | None = Field(None, description="Basic auth user of the endpoint.", examples=["client"])
    auth_password: SecretStr | None = Field(
        None, description="Basic auth password (@env:NAME, @file:PATH or -).", examples=["@env:ENDPOINT_PASSWORD"]
    )
    generate_auth: bool = Field(False, description="Make up a user and password; kept in the vault.", examples=[False])
    registry_username: str | None = Field(None, description="User of a private registry.", examples=["robot"])
    registry_password: SecretStr | None = Field(
        None, description="Its password (@env:NAME, @file:PATH or -).", examples=["@env:REGISTRY_PASSWORD"]
    )
    password: SecretStr | None = Field(
        None, description="Notebook password, Jupyter only (@env:NAME, @file:PATH or -).", examples=["@env:NOTEBOOK"]
    )
    price_hr: str | None = Field(None, description="Listed price, community nodes only.", examples=["1800"])
    shard: str | None = Field(None, description="A given cluster.", examples=["1"], coerce_numbers_to_str=True)
    fallback_vms: tuple[str, ...] = Field(
        (), description="Machine types to try, in order, if the first has no capacity.", examples=[["vm_gt2"]]
    )
