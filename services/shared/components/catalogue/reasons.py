"""Why documents of a job are given up by decision of their owner, in words for people."""

from enum import StrEnum

from services.shared.contracts.corpus import FailureReason


class JobStop(StrEnum):
    """Why a job is to end before its time."""

    CANCELLED = "cancelled"
    COLLECTION_DELETED = "collection_deleted"


STOPPED = {
    JobStop.CANCELLED: FailureReason(stage="fetch", code="cancelled", message="The job was cancelled."),
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
