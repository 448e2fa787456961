"""The standard deployment templates of the simulated cloud (wire 4.3). Two ids are real, all else is invented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

_CREATED = "2025-01-01T00:00:00.000Z"
_LARGE_VRAM_GB = 40


@dataclass(frozen=True)
class Template:
    """What can be deployed. `kind` is what the endpoint speaks: openai, gradio, notebook or node."""

    id: str
    name: str
    short_description: str
    category: str
    tags: tuple[str, ...]
    kind: str
    model: str
    images: tuple[str, ...]
    vms: tuple[str, ...]
    port: int
    min_vram: int
    env_vars: tuple[str, ...] = ()
    require_env_vars: bool = False
    project_id: str | None = None
    container_args: tuple[str, ...] | None = None
    env_values: tuple[tuple[str, str], ...] = ()
    icon_url: str = ""
    create_time: str = _CREATED

    @property
    def warm_up(self) -> str:
        """Which sequence of `machines.WARM_UPS` its endpoint goes through."""
        return "large" if self.kind == "openai" and self.min_vram >= _LARGE_VRAM_GB else self.kind

    def describe(self, rank: int) -> dict[str, Any]:
        """The item of CT-1."""
        return {
            "id": self.id,
            "name": self.name,
            "description": f"{self.short_description}. Listens on port {self.port} once its container is up.",
            "short_description": self.short_description,
            "tags": list(self.tags),
            "category": self.category,
            "project_id": self.project_id,
            "container_images": list(self.images),
            "suggested_vms": list(self.vms),
            "container_port": self.port,
            "container_args": None if self.container_args is None else list(self.container_args),
            "env_vars": dict.fromkeys(self.env_vars, "") | dict(self.env_values) or None,
            "require_env_vars": self.require_env_vars,
            "rank": rank,
            "icon_url": self.icon_url or f"https://assets.example.com/templates/{self.id}.png",
            "create_time": self.create_time,
            "support_on_demand": self.kind == "openai",
            "min_vram": self.min_vram,
            "hidden": False,
        }


def _llm(id: str, name: str, model: str, vms: tuple[str, ...], vram: int, *env: str) -> Template:  # noqa: A002
    images = ("thetalabsofficial/vllm-theta:latest",)
    tags = ("LLM", "Chat")
    gated = bool(env)
    return Template(id, name, "Chat model", "serving", tags, "openai", model, images, vms, 8000, vram, env, gated)


def _gradio(id: str, name: str, what: str, tag: str, image: str, vms: tuple[str, ...], vram: int) -> Template:  # noqa: A002
    return Template(id, name, what, "serving", (tag,), "gradio", "", (image,), vms, 7860, vram)


_SMALL: Final = ("vm_gt1", "vm_gt2", "vm_gv1")
_MIDDLE: Final = ("vm_gt2", "vm_gv2", "vm_ga1")
_BIG: Final = ("vm_ga1", "vm_gh200x1", "vm_gh100x2")

_GATED_TOKEN: Final = "HUGGING_FACE_HUB_TOKEN"  # noqa: S105 - the name of a variable
_JUPYTER_IMAGES: Final = ("exampleorg/jupyter-pytorch:2.5", "exampleorg/jupyter-tensorflow:2.17")

STANDARD_TEMPLATES: Final = (
    _llm("img_sandbox0llama3b8instruct0000", "Llama 3 8B", "meta-llama/Meta-Llama-3-8B-Instruct", _SMALL, 16),
    _llm(
        "img_gf070dbq0kttgz1atmiatyunhdxm",
        "DeepSeek R1 Distill-Qwen-7B",
        "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B",
        _MIDDLE,
        24,
    ),
    _llm("img_sandbox0qwen3b80000000000000", "Qwen3 8B", "Qwen/Qwen3-8B", _SMALL, 16),
    _llm("img_sandbox0gptoss20b00000000000", "GPT-OSS 20B", "openai/gpt-oss-20b", _BIG, 40),
    _llm("img_sandbox0qwen3b32000000000000", "Qwen3 32B", "Qwen/Qwen3-32B", _BIG, 80),
    _llm("img_sandbox0mistral7b00000000000", "Mistral 7B", "mistralai/Mistral-7B-Instruct-v0.3", _SMALL, 16),
    _llm("img_sandbox0gemma3b1200000000000", "Gemma 3 12B", "google/gemma-3-12b-it", _MIDDLE, 28, _GATED_TOKEN),
    _gradio(
        "img_qqu31asazaig666jtzp7gjd4pway",
        "Grounding Dino",
        "Finds objects named in words",
        "Vision",
        "thetalabsofficial/grounding-dino:1.3",
        _SMALL,
        8,
    ),
    _gradio(
        "img_sandbox0sdxl0000000000000000",
        "Stable Diffusion XL",
        "Pictures",
        "Image",
        "exampleorg/sdxl:1.0",
        _SMALL,
        12,
    ),
    _gradio(
        "img_sandbox0fluxschnell000000000", "FLUX.1 schnell", "Pictures", "Image", "exampleorg/flux:1.0", _MIDDLE, 24
    ),
    _gradio(
        "img_sandbox0whisper0000000000000", "Whisper", "Speech to text", "Audio", "exampleorg/whisper:3.0", _SMALL, 8
    ),
    _gradio(
        "img_sandbox0kokoro00000000000000", "Kokoro TTS", "Text to speech", "Audio", "exampleorg/kokoro:1.0", _SMALL, 4
    ),
    _gradio(
        "img_sandbox0blip0000000000000000", "BLIP", "Captions pictures", "Vision", "exampleorg/blip:1.2", _SMALL, 8
    ),
    _gradio(
        "img_sandbox0sketchto3d0000000000", "Sketch to 3D", "Meshes", "3D", "exampleorg/sketch-to-3d:1.1", _MIDDLE, 20
    ),
    Template(
        "img_sandbox0jupyternotebook00000",
        "Jupyter Notebook",
        "Notebook server with a GPU",
        "prototyping",
        ("Notebook",),
        "notebook",
        "",
        _JUPYTER_IMAGES,
        _SMALL,
        8888,
        8,
    ),
    Template(
        "img_sandbox0gpunode0000000000000",
        "GPU Node",
        "A bare machine reached over ssh",
        "prototyping",
        ("Node",),
        "node",
        "",
        ("exampleorg/gpu-node-ubuntu:24.04",),
        _SMALL,
        22,
        8,
        ("SSH_PUBLIC_KEY",),
    ),
    Template(
        "img_sandbox0pytorchbench00000000",
        "PyTorch Workbench",
        "PyTorch with an editor in the browser",
        "prototyping",
        ("Notebook", "Training"),
        "notebook",
        "",
        ("exampleorg/pytorch-workbench:2.5",),
        _MIDDLE,
        8080,
        16,
    ),
)


def custom_template(project_id: str) -> Template:
    """The one template of its own which every project has here (CT-2)."""
    return Template(
        "img_sandbox0supporttriage0000000",
        "Support triage",
        "Our fine-tuned triage model",
        "serving",
        ("LLM", "Internal"),
        "openai",
        "sandbox/support-triage-7b",
        ("registry.example.com/support-triage:0.4", "registry.example.com/support-triage:0.5-rc1"),
        _SMALL,
        8000,
        16,
        project_id=project_id,
    )
