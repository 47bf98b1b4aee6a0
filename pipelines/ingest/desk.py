"""Where a batch asks what is to be done with a document, and says what became of it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from pipelines.ingest.copies import hand_over
from pipelines.ingest.draft import DocumentFailedError, Draft, JobPausedError, Stored
from pipelines.ingest.index import commit, verify
from pipelines.ingest.ledger import Ledger
from pipelines.ingest.look_ahead import LookAhead
from pipelines.ingest.meter import CHUNKS, DOCUMENTS
from pipelines.ingest.patience import Patience
from pipelines.ingest.tools import Tools
from services.shared.components.catalogue.reasons import DOCUMENT_DELETED, FILE_DELETED, JobStop, given_up_for
from services.shared.components.catalogue.work import PendingDocument, RunningJob, StageWork, Standing
from services.shared.contracts.corpus import FailureReason
from services.shared.kit.telemetry import get_logger

_log = get_logger("ingest")


class Desk(Protocol):
    """What a batch needs of the ledger; where the ledger is out of reach, something takes notes for it."""

    def expect(self, documents: Sequence[PendingDocument]) -> None:
        """Told which documents will be begun next, in their order."""
        ...

    async def begin(self, pending: PendingDocument) -> Standing | None:
        """How things stand with a document that is to be ingested now; None when it is settled without that.

        Raises:
            DocumentFailedError: it is not wanted any more.
            JobPausedError: no further document of the job is to be begun.
        """
        ...

    async def make_way(self, document_id: str, *, shared: bool) -> None:
        """Called before new points of a document are stored; `shared`: they may overwrite what others refer to.

        Raises:
            NotFoundError: the collection is not in the index (any more).
        """
        ...

    async def complete(self, drafts: Sequence[Draft]) -> list[tuple[Draft, FailureReason]]:
        """Settle documents all of whose points are stored; those that came to nothing, with the reasons.

        Raises:
            NotFoundError: the collection is not in the index (any more).
        """
        ...

    async def fail(self, pending: PendingDocument, reason: FailureReason) -> None:
        """Settle a document that cannot be ingested."""
        ...

    async def add_work(self, done: Mapping[str, StageWork]) -> None:
        """Add to what the job did in its stages, and the time it took."""
        ...


class LedgerDesk:
    """The ledger itself. Every method raises ServiceGaveUpError when the ledger or the index does not come back."""

    def __init__(self, tools: Tools, job: RunningJob, *, ledger: Ledger, patience: Patience) -> None:
        self._tools = tools
        self._job = job
        self._ledger = ledger
        self._patience = patience
        self._ahead = LookAhead(ledger, job)

    def expect(self, documents: Sequence[PendingDocument]) -> None:
        """As `Desk`."""
        self._ahead.expect(documents)

    async def begin(self, pending: PendingDocument) -> Standing | None:
        """As `Desk`; what is searchable already, as its own or an equal one's, is settled."""
        look = await self._ahead.look(pending)
        standing = look.standing
        if standing.stop is JobStop.PAUSED:
            raise JobPausedError
        reason = _given_up(standing)
        if reason is not None:
            raise DocumentFailedError(reason)
        if _is_current(standing, self._job, pending):
            await self._ledger.unchanged(pending)
            DOCUMENTS.labels("unchanged").inc()
            return None
        if look.may_refer and await self._ledger.refer(self._job, pending):
            DOCUMENTS.labels("referred").inc()
            return None
        return standing

    async def stopped(self, pending: PendingDocument) -> bool:
        """Whether no further document of the job is to be begun, as it is paused or given up."""
        return (await self._ledger.standing(pending)).stop is not None

    async def make_way(self, document_id: str, *, shared: bool) -> None:
        """As `Desk`."""
        if shared:
            collection = self._job.collection
            await hand_over(self._tools, collection, document_id, ledger=self._ledger, patience=self._patience)

    async def complete(self, drafts: Sequence[Draft]) -> list[tuple[Draft, FailureReason]]:
        """As `Desk`: verified, committed and shown."""
        lacking = await verify(self._tools, drafts, patience=self._patience)
        # points of a document that is being deleted may go while others of it are stored
        failures = [(draft, await self.why_not(draft.pending) or reason) for draft, reason in lacking]
        failed = {id(draft) for draft, _ in lacking}
        whole = [draft for draft in drafts if id(draft) not in failed]
        refused = await self.commit([draft.stored() for draft in whole])
        return failures + [
            (draft, refused[draft.pending.position]) for draft in whole if draft.pending.position in refused
        ]

    async def commit(self, stored: Sequence[Stored]) -> dict[int, FailureReason]:
        """Make verified documents the searchable ones; those that were given up meanwhile, by position."""
        committed = await commit(self._tools, self._job.collection.index, stored, ledger=self._ledger)
        refused: dict[int, FailureReason] = {}
        for each, done in zip(stored, committed, strict=True):
            if done:
                DOCUMENTS.labels("done").inc()
                CHUNKS.inc(each.ingested.chunks)
                _log.info("document_ingested", document_id=each.pending.document_id, chunks=each.ingested.chunks)
            else:
                refused[each.pending.position] = await self.why_not(each.pending) or DOCUMENT_DELETED
        return refused

    async def why_not(self, pending: PendingDocument) -> FailureReason | None:
        """Why the document is not wanted any more; None when it is."""
        return _given_up(await self._ledger.standing(pending))

    async def fail(self, pending: PendingDocument, reason: FailureReason) -> None:
        """As `Desk`."""
        await self._ledger.fail(pending, reason)
        DOCUMENTS.labels("failed").inc()
        _log.info("document_failed", document_id=pending.document_id, stage=reason.stage, code=reason.code)

    async def add_work(self, done: Mapping[str, StageWork]) -> None:
        """As `Desk`."""
        await self._ledger.add_work(self._job.id, done)


def _given_up(standing: Standing) -> FailureReason | None:
    stopped = given_up_for(standing.stop)
    if stopped is not None:
        return stopped
    if standing.deleted:
        return DOCUMENT_DELETED
    return FILE_DELETED if standing.sha256 is None else None


def _is_current(standing: Standing, job: RunningJob, pending: PendingDocument) -> bool:
    same_bytes = standing.version == standing.sha256
    return same_bytes and standing.attributes == pending.attributes and standing.access == job.access
