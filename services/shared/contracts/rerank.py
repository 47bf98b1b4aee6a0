"""Reranking as Cohere, Jina and vLLM have it: documents in the order of how well they answer a query."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.shared.contracts.openai import OpenAIObject, OpenAIRequest

MAX_DOCUMENTS = 1_000


class RerankDocument(BaseModel):
    """A document with its text; other fields are ignored."""

    model_config = ConfigDict(frozen=True)

    text: str


class RerankRequest(OpenAIRequest):
    """`POST /v1/rerank`."""

    model: str
    query: Annotated[str, StringConstraints(min_length=1)]
    documents: list[str | RerankDocument] = Field(min_length=1, max_length=MAX_DOCUMENTS)
    top_n: int | None = Field(default=None, ge=1, description="Return the best so many; all when left out.")
    return_documents: bool = False

    @property
    def texts(self) -> list[str]:
        """The documents' texts."""
        return [each if isinstance(each, str) else each.text for each in self.documents]


class RerankResult(OpenAIObject):
    """One document: its place in the request, and how well it answers, larger is better."""

    index: int
    relevance_score: float
    document: RerankDocument | None = None


class RerankAnswer(OpenAIObject):
    """The documents, best first."""

    model: str
    results: list[RerankResult]


def rerank_answer(request: RerankRequest, scores: Sequence[float]) -> RerankAnswer:
    """The answer to a request whose documents have these scores; equal scores keep the order of the request."""
    order = sorted(range(len(scores)), key=lambda index: (-scores[index], index))[: request.top_n]
    texts = request.texts
    results = [
        RerankResult(
            index=index,
            relevance_score=scores[index],
            document=RerankDocument(text=texts[index]) if request.return_documents else None,
        )
        for index in order
    ]
    return RerankAnswer(model=request.model, results=results)
