"""Settings of the retrieval service."""

from typing import ClassVar

from pydantic import Field, field_validator

from services.shared.contracts.search import RANKING_FIELDS, SearchRequest, TrialMode
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
    retrieval_rerank: bool = Field(
        default=True, description="Rerank when a request does not say, where there is a reranker."
    )
    retrieval_rerank_candidates: int = Field(
        default=20, ge=1, le=100, description="Passages that the reranker reads, where there is one."
    )
    retrieval_rerank_timeout_s: float = Field(
        default=5.0, gt=0, description="Seconds a search waits for the reranker before it goes on without."
    )
    retrieval_collections_ttl_s: float = Field(
        default=2.0,
        ge=0,
        description="Seconds that what the corpus service says about a collection is kept: so late a search may find a "
        "switch of versions.",
    )
    retrieval_trial: str = Field(
        default="", max_length=64, description="Name of a trial of another way to search; empty: there is none."
    )
    retrieval_trial_ranking: dict[str, str | float] = Field(
        default_factory=dict[str, str | float],
        description='What is tried, as JSON: fusion, dense_weight, phrase_weight, rerank; such as {"fusion": "rrf"}.',
    )
    retrieval_trial_mode: TrialMode = Field(
        default=TrialMode.SHADOW,
        description="shadow: only counted how far both agree; interleave: results hold passages of both.",
    )
    retrieval_trial_share: float = Field(default=1.0, ge=0, le=1, description="Share of the searches that take part.")

    @field_validator("retrieval_trial_ranking")
    @classmethod
    def _can_be_searched(cls, ranking: dict[str, str | float]) -> dict[str, str | float]:
        unknown = sorted(ranking.keys() - RANKING_FIELDS)
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: there are {', '.join(sorted(RANKING_FIELDS))}")
        SearchRequest.model_validate({"collection": "any", "query": "any", **ranking})
        return ranking
