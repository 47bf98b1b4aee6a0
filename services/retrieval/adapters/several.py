"""One ranking over several collections: their rankings become one before anything is fused, so that scores compare."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from services.retrieval.adapters.collections import CollectionDirectory
from services.retrieval.adapters.passages import ReadRanking, reads_in_passages
from services.retrieval.adapters.rankings import Rankings
from services.retrieval.adapters.reranking import Reranked
from services.retrieval.adapters.stages import SearchStages, fuse, reach_of
from services.retrieval.domain.condense import first_of_each_passage, without_repeats
from services.retrieval.domain.fusion import Fused
from services.retrieval.errors import models_differ
from services.shared.components.indexes.failures import NotIndexedError
from services.shared.contracts.corpus import Collection
from services.shared.contracts.search import Passage, SearchRequest


@dataclass(frozen=True)
class SeveralFinder:
    """Searches several collections as if they were one; each with its own permissions, filters and schema."""

    collections: CollectionDirectory
    stages: SearchStages

    async def find(self, names: Sequence[str], request: SearchRequest, principal: str | None) -> tuple[Reranked, float]:
        """Passages, best first, and when the question was embedded.

        Raises:
            CollectionNotFoundError: one of them does not exist.
            InvalidRequestError: their vectors cannot be compared, or the filters do not suit one of them.
            PlatformError: as `Searcher.search`.
        """
        first, *others = await asyncio.gather(*(self.collections.resolve(name) for name in dict.fromkeys(names)))
        models = {each.embedding_model for each in (first, *others)}
        if len(models) > 1:
            raise models_differ([each.name for each in (first, *others)], models)
        found = [await self._rankings(first, request, principal)]  # the others find the question embedded already
        found += await asyncio.gather(*(self._rankings(each, request, principal) for each in others))
        passages = await self._read([first, *others], found, request)
        ranked = await self.stages.reranker.rank(request, passages)
        return ranked, found[0].embedded

    async def _rankings(self, collection: Collection, request: SearchRequest, principal: str | None) -> Rankings:
        with suppress(NotIndexedError):
            return await self.stages.rankings.find(collection, request, reach_of(collection, request, principal))
        self.collections.forget(collection.name)
        return Rankings({}, {}, None, 0.0)

    async def _read(
        self, collections: Sequence[Collection], found: Sequence[Rankings], request: SearchRequest
    ) -> list[Passage]:
        depth = max(self.stages.depth(each, request) for each in collections)
        fused = fuse(_together(found), request, limit=depth)
        reading = [_part(fused, each) for each in found]
        parts = await asyncio.gather(*map(self._chunks, collections, reading))
        chunks = {identity: chunk for part in parts for identity, chunk in part.chunks.items()}
        known = [each for each in fused if each.id in chunks]
        reorder = self.stages.reorder(request)
        ranked = ReadRanking(reorder(known, chunks) if reorder is not None else known, chunks)
        wanted = max(request.limit, self.stages.reranker.reads(request))
        return await self._in_full(collections, list(islice(_condensed(collections, ranked), wanted)), parts)

    async def _chunks(self, collection: Collection, ranked: Sequence[Fused]) -> ReadRanking:
        if not ranked:
            return ReadRanking([], {})
        with suppress(NotIndexedError):
            return await self.stages.reader.order(collection, ranked, reorder=None)
        return ReadRanking([], {})

    async def _in_full(
        self, collections: Sequence[Collection], passages: Sequence[Passage], parts: Sequence[ReadRanking]
    ) -> list[Passage]:
        whole: dict[str, Passage] = {}
        for collection, part in zip(collections, parts, strict=True):
            theirs = [each for each in passages if each.id in part.chunks]
            whole |= {each.id: each for each in await self.stages.reader.in_full(collection, theirs, part.chunks)}
        return [whole[each.id] for each in passages]


def _together(found: Sequence[Rankings]) -> Rankings:
    dense, sparse = _union([each.dense for each in found]), _union([each.sparse for each in found])
    return Rankings(dense, sparse, found[0].vector, found[0].embedded)


def _union(rankings: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {identity: score for ranking in rankings for identity, score in ranking.items()}


def _part(fused: Sequence[Fused], of: Rankings) -> list[Fused]:
    return [each for each in fused if each.id in of.dense or each.id in of.sparse]


def _condensed(collections: Sequence[Collection], ranked: ReadRanking) -> Iterator[Passage]:
    passages = ranked.passages()
    if any(reads_in_passages(each) for each in collections):
        passages = first_of_each_passage(passages)
    near = [each.deduplication.near for each in collections if each.deduplication.near is not None]
    return without_repeats(passages, threshold=min(near)) if near else passages
