"""Why a search returns a document, or why not."""

from enum import StrEnum

from pydantic import Field

from services.shared.contracts.frozen import Frozen
from services.shared.contracts.search import MAX_RESULTS, SearchRequest

ANSWER_PASSAGES = 4
"""Passages put before the model, unless a setting says otherwise."""
MIN_SIMILARITY = 0.25
"""Cosine similarity that the nearest of them must have, unless a setting says otherwise."""


class StageName(StrEnum):
    """What a search does with a document, in this order."""

    ACCESS = "access"
    FILTERS = "filters"
    DENSE = "dense"
    SPARSE = "sparse"
    CANDIDATES = "candidates"
    FUSION = "fusion"
    PHRASES = "phrases"
    REPEATS = "repeats"
    RERANK = "rerank"
    LIMIT = "limit"
    ANSWER = "answer"


class Outcome(StrEnum):
    """How a document comes out of a stage."""

    KEPT = "kept"
    OUT = "out"
    MISSED = "missed"
    """This ranking does not return it; the other one may."""
    UNUSED = "unused"
    """This search has no such stage."""
    NOT_REACHED = "not_reached"
    """It fell out before."""


class ExplainRequest(SearchRequest):
    """A search, and the document to follow through it."""

    document: str = Field(min_length=1, max_length=4096, description="Its id, its source, or the id of its file.")
    answer_passages: int = Field(
        default=ANSWER_PASSAGES, ge=1, le=MAX_RESULTS, description="As RAGWORKS_ORCHESTRATOR_PASSAGES."
    )
    min_similarity: float = Field(
        default=MIN_SIMILARITY, ge=-1, le=1, description="As RAGWORKS_ORCHESTRATOR_MIN_SIMILARITY."
    )


class Stage(Frozen):
    """One stage: scores and places are of the chunk of the document that came furthest."""

    name: StageName
    outcome: Outcome
    score: float | None = Field(default=None, description="Cosine, BM25 or fused score, as the stage has it.")
    needed: float | None = Field(default=None, description="The score of the last one that was kept.")
    rank: int | None = Field(default=None, description="Its place, 1 for the best; None when it has none, or too far.")
    kept: int | None = Field(default=None, description="How many the stage keeps at most.")
    note: str = ""


class QuestionWords(Frozen):
    """The question's words without stop words, by whether the chunk has them in any inflection."""

    found: list[str]
    missing: list[str]


class ExplainedChunk(Frozen):
    """The chunk of the document that came furthest."""

    id: str
    document_id: str
    source: str
    title: str
    index: int
    page: int | None
    text: str


class Explanation(Frozen):
    """Where a document was kept and where it fell out.

    It is the same, to the byte, for a document that does not exist and for one that the caller may not read.
    """

    collection: str
    query: str
    document: str = Field(description="As it was asked for.")
    shown: bool = Field(description="Whether the search returns it.")
    answers: bool = Field(description="Whether it would be put before the model.")
    fell_out: StageName | None = Field(description="The first stage that did not keep it.")
    verdict: str
    advice: str
    chunk: ExplainedChunk | None = None
    words: QuestionWords | None = None
    stages: list[Stage]
