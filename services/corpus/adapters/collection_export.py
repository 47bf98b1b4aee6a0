"""Reads a collection for an archive while it is in use.

Documents are taken one after the other, each as a whole: its row of the ledger, and chunks that belong to that row.
One that is being replaced just then is read again; if it stays so it is left out, and the archive says so. Documents
whose chunks are those of another come last, when it is known which version of that other the archive has.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

from services.corpus.adapters.export_members import ArchiveMembers
from services.corpus.adapters.export_records import encode_chunks, header_of, ids_of, is_whole
from services.corpus.adapters.export_spool import Parts, Written
from services.shared.components.archives.layout import CHUNKS_PER_PART, DOCUMENTS_PER_PART, HEADER
from services.shared.components.archives.writer import ArchiveWriter
from services.shared.components.catalogue import collections, exports
from services.shared.components.catalogue.blobs import BlobStore
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.catalogue.exports import Exportable
from services.shared.components.indexes.points import IndexedChunk
from services.shared.components.indexes.qdrant import ChunkIndex
from services.shared.contracts.corpus import CountedCollection
from services.shared.kit.errors import ConflictError
from services.shared.kit.telemetry import get_logger

_LOOKS = 6
_PAUSE_S = 0.3
_BEING_REPLACED = "It was being replaced while the collection was exported."
_INCOMPLETE = "The index does not hold all of its chunks; 'ragworks reconcile --repair' mends that."
_ORIGINAL_GONE = "Its original is not on disk any more."
_log = get_logger("export")

_WithChunks = tuple[Exportable, Sequence[IndexedChunk]]


@dataclass(frozen=True)
class Exporter:
    """Exports collections."""

    catalogue: Catalogue
    blobs: BlobStore
    index: ChunkIndex

    async def export(self, collection: CountedCollection) -> AsyncGenerator[bytes]:
        """The archive, piece by piece.

        Raises:
            ConflictError: the collection was deleted or switched to another version meanwhile.
            PlatformError: ledger or index are away.
        """
        folder = self.blobs.folder / "exports"
        with Written() as written, ArchiveWriter(folder) as writer:
            members = ArchiveMembers(writer, self.blobs, written)
            reading = _Reading(self, collection, members)
            await self.index.stored(collection.index, [])  # an index that is away is told before the archive begins
            yield writer.member(HEADER, header_of(collection, datetime.now(UTC)))
            async for piece in reading.documents():
                yield piece
            yield members.manifest()
            for piece in writer.ending():
                yield piece
        _log.info("collection_exported", collection=collection.name, documents=members.next_number - 1)


class _Reading:
    """The way through one collection."""

    def __init__(self, exporter: Exporter, collection: CountedCollection, members: ArchiveMembers) -> None:
        self._catalogue = exporter.catalogue
        self._folder = exporter.blobs.folder / "exports"
        self._index = exporter.index
        self._collection = collection
        self._members = members

    async def documents(self) -> AsyncGenerator[bytes]:
        """All documents; in a second round those that the first passed over: references, and what came meanwhile."""
        for references in (False, True):
            async for group in self._round(references=references):
                async for piece in self._group(group):
                    yield piece

    async def _round(self, *, references: bool) -> AsyncGenerator[list[Exportable]]:
        seq = 0
        while page := await asyncio.to_thread(self._page, seq):
            seq = page[-1].seq
            for group in _groups([each for each in page if self._is_wanted(each, references=references)]):
                yield group

    def _page(self, seq: int) -> list[Exportable]:
        with self._catalogue.read() as connection:
            now = collections.find(connection, self._collection.id)
            if now is None or now.index != self._collection.index:
                raise ConflictError(
                    f"'{self._collection.name}' was deleted or switched to another version while it was exported; "
                    "export it again.",
                    code="collection_changed",
                )
            return exports.after(connection, self._collection.id, seq, limit=DOCUMENTS_PER_PART)

    def _is_wanted(self, document: Exportable, *, references: bool) -> bool:
        return (references or document.copy_of is None) and self._members.written.version(document.id) is None

    async def _group(self, group: Sequence[Exportable]) -> AsyncGenerator[bytes]:
        """Documents that fit into one part; what is not whole at the first look is looked at alone."""
        with ExitStack() as stack, Parts(self._folder) as parts:
            there, originals = await asyncio.to_thread(self._members.open_originals, group, stack)
            whole = await self._whole(there)
            await asyncio.to_thread(self._keep, parts, whole)
            taken = [document for document, _ in whole]
            async for piece in self._members.unit(taken, parts, originals):
                yield piece
        for each in group:
            if each not in taken:
                async for piece in self._alone(each):
                    yield piece

    async def _whole(self, documents: Sequence[Exportable]) -> list[_WithChunks]:
        """The documents that are whole, with those of their chunks that the archive has not got yet."""
        wanted = {each.id: self._missing_ids(each) for each in documents}
        ids = [id_ for each in wanted.values() for id_ in each]
        if len(ids) > CHUNKS_PER_PART:
            return []
        found = await self._index.stored(self._collection.index, ids) if ids else {}
        chunks = {each.id: [found[id_] for id_ in wanted[each.id] if id_ in found] for each in documents}
        return [
            (each, chunks[each.id])
            for each in documents
            if is_whole(each, chunks[each.id], len(wanted[each.id]), strictly=True)
        ]

    async def _alone(self, document: Exportable) -> AsyncGenerator[bytes]:
        """One document of any size, looked at again while something happens to it."""
        reason = _BEING_REPLACED
        for look in range(_LOOKS):
            current = await asyncio.to_thread(self._current, document.id)
            if current is None:
                return  # it was deleted
            with ExitStack() as stack, Parts(self._folder) as parts:
                there, originals = await asyncio.to_thread(self._members.open_originals, [current], stack)
                if there and await self._gather(current, parts):
                    async for piece in self._members.unit([current], parts, originals):
                        yield piece
                    return
            if not current.changing and await asyncio.to_thread(self._current, document.id) == current:
                reason = _INCOMPLETE if there else _ORIGINAL_GONE
                break
            await asyncio.sleep(_PAUSE_S * (look + 1))
        self._members.leave_out(document, reason)

    async def _gather(self, document: Exportable, parts: Parts) -> bool:
        """Whether all chunks of the document were found, and it was the same before and afterwards."""
        number, ids = self._members.next_number, self._missing_ids(document)
        for start in range(0, len(ids), CHUNKS_PER_PART):
            wanted = ids[start : start + CHUNKS_PER_PART]
            found = await self._index.stored(self._collection.index, wanted)
            chunks = [found[id_] for id_ in wanted if id_ in found]
            if not is_whole(document, chunks, len(wanted), strictly=document.changing):
                return False
            parts.add(*await asyncio.to_thread(encode_chunks, [(number, each) for each in chunks]))
        return await asyncio.to_thread(self._current, document.id) == document

    def _missing_ids(self, document: Exportable) -> list[str]:
        """The ids of the chunks that the archive has not got with another document."""
        return [] if self._members.refers(document) else ids_of(document)

    def _current(self, document_id: str) -> Exportable | None:
        with self._catalogue.read() as connection:
            return exports.current(connection, self._collection.id, document_id)

    def _keep(self, parts: Parts, whole: Sequence[_WithChunks]) -> None:
        first = self._members.next_number
        numbered = [(number, chunk) for number, (_, chunks) in enumerate(whole, start=first) for chunk in chunks]
        if numbered:
            parts.add(*encode_chunks(numbered))


def _groups(documents: Sequence[Exportable]) -> Iterator[list[Exportable]]:
    """The documents in portions whose chunks fit into one part; a large one by itself."""
    group: list[Exportable] = []
    chunks = 0
    for each in documents:
        if group and chunks + each.chunks > CHUNKS_PER_PART:
            yield group
            group, chunks = [], 0
        group.append(each)
        chunks += each.chunks
    if group:
        yield group
