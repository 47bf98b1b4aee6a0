"""OpenAI's vector-store search, as far as it is served."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.shared.contracts.openai import OpenAIObject, OpenAIRequest
from services.shared.contracts.search import Passage, SearchFilter

_MAX_RESULTS = 50
"""OpenAI's own limit."""

Query = Annotated[str, StringConstraints(min_length=1)]


class RankingOptions(OpenAIRequest):
    """How to rank; rankers are accepted and all mean ours."""

    ranker: str | None = None
    score_threshold: float = Field(default=0.0, ge=0, le=1)


class VectorStoreSearchRequest(OpenAIRequest):
    """`POST /v1/vector_stores/{id}/search`; `rewrite_query` is accepted and ignored."""

    query: Query | Annotated[list[Query], Field(min_length=1, max_length=10)]
    filters: SearchFilter | None = None
    max_num_results: int = Field(default=10, ge=1, le=_MAX_RESULTS)
    ranking_options: RankingOptions = RankingOptions()

    @property
    def queries(self) -> list[str]:
        return [self.query] if isinstance(self.query, str) else self.query


class TextContent(OpenAIObject):
    """The text of a result."""

    type: Literal["text"] = "text"
    text: str


class VectorStoreSearchResult(OpenAIObject):
    """One passage."""

    file_id: str
    filename: str
    score: float
    attributes: dict[str, str | float | bool]
    content: list[TextContent]


class VectorStoreSearchPage(OpenAIObject):
    """All results at once: there is never a next page."""

    object: Literal["vector_store.search_results.page"] = "vector_store.search_results.page"
    search_query: list[str]
    data: list[VectorStoreSearchResult]
    has_more: bool = False
    next_page: str | None = None


def to_result(passage: Passage) -> VectorStoreSearchResult:
    """The passage in OpenAI's shape; a document that came without a file goes by its own id."""
    chunk = passage.chunk
    return VectorStoreSearchResult(
        file_id=chunk.file_id or chunk.document_id,
        filename=chunk.source,
        score=passage.scores.final,
        attributes=chunk.attributes,
        content=[TextContent(text=chunk.text)],
    )
