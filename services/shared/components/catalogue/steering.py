"""Pausing, resuming and retrying ingest jobs. What ends them is in `jobs`, how a worker heeds all that in `work`."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from services.shared.components.catalogue import collections as collections_ledger
from services.shared.components.catalogue import files as files_ledger
from services.shared.components.catalogue import jobs as jobs_ledger
from services.shared.components.catalogue.jobs import IDLE, UNFINISHED, Entry
from services.shared.components.catalogue.reasons import JobStop
from services.shared.components.catalogue.schema import documents, job_documents, jobs
from services.shared.contracts.corpus import DocumentStatus, Job, JobStatus
from services.shared.kit.errors import ConflictError
from services.shared.kit.paging import AnyRow


def pause(connection: Connection, job_id: str) -> Job:
    """Keep the job from beginning further documents: at once when no worker is at it, else as soon as one sees this.

    Raises:
        NotFoundError: there is no such job.
        ConflictError: it has ended, or is about to.
    """
    row = _unended(connection, job_id)
    if row.stop not in {None, JobStop.PAUSED}:
        raise ConflictError(
            f"The job {job_id} is about to end, as it was cancelled or its collection deleted; it cannot be paused.",
            code="job_ending",
        )
    status = JobStatus.PAUSED if row.status in IDLE else row.status
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(stop=JobStop.PAUSED, status=status))
    return jobs_ledger.get(connection, job_id)


def resume(connection: Connection, job_id: str) -> Job:
    """Let a paused job go on; one that is not paused stays as it is. A worker queues it again within seconds.

    Raises:
        NotFoundError: there is no such job.
        ConflictError: it has ended.
    """
    row = _unended(connection, job_id)
    if row.stop == JobStop.PAUSED:
        status = JobStatus.QUEUED if row.status == JobStatus.PAUSED else row.status
        going_on = {"stop": None, "status": status, "started_at": _started_anew(row)}
        connection.execute(update(jobs).where(jobs.c.id == job_id).values(going_on))
    return jobs_ledger.get(connection, job_id)


def retry(connection: Connection, job_id: str) -> Job:
    """A new job over what failed in a job that has ended: same files, sources, attributes and readers.

    Left out are documents that were deleted since or that a later job took over, as it may have brought a newer
    version, and those whose file is gone.

    Raises:
        NotFoundError: there is no such job.
        ConflictError: it has not ended, or there is nothing (left) to retry.
    """
    row = _locked(connection, job_id)
    if row.status in UNFINISHED:
        raise ConflictError(
            f"The job {job_id} is {row.status}; wait until it has ended, or cancel it, and then retry what failed.",
            code="job_not_ended",
        )
    if not jobs_ledger.get(connection, job_id).failed:
        raise ConflictError(f"Nothing failed in the job {job_id}; there is nothing to retry.", code="nothing_failed")
    collection = collections_ledger.find(connection, row.collection_id)
    if collection is None:
        raise _nothing_left(job_id, f"the collection '{row.collection}' was deleted")
    waiting = connection.execute(_retriable(job_id)).all()
    if not waiting:
        raise _nothing_left(job_id, "they were deleted, or a later job took them over")
    files = files_ledger.by_id(connection, (document.file_id for document in waiting))
    entries = [Entry(files[each.file_id], each.source, each.attributes) for each in waiting if each.file_id in files]
    if not entries:
        raise _nothing_left(job_id, "their files were deleted")
    return jobs_ledger.create(connection, collection, entries, access=tuple(row.access))


def _unended(connection: Connection, job_id: str) -> AnyRow:
    row = _locked(connection, job_id)
    if row.status not in UNFINISHED:
        raise ConflictError(
            f"The job {job_id} has ended: it is {row.status}. 'retry' makes a new job of what failed in it.",
            code="job_ended",
        )
    return row


def _locked(connection: Connection, job_id: str) -> AnyRow:
    jobs_ledger.get(connection, job_id)
    return connection.execute(select(jobs).where(jobs.c.id == job_id).with_for_update()).one()


def _started_anew(row: AnyRow) -> datetime | None:
    """When the job would have started without its pause: its slowest stage tells for how long it has worked.

    The time left is told from the rate since then.
    """
    if row.started_at is None:
        return None
    worked = timedelta(seconds=max(row.parse_s, row.chunk_s, row.embed_s, row.index_s))
    return max(row.started_at, datetime.now(UTC) - worked)


def _retriable(job_id: str) -> Select[Any, Any, Any]:
    """The failed documents whose last attempt was this job's: each by its last entry, as it may be named twice."""
    last = (
        select(func.max(job_documents.c.position).label("position"))
        .where(job_documents.c.job_id == job_id)
        .group_by(job_documents.c.document_id)
    )
    return (
        select(job_documents.c.file_id, job_documents.c.source, job_documents.c.attributes)
        .join(documents, documents.c.id == job_documents.c.document_id)
        .where(
            job_documents.c.job_id == job_id,
            job_documents.c.status == DocumentStatus.FAILED,
            job_documents.c.position.in_(last),
            documents.c.attempt_job_id == job_id,
            documents.c.deleting.is_(False),
        )
        .order_by(job_documents.c.position)
    )


def _nothing_left(job_id: str, why: str) -> ConflictError:
    return ConflictError(
        f"No failed document of {job_id} can be retried: {why}. Upload what is still wanted and start a new job.",
        code="nothing_to_retry",
    )
