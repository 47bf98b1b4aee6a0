"""Settings of the retrieval service."""

from typing import ClassVar

from pydantic import Field

from services.shared.kit.settings import PlatformSettings


class RetrievalSettings(PlatformSettings):
    """How wide to search."""

    SERVICE: ClassVar[str] = "retrieval"

    retrieval_candidates: int = Field(
        default=50, ge=1, le=1000, description="Passages taken from each ranking, dense and BM25, before fusion."
    )
    retrieval_remembered_questions: int = Field(
        default=2048, ge=0, description="Questions whose vectors are kept in memory, the last ones asked; 0: none."
    )
    retrieval_collections_ttl_s: float = Field(
        default=2.0,
        ge=0,
        description="Seconds that what the corpus service says about a collection is kept: so late a search may find a "
        "switch of versions.",
    )
