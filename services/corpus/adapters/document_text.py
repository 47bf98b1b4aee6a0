"""What is in a document, read back from the index: its chunks in order, and the text they cover.

The parsed text is stored once, as the chunks: chunks cover all of it but white space, and their spans say where each
belongs. So what is shown is what is searched, and a deletion has no second copy to miss.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from services.corpus.domain.access import may_read
from services.shared.components.catalogue import collections, documents, history
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.chunkers.joining import TextJoiner
from services.shared.components.indexes.qdrant import ChunkIndex
from services.shared.contracts.chunks import ChunkPayload, chunk_id
from services.shared.contracts.documents import DocumentChunk
from services.shared.kit.errors import ConflictError, NotFoundError
from services.shared.kit.paging import Page

_AT_ONCE = 256


@dataclass(frozen=True)
class _Stored:
    """A document, and the index that has its chunks."""

    id: str
    owner: str
    """Of equal documents one has the chunks."""
    version: str
    total: int
    index: str

    def chunk_id(self, position: int) -> str:
        return str(chunk_id(self.owner, self.version, position))


@dataclass(frozen=True)
class DocumentReader:
    """Reads documents for a principal."""

    catalogue: Catalogue
    index: ChunkIndex

    async def chunks(self, document_id: str, *, principal: str | None, after: int, limit: int) -> Page[DocumentChunk]:
        """Chunks of the document, from the one after position `after` (-1: the first) on.

        Raises:
            NotFoundError: there is no such document for this principal.
            ConflictError: it is being replaced or deleted just now.
        """
        document = await self._readable(document_id, principal)
        first = after + 1
        wanted = min(limit, max(0, document.total - first))
        found = await self._chunks(document, first, wanted)
        shown = [_shown(document, chunk) for chunk in found]
        return Page(shown, has_more=first + wanted < document.total)

    async def text(self, document_id: str, *, principal: str | None) -> AsyncGenerator[str]:
        """The document's text, piece by piece; what `chunks` raises is raised before the first piece.

        When the document is replaced while it is read, the rest is missing: a ConflictError says so.
        """
        document = await self._readable(document_id, principal)
        joiner = TextJoiner()
        for first in range(0, document.total, _AT_ONCE):
            for chunk in await self._chunks(document, first, min(_AT_ONCE, document.total - first)):
                yield joiner.add(chunk.text, start=chunk.char_start, end=chunk.char_end)

    async def _readable(self, document_id: str, principal: str | None) -> _Stored:
        document, readers = await asyncio.to_thread(self._look_up, document_id)
        if not may_read(principal, readers):
            raise NotFoundError(f"There is no document '{document_id}' for you.", code="document_not_found")
        return document

    def _look_up(self, document_id: str) -> tuple[_Stored, tuple[str, ...]]:
        with self.catalogue.read() as connection:
            found = documents.get(connection, document_id)
            index = collections.get(connection, found.collection).index
            readers = history.readers(connection, document_id)
        stored = _Stored(found.id, found.copy_of or found.id, found.version, found.chunks, index)
        return stored, readers

    async def _chunks(self, document: _Stored, first: int, count: int) -> list[ChunkPayload]:
        """Their ids follow from document, version and position, so no page needs a search or a sort."""
        ids = [document.chunk_id(position) for position in range(first, first + count)]
        found = await self.index.chunks(document.index, ids)
        if len(found) < len(ids):
            raise ConflictError(
                f"The document '{document.id}' is being replaced or deleted just now; try again in a few seconds.",
                code="document_changing",
            )
        return [found[each] for each in ids]


def _shown(document: _Stored, chunk: ChunkPayload) -> DocumentChunk:
    return DocumentChunk(
        id=document.chunk_id(chunk.index),
        index=chunk.index,
        text=chunk.text,
        headings=chunk.headings,
        page=chunk.page,
        char_start=chunk.char_start,
        char_end=chunk.char_end,
        content_hash=chunk.content_hash,
    )
