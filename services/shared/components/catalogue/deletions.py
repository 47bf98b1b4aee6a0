"""Deleting collections and documents: from the ledger, the index and the disk, in an order that survives a kill.

First the ledger hides what is deleted, then its points go, then its rows: an interrupted deletion can only leave
hidden rows behind, which `finish` takes up again. Rows stay while a running job may still write points of theirs.
"""

import asyncio
from dataclasses import dataclass

from services.shared.components.catalogue import collections, copies, documents, files, imports, jobs, twins
from services.shared.components.catalogue.blobs import BlobStore
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.catalogue.documents import DocumentKey
from services.shared.components.catalogue.reasons import JobStop
from services.shared.components.indexes.qdrant import ChunkIndex
from services.shared.contracts.corpus import Collection
from services.shared.kit.errors import NotFoundError, PlatformError
from services.shared.kit.telemetry import get_logger

_FILES_AT_ONCE = 200
_log = get_logger("deletions")


@dataclass(frozen=True)
class Deletions:
    """Deletes in ledger, index and blobs alike. When the index is down, `finish` does the rest later."""

    catalogue: Catalogue
    blobs: BlobStore
    index: ChunkIndex

    async def delete_collection(self, id_or_name: str) -> str:
        """Delete the collection with all its documents; its id.

        Raises:
            NotFoundError: there is none.
        """
        collection, *twins = await asyncio.to_thread(self._hide_collection, id_or_name)
        for each in (*twins, collection):
            await self.finish_collection(each.id, each.name, each.index)
        return collection.id

    async def delete_document(self, document: DocumentKey) -> None:
        """Delete the document from every version of its collection; nothing happens when there is none."""
        for each in (document, *await asyncio.to_thread(self._hide_document, document)):
            await self.finish_document(each)

    async def finish(self) -> None:
        """Bring every interrupted deletion to its end, as far as running jobs and the index allow."""
        for collection in await asyncio.to_thread(self._deleting_collections):
            await self.finish_collection(*collection)
        for document in await asyncio.to_thread(self._deleting_documents):
            await self.finish_document(document)

    async def remove_abandoned(self) -> None:
        """Remove the files that syncs and imports brought and no document stands on any more."""
        while await asyncio.to_thread(self._remove_abandoned):
            pass

    def _remove_abandoned(self) -> int:
        with self.catalogue.write() as connection:
            found = files.abandoned(connection, purposes=files.BROUGHT, limit=_FILES_AT_ONCE)
            for record in found:
                if files.remove(connection, file_id=record.id, sha256=record.sha256):
                    self.blobs.remove(record.sha256)
            return len(found)

    def _hide_collection(self, id_or_name: str) -> list[Collection]:
        with self.catalogue.write() as connection:
            collection = collections.get(connection, id_or_name)
            versions = [collection, *twins.of(connection, collection)]
            for each in versions:
                collections.mark_deleting(connection, each.id)
                jobs.stop_all(connection, each.id, JobStop.COLLECTION_DELETED)
            return versions

    def _hide_document(self, document: DocumentKey) -> list[DocumentKey]:
        with self.catalogue.write() as connection:
            others = twins.same_documents(connection, document.document_id)
            for each in (document, *others):
                documents.mark_deleting(connection, each.document_id)
            return others

    async def finish_collection(self, collection_id: str, name: str, index: str) -> None:
        """Remove a hidden collection's points, then its rows, as far as running jobs and the index allow."""
        try:
            await self.index.delete_collection(name, physical=index)
        except PlatformError as error:
            _log.warning("deletion_deferred", collection=name, reason=error.message)
            return
        while await asyncio.to_thread(self._discard_imported, collection_id):
            pass
        await asyncio.to_thread(self._remove_collection, collection_id)

    async def finish_document(self, document: DocumentKey) -> None:
        """Remove a hidden document's points, then its row, as far as running jobs and the index allow."""
        if await asyncio.to_thread(self._is_shared, document.document_id):
            return  # its chunks are others', too: the ingest worker first hands them over, within seconds
        try:
            await self.index.delete_document(document.collection, document.document_id)
        except NotFoundError:
            pass  # no collection, no points
        except PlatformError as error:
            _log.warning("deletion_deferred", document_id=document.document_id, reason=error.message)
            return
        await asyncio.to_thread(self._remove_document, document.document_id)

    def _remove_collection(self, collection_id: str) -> None:
        with self.catalogue.write() as connection:
            collections.remove(connection, collection_id)

    def _discard_imported(self, collection_id: str) -> int:
        with self.catalogue.write() as connection:
            found = imports.discard(connection, collection_id, limit=_FILES_AT_ONCE)
            for record in found:
                if files.remove(connection, file_id=record.id, sha256=record.sha256):
                    self.blobs.remove(record.sha256)
            return len(found)

    def _remove_document(self, document_id: str) -> None:
        with self.catalogue.write() as connection:
            documents.remove(connection, document_id)

    def _is_shared(self, document_id: str) -> bool:
        with self.catalogue.read() as connection:
            return copies.in_use(connection, document_id)

    def _deleting_collections(self) -> list[tuple[str, str, str]]:
        with self.catalogue.read() as connection:
            return collections.deleting(connection)

    def _deleting_documents(self) -> list[DocumentKey]:
        with self.catalogue.read() as connection:
            return documents.deleting(connection)
