"""From a ranking of chunks to the passages that are shown."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from services.retrieval.domain.condense import first_of_each_passage, without_repeats
from services.retrieval.domain.fusion import Fused
from services.retrieval.errors import OtherEmbeddingModelError
from services.shared.components.chunkers.joining import TextJoiner
from services.shared.components.indexes.qdrant import ChunkIndex
from services.shared.contracts.chunking import ChunkerName
from services.shared.contracts.chunks import ChunkPayload, chunk_id
from services.shared.contracts.corpus import Collection
from services.shared.contracts.search import FoundChunk, Passage, PassageScores

Reorder = Callable[[Sequence[Fused], Mapping[str, ChunkPayload]], list[Fused]]


def needs_spare(collection: Collection) -> bool:
    """Whether some of a ranking may be left out, so that more of it is needed than is to be shown."""
    return reads_in_passages(collection) or collection.deduplication.near is not None


@dataclass(frozen=True)
class ReadRanking:
    """A ranking, best first, and its chunks by id."""

    ranked: Sequence[Fused]
    chunks: Mapping[str, ChunkPayload]

    def passages(self) -> Iterator[Passage]:
        """Passages of a chunk each, made as they are asked for."""
        return (_passage(each, self.chunks[each.id]) for each in self.ranked)


@dataclass(frozen=True)
class PassageReader:
    """Reads what a ranking found."""

    index: ChunkIndex

    async def read(
        self, collection: Collection, ranked: Sequence[Fused], *, limit: int, reorder: Reorder | None = None
    ) -> list[Passage]:
        """The passages, best first. Chunks that were deleted since they were ranked are left out.

        `reorder` ranks anew when the texts are known.

        Raises:
            OtherEmbeddingModelError: a chunk's vector is of another model than the collection's.
        """
        found = await self.order(collection, ranked, reorder=reorder)
        shown = distinct(collection, merged(collection, found.passages()))
        return await self.in_full(collection, list(islice(shown, limit)), found.chunks)

    async def order(self, collection: Collection, ranked: Sequence[Fused], *, reorder: Reorder | None) -> ReadRanking:
        """The chunks of a ranking in the order that their texts give them; raises as `read` does."""
        chunks = await self.index.chunks(collection.index, [each.id for each in ranked])
        _check_model(collection, chunks)
        known = [each for each in ranked if each.id in chunks]
        ordered = reorder(known, chunks) if reorder is not None else known
        return ReadRanking(ordered, chunks)

    async def in_full(
        self, collection: Collection, passages: Sequence[Passage], known: Mapping[str, ChunkPayload]
    ) -> list[Passage]:
        """The same, with the larger passages that chunks are to be read in."""
        wanted = {part for each in passages for part in _parts(each.chunk)} - known.keys()
        chunks = {**known, **await self.index.chunks(collection.index, sorted(wanted))}
        return [_whole(each, chunks) for each in passages]


def merged(collection: Collection, ranked: Iterable[Passage]) -> Iterator[Passage]:
    """Each larger passage once, where the collection reads chunks in such."""
    return first_of_each_passage(ranked) if reads_in_passages(collection) else iter(ranked)


def distinct(collection: Collection, ranked: Iterable[Passage]) -> Iterator[Passage]:
    """Nothing that says nearly the same as a better one, where the collection wants that."""
    near = collection.deduplication.near
    return iter(ranked) if near is None else without_repeats(ranked, threshold=near)


def reads_in_passages(collection: Collection) -> bool:
    """Whether chunks are found, and shown in larger passages."""
    return collection.chunking is not None and collection.chunking.chunker is ChunkerName.PARENT_CHILD


def _check_model(collection: Collection, chunks: Mapping[str, ChunkPayload]) -> None:
    other = next((chunk for chunk in chunks.values() if chunk.embedding_model != collection.embedding_model), None)
    if other is not None:
        raise OtherEmbeddingModelError(
            f"The index of '{collection.name}' holds chunks of '{other.embedding_model}', but the collection's "
            f"model is '{collection.embedding_model}'; look at 'ragworks collections versions {collection.name}'."
        )


def _passage(fused: Fused, chunk: ChunkPayload) -> Passage:
    scores = PassageScores(fused=fused.score, dense=fused.dense, sparse=fused.sparse, phrases=fused.phrases)
    return Passage(id=fused.id, scores=scores, chunk=chunk)


def _parts(chunk: ChunkPayload) -> list[str]:
    """The ids of the chunks that make the passage, in order."""
    if chunk.parent is None:
        return []
    first, last = chunk.parent
    return [str(chunk_id(chunk.document_id, chunk.document_version, index)) for index in range(first, last + 1)]


def _whole(passage: Passage, chunks: Mapping[str, ChunkPayload]) -> Passage:
    """The passage in full; as it was found when some of it is gone meanwhile."""
    parts = [chunks[each] for each in _parts(passage.chunk) if each in chunks]
    if not parts or len(parts) < len(_parts(passage.chunk)):
        return passage
    first, found = parts[0], passage.chunk
    joiner = TextJoiner(first.char_start)
    text = "".join(joiner.add(part.text, start=part.char_start, end=part.char_end) for part in parts)
    span = {"char_start": first.char_start, "char_end": parts[-1].char_end}
    whole = found.model_copy(update={"text": text, "headings": first.headings, "page": first.page, **span})
    part = FoundChunk(index=found.index, char_start=found.char_start, char_end=found.char_end, page=found.page)
    return passage.model_copy(update={"chunk": whole, "found": part})
