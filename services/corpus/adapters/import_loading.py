"""Takes what an archive holds into ledger, disk and index, as it comes in."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from services.corpus.adapters.import_ledger import ImportLedger
from services.shared.components.archives import vectors
from services.shared.components.archives.layout import DOCUMENTS_PER_PART, InvalidArchiveError
from services.shared.components.archives.reader import Found, OriginalBegins, OriginalEnds, OriginalPiece, Part
from services.shared.components.archives.vectors import Vectors
from services.shared.components.catalogue.blobs import BlobStore, BlobWriter
from services.shared.components.catalogue.files import FileRecord
from services.shared.components.indexes.points import IndexedChunk
from services.shared.components.indexes.qdrant import ChunkIndex
from services.shared.contracts.archives import ArchivedChunk, ArchivedDocument, ArchiveHeader, ArchiveManifest
from services.shared.contracts.chunks import ChunkPayload, chunk_id, document_id
from services.shared.contracts.corpus import Collection

T = TypeVar("T", bound=BaseModel)

_AT_ONCE = 256


class Loading:
    """One archive on its way in. A context manager: originals that did not get to a document are gone afterwards."""

    def __init__(self, ledger: ImportLedger, blobs: BlobStore, index: ChunkIndex) -> None:
        self.documents = self.chunks = self.originals = 0
        self.manifest: ArchiveManifest | None = None
        self._ledger = ledger
        self._blobs = blobs
        self._index = index
        self._stack = ExitStack()
        self._incoming: dict[str, BlobWriter] = {}
        self._writer: BlobWriter | None = None
        self._unit: dict[int, tuple[ArchivedDocument, FileRecord]] = {}
        self._waiting: list[ArchivedChunk] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def _collection(self) -> Collection:
        return self._ledger.running.collection

    async def take(self, found: Found) -> None:
        """Take in what the archive brings next.

        Raises:
            InvalidArchiveError: it does not fit to what came before.
            ConflictError: the import was given up.
            PlatformError: ledger, disk or index failed.
        """
        match found:
            case OriginalBegins():
                self._begin_original(found.sha256)
            case OriginalPiece():
                await self._append(found.data)
            case OriginalEnds():
                await asyncio.to_thread(self._end_original, found.sha256)
            case Part():
                await self._part(found)
            case ArchiveManifest():
                self.manifest = found
            case ArchiveHeader():
                pass

    async def finish(self) -> None:
        """Check that all was there that the archive itself counts.

        Raises:
            InvalidArchiveError: it was not.
        """
        await self._check_unit()
        manifest = self.manifest
        counted = (self.documents, self.chunks, self.originals)
        if manifest is None or counted != (manifest.documents, manifest.chunks, manifest.originals):
            raise InvalidArchiveError(
                f"The archive has {self.documents} documents, {self.chunks} chunks and {self.originals} originals, and "
                "says of itself that it has others."
            )

    def _begin_original(self, sha256: str) -> None:
        if len(self._incoming) >= DOCUMENTS_PER_PART or sha256 in self._incoming:
            raise InvalidArchiveError("The archive has originals that belong to no document.")
        self._writer = self._stack.enter_context(self._blobs.begin())

    async def _append(self, data: bytes) -> None:
        if self._writer is not None:
            await asyncio.to_thread(self._writer.write, data)

    def _end_original(self, sha256: str) -> None:
        if self._writer is not None:
            self._writer.finish()
            self._incoming[sha256] = self._writer
            self.originals += 1

    async def _part(self, part: Part) -> None:
        if part.kind == "documents":
            await self._check_unit()
            await self._add_documents(_lines(part.content, ArchivedDocument))
        elif part.kind == "chunks":
            self._waiting = _lines(part.content, ArchivedChunk)
            self.chunks += len(self._waiting)
        elif not self._ledger.running.embeds:
            await self._store(part.content)

    async def _add_documents(self, archived: Sequence[ArchivedDocument]) -> None:
        numbers = [each.number for each in archived]
        first = self.documents + 1
        if not archived or numbers != list(range(first, first + len(archived))):
            raise InvalidArchiveError("The documents of the archive are not numbered as they were written.")
        surplus = self._incoming.keys() - {each.version for each in archived}
        if surplus:
            raise InvalidArchiveError("The archive has originals that belong to no document.")
        made = await asyncio.to_thread(self._ledger.add, archived, self._incoming)
        self._unit = {each.number: (each, made[each.number]) for each in archived}
        self.documents += len(archived)
        self._incoming = {}
        await asyncio.to_thread(self._stack.close)

    async def _store(self, content: bytes) -> None:
        count, dimensions = len(self._waiting), self._collection.dimensions
        points = await asyncio.to_thread(
            lambda: list(self._points(vectors.unpack(content, count=count, dimensions=dimensions)))
        )
        for start in range(0, len(points), _AT_ONCE):
            await self._index.upsert(self._collection.index, points[start : start + _AT_ONCE])

    def _points(self, unpacked: Sequence[Vectors]) -> Iterator[IndexedChunk]:
        for chunk, (dense, sparse) in zip(self._waiting, unpacked, strict=True):
            document, record = self._unit.get(chunk.document, (None, None))
            if document is None or record is None or document.copy_of or chunk.index >= document.chunks:
                raise InvalidArchiveError(f"A chunk of the archive belongs to no document (number {chunk.document}).")
            owner = document_id(self._collection.seed, document.source)
            yield IndexedChunk(
                id=chunk_id(owner, document.version, chunk.index),
                payload=self._payload(chunk, document, record),
                dense=dense,
                sparse=sparse,
            )

    def _payload(self, chunk: ArchivedChunk, document: ArchivedDocument, record: FileRecord) -> ChunkPayload:
        return ChunkPayload(
            collection=self._collection.name,
            document_id=document_id(self._collection.seed, document.source),
            document_version=document.version,
            source=document.source,
            title=document.title,
            embedding_model=self._collection.embedding_model,
            access=document.access,
            ingested_at=document.ingested_at,
            file_id=record.id,
            language=document.language,
            attributes=document.attributes,
            **chunk.model_dump(exclude={"document"}),
        )

    async def _check_unit(self) -> None:
        """All chunks of the documents that came last are in the index: before the next come, or all becomes visible."""
        if self._incoming and self.manifest is not None:
            raise InvalidArchiveError("The archive has originals that belong to no document.")
        if self._ledger.running.embeds:
            return
        own = [document for document, _ in self._unit.values() if document.copy_of is None]
        versions = {document_id(self._collection.seed, each.source): each.version for each in own}
        stored = await self._index.count_documents(self._collection.index, versions)
        for each in own:
            found = stored[document_id(self._collection.seed, each.source)]
            if found != each.chunks:
                raise InvalidArchiveError(
                    f"The archive has {found} of the {each.chunks} chunks of {each.source!r}; it is not complete."
                )


def _lines(content: bytes, model: type[T]) -> list[T]:
    try:
        return [model.model_validate(orjson.loads(line), strict=False) for line in content.splitlines()]
    except (orjson.JSONDecodeError, ValidationError) as error:
        detail = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise InvalidArchiveError(f"A record of the archive cannot be read: {detail}.") from error
