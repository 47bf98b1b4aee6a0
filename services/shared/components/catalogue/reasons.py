"""Why documents of a job are given up by decision of their owner, in words for people."""

from enum import StrEnum

from services.shared.contracts.corpus import CANCELLED, FailureReason
from services.shared.kit.paging import AnyRow


class JobStop(StrEnum):
    """Why a job is to stop before its time: for good, or, when paused, until it is resumed."""

    CANCELLED = "cancelled"
    COLLECTION_DELETED = "collection_deleted"
    PAUSED = "paused"


_GIVEN_UP = {
    JobStop.CANCELLED: FailureReason(stage="fetch", code=CANCELLED, message="The job was cancelled."),
    JobStop.COLLECTION_DELETED: FailureReason(
        stage="fetch", code="collection_deleted", message="The collection was deleted while the job ran."
    ),
}
DOCUMENT_DELETED = FailureReason(
    stage="fetch", code="document_deleted", message="The document was deleted before it was ingested."
)
FILE_DELETED = FailureReason(
    stage="fetch",
    code="file_deleted",
    message="The file was deleted before it was ingested; upload it again and start a new job.",
)


_REDACTED = "The document was deleted later, and with it what was said of it here."


def reason_of(row: AnyRow, prefix: str = "") -> FailureReason:
    """Why the document of this row failed; its columns `stage`, `code` and `message` may have a prefix.

    Deleting a document takes the message out of the entries that jobs have of it.
    """
    stage, code, message = (getattr(row, f"{prefix}{name}") for name in ("stage", "code", "message"))
    return FailureReason(stage=stage, code=code, message=message or _REDACTED)


def given_up_for(stop: JobStop | None) -> FailureReason | None:
    """Why a job's documents are given up; None when they are not: those of a paused job wait for it."""
    return None if stop is None else _GIVEN_UP.get(stop)
