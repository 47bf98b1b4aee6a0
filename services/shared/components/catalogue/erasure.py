"""Deletion with a receipt: of a document, a collection, a file, what a source brought, what belongs to a principal.

The receipt is opened in the transaction that hides what is deleted. Whatever dies then, the ingest worker's regular
looks (`finish`) end the deletion, and issue the receipt only when nothing is left.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection

from services.shared.components.catalogue import files, hiding, principals, receipts, traces
from services.shared.components.catalogue.answer_references import AnswerReferences
from services.shared.components.catalogue.blobs import BlobStore
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.catalogue.deletions import Deletions
from services.shared.components.catalogue.files import BROUGHT, FileRecord
from services.shared.components.catalogue.receipt_signing import ReceiptKey
from services.shared.components.catalogue.receipts import Order
from services.shared.contracts.receipts import ErasedFile, Receipt
from services.shared.contracts.references import References
from services.shared.kit.errors import PlatformError
from services.shared.kit.telemetry import get_logger

T = TypeVar("T")
_log = get_logger("erasure")


@dataclass(frozen=True)
class Erasure:
    """Deletes with receipts, which are issued when nothing is left: at once where that is quick, else by the worker."""

    catalogue: Catalogue
    blobs: BlobStore
    deletions: Deletions
    key: ReceiptKey
    answers: AnswerReferences

    async def erase_document(self, document_id: str, *, principal: str | None) -> Receipt:
        """Delete the document from every version of its collection.

        Raises:
            NotFoundError: there is none.
        """
        order = Order("document", principal)
        receipt, keys = await self._write(lambda connection: hiding.hide_document(connection, order, document_id))
        for key in keys:
            await self.deletions.finish_document(key)
        return await self._try_to_issue(receipt)

    async def erase_member(self, id_or_name: str, file_id: str, *, principal: str | None) -> Receipt:
        """Delete the document that a file became in a collection; uploads stay, as OpenAI's API has it.

        Raises:
            NotFoundError: there is no such collection, or the file is not in it.
        """
        order = Order("document", principal, uploads="left")
        receipt, keys = await self._write(lambda connection: hiding.hide_member(connection, order, id_or_name, file_id))
        for key in keys:
            await self.deletions.finish_document(key)
        return await self._try_to_issue(receipt)

    async def erase_file(self, file_id: str, *, principal: str | None) -> Receipt:
        """Delete the file and the documents that stand on it; other uploads stay.

        Raises:
            NotFoundError: there is none.
        """
        order = Order("file", principal, uploads="left")
        receipt, keys = await self._write(lambda connection: hiding.hide_file(connection, order, file_id))
        for key in keys:
            await self.deletions.finish_document(key)
        return await self._try_to_issue(receipt)

    async def erase_collection(self, id_or_name: str, *, principal: str | None, leave_uploads: bool = False) -> Receipt:
        """Delete the collection with all its versions and documents, and its sources.

        Raises:
            NotFoundError: there is none.
        """
        order = Order("collection", principal, uploads="left" if leave_uploads else "removed")
        receipt, versions = await self._write(lambda connection: hiding.hide_collection(connection, order, id_or_name))
        for each in versions:
            await self.deletions.finish_collection(each.id, each.name, each.index)
        return await self._try_to_issue(receipt)

    async def erase_source(self, id_or_name: str, *, principal: str | None) -> Receipt:
        """Forget the source and delete what it alone brought; its uploads stay. The worker brings it to its end.

        Raises:
            NotFoundError: there is none.
            ConflictError: a sync of it is under way.
        """
        order = Order("source", principal, uploads="left")
        return await self._write(lambda connection: hiding.hide_source(connection, order, id_or_name))

    async def erase_principal(self, name: str, *, principal: str | None) -> Receipt:
        """Delete what only this principal may read, and take the principal from all other access lists.

        The worker brings it to its end.

        Raises:
            ConflictError: a sync of a source that brings documents for the principal is under way.
        """
        order = Order("principal", principal, name=name)
        return await self._write(lambda connection: principals.hide_principal(connection, order))

    async def finish(self) -> None:
        """Bring interrupted deletions to their end, and issue the receipts of those that are there."""
        await self.deletions.finish()
        for receipt in await asyncio.to_thread(self._pending):
            if receipt.subject == "principal":
                await self._finish_principal(receipt)
            else:
                await self._try_to_issue(receipt)

    async def _finish_principal(self, receipt: Receipt) -> None:
        """Take the principal from the index, too; a job that writes meanwhile has it looked at once more."""
        since = datetime.now(UTC)
        try:
            current = await self._write(lambda connection: _narrowed(connection, receipt))
            by_readers = await self._read(lambda connection: principals.access_of(connection, current))
            for (index, access), ids in by_readers.items():
                for some in receipts.batches(ids):
                    await self.deletions.index.set_access(index, some, access)
        except PlatformError as error:
            _log.warning("receipt_deferred", receipt_id=receipt.id, reason=error.message)
            return
        await self._try_to_issue(current, since)

    def _pending(self) -> list[Receipt]:
        with self.catalogue.read() as connection:
            return receipts.pending(connection)

    async def _try_to_issue(self, receipt: Receipt, since: datetime | None = None) -> Receipt:
        """The receipt, issued if ledger, index and answers have nothing of it any more.

        Rows go only after their points, and the answers' words when no search finds the documents any more.
        """
        try:
            current, again = await self._read(lambda connection: _unissued(connection, receipt.id, since))
            if current is None:
                return await self._read(lambda connection: receipts.get(connection, receipt.id))
            forgotten = await self.answers.forget(current, again)
            return await self._write(lambda connection: self._issue(connection, receipt.id, since, forgotten))
        except PlatformError as error:
            _log.warning("receipt_deferred", receipt_id=receipt.id, reason=error.message)
            return receipt

    def _issue(self, connection: Connection, receipt_id: str, since: datetime | None, forgotten: References) -> Receipt:
        current, _ = _unissued(connection, receipt_id, since)
        if current is None:
            return receipts.get(connection, receipt_id)
        counted = {"records": current.records + forgotten.records, "turns": current.turns + forgotten.turns}
        issued = self._issued(connection, current.model_copy(update=counted))
        receipts.issue(connection, issued)
        return issued

    def _issued(self, connection: Connection, receipt: Receipt) -> Receipt:
        removed = [self._remove_bytes(connection, each) for each in receipt.files]
        known = {each.file_id for each in removed}
        records = files.by_id(connection, (each for each in traces.files_of(connection, receipt) if each not in known))
        removed += [self._remove_file(connection, record, receipt) for record in records.values()]
        entries = traces.clear_entries(connection, receipt)
        items, of_syncs = traces.clear_syncs(connection, receipt)
        done = {
            "files": removed,
            "job_entries": entries,
            "source_items": receipt.source_items + items,
            "sync_items": receipt.sync_items + of_syncs,
            "issued_at": datetime.now(UTC),
        }
        complete = receipt.model_copy(update=done)
        return complete.model_copy(update={"signature": self.key.sign(complete)})

    def _remove_file(self, connection: Connection, record: FileRecord, receipt: Receipt) -> ErasedFile:
        erased = ErasedFile(file_id=record.id, sha256=record.sha256, bytes=record.bytes, outcome="kept")
        if traces.still_wanted(connection, record.id):
            return erased
        if receipt.uploads == "left" and record.purpose not in BROUGHT:
            return erased.model_copy(update={"outcome": "left"})
        return self._remove_bytes(connection, erased)

    def _remove_bytes(self, connection: Connection, file: ErasedFile) -> ErasedFile:
        last = files.remove(connection, file_id=file.file_id, sha256=file.sha256)
        if last:
            # Inside the transaction: an upload of the same bytes waits for it, and then writes them anew.
            self.blobs.remove(file.sha256)
        return file.model_copy(update={"outcome": "removed" if last else "bytes_shared"})

    async def _read(self, query: Callable[[Connection], T]) -> T:
        def read() -> T:
            with self.catalogue.read() as connection:
                return query(connection)

        return await asyncio.to_thread(read)

    async def _write(self, change: Callable[[Connection], T]) -> T:
        def write() -> T:
            with self.catalogue.write() as connection:
                return change(connection)

        return await asyncio.to_thread(write)


def _narrowed(connection: Connection, receipt: Receipt) -> Receipt:
    current = principals.narrow(connection, receipts.get(connection, receipt.id))
    receipts.note(connection, current)
    return current


def _unissued(connection: Connection, receipt_id: str, since: datetime | None) -> tuple[Receipt | None, set[str]]:
    """The receipt if it can be issued now, and which of its documents were put in again since."""
    current = receipts.get(connection, receipt_id)
    if current.issued_at is not None or _is_left(connection, current, since):
        return None, set()
    return current, set(receipts.rows_left(connection, current))


def _is_left(connection: Connection, receipt: Receipt, since: datetime | None) -> bool:
    """Whether something of the receipt is there, or may be about to be written."""
    if receipt.subject == "collection" and receipts.collection_left(connection, receipt.collection_id):
        return True
    if receipt.subject == "principal" and principals.at_work(connection, receipt, since=since):
        return True
    if traces.sync_at_work(connection, receipt):
        return True
    attempted = receipts.rows_left(connection, receipt).values()
    return any(each <= receipt.requested_at for each in attempted)  # later ones were put in again
