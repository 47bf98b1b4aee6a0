"""The search itself: embed the question, ask both rankings at once, fuse them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client import Histogram

from services.retrieval.adapters.collections import CollectionDirectory
from services.retrieval.domain.fusion import Fused, reciprocal_rank, weighted
from services.retrieval.errors import OtherEmbeddingModelError
from services.shared.components.embedders.bm25 import Bm25Embedder
from services.shared.components.embedders.inference import InferenceEmbedder
from services.shared.components.indexes.qdrant import Candidates, ChunkIndex, Hit
from services.shared.contracts.corpus import Collection
from services.shared.contracts.search import (
    Fusion,
    Passage,
    PassageScores,
    SearchRequest,
    SearchResponse,
    SearchTimings,
)
from services.shared.kit.errors import InvalidRequestError, NotFoundError
from services.shared.kit.telemetry import tracer

_MAX_QUERY_CHARS = 20_000
"""Enough for any question; more words cost time and no longer tell passages apart."""

_STAGE_SECONDS = Histogram(
    "ragworks_retrieval_stage_seconds",
    "Time of a search's stages.",
    ["stage"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 2.5),
)


@dataclass(frozen=True)
class Searcher:
    """Finds passages in one collection at a time."""

    collections: CollectionDirectory
    embedder: InferenceEmbedder
    bm25: Bm25Embedder
    index: ChunkIndex
    candidates: int

    async def search(self, request: SearchRequest, *, principal: str | None) -> SearchResponse:
        """Passages that the principal may read, best first; none from an empty collection.

        Raises:
            CollectionNotFoundError: no such collection.
            OtherEmbeddingModelError: its vectors cannot be compared with the served model's.
            InvalidRequestError: the question is blank, or the filters cannot be used.
            PlatformError: a part that search needs is not up.
        """
        if not request.query.strip():
            raise InvalidRequestError("query: the question is blank; ask something.", param="query")
        started = time.perf_counter()
        collection = await self._usable(request.collection)
        query = request.query[:_MAX_QUERY_CHARS]
        with tracer.start_as_current_span("embed_query"):
            dense = await self.embedder.embed_query(query)
        embedded = time.perf_counter()
        with tracer.start_as_current_span("query_index"):
            found = await self._candidates(collection, request, query, dense=dense, principal=principal)
        queried = time.perf_counter()
        passages = _passages(found, request)
        _STAGE_SECONDS.labels("embed").observe(embedded - started)
        _STAGE_SECONDS.labels("query").observe(queried - embedded)
        return SearchResponse(passages=passages, timings=_timings(started, embedded, queried))

    async def _usable(self, id_or_name: str) -> Collection:
        collection = await self.collections.resolve(id_or_name)
        if collection.embedding_model != self.embedder.model:
            raise OtherEmbeddingModelError(
                f"The collection '{collection.name}' was embedded with '{collection.embedding_model}', but "
                f"'{self.embedder.model}' is served; ingest it again, or serve its model."
            )
        return collection

    async def _candidates(
        self,
        collection: Collection,
        request: SearchRequest,
        query: str,
        *,
        dense: Sequence[float],
        principal: str | None,
    ) -> Candidates:
        try:
            return await self.index.candidates(
                collection.name,
                dense=dense,
                sparse=self.bm25.embed_query(query),
                principal=principal,
                filters=request.filters,
                limit=max(self.candidates, request.limit),
            )
        except NotFoundError:
            # Nothing was ingested into it yet, or it was deleted since we asked.
            self.collections.forget(request.collection)
            await self.collections.resolve(request.collection)
            return Candidates(dense=[], sparse=[])


def _passages(found: Candidates, request: SearchRequest) -> list[Passage]:
    hits = {hit.id: hit for hit in (*found.dense, *found.sparse)}
    return [_passage(fused, hits[fused.id]) for fused in _fuse(found, request)]


def _fuse(found: Candidates, request: SearchRequest) -> list[Fused]:
    dense = {hit.id: hit.score for hit in found.dense}
    sparse = {hit.id: hit.score for hit in found.sparse}
    if request.fusion is Fusion.RRF:
        return reciprocal_rank(dense, sparse, limit=request.limit)
    return weighted(dense, sparse, dense_weight=request.dense_weight, limit=request.limit)


def _passage(fused: Fused, hit: Hit) -> Passage:
    scores = PassageScores(fused=fused.score, dense=fused.dense, sparse=fused.sparse)
    return Passage(id=fused.id, scores=scores, chunk=hit.chunk())


def _timings(started: float, embedded: float, queried: float) -> SearchTimings:
    def milliseconds(since: float, until: float) -> float:
        return round((until - since) * 1000, 2)

    return SearchTimings(
        embed_ms=milliseconds(started, embedded),
        query_ms=milliseconds(embedded, queried),
        total_ms=milliseconds(started, time.perf_counter()),
    )
