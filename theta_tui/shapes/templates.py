"""What the commands for templates need (wire 4.3, 4.4); the templates themselves are with the deployments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from theta_tui.shapes.base import Shape, Texts, Unreadable, kind_of
from theta_tui.shapes.deployments import ProjectParams

_ID = "img_m1n2b3v4c5x6z7l8k9j0h1g2f3d4"


class TemplateTags(Shape):
    """The tags of the standard templates (CT-3); how they are nested is not known."""

    tags: Texts = ()

    @classmethod
    def of(cls, value: object) -> Self:
        """Read a list of names, or of objects with a name, wherever the answer holds it."""
        found = value
        if isinstance(value, Mapping):
            if not isinstance(value.get("tags", []), (list, tuple, type(None))):
                raise Unreadable(f"tags: {kind_of(value['tags'])} where a list belongs")
            lists = (item for item in (value.get("tags"), *value.values()) if isinstance(item, (list, tuple)))
            found = next(lists, ())
        items = found if isinstance(found, (list, tuple)) else ()
        names = (item.get("name") or item.get("tag") if isinstance(item, Mapping) else item for item in items)
        return cls(tags=tuple(name for name in names if isinstance(name, str) and name))

    def as_json(self) -> Any:
        """Give the names."""
        return list(self.tags)


class CustomTemplates(ProjectParams):
    """Which templates of a project to list."""

    page: int = Field(0, description="Page, from 0.", examples=[0], ge=0)
    number: int = Field(50, description="Templates per page.", examples=[50], ge=1, le=200)


class TemplateSearch(ProjectParams):
    """Which standard templates to look for."""

    search: str = Field("", description="Words to look for.", examples=["llama"])
    tags: str = Field("", description="A tag (theta.deployments.templateTags lists them).", examples=["LLM"])
    category: Literal["serving", "prototyping"] | None = Field(
        None, description="serving or prototyping.", examples=["serving"]
    )
    hidden: bool = Field(False, description="Also those that are not shown.", examples=[False])
    page: int = Field(0, description="Page, from 0.", examples=[0], ge=0)
    number: int = Field(50, description="Templates per page.", examples=[50], ge=1, le=200)


class TemplateFields(ProjectParams):
    """What may be said of a template of one's own (CT-5, CT-6). The fields may also come inside `payload`."""

    unfold: ClassVar[tuple[str, ...]] = ("payload",)

    name: str | None = Field(None, description="Name of the template.", examples=["Support triage"], min_length=1)
    description: str | None = Field(None, description="What it is for.", examples=["Our triage model"])
    container_image: str | None = Field(
        None, description="Image to run.", examples=["registry.example.com/triage:0.4"], min_length=1
    )
    container_port: int | None = Field(None, description="Port it listens on.", examples=[8000], ge=1, le=65535)
    container_args: tuple[str, ...] | None = Field(
        None, description="Arguments of the container.", examples=[["--max-model-len", "8192"]]
    )
    env_vars: dict[str, str] | None = Field(None, description="Environment of the container.", examples=[{"LOG": "1"}])
    tags: tuple[str, ...] | None = Field(None, description="Tags to find it by.", examples=[["LLM"]])
    icon_url: str | None = Field(None, description="Picture of it.", examples=["https://assets.example.com/icon.png"])

    def body(self) -> dict[str, Any]:
        """Give the fields that were given, by the cloud's names, without the project."""
        fields = {name: getattr(self, name) for name in TemplateFields.model_fields if name != "project_id"}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in fields.items()
            if value is not None
        }


class NewTemplate(TemplateFields):
    """A template to make (CT-5)."""

    name: str = Field(description="Name of the template.", examples=["Support triage"], min_length=1)
    container_image: str = Field(
        description="Image to run.", examples=["registry.example.com/triage:0.4"], min_length=1
    )


class TemplateUpdate(TemplateFields):
    """What to change of a template (CT-6); only what is given is sent."""

    template_id: str = Field(description="Id of the template.", examples=[_ID], min_length=1)

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.body():
            raise ValueError("needs at least one field to change")
        return self


class TemplateRef(ProjectParams):
    """One template of a project."""

    template_id: str = Field(description="Id of the template.", examples=[_ID], min_length=1)
    name: str | None = Field(None, description="Its name, for the review.", examples=["Support triage"])
