"""Where one chunk stands in the rankings of a question, also below what a search takes of them."""

import re
from collections.abc import Collection as Contained
from collections.abc import Sequence
from dataclasses import dataclass

from services.retrieval.adapters.rankings import RankingFinder, Rankings, counted
from services.retrieval.domain.course import Place
from services.shared.components.indexes.filters import Reach
from services.shared.components.indexes.qdrant import ChunkIndex, Ranking
from services.shared.contracts.corpus import Collection
from services.shared.contracts.explain import QuestionWords
from services.shared.contracts.search import Fusion, SearchRequest

_OWN_CHUNKS = 100
_LOOKED_AT = 5_000
"""How far down a place is looked for; each of them costs some time of the vector database."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class PlaceFinder:
    """Places of chunks in the rankings of one question over one collection."""

    index: ChunkIndex
    rankings: RankingFinder
    collection: Collection
    request: SearchRequest
    reach: Reach

    async def own(self, found: Rankings, mine: Reach) -> Rankings:
        """The rankings of one document's chunks alone."""
        dense = await self._by_meaning(found, reach=mine, limit=_OWN_CHUNKS)
        sparse = await self._by_words(reach=mine, limit=_OWN_CHUNKS)
        return Rankings(dense, sparse, found.vector, found.embedded)

    async def dense(self, chunk: str, found: Rankings, own: Rankings) -> Place | None:
        """Its place by meaning; None when the search does not rank so."""
        if found.vector is None:
            return None
        score = found.dense.get(chunk, own.dense.get(chunk))
        if chunk in found.dense and (place := place_in(found.dense, chunk, limit=self._limit)).kept:
            return place
        deep = await self._by_meaning(found, reach=self.reach, limit=_LOOKED_AT)
        return _further_down(score, found.dense, deep, self._limit)

    async def sparse(self, chunk: str, found: Rankings, own: Rankings) -> Place | None:
        """Its place by words; None when the search does not rank so."""
        if self.request.fusion is Fusion.DENSE:
            return None
        score = found.sparse.get(chunk, own.sparse.get(chunk))
        if score is None:
            return Place(None, None, _last(found.sparse, self._limit), kept=False)
        if chunk in found.sparse:
            return place_in(found.sparse, chunk, limit=self._limit)
        deep = await self._by_words(reach=self.reach, limit=_LOOKED_AT)
        return _further_down(score, found.sparse, deep, self._limit)

    def words(self, terms: Contained[int]) -> QuestionWords:
        """The question's words, by whether a chunk with these terms has them."""
        found: dict[str, None] = {}
        missing: dict[str, None] = {}
        for word in _WORD.findall(counted(self.request.query).lower()):
            for term in self.rankings.bm25.terms([word]):
                (found if term in terms else missing)[word] = None
        return QuestionWords(found=list(found), missing=list(missing))

    @property
    def _limit(self) -> int:
        return self.rankings.depth(self.request)

    async def _by_meaning(self, found: Rankings, *, reach: Reach, limit: int) -> Ranking:
        if found.vector is None:
            return {}
        return await self.index.by_meaning(self.collection.index, found.vector, reach=reach, limit=limit)

    async def _by_words(self, *, reach: Reach, limit: int) -> Ranking:
        if self.request.fusion is Fusion.DENSE:
            return {}
        terms = self.rankings.bm25.embed_query(counted(self.request.query))
        return await self.index.by_words(self.collection.index, terms, reach=reach, limit=limit)


def place_in(ranking: Ranking, chunk: str, *, limit: int) -> Place:
    """The chunk's place in a ranking of which `limit` are kept; without a score where it is not in it."""
    return place_among(sorted(ranking.items(), key=lambda each: (-each[1], each[0])), chunk, limit=limit)


def place_among(ordered: Sequence[tuple[str, float]], chunk: str, *, limit: int) -> Place:
    """The same for ids and scores in their order."""
    last = ordered[limit - 1][1] if len(ordered) >= limit else None
    found = next(((place, score) for place, (each, score) in enumerate(ordered, start=1) if each == chunk), None)
    if found is None:
        return Place(None, None, last, kept=False)
    return Place(found[1], found[0], last, kept=found[0] <= limit)


def _further_down(score: float | None, kept: Ranking, deep: Ranking, limit: int) -> Place:
    """The place of a chunk that is not kept, by how many of a longer ranking score more."""
    last = _last(kept, limit)
    if score is None or (len(deep) >= _LOOKED_AT and score < min(deep.values())):
        return Place(score, None, last, kept=False)
    return Place(score, 1 + sum(other > score for other in deep.values()), last, kept=False)


def _last(ranking: Ranking, limit: int) -> float | None:
    return sorted(ranking.values(), reverse=True)[limit - 1] if len(ranking) >= limit else None
