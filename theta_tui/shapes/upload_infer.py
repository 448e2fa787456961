"""Inference on files (wire 15.4): which files go into which inputs, and how the job ended."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from theta_tui.shapes.agent_documents import DocumentFile
from theta_tui.shapes.base import Params
from theta_tui.shapes.on_demand import PollResult

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC"  # one black pixel


class InputFile(DocumentFile):
    """A file for an input: its content, never a path."""

    content: str = Field(description="Its content.", examples=[DOT], min_length=1, repr=False)
    encoding: Literal["utf8", "base64"] = Field("base64", description="How content is written.", examples=["base64"])
    content_type: str = Field("application/octet-stream", description="Its media type.", examples=["image/png"])


class InferFilesParams(Params):
    """What an inference on files needs. Each file takes the place of the input it is named for."""

    unfold: ClassVar[tuple[str, ...]] = ("options",)
    spellings: ClassVar[dict[str, str]] = {"payload": "input"}

    service: str = Field(description="Alias of the service.", examples=["blip"], min_length=1)
    input: dict[str, Any] = Field(
        default_factory=dict, description="The other inputs, by name.", examples=[{"question": "What is it?"}]
    )
    files: dict[str, InputFile] = Field(
        default_factory=dict,
        description="Files by input: filename, content, encoding (base64 or utf8) and contentType.",
        examples=[{"input_img": {"filename": "dot.png", "content": DOT, "encoding": "base64"}}],
        repr=False,
    )
    paths: dict[str, str] = Field(
        default_factory=dict,
        description="Or files of this computer, by input.",
        examples=[{"audio_filename": "~/clip.wav"}],
        json_schema_extra={"local": True},
    )
    wait: int | None = Field(None, description="Seconds the cloud holds the call, 0 to 60.", examples=[30])
    prediction: str | None = Field(None, description="A function other than the default one.", examples=["predict"])
    variant: str | None = Field(None, description="Variant of the model.", examples=["quantized"])
    allow_unknown_service: bool = Field(
        False, description="Send also to an alias that no catalogue knows.", examples=[False]
    )
    interval_ms: int = Field(3000, description="Pause between looks, ms (100 to 60000).", examples=[3000])
    timeout_ms: int = Field(
        120_000, description="How long the job is followed, ms (1000 to 3600000).", examples=[120000]
    )

    @model_validator(mode="after")
    def _names_files(self) -> Self:
        named = [*self.files, *self.paths, *self.input]
        twice = next((name for name in named if named.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"gives the input {twice[:60]} twice")
        return self


class InferredFiles(PollResult):
    """How the job ended: the state, and the job with its output; a time-out does not cancel it."""

    @property
    def complete(self) -> bool:
        """Whether the job came to its end."""
        return self.request.is_over
