"""The search itself: rank, fuse, read what is returned, in the version of the collection that is searched now."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass

from prometheus_client import Histogram

from services.retrieval.adapters.collections import CollectionDirectory
from services.retrieval.adapters.stages import SearchStages, fuse, reach_of
from services.shared.components.indexes.failures import NotIndexedError
from services.shared.contracts.corpus import Collection
from services.shared.contracts.search import Passage, SearchRequest, SearchResponse, SearchTimings
from services.shared.kit.errors import InvalidRequestError, PlatformError

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
    stages: SearchStages

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
        reach = reach_of(collection, request, principal)
        found = await self.stages.rankings.find(collection, request, reach, is_embedded=is_embedded)
        fused = fuse(found, request, limit=self.stages.depth(collection, request))
        reorder = self.stages.reorder(request)
        passages = await self.stages.reader.read(collection, fused, limit=request.limit, reorder=reorder)
        return passages, found.embedded

    async def _find_again(self, before: Collection, request: SearchRequest, principal: str | None) -> _Found:
        collection = await self.collections.resolve(request.collection)
        if collection.index != before.index:
            with suppress(NotIndexedError):
                return await self._find(collection, request, principal)
        return [], time.perf_counter()


def check_question(request: SearchRequest) -> None:
    """Refuse a blank question with an InvalidRequestError."""
    if not request.query.strip():
        raise InvalidRequestError("query: the question is blank; ask something.", param="query")


def _timings(started: float, embedded: float, queried: float) -> SearchTimings:
    def milliseconds(since: float, until: float) -> float:
        return round((until - since) * 1000, 2)

    return SearchTimings(
        embed_ms=milliseconds(started, embedded),
        query_ms=milliseconds(embedded, queried),
        total_ms=milliseconds(started, time.perf_counter()),
    )
