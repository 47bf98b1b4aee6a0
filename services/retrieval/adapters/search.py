"""The search itself: look up words while the question is embedded, then meaning; fuse; read what is returned."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from prometheus_client import Histogram

from services.retrieval.adapters.collections import CollectionDirectory
from services.retrieval.adapters.passages import PassageReader, needs_spare
from services.retrieval.domain.fusion import Fused, reciprocal_rank, weighted
from services.retrieval.domain.phrases import phrase_candidates, phrase_scores, with_phrases
from services.retrieval.errors import OtherEmbeddingModelError
from services.shared.components.embedders.bm25 import Bm25Embedder
from services.shared.components.embedders.inference import InferenceEmbedder
from services.shared.components.indexes.failures import NotIndexedError
from services.shared.components.indexes.filters import CHUNK_KEYS
from services.shared.components.indexes.qdrant import ChunkIndex, Ranking, Reach, within_reach
from services.shared.components.metadata.check import check_filter, dates_of
from services.shared.contracts.chunks import ChunkPayload
from services.shared.contracts.corpus import Collection
from services.shared.contracts.search import (
    Fusion,
    Passage,
    SearchRequest,
    SearchResponse,
    SearchTimings,
)
from services.shared.kit.errors import InvalidRequestError, NotFoundError, PlatformError
from services.shared.kit.telemetry import tracer

_MAX_QUERY_CHARS = 20_000
"""Enough for any question; more words cost time and no longer tell passages apart."""

_STAGE_SECONDS = Histogram(
    "ragworks_retrieval_stage_seconds",
    "Time of a search's stages.",
    ["stage"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 2.5),
)


_Found = tuple[list[Passage], float]
"""What was found, and when the question was embedded."""


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
        passages, embedded = await self._find_now(request, principal)
        queried = time.perf_counter()
        _STAGE_SECONDS.labels("embed").observe(embedded - started)
        _STAGE_SECONDS.labels("query").observe(queried - embedded)
        return SearchResponse(passages=passages, timings=_timings(started, embedded, queried))

    async def _find_now(self, request: SearchRequest, principal: str | None) -> _Found:
        """What the collection has as the corpus service knows it now.

        What was known of it a while ago is searched while the corpus service is asked, as that rarely changes. It is
        asked when the question is embedded: until then the model has all processors at work.
        """
        former = self.collections.outdated(request.collection)
        if former is None:
            return await self._find_in(await self.collections.resolve(request.collection), request, principal)
        is_embedded = asyncio.Event()
        asked = asyncio.create_task(self._resolve_after(is_embedded, request.collection))
        try:
            with suppress(PlatformError):  # nothing to tell of a version that may not be the one any more
                found = await self._find(former, request, principal, is_embedded)
                if (await asked).index == former.index:
                    return found
            is_embedded.set()
            return await self._find_in(await asked, request, principal)
        finally:
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)

    async def _resolve_after(self, moment: asyncio.Event, id_or_name: str) -> Collection:
        await moment.wait()
        return await self.collections.resolve(id_or_name)

    async def _find_in(self, collection: Collection, request: SearchRequest, principal: str | None) -> _Found:
        try:
            return await self._find(collection, request, principal)
        except NotIndexedError:  # deleted, or that version of it was: what is remembered of it is of no more use
            self.collections.forget(request.collection)
            return await self._find_again(collection, request, principal)

    async def _find(
        self,
        collection: Collection,
        request: SearchRequest,
        principal: str | None,
        is_embedded: asyncio.Event | None = None,
    ) -> _Found:
        """What one version of the collection has: model and index come from the same look at the ledger.

        `is_embedded` is set when the question is embedded.
        """
        reach = _reach(collection, request, principal)
        dense, sparse, embedded = await self._rankings(collection, request, reach, is_embedded)
        spare = self.candidates if needs_spare(collection) else 0
        if request.fusion is Fusion.WEIGHTED and request.phrase_weight:
            spare, reorder = max(spare, phrase_candidates(request.limit)), partial(self._by_phrases, request)
        else:
            reorder = None
        fused = _fuse(dense, sparse, request, limit=max(request.limit, spare))
        passages = await PassageReader(self.index).read(collection, fused, limit=request.limit, reorder=reorder)
        return passages, embedded

    def _by_phrases(
        self, request: SearchRequest, ranked: Sequence[Fused], chunks: Mapping[str, ChunkPayload]
    ) -> list[Fused]:
        texts = {each.id: _with_headings(chunks[each.id]) for each in ranked[: phrase_candidates(request.limit)]}
        scores = phrase_scores(request.query[:_MAX_QUERY_CHARS], texts, self.bm25.terms)
        return with_phrases(ranked, scores, weight=request.phrase_weight)

    async def _find_again(self, before: Collection, request: SearchRequest, principal: str | None) -> _Found:
        collection = await self.collections.resolve(request.collection)
        if collection.index != before.index:
            with suppress(NotIndexedError):
                return await self._find(collection, request, principal)
        return [], time.perf_counter()

    async def _rankings(
        self, collection: Collection, request: SearchRequest, reach: Reach, is_embedded: asyncio.Event | None
    ) -> tuple[Ranking, Ranking, float]:
        """By meaning, by words, and when the question was embedded; words are looked up meanwhile.

        The one that is not asked for is empty and costs nothing. For scores to be mixed, the first tells how near the
        candidates of the second are, too.
        """
        query, name = request.query[:_MAX_QUERY_CHARS], collection.index
        limit = max(self.candidates, request.limit)
        terms = self.bm25.embed_query(query if request.fusion is not Fusion.DENSE else "")
        words = asyncio.create_task(self.index.by_words(name, terms, reach=reach, limit=limit))
        try:
            vector = None
            if request.fusion is not Fusion.SPARSE:
                with tracer.start_as_current_span("embed_query"):
                    vector = await self._embed(query, collection)
            embedded = time.perf_counter()
            if is_embedded is not None:
                is_embedded.set()
            with tracer.start_as_current_span("query_index"):
                sparse = await words
                if vector is None:
                    return {}, sparse, embedded
                also = tuple(sparse) if request.fusion is Fusion.WEIGHTED else ()
                dense = await self.index.by_meaning(name, vector, reach=reach, limit=limit, also=also)
                return dense, sparse, embedded
        finally:
            words.cancel()
            await asyncio.gather(words, return_exceptions=True)

    async def _embed(self, query: str, collection: Collection) -> list[float]:
        try:
            return await self.embedder.of(collection.embedding_model).embed_query(query)
        except NotFoundError as error:
            raise OtherEmbeddingModelError(
                f"The collection '{collection.name}' was embedded with '{collection.embedding_model}', which is not "
                f"served ({error.message}); build a version of it for a model that is, or serve its model."
            ) from error


def _reach(collection: Collection, request: SearchRequest, principal: str | None) -> Reach:
    schema = collection.metadata_schema
    if request.filters is not None:
        check_filter(schema, request.filters, chunk_keys=CHUNK_KEYS)
    return within_reach(principal, request.filters, dates=dates_of(schema))


def _fuse(dense: Ranking, sparse: Ranking, request: SearchRequest, *, limit: int) -> list[Fused]:
    if request.fusion is Fusion.RRF:
        return reciprocal_rank(dense, sparse, limit=limit)
    return weighted(dense, sparse, dense_weight=request.dense_weight, limit=limit)


def _with_headings(chunk: ChunkPayload) -> str:
    return " ".join([*chunk.headings, chunk.text])


def _timings(started: float, embedded: float, queried: float) -> SearchTimings:
    def milliseconds(since: float, until: float) -> float:
        return round((until - since) * 1000, 2)

    return SearchTimings(
        embed_ms=milliseconds(started, embedded),
        query_ms=milliseconds(embedded, queried),
        total_ms=milliseconds(started, time.perf_counter()),
    )
