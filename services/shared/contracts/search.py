"""Questions to the retrieval service and their passages."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from services.shared.contracts.chunks import ChunkPayload
from services.shared.contracts.frozen import Frozen

MAX_RESULTS = 100
Scalar = str | float | bool


class Fusion(StrEnum):
    """How the dense and the sparse ranking become one; the last two take one of them alone."""

    WEIGHTED = "weighted"
    RRF = "rrf"
    DENSE = "dense"
    SPARSE = "sparse"


class ComparisonFilter(Frozen):
    """OpenAI's comparison filter over a chunk's attributes or its document_id, source, file_id, page."""

    type: Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"]
    key: str
    value: Scalar | list[Scalar]


class CompoundFilter(Frozen):
    """OpenAI's compound filter."""

    type: Literal["and", "or"]
    filters: list["SearchFilter"]


SearchFilter = Annotated[ComparisonFilter | CompoundFilter, Field(discriminator="type")]
CompoundFilter.model_rebuild()


class SearchRequest(Frozen):
    """Find passages for the calling principal."""

    collection: str = Field(description="Name or id of a collection; of several, joined by a plus sign or a comma.")
    query: str = Field(min_length=1)
    limit: int = Field(default=5, ge=1, le=MAX_RESULTS)
    fusion: Fusion = Fusion.WEIGHTED
    dense_weight: float = Field(default=0.5, ge=0, le=1, description="Share of the dense score; `weighted` alone.")
    phrase_weight: float = Field(
        default=0.1, ge=0, le=1, description="What words that stand together add; `weighted` alone. 0: nothing."
    )
    filters: SearchFilter | None = None
    rerank: bool | None = Field(
        default=None, description="Let the reranker order the best passages; default: as the platform is set."
    )
    rerank_candidates: int | None = Field(
        default=None, ge=1, le=MAX_RESULTS, description="How many of them it reads; default: the platform's setting."
    )
    cache: bool = Field(default=True, description="False: the question is embedded even if it was asked before.")


def collections_in(request: SearchRequest) -> list[str]:
    """The names in `collection`, in their order; itself when there is nothing to split."""
    names = [name for name in request.collection.replace(",", "+").split("+") if name]
    return names or [request.collection]


RANKING_FIELDS = frozenset({"fusion", "dense_weight", "phrase_weight", "rerank", "rerank_candidates"})
"""What of a request says how to rank."""


class TrialMode(StrEnum):
    """How another way to search is tried on live questions."""

    SHADOW = "shadow"
    """Beside each search, seen by nobody."""
    INTERLEAVE = "interleave"
    """Results hold passages of both."""


class Arm(StrEnum):
    """The two sides of a trial."""

    CURRENT = "current"
    TRIED = "tried"


class TrialPlace(Frozen):
    """Which side of a trial a passage owes its place to."""

    name: str
    arm: Arm


class PassageScores(Frozen):
    """Why a passage stands where it stands; None where a ranking did not return it."""

    fused: float = Field(description="0 to 1 for weighted fusion; larger is better.")
    dense: float | None = Field(default=None, description="Cosine similarity of query and chunk, -1 to 1.")
    sparse: float | None = Field(default=None, description="BM25 score, 0 and up.")
    phrases: float | None = Field(
        default=None, description="Pairs of the question's words that stand together, 0 to 1; None: not looked at."
    )
    trial: TrialPlace | None = Field(default=None, description="None: no trial took part in this search.")
    rerank: float | None = Field(default=None, description="The reranker's, 0 to 1; None: it did not read it.")

    @property
    def final(self) -> float:
        """The score by which it stands where it stands."""
        return self.fused if self.rerank is None else self.rerank


class FoundChunk(Frozen):
    """The chunk by which a larger passage was found: characters `char_start` to `char_end` of its document."""

    index: int
    char_start: int
    char_end: int
    page: int | None


class Passage(Frozen):
    """A chunk as a search result, or the larger passage that it is to be read in."""

    id: str
    scores: PassageScores
    chunk: ChunkPayload = Field(description="In a parent-child collection text and span are those of the passage.")
    found: FoundChunk | None = Field(default=None, description="What of a larger passage was found.")


class SearchTimings(Frozen):
    """Where the time went, in milliseconds."""

    embed_ms: float
    query_ms: float
    total_ms: float
    rerank_ms: float | None = None


class SearchResponse(Frozen):
    """Passages, best first."""

    passages: list[Passage]
    timings: SearchTimings
    degraded: list[str] = Field(
        default_factory=list[str], description="What the search had to do without: `rerank`. Empty as a rule."
    )
