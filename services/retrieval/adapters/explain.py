"""Follows one document through a search: the same stages, with a look at what stands below what they keep."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from services.retrieval.adapters.collections import CollectionDirectory
from services.retrieval.adapters.documents import DocumentDirectory
from services.retrieval.adapters.passages import ReadRanking, distinct, merged
from services.retrieval.adapters.places import PlaceFinder, place_among, place_in
from services.retrieval.adapters.rankings import Rankings
from services.retrieval.adapters.reranking import Reranked
from services.retrieval.adapters.search import check_question
from services.retrieval.adapters.stages import SearchStages, fuse, reach_of, with_headings
from services.retrieval.domain.condense import repeated
from services.retrieval.domain.course import Course, Ending, Place
from services.retrieval.domain.filtering import compared_values
from services.retrieval.domain.fusion import Fused
from services.retrieval.domain.phrases import has_all_words
from services.retrieval.domain.verdict import explanation_of, filtered_out, not_readable
from services.shared.components.indexes.failures import NotIndexedError
from services.shared.components.indexes.filters import Reach, of_document, within_reach
from services.shared.components.indexes.qdrant import ChunkIndex
from services.shared.contracts.chunks import ChunkPayload
from services.shared.contracts.corpus import Collection
from services.shared.contracts.explain import ExplainedChunk, ExplainRequest, Explanation
from services.shared.contracts.search import Passage

_ALL = 1_000_000


@dataclass(frozen=True)
class Explainer:
    """Says why a search returns a document, or why not."""

    collections: CollectionDirectory
    documents: DocumentDirectory
    stages: SearchStages
    index: ChunkIndex

    async def explain(self, request: ExplainRequest, *, principal: str | None) -> Explanation:
        """The document's way through the search.

        Raises:
            CollectionNotFoundError: no such collection.
            OtherEmbeddingModelError, InvalidRequestError, PlatformError: as `Searcher.search`.
        """
        check_question(request)
        collection = await self.collections.resolve(request.collection)
        reach = reach_of(collection, request, principal)  # refuses filters that cannot be used, whoever asks
        try:
            document = await self._readable(collection, request.document, within_reach(principal))
            if document is None:
                return not_readable(collection.name, request)
            name, some = document
            mine = of_document(reach, name)
            first = await self.index.some(collection.index, mine)
            if first is None:
                compared = compared_values(request.filters, some[1])
                return filtered_out(collection.name, request, compared=compared)
            return await self._follow(collection, request, reach=reach, mine=mine, first=first)
        except NotIndexedError:
            self.collections.forget(request.collection)
            return not_readable(collection.name, request)

    async def _readable(
        self, collection: Collection, name: str, readable: Reach
    ) -> tuple[str, tuple[str, ChunkPayload]] | None:
        """The document's name in the index, and a chunk of it; None when there is nothing of it for the principal.

        Nothing here is asked of a document that nobody may know of that is not asked of one that does not exist.
        """
        found = await self.index.some(collection.index, of_document(readable, name))
        if found is None:
            name = await self.documents.owner(name)
            found = await self.index.some(collection.index, of_document(readable, name))
        return None if found is None else (name, found)

    async def _follow(
        self,
        collection: Collection,
        request: ExplainRequest,
        *,
        reach: Reach,
        mine: Reach,
        first: tuple[str, ChunkPayload],
    ) -> Explanation:
        found = await self.stages.rankings.find(collection, request, reach)
        places = PlaceFinder(self.index, self.stages.rankings, collection, request, reach)
        own = await places.own(found, mine)
        everything, depth = fuse(found, request, limit=_ALL), self.stages.depth(collection, request)
        read = await self.stages.reader.order(collection, everything[:depth], reorder=self.stages.reorder(request))
        fresh = list(distinct(collection, merged(collection, read.passages())))
        reranked = await self._reranked(collection, request, read, fresh)
        shown = reranked.passages
        chunk_id = _furthest(own, first[0], shown=shown, read=read, fused=everything, request=request)
        stored = await self.index.stored(collection.index, [chunk_id])
        payload = stored[chunk_id].payload if chunk_id in stored else first[1]
        terms = stored[chunk_id].sparse.indices if chunk_id in stored else ()
        dense, sparse = await places.dense(chunk_id, found, own), await places.sparse(chunk_id, found, own)
        best = [each.scores.dense for each in shown[: request.answer_passages] if each.scores.dense is not None]
        course = Course(
            request=request,
            collection=collection.name,
            chunk=_shown_chunk(chunk_id, payload),
            words=places.words(set(terms)),
            compared=compared_values(request.filters, payload),
            candidates=self.stages.rankings.depth(request),
            depth=depth,
            dense=dense,
            sparse=sparse,
            fused=_fused_place(chunk_id, found, own, everything, depth=depth, request=request),
            ending=_ending(chunk_id, collection, request, read=read, fresh=fresh, shown=shown),
            best_similarity=max(best, default=None),
            has_all_words=has_all_words(
                request.query,
                (with_headings(each.chunk) for each in shown[: request.answer_passages]),
                self.stages.bm25.terms,
            ),
            looks_for_repeats=collection.deduplication.near is not None,
            reranks=self.stages.reranker.reads(request),
            rerank_failed=reranked.seconds is None,
        )
        return explanation_of(course)

    async def _reranked(
        self, collection: Collection, request: ExplainRequest, read: ReadRanking, shown: list[Passage]
    ) -> Reranked:
        """As the search does it: the first in full, in the reranker's order; then the others."""
        count = self.stages.reranker.reads(request)
        in_full = await self.stages.reader.in_full(collection, shown[:count], read.chunks) if count else []
        return await self.stages.reranker.rank(request, [*in_full, *shown[count:]])


def _furthest(
    own: Rankings,
    fallback: str,
    *,
    shown: Iterable[Passage],
    read: ReadRanking,
    fused: Iterable[Fused],
    request: ExplainRequest,
) -> str:
    """The document's chunk that came furthest: shown best, else read, else a candidate, else nearest to be one."""
    mine = own.dense.keys() | own.sparse.keys()
    ways = ([each.id for each in shown], [each.id for each in read.ranked], [each.id for each in fused])
    best = (next((identity for identity in way if identity in mine), None) for way in ways)
    nearest = next((each.id for each in fuse(own, request, limit=1)), fallback)
    return next((identity for identity in best if identity is not None), nearest)


def _fused_place(
    chunk: str, found: Rankings, own: Rankings, everything: list[Fused], *, depth: int, request: ExplainRequest
) -> Place:
    last = everything[depth - 1].score if len(everything) >= depth else None
    rank = next((place for place, each in enumerate(everything, start=1) if each.id == chunk), None)
    if rank is not None:
        return Place(everything[rank - 1].score, rank, last, kept=rank <= depth)
    supposed = replace(found, dense=_with(found.dense, own.dense, chunk), sparse=_with(found.sparse, own.sparse, chunk))
    scores = {each.id: each.score for each in fuse(supposed, request, limit=_ALL)}
    return Place(scores.get(chunk), None, last, kept=False)


def _with(scores: Mapping[str, float], more: Mapping[str, float], chunk: str) -> dict[str, float]:
    return {**scores, chunk: more[chunk]} if chunk in more else dict(scores)


def _ending(
    chunk: str,
    collection: Collection,
    request: ExplainRequest,
    *,
    read: ReadRanking,
    fresh: list[Passage],
    shown: list[Passage],
) -> Ending | None:
    ranked = {each.id: each for each in read.ranked}
    if chunk not in ranked:
        return None
    ordered = place_in({each.id: each.score for each in read.ranked}, chunk, limit=len(ranked))
    texts = {each.id: each for each in read.passages()}
    better = None
    if collection.deduplication.near is not None and all(each.id != chunk for each in fresh):
        better = repeated(texts[chunk], fresh, threshold=collection.deduplication.near)
    return Ending(
        phrases=ranked[chunk].phrases,
        ordered=ordered,
        repeats=better.chunk.source if better else None,
        reranked=_reranked_place(chunk, shown),
        final=None if better else place_among([(p.id, p.scores.final) for p in shown], chunk, limit=request.limit),
    )


def _reranked_place(chunk: str, shown: list[Passage]) -> Place | None:
    scored = [(each.id, each.scores.rerank) for each in shown if each.scores.rerank is not None]
    place = place_among(scored, chunk, limit=max(1, len(scored)))
    return place if place.kept else None


def _shown_chunk(identity: str, chunk: ChunkPayload) -> ExplainedChunk:
    return ExplainedChunk(
        id=identity,
        document_id=chunk.document_id,
        source=chunk.source,
        title=chunk.title,
        index=chunk.index,
        page=chunk.page,
        text=chunk.text,
    )
