"""Settings of the inference service."""

from typing import ClassVar

from pydantic import Field

from services.shared.kit.settings import PlatformSettings


class InferenceSettings(PlatformSettings):
    """How long to wait for models, and how much to accept."""

    SERVICE: ClassVar[str] = "inference"

    inference_max_body_bytes: int = Field(
        default=16 * 1024 * 1024, gt=0, description="Largest request body the inference service accepts."
    )
    inference_first_token_timeout_s: float = Field(
        default=180.0,
        gt=0,
        description="Seconds to the first token of a streamed answer, its wait in the queue included.",
    )
    inference_next_token_timeout_s: float = Field(
        default=60.0, gt=0, description="Seconds a streamed answer may pause between two chunks."
    )
    inference_answer_timeout_s: float = Field(
        default=900.0, gt=0, description="Seconds an answer that is not streamed may take as a whole."
    )
    inference_models_ttl_s: float = Field(
        default=60.0,
        ge=0,
        description="Seconds the list of models of a model server is kept; an unknown model is looked up anew.",
    )
