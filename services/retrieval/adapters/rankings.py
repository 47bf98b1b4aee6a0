"""The two rankings of a question: words are looked up while it is embedded, then meaning."""

import asyncio
import time
from dataclasses import dataclass

from services.retrieval.adapters.question_vectors import QuestionVectors
from services.retrieval.errors import OtherEmbeddingModelError
from services.shared.components.embedders.bm25 import Bm25Embedder
from services.shared.components.indexes.filters import Reach
from services.shared.components.indexes.qdrant import ChunkIndex, Ranking
from services.shared.contracts.corpus import Collection
from services.shared.contracts.search import Fusion, SearchRequest
from services.shared.kit.errors import NotFoundError
from services.shared.kit.telemetry import tracer

_MAX_QUERY_CHARS = 20_000
"""Enough for any question; more words cost time and no longer tell passages apart."""


@dataclass(frozen=True)
class Rankings:
    """What each ranking returned, and the question's vector; a ranking that is not asked for is empty."""

    dense: Ranking
    sparse: Ranking
    vector: list[float] | None
    embedded: float
    """When the question was embedded."""


@dataclass(frozen=True)
class RankingFinder:
    """Asks the index for both rankings of a question."""

    vectors: QuestionVectors
    bm25: Bm25Embedder
    index: ChunkIndex
    candidates: int

    async def find(
        self,
        collection: Collection,
        request: SearchRequest,
        reach: Reach,
        *,
        is_embedded: asyncio.Event | None = None,
    ) -> Rankings:
        """By meaning and by words; `is_embedded` is set when the question is embedded.

        The one that is not asked for is empty and costs nothing. For scores to be mixed, the first tells how near the
        candidates of the second are, too.
        """
        query, name = counted(request.query), collection.index
        limit = self.depth(request)
        terms = self.bm25.embed_query(query if request.fusion is not Fusion.DENSE else "")
        words = asyncio.create_task(self.index.by_words(name, terms, reach=reach, limit=limit))
        try:
            vector = None
            if request.fusion is not Fusion.SPARSE:
                with tracer.start_as_current_span("embed_query"):
                    vector = await self._embed(query, collection, anew=not request.cache)
            embedded = time.perf_counter()
            if is_embedded is not None:
                is_embedded.set()
            with tracer.start_as_current_span("query_index"):
                sparse = await words
                if vector is None:
                    return Rankings({}, sparse, vector, embedded)
                also = tuple(sparse) if request.fusion is Fusion.WEIGHTED else ()
                dense = await self.index.by_meaning(name, vector, reach=reach, limit=limit, also=also)
                return Rankings(dense, sparse, vector, embedded)
        finally:
            words.cancel()
            await asyncio.gather(words, return_exceptions=True)

    def depth(self, request: SearchRequest) -> int:
        """How many chunks are taken from each ranking."""
        return max(self.candidates, request.limit)

    async def _embed(self, query: str, collection: Collection, *, anew: bool) -> list[float]:
        try:
            return await self.vectors.of(query, model=collection.embedding_model, anew=anew)
        except NotFoundError as error:
            raise OtherEmbeddingModelError(
                f"The collection '{collection.name}' was embedded with '{collection.embedding_model}', which is not "
                f"served ({error.message}); build a version of it for a model that is, or serve its model."
            ) from error


def counted(query: str) -> str:
    """What of a question counts."""
    return query[:_MAX_QUERY_CHARS]
