"""The orchestrator's settings."""

from typing import ClassVar

from pydantic import Field

from services.shared.kit.settings import PlatformSettings


class OrchestratorSettings(PlatformSettings):
    """What the orchestrator reads from the environment."""

    SERVICE: ClassVar[str] = "orchestrator"

    orchestrator_passages: int = Field(
        default=4, ge=1, le=50, description="Passages put before the model; fewer when the window is short."
    )
    orchestrator_min_similarity: float = Field(
        default=0.25,
        ge=-1,
        le=1,
        description="Cosine similarity of question and best passage below which the corpus has no answer.",
    )
    orchestrator_min_support: float = Field(
        default=0.6,
        ge=0,
        le=1,
        description="Share of a sentence's content words a passage must hold to be cited for it.",
    )
    orchestrator_answer_tokens: int = Field(
        default=200, ge=1, description="Longest answer, in tokens, when the request does not say."
    )
    orchestrator_model: str | None = Field(
        default=None, description="Model that answers for `rag/<collection>`; default: the first one served."
    )
    orchestrator_max_body_bytes: int = Field(
        default=4 * 1024 * 1024, ge=1024, description="Largest chat request accepted."
    )
