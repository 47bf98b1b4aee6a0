"""The two shapes that remote rerankers speak: that of Cohere, Jina and vLLM, and that of text-embeddings-inference."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from services.inference.errors import RerankEndpointError
from services.shared.contracts.rerank import RerankRequest


class _Cohere(BaseModel):
    model_config = ConfigDict(frozen=True)

    index: int
    relevance_score: float


class _CohereAnswer(BaseModel):
    model_config = ConfigDict(frozen=True)

    results: list[_Cohere]


class _Tei(BaseModel):
    model_config = ConfigDict(frozen=True)

    index: int
    score: float


_TEI_ANSWER = TypeAdapter(list[_Tei])


def to_wire(request: RerankRequest, *, api: str, model: str) -> Mapping[str, object]:
    """The body of a request for the scores of all documents."""
    if api == "tei":
        return {"query": request.query, "texts": request.texts, "truncate": True}
    return {"model": model, "query": request.query, "documents": request.texts, "top_n": len(request.documents)}


def from_wire(answer: object, *, api: str, texts: int) -> list[float]:
    """The scores in the order of the documents.

    Raises:
        RerankEndpointError: it is no such answer, or not for so many documents.
    """
    try:
        if api == "tei":
            scores = {each.index: each.score for each in _TEI_ANSWER.validate_python(answer)}
        else:
            scores = {each.index: each.relevance_score for each in _CohereAnswer.model_validate(answer).results}
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise RerankEndpointError(
            f"The remote reranker's answer could not be read (at '{where or 'its root'}')."
        ) from error
    if scores.keys() != set(range(texts)):
        raise RerankEndpointError(f"The remote reranker returned {len(scores)} scores for {texts} texts.")
    return [scores[index] for index in range(texts)]
