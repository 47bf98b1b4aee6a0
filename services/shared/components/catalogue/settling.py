"""Notes how the ingest of documents ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, bindparam, case, literal, null, update

from services.shared.components.catalogue.schema import documents, job_documents
from services.shared.components.catalogue.standing import PendingDocument
from services.shared.contracts.corpus import DocumentStatus, FailureReason

_SETTLE_IN_JOB = update(job_documents).where(
    job_documents.c.job_id == bindparam("of_job"), job_documents.c.position == bindparam("of_position")
)
_OF_THIS_JOB = documents.c.attempt_job_id == bindparam("of_job")
ATTEMPT_SUCCEEDED: Mapping[ColumnElement[object], ColumnElement[object]] = {
    column: case((_OF_THIS_JOB, value), else_=column)
    for column, value in (
        (documents.c.attempt_status, literal(DocumentStatus.DONE.value)),
        (documents.c.attempt_stage, null()),
        (documents.c.attempt_code, null()),
        (documents.c.attempt_message, null()),
    )
}
"""What an update of a document sets when the job `of_job` ingested it: its attempt succeeded, if that is the last."""

_SETTLE_ATTEMPT = update(documents).where(documents.c.id == bindparam("of_document"), _OF_THIS_JOB)


def settle(
    connection: Connection,
    document: PendingDocument,
    status: DocumentStatus,
    *,
    version: str | None = None,
    reason: FailureReason | None = None,
) -> None:
    """Note how the ingest of a document ended, in its job and in its last attempt if it was this job's."""
    settled = Settled(document, 0, version, status, reason)
    settle_in_job(connection, [settled])
    connection.execute(_SETTLE_ATTEMPT, [settled.as_attempt()])


@dataclass(frozen=True)
class Settled:
    """The end of one document's ingest."""

    document: PendingDocument
    chunks: int
    version: str | None
    status: DocumentStatus = DocumentStatus.DONE
    reason: FailureReason | None = None

    @property
    def _of(self) -> dict[str, object]:
        document = self.document
        return {"of_job": document.job_id, "of_position": document.position, "of_document": document.document_id}

    def in_job(self, now: datetime) -> dict[str, object]:
        """The values of the document's row in its job."""
        ended = {"status": self.status, "chunks": self.chunks, "version": self.version, "settled_at": now}
        return {**self._of, **ended, **self._why("")}

    def as_attempt(self) -> dict[str, object]:
        """The values of the document's last attempt."""
        failed = self.status is DocumentStatus.FAILED
        status = DocumentStatus.FAILED if failed else DocumentStatus.DONE
        return {**self._of, "attempt_status": status, **self._why("attempt_")}

    def _why(self, prefix: str) -> dict[str, object]:
        reason = self.reason
        return {
            f"{prefix}stage": reason and reason.stage,
            f"{prefix}code": reason and reason.code,
            f"{prefix}message": reason and reason.message,
        }


def settle_in_job(connection: Connection, settled: Sequence[Settled]) -> None:
    """Note how the ingest of documents ended, in their jobs only."""
    now = datetime.now(UTC)
    connection.execute(_SETTLE_IN_JOB, [each.in_job(now) for each in settled])
