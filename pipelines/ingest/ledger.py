"""The ledger as the pipeline uses it: off the event loop, and patient with a database that is busy, full or away."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from pipelines.ingest.patience import Patience
from services.shared.components.catalogue import copies, documents, jobs, reconciling, references, standing, work
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.catalogue.copies import Heir
from services.shared.components.catalogue.standing import PendingDocument, Standing
from services.shared.components.catalogue.work import IngestedDocument, RunningJob, StageWork
from services.shared.contracts.corpus import Collection, FailureReason
from services.shared.kit.errors import PlatformError
from services.shared.kit.telemetry import get_logger

T = TypeVar("T")
_STAGE = "index"
_log = get_logger("ingest")


class Ledger:
    """Every method raises ServiceGaveUpError when the database does not come back."""

    def __init__(self, catalogue: Catalogue, patience: Patience) -> None:
        self._catalogue = catalogue
        self._patience = patience

    async def due(self, job_id: str) -> list[str]:
        return await self._read(lambda connection: work.due(connection, job_id))

    async def begin(self, job_id: str) -> RunningJob | None:
        return await self._write(lambda connection: work.begin(connection, job_id))

    async def park(self, job_id: str) -> bool:
        return await self._write(lambda connection: work.park(connection, job_id))

    async def finish(self, job_id: str) -> None:
        await self._write(lambda connection: jobs.finish(connection, job_id))

    async def abandon(self, job_id: str, reason: FailureReason) -> None:
        """Give up all documents that are still pending; the job will have failed for this reason."""

        def change(connection: Connection) -> None:
            jobs.fail_pending(connection, job_id, reason)
            work.note_error(connection, job_id, reason.message)

        await self._write(change)

    async def pending(self, job_id: str, batch: int, *, batches: int) -> list[PendingDocument]:
        """Documents of the job in this batch and its neighbours: the batches go in groups of `batches`."""
        first, count = (batch - batch % batches) * jobs.BATCH_DOCUMENTS, batches * jobs.BATCH_DOCUMENTS
        return await self._read(lambda connection: work.pending(connection, job_id, first=first, count=count))

    async def standing(self, pending: PendingDocument) -> Standing:
        return await self._read(lambda connection: standing.standing(connection, pending))

    async def look(self, job: RunningJob, pending: Sequence[PendingDocument]) -> list[tuple[Standing, bool]]:
        """How things stand with documents, and whether `refer` may find equal ones: mostly there are none."""

        def read(connection: Connection) -> list[tuple[Standing, bool]]:
            exact = job.collection.deduplication.exact
            equals = references.having_same_bytes(connection, job, pending) if exact else set[str]()
            now = standing.standings(connection, pending)
            return [(each, document.document_id in equals) for document, each in zip(pending, now, strict=True)]

        return await self._read(read)

    async def commit(self, ingested: Sequence[tuple[PendingDocument, IngestedDocument]]) -> list[bool]:
        """In one transaction; for each document whether it is searchable now."""
        if not ingested:
            return []
        return await self._write(lambda connection: work.commit(connection, ingested))

    async def refer(self, job: RunningJob, pending: PendingDocument) -> bool:
        """Settle the document as one more reference to equal content; whether there was some."""
        return await self._write(lambda connection: references.refer(connection, job, pending))

    async def leaving(self, collection_id: str) -> list[str]:
        return await self._read(lambda connection: copies.leaving(connection, collection_id))

    async def claim_heir(self, document_id: str) -> Heir | None:
        return await self._write(lambda connection: copies.claim_heir(connection, document_id))

    async def inherit(self, document_id: str, heir: Heir) -> None:
        await self._write(lambda connection: copies.inherit(connection, document_id, heir))

    async def ingest_references_again(self, collection: Collection, document_id: str) -> None:
        await self._write(lambda connection: reconciling.references_again(connection, collection, document_id))

    async def unchanged(self, pending: PendingDocument) -> None:
        await self._write(lambda connection: work.unchanged(connection, pending))

    async def fail(self, pending: PendingDocument, reason: FailureReason) -> None:
        """Note the failure; points of the document may have been stored."""
        await self._write(lambda connection: work.fail(connection, pending, reason, stale=True))

    async def add_work(self, job_id: str, done: Mapping[str, StageWork]) -> None:
        if done:
            await self._write(lambda connection: work.add_work(connection, job_id, done))

    async def stale(self, collection_id: str) -> list[tuple[str, str | None]]:
        return await self._read(lambda connection: documents.stale(connection, collection_id))

    async def clear_stale(self, document_ids: Sequence[str]) -> None:
        await self._write(lambda connection: documents.clear_stale(connection, document_ids))

    async def _read(self, query: Callable[[Connection], T]) -> T:
        def read() -> T:
            with self._catalogue.read() as connection:
                return query(connection)

        return await self._patience.insist(_STAGE, lambda: asyncio.to_thread(read))

    async def _write(self, change: Callable[[Connection], T]) -> T:
        def write() -> T:
            with self._catalogue.write() as connection:
                return change(connection)

        return await self._patience.insist(_STAGE, lambda: asyncio.to_thread(write))


def reporter(catalogue: Catalogue, job_id: str) -> Callable[[str | None], "asyncio.Future[None]"]:
    """Shows in the job what it is waiting for, as far as the ledger itself can be written."""

    def note(message: str | None) -> None:
        try:
            with catalogue.write() as connection:
                work.note_error(connection, job_id, message)
        except PlatformError as error:
            _log.warning("wait_not_shown", job_id=job_id, reason=error.message)

    return lambda message: asyncio.ensure_future(asyncio.to_thread(note, message))
