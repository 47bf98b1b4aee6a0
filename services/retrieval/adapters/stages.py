"""The stages of a search after its rankings; the search takes them, and its explanation takes the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from services.retrieval.adapters.passages import PassageReader, Reorder, needs_spare
from services.retrieval.adapters.rankings import RankingFinder, Rankings, counted
from services.retrieval.adapters.reranking import PassageReranker
from services.retrieval.domain.fusion import Fused, reciprocal_rank, weighted
from services.retrieval.domain.phrases import phrase_candidates, phrase_scores, with_phrases
from services.shared.components.embedders.bm25 import Bm25Embedder
from services.shared.components.indexes.filters import CHUNK_KEYS, Reach, within_reach
from services.shared.components.metadata.check import check_filter, dates_of
from services.shared.contracts.chunks import ChunkPayload
from services.shared.contracts.corpus import Collection
from services.shared.contracts.search import Fusion, SearchRequest


@dataclass(frozen=True)
class SearchStages:
    """What happens to a question, one step after the other."""

    rankings: RankingFinder
    reader: PassageReader
    bm25: Bm25Embedder
    reranker: PassageReranker

    def depth(self, collection: Collection, request: SearchRequest) -> int:
        """How many chunks of the fused ranking are read: more than are shown where some may be left out or moved."""
        spare = self.rankings.candidates if needs_spare(collection) else 0
        phrases = phrase_candidates(request.limit) if counts_phrases(request) else 0
        return max(request.limit, spare, phrases, self.reranker.reads(request))

    def reorder(self, request: SearchRequest) -> Reorder | None:
        """How chunks are ranked anew when their texts are known; None: they are not."""
        return partial(self._by_phrases, request) if counts_phrases(request) else None

    def _by_phrases(
        self, request: SearchRequest, ranked: Sequence[Fused], chunks: Mapping[str, ChunkPayload]
    ) -> list[Fused]:
        texts = {each.id: with_headings(chunks[each.id]) for each in ranked[: phrase_candidates(request.limit)]}
        scores = phrase_scores(counted(request.query), texts, self.bm25.terms)
        return with_phrases(ranked, scores, weight=request.phrase_weight)


def reach_of(collection: Collection, request: SearchRequest, principal: str | None) -> Reach:
    """Which chunks the principal may find with the request's filters.

    Raises:
        InvalidRequestError: the filters cannot be used.
    """
    schema = collection.metadata_schema
    if request.filters is not None:
        check_filter(schema, request.filters, chunk_keys=CHUNK_KEYS)
    return within_reach(principal, request.filters, dates=dates_of(schema))


def fuse(found: Rankings, request: SearchRequest, *, limit: int) -> list[Fused]:
    """One ranking out of both, its best `limit` chunks."""
    if request.fusion is Fusion.RRF:
        return reciprocal_rank(found.dense, found.sparse, limit=limit)
    return weighted(found.dense, found.sparse, dense_weight=request.dense_weight, limit=limit)


def counts_phrases(request: SearchRequest) -> bool:
    """Whether words that stand together count."""
    return request.fusion is Fusion.WEIGHTED and request.phrase_weight > 0


def with_headings(chunk: ChunkPayload) -> str:
    """A chunk's text as it is looked up by words."""
    return " ".join([*chunk.headings, chunk.text])
