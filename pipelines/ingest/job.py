"""A job from its first batch to its end. Every method may run again after a kill and then goes on where it was."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

from pipelines.ingest.index import clean, upgrade
from pipelines.ingest.ledger import Ledger, reporter
from pipelines.ingest.patience import Patience, ServiceGaveUpError, first_given_up, impatient
from pipelines.ingest.tools import Tools
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.catalogue.jobs import BATCH_DOCUMENTS
from services.shared.components.catalogue.reasons import given_up_for
from services.shared.components.catalogue.work import PendingDocument, RunningJob
from services.shared.contracts.corpus import Collection, FailureReason
from services.shared.kit.errors import NotFoundError
from services.shared.kit.telemetry import get_logger

_log = get_logger("ingest")


class Batches(Protocol):
    """Who does the work on documents; a step of a job gives it the documents of `at_once` batches."""

    at_once: int

    async def run(
        self, job: RunningJob, pending: Sequence[PendingDocument], *, ledger: Ledger, patience: Patience
    ) -> None:
        """Settle the documents in the ledger; when the job is paused, those that were begun by then.

        Raises:
            ServiceGaveUpError: a service did not come back; may be in an ExceptionGroup.
        """
        ...


class JobRunner:
    """Runs jobs of the ledger, one at a time in each collection."""

    def __init__(self, catalogue: Catalogue, tools: Tools, batches: Batches) -> None:
        self._catalogue = catalogue
        self._tools = tools
        self._batches = batches
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def due(self, job_id: str) -> list[str]:
        """The jobs to run when the queue hands out this one.

        The queue's order is not the order in which jobs were made (one may have reached it late), and an older version
        of a document must not replace a newer one: what was made before goes first.
        """
        ledger, _ = self._patiently(job_id)
        return await ledger.due(job_id)

    async def begin(self, job_id: str) -> int:
        """Start the job; how many batches it has (none when it is over already)."""
        ledger, patience = self._patiently(job_id)
        job = await ledger.begin(job_id)
        if job is None:
            return 0
        unusable = await self._unusable_model(job.collection, patience)
        if unusable is not None:
            await ledger.abandon(job_id, unusable)
        _log.info("job_started", job_id=job_id, documents=job.total)
        return -(-job.total // BATCH_DOCUMENTS)

    async def run_batch(self, job_id: str, number: int) -> bool:
        """Ingest the documents of one batch that are still pending; whether some are left, as the job is to pause.

        It may take those of later batches along, which then have nothing left to do.

        Then no later batch may run, nor may the job be finished, whether it was resumed meanwhile or not: it is queued
        again and starts over with what is left.
        """
        ledger, _ = self._patiently(job_id)
        pending = await ledger.pending(job_id, number, batches=self._batches.at_once)
        job = await ledger.begin(job_id) if pending else None
        if job is None or given_up_for(job.stop) is not None:
            return False  # what a stopped job has left fails at its end
        if job.stop is None:
            await self._ingest(job, pending)
        left = bool(await ledger.pending(job_id, number, batches=self._batches.at_once))
        if left:
            await ledger.park(job_id)
        return left

    async def _ingest(self, job: RunningJob, pending: Sequence[PendingDocument]) -> None:
        ledger, patience = self._patiently(job.id)
        async with self._locks[job.collection.id]:
            await upgrade(self._tools, job.collection)
            await clean(self._tools, job.collection, ledger=ledger)
            try:
                await self._batches.run(job, pending, ledger=ledger, patience=patience)
            except* ServiceGaveUpError as group:
                if not await ledger.park(job.id):  # a paused job has time: its documents wait for the service, too
                    await ledger.abandon(job.id, _gave_up(group))
            await clean(self._tools, job.collection, ledger=ledger)

    async def finish(self, job_id: str) -> None:
        """End the job."""
        ledger, _ = self._patiently(job_id)
        await ledger.finish(job_id)
        _log.info("job_finished", job_id=job_id)

    async def abandon(self, job_id: str) -> None:
        """End a job in which something happened that nobody foresaw; the log has it."""
        ledger, _ = self._patiently(job_id)
        message = "An unexpected error ended the job; the ingest worker's log has it."
        await ledger.abandon(job_id, FailureReason(stage="index", code="internal_error", message=message))
        await ledger.finish(job_id)

    async def clean(self, collection: Collection) -> None:
        """Remove from the index what is not searchable any more, between jobs."""
        ledger = Ledger(self._catalogue, impatient())
        async with self._locks[collection.id]:
            await clean(self._tools, collection, ledger=ledger)

    async def _unusable_model(self, collection: Collection, patience: Patience) -> FailureReason | None:
        """Why nothing can be embedded with the collection's model; other than the platform's own it is asked first."""
        model = collection.embedding_model
        try:
            await asyncio.to_thread(self._tools.models.tokens, model)
            if model != self._tools.model:
                await patience.insist("embed", lambda: self._tools.models.embedder(model).embed_documents(["probe"]))
        except FileNotFoundError as error:
            return FailureReason(stage="chunk", code="tokenizer_missing", message=str(error))
        except NotFoundError as error:
            return _not_served(collection, error)
        except ServiceGaveUpError:
            return None  # the first document says so
        return None

    def _patiently(self, job_id: str) -> tuple[Ledger, Patience]:
        patience = Patience(self._tools.retry_window, report=reporter(self._catalogue, job_id))
        return Ledger(self._catalogue, patience), patience


def _not_served(collection: Collection, error: NotFoundError) -> FailureReason:
    message = (
        f"'{collection.family}' is embedded with '{collection.embedding_model}', which is not served: {error.message} "
        "Serve it, or build a version of the collection for another model."
    )
    return FailureReason(stage="embed", code="embedding_model_changed", message=message)


def _gave_up(group: BaseExceptionGroup[ServiceGaveUpError]) -> FailureReason:
    first = first_given_up(group)
    message = f"{first.error.message} It did not come back in time; start the job again when it is up."
    return FailureReason(stage=first.stage, code=first.error.code, message=message)
