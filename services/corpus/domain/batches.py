"""File batches of OpenAI's API as the ingest jobs they are."""

from services.shared.contracts.corpus import CANCELLED, DocumentProgress, DocumentStatus, Job, JobStatus
from services.shared.contracts.openai import VectorStoreFileStatus

_BATCH, _JOB = "vsfb_", "job-"
_ENDED: dict[JobStatus, VectorStoreFileStatus] = {
    JobStatus.COMPLETED: "completed",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "cancelled",
}
_SETTLED: dict[DocumentStatus, VectorStoreFileStatus] = {
    DocumentStatus.PENDING: "in_progress",
    DocumentStatus.DONE: "completed",
    DocumentStatus.UNCHANGED: "completed",
    DocumentStatus.FAILED: "failed",
}


def batch_id(job_id: str) -> str:
    """The id of the batch that is this job."""
    return _BATCH + job_id.removeprefix(_JOB)


def job_id_of(batch: str) -> str:
    """The job behind a batch; of something that is no batch, an id that no job has."""
    return _JOB + batch.removeprefix(_BATCH) if batch.startswith(_BATCH) else ""


def batch_status(job: Job) -> VectorStoreFileStatus:
    """A batch is completed when each of its files is settled, whatever became of it."""
    if job.finished_at is None and job.done + job.unchanged + job.failed == job.total:
        return "completed"  # its job ends in a moment
    return _ENDED.get(job.status, "in_progress")


def file_status(document: DocumentProgress) -> VectorStoreFileStatus:
    """Where a file of a batch stands; one that was never begun as the batch was cancelled has not failed."""
    cancelled = document.reason is not None and document.reason.code == CANCELLED
    return "cancelled" if cancelled else _SETTLED[document.status]
