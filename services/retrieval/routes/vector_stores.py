"""OpenAI's vector-store search."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends

from services.retrieval.adapters.trial import LiveSearcher
from services.retrieval.dependencies import get_searcher
from services.retrieval.schemas import VectorStoreSearchPage, VectorStoreSearchRequest, to_result
from services.shared.contracts.search import Passage, SearchRequest, SearchResponse
from services.shared.kit.context import principal

router = APIRouter(prefix="/v1/vector_stores")


@router.post("/{id_or_name}/search")
async def search_vector_store(
    id_or_name: str, request: VectorStoreSearchRequest, searcher: Annotated[LiveSearcher, Depends(get_searcher)]
) -> VectorStoreSearchPage:
    """Passages for the calling principal; of several queries, each passage counts with its best score."""
    answers = await asyncio.gather(
        *(
            searcher.search(_to_search(id_or_name, query, request), principal=principal.get())
            for query in request.queries
        )
    )
    threshold = request.ranking_options.score_threshold
    passages = [passage for passage in _merge(answers) if passage.scores.final >= threshold]
    results = [to_result(passage) for passage in passages[: request.max_num_results]]
    return VectorStoreSearchPage(search_query=request.queries, data=results)


def _to_search(id_or_name: str, query: str, request: VectorStoreSearchRequest) -> SearchRequest:
    return SearchRequest(collection=id_or_name, query=query, limit=request.max_num_results, filters=request.filters)


def _merge(answers: Sequence[SearchResponse]) -> list[Passage]:
    best: dict[str, Passage] = {}
    for passage in (passage for answer in answers for passage in answer.passages):
        known = best.get(passage.id)
        if known is None or known.scores.final < passage.scores.final:
            best[passage.id] = passage
    return sorted(best.values(), key=lambda passage: (-passage.scores.final, passage.id))
