"""Deletion with a receipt: documents and collections with everything that is kept of them, originals included.

The receipt is opened in the transaction that hides what is deleted. Whatever dies then, the ingest worker's regular
looks (`finish`) end the deletion, and issue the receipt only when nothing is left.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from services.shared.components.catalogue import collections, documents, files, jobs, receipts, twins
from services.shared.components.catalogue.blobs import BlobStore
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.catalogue.deletions import Deletions
from services.shared.components.catalogue.documents import DocumentKey
from services.shared.components.catalogue.reasons import JobStop
from services.shared.components.catalogue.receipt_signing import ReceiptKey
from services.shared.contracts.corpus import Collection
from services.shared.contracts.receipts import ErasedFile, Receipt
from services.shared.kit.errors import PlatformError
from services.shared.kit.telemetry import get_logger

_log = get_logger("erasure")


@dataclass(frozen=True)
class Erasure:
    """Deletes with receipts."""

    catalogue: Catalogue
    blobs: BlobStore
    deletions: Deletions
    key: ReceiptKey

    async def erase_document(self, document_id: str, *, principal: str | None) -> Receipt:
        """Delete the document from every version of its collection; its receipt, issued when nothing is left.

        Raises:
            NotFoundError: there is none.
        """
        receipt, keys = await asyncio.to_thread(self._hide_document, document_id, principal)
        for key in keys:
            await self.deletions.finish_document(key)
        return await asyncio.to_thread(self._try_to_issue, receipt)

    async def erase_collection(self, id_or_name: str, *, principal: str | None) -> Receipt:
        """Delete the collection with all its versions and documents; its receipt, issued when nothing is left.

        Raises:
            NotFoundError: there is none.
        """
        receipt, versions = await asyncio.to_thread(self._hide_collection, id_or_name, principal)
        for each in versions:
            await self.deletions.finish_collection(each.id, each.name, each.index)
        return await asyncio.to_thread(self._try_to_issue, receipt)

    async def finish(self) -> None:
        """Bring interrupted deletions to their end, and issue the receipts of those that are there."""
        await self.deletions.finish()
        for receipt in await asyncio.to_thread(self._pending):
            await asyncio.to_thread(self._try_to_issue, receipt)

    def _hide_document(self, document_id: str, principal: str | None) -> tuple[Receipt, list[DocumentKey]]:
        with self.catalogue.write() as connection:
            found = documents.get(connection, document_id)
            keys = [documents.key_of(connection, document_id), *twins.same_documents(connection, document_id)]
            collection = collections.get(connection, found.collection)
            ids = [key.document_id for key in keys]
            receipt = receipts.open_for_document(connection, collection, ids, principal=principal)
            for each in ids:
                documents.mark_deleting(connection, each)
            return receipt, keys

    def _hide_collection(self, id_or_name: str, principal: str | None) -> tuple[Receipt, list[Collection]]:
        with self.catalogue.write() as connection:
            collection = collections.get(connection, id_or_name)
            versions = [*twins.of(connection, collection), collection]
            ids = [each.id for each in versions]
            receipt = receipts.open_for_collection(connection, collection, ids, principal=principal)
            for each in ids:
                collections.mark_deleting(connection, each)
                jobs.stop_all(connection, each, JobStop.COLLECTION_DELETED)
            return receipt, versions

    def _pending(self) -> list[Receipt]:
        with self.catalogue.read() as connection:
            return receipts.pending(connection)

    def _try_to_issue(self, receipt: Receipt) -> Receipt:
        """The receipt, issued if ledger and index have nothing of it any more; rows go only after their points."""
        try:
            with self.catalogue.write() as connection:
                current = receipts.get(connection, receipt.id)
                if current.issued_at is not None or self._is_left(connection, current):
                    return current
                issued = self._issued(connection, current)
                receipts.issue(connection, issued)
                return issued
        except PlatformError as error:
            _log.warning("receipt_deferred", receipt_id=receipt.id, reason=error.message)
            return receipt

    def _is_left(self, connection: Connection, receipt: Receipt) -> bool:
        if receipt.subject == "collection" and receipts.collection_left(connection, receipt.collection_id):
            return True
        attempted = receipts.rows_left(connection, receipt).values()
        return any(each <= receipt.requested_at for each in attempted)  # later ones were put in again

    def _issued(self, connection: Connection, receipt: Receipt) -> Receipt:
        removed = [
            erased
            for file_id in receipts.files_of(connection, receipt)
            if (erased := self._remove_file(connection, file_id)) is not None
        ]
        entries = receipts.redact(connection, receipt)
        done = {"files": removed, "job_entries": entries, "issued_at": datetime.now(UTC)}
        complete = receipt.model_copy(update=done)
        return complete.model_copy(update={"signature": self.key.sign(complete)})

    def _remove_file(self, connection: Connection, file_id: str) -> ErasedFile | None:
        record = files.by_id(connection, [file_id]).get(file_id)
        if record is None:
            return None
        outcome = "kept"
        if not receipts.still_wanted(connection, file_id):
            last = files.remove(connection, record)
            if last:
                # Inside the transaction: an upload of the same bytes waits for it, and then writes them anew.
                self.blobs.remove(record.sha256)
            outcome = "removed" if last else "bytes_shared"
        return ErasedFile(file_id=file_id, sha256=record.sha256, bytes=record.bytes, outcome=outcome)
