"""The search itself: rank, fuse, read what is returned, in the version of the collection that is searched now."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass

from prometheus_client import Histogram

from services.retrieval.adapters.collections import CollectionDirectory
from services.retrieval.adapters.several import SeveralFinder
from services.retrieval.adapters.stages import SearchStages, fuse, reach_of
from services.shared.components.indexes.failures import NotIndexedError
from services.shared.contracts.corpus import Collection
from services.shared.contracts.search import Passage, SearchRequest, SearchResponse, SearchTimings, collections_in
from services.shared.kit.errors import InvalidRequestError, PlatformError

_STAGE_SECONDS = Histogram(
    "ragworks_retrieval_stage_seconds",
    "Time of a search's stages.",
    ["stage"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 2.5),
)


@dataclass(frozen=True)
class _Found:
    """What was found, when the question was embedded, and how long the reranker took; None: it was left out."""

    passages: list[Passage]
    embedded: float
    rerank_s: float | None = 0.0


@dataclass(frozen=True)
class Searcher:
    """Finds passages in a collection, or in several as if they were one."""

    collections: CollectionDirectory
    stages: SearchStages
    several: SeveralFinder

    async def search(self, request: SearchRequest, *, principal: str | None) -> SearchResponse:
        """Passages that the principal may read, best first; none from an empty collection.

        Raises:
            CollectionNotFoundError: no such collection.
            OtherEmbeddingModelError: its vectors cannot be compared with the served model's.
            InvalidRequestError: the question is blank, or the filters cannot be used.
            PlatformError: a part that search needs is not up.
        """
        check_question(request)
        started = time.perf_counter()
        found = await self._find_now(request, principal)
        queried = time.perf_counter()
        rerank_s = found.rerank_s or 0.0
        _STAGE_SECONDS.labels("embed").observe(found.embedded - started)
        _STAGE_SECONDS.labels("query").observe(queried - found.embedded - rerank_s)
        if rerank_s:
            _STAGE_SECONDS.labels("rerank").observe(rerank_s)
        return SearchResponse(
            passages=found.passages,
            timings=_timings(started, found.embedded, queried, rerank_s=rerank_s),
            degraded=["rerank"] if found.rerank_s is None else [],
        )

    async def _find_now(self, request: SearchRequest, principal: str | None) -> _Found:
        """What the collection has as the corpus service knows it now.

        What was known of it a while ago is searched while the corpus service is asked, as that rarely changes. It is
        asked when the question is embedded: until then the model has all processors at work.
        """
        names = collections_in(request)
        if len(names) > 1:
            ranked, embedded = await self.several.find(names, request, principal)
            return _Found(ranked.passages[: request.limit], embedded, ranked.seconds)
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
        reach = reach_of(collection, request, principal)
        found = await self.stages.rankings.find(collection, request, reach, is_embedded=is_embedded)
        fused = fuse(found, request, limit=self.stages.depth(collection, request))
        reorder = self.stages.reorder(request)
        wanted = max(request.limit, self.stages.reranker.reads(request))
        passages = await self.stages.reader.read(collection, fused, limit=wanted, reorder=reorder)
        ranked = await self.stages.reranker.rank(request, passages)
        return _Found(ranked.passages[: request.limit], found.embedded, ranked.seconds)

    async def _find_again(self, before: Collection, request: SearchRequest, principal: str | None) -> _Found:
        collection = await self.collections.resolve(request.collection)
        if collection.index != before.index:
            with suppress(NotIndexedError):
                return await self._find(collection, request, principal)
        return _Found([], time.perf_counter())


def check_question(request: SearchRequest) -> None:
    """Refuse a blank question with an InvalidRequestError."""
    if not request.query.strip():
        raise InvalidRequestError("query: the question is blank; ask something.", param="query")


def _timings(started: float, embedded: float, queried: float, *, rerank_s: float) -> SearchTimings:
    def milliseconds(seconds: float) -> float:
        return round(seconds * 1000, 2)

    return SearchTimings(
        embed_ms=milliseconds(embedded - started),
        query_ms=milliseconds(queried - embedded - rerank_s),
        rerank_ms=milliseconds(rerank_s) if rerank_s else None,
        total_ms=milliseconds(time.perf_counter() - started),
    )
