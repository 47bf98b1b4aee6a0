"""Checks receipts: is the signature ours, and is really nothing left in ledger, indexes, files and answers."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from services.shared.components.catalogue import files, principals, receipts, sources, traces
from services.shared.components.catalogue.answer_references import AnswerReferences
from services.shared.components.catalogue.blobs import BlobStore
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.catalogue.receipt_signing import ReceiptKey
from services.shared.components.catalogue.receipts import batches
from services.shared.components.indexes.failures import NotIndexedError
from services.shared.components.indexes.qdrant import ChunkIndex
from services.shared.contracts.receipts import ErasedDocument, Receipt, Verification
from services.shared.kit.errors import InvalidRequestError, PlatformError

_GONE = ("removed", "bytes_shared")


@dataclass(frozen=True)
class ReceiptChecker:
    """Looks where the things of a receipt were."""

    catalogue: Catalogue
    blobs: BlobStore
    index: ChunkIndex
    key: ReceiptKey
    answers: AnswerReferences

    async def verify(self, receipt_id: str, sent: Receipt | None) -> Verification:
        """Check a receipt: the stored one, or one that somebody kept.

        Raises:
            NotFoundError: there is no such receipt.
            InvalidRequestError: the one that was sent has another id.
        """
        if sent is not None and sent.id != receipt_id:
            raise InvalidRequestError(f"The receipt sent is '{sent.id}', not '{receipt_id}'.", param="id")
        receipt = sent or await asyncio.to_thread(self._stored, receipt_id)
        again, remains = await asyncio.to_thread(self._look_in_ledger, receipt)
        gone = [each for each in receipt.documents if each.document_id not in again]
        remains += await self._look_in_indexes(gone)
        remains += await self._readable_in_indexes(receipt)
        remains += await self._look_in_answers(receipt, set(again))
        if receipt.issued_at is None:
            remains.append("The deletion has not come to its end yet; try again in a few seconds.")
        return Verification(
            receipt_id=receipt_id,
            signature_valid=await asyncio.to_thread(self.key.is_genuine, receipt),
            remains=remains,
            notes=[f"The document {each} was ingested again at {at:%Y-%m-%d %H:%M:%S}." for each, at in again.items()],
        )

    def _stored(self, receipt_id: str) -> Receipt:
        with self.catalogue.read() as connection:
            return receipts.get(connection, receipt_id)

    def _look_in_ledger(self, receipt: Receipt) -> tuple[dict[str, datetime], list[str]]:
        """The documents that were ingested again since, and what is left of the receipt."""
        with self.catalogue.read() as connection:
            rows = receipts.rows_left(connection, receipt)
            again = {each: at for each, at in rows.items() if at > receipt.requested_at}
            remains = [f"The ledger has the document {each}." for each in rows if each not in again]
            remains += self._originals_left(connection, receipt)
            remains += _traces_left(connection, receipt)
            return again, remains

    def _originals_left(self, connection: Connection, receipt: Receipt) -> list[str]:
        there = files.by_id(connection, [each.file_id for each in receipt.files if each.outcome in _GONE])
        shared = {each.sha256 for each in receipt.files if files.has_bytes(connection, each.sha256)}
        return [f"The ledger has the file {each}." for each in there] + [
            f"The bytes {each.sha256} of {each.file_id} are on disk, and no file has them."
            for each in receipt.files
            if each.sha256 not in shared and self.blobs.path(each.sha256).exists()
        ]

    async def _look_in_indexes(self, documents: Sequence[ErasedDocument]) -> list[str]:
        remains: list[str] = []
        for index in dict.fromkeys(each.index for each in documents):
            ids = [each.document_id for each in documents if each.index == index]
            for some in batches(ids):
                try:
                    found = await self.index.count_chunks(index, some)
                except NotIndexedError:
                    break  # the whole index is gone
                remains += [
                    f"The index {index} has {count} chunks of {each}." for each, count in found.items() if count
                ]
        return remains

    async def _look_in_answers(self, receipt: Receipt, again: set[str]) -> list[str]:
        try:
            left = await self.answers.left(receipt, again)
        except PlatformError as error:
            return [f"The orchestrator could not be asked for records and conversations: {error.message}"]
        remains = [f"{left.records} records of answers have words of it."] if left.records else []
        return remains + ([f"{left.turns} answers of conversations have words of it."] if left.turns else [])

    async def _readable_in_indexes(self, receipt: Receipt) -> list[str]:
        """Chunks of narrowed documents that the principal may read; not of those that were ingested for them again."""
        by_readers = await asyncio.to_thread(self._narrowed, receipt)
        remains: list[str] = []
        for (index, readers), ids in by_readers.items():
            if receipt.subject_name in readers:
                continue
            for some in batches(ids):
                found = await self._readable(index, some, receipt.subject_name)
                remains += [f"The index {index} lets the principal read {count} chunks." for count in [found] if count]
        return remains

    async def _readable(self, index: str, document_ids: Sequence[str], principal: str) -> int:
        try:
            return await self.index.count_readable(index, document_ids, principal)
        except NotIndexedError:
            return 0

    def _narrowed(self, receipt: Receipt) -> dict[tuple[str, tuple[str, ...]], list[str]]:
        with self.catalogue.read() as connection:
            return principals.access_of(connection, receipt)


def _traces_left(connection: Connection, receipt: Receipt) -> Iterator[str]:
    if entries := traces.entries_left(connection, receipt):
        yield f"{entries} entries of jobs name the sources."
    items, of_syncs = traces.syncs_left(connection, receipt)
    if items:
        yield f"{items} items of sources name the documents."
    if of_syncs:
        yield f"{of_syncs} entries of syncs name the documents."
    if receipt.subject == "source" and sources.find(connection, receipt.subject_id) is not None:
        yield f"The ledger has the source {receipt.subject_id}."
    if receipt.subject == "principal":
        documents, others = principals.lists_left(connection, receipt)
        if documents or others:
            yield f"{documents} documents and {others} jobs and sources have the principal in their access lists."
