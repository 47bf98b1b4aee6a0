"""Ingest jobs in the ledger, as their owners see and steer them."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select, update

from services.shared.components.catalogue import collections as collections_ledger
from services.shared.components.catalogue import documents as documents_ledger
from services.shared.components.catalogue.files import FileRecord
from services.shared.components.catalogue.reasons import JobStop, given_up_for, reason_of
from services.shared.components.catalogue.schema import documents, job_documents, jobs
from services.shared.components.metadata.check import check_attributes
from services.shared.contracts.chunks import document_id
from services.shared.contracts.corpus import (
    Collection,
    DocumentStatus,
    FailureReason,
    Job,
    JobFailure,
    JobStatus,
)
from services.shared.kit.errors import NotFoundError
from services.shared.kit.paging import AnyRow, Cursor, Page, fetch_page

ID_PREFIX = "job-"
_SHOWN_FAILURES = 100
BATCH_DOCUMENTS = 64
"""Documents a worker has in hand at once. Fixed, as interrupted jobs go on by the number of their batches."""
_LEAST_WORKED, _SILENT_S = 5, 15.0
"""No time left is told before so many documents are done, or so many seconds have passed."""

UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.PAUSED)
IDLE = (JobStatus.QUEUED, JobStatus.PAUSED)
"""Unfinished, and no worker is at it."""

_PAUSED = "The job is paused; resume it to go on, or cancel it."
_PAUSING = "The job is being paused; the documents in hand are finished first."


@dataclass(frozen=True)
class Entry:
    """A file to ingest under a source name."""

    file: FileRecord
    source: str
    attributes: Mapping[str, str | float | bool]


def create(connection: Connection, collection: Collection, entries: Sequence[Entry], *, access: Sequence[str]) -> Job:
    """A queued job over these files; `access` are the principals who may read what it ingests.

    Raises:
        NotFoundError: the collection was deleted meanwhile.
        ConflictError: one of the documents is still being deleted.
        InvalidRequestError: the attributes of one are not as the collection's schema says.
    """
    collections_ledger.lock(connection, collection.id)
    current = collections_ledger.get(connection, collection.id)
    seed = current.seed  # a switch of versions changes it
    for entry in entries:
        check_attributes(current.metadata_schema, entry.attributes, of=entry.source)
    job_id = f"{ID_PREFIX}{secrets.token_hex(12)}"
    job = {
        "id": job_id,
        "collection_id": collection.id,
        "collection": collection.name,
        "status": JobStatus.QUEUED,
        "access": list(access),
        "created_at": datetime.now(UTC),
        "total": len(entries),
    }
    connection.execute(insert(jobs).values(job))
    rows = [_document_row(job_id, position, entry, seed) for position, entry in enumerate(entries)]
    connection.execute(insert(job_documents), rows)
    attempts = [
        documents_ledger.Attempt(document_id(seed, entry.source), entry.source, entry.file.id) for entry in entries
    ]
    documents_ledger.register(connection, collection.id, job_id, attempts=attempts)
    return get(connection, job_id)


def get(connection: Connection, job_id: str) -> Job:
    """The job, counted up to now.

    Raises:
        NotFoundError: there is none.
    """
    row = connection.execute(select(jobs).where(jobs.c.id == job_id)).first()
    if row is None:
        raise NotFoundError(
            f"There is no ingest job '{job_id}'; list the jobs to see which there are.", code="job_not_found"
        )
    return _to_job(connection, row)


def find(connection: Connection, job_id: str, *, collection_id: str) -> Job | None:
    """The job, if it is one of this collection."""
    query = select(jobs).where(jobs.c.id == job_id, jobs.c.collection_id == collection_id)
    row = connection.execute(query).first()
    return None if row is None else _to_job(connection, row)


def page(connection: Connection, cursor: Cursor, *, collection: str | None, status: JobStatus | None) -> Page[Job]:
    """A page of the jobs, of one collection and with one status when given."""
    query = select(jobs)
    if collection is not None:
        query = query.where(jobs.c.collection == collection)
    if status is not None:
        query = query.where(jobs.c.status == status)
    return fetch_page(connection, query, table=jobs, cursor=cursor, to_item=lambda row: _to_job(connection, row))


def stop(connection: Connection, job_id: str, reason: JobStop) -> None:
    """End the job: at once when no worker is at it, else as soon as its worker sees this. Ended jobs stay."""
    unfinished = jobs.c.status.in_(UNFINISHED)
    connection.execute(update(jobs).where(jobs.c.id == job_id, unfinished).values(stop=reason))
    idle = select(jobs.c.id).where(jobs.c.id == job_id, jobs.c.status.in_(IDLE))
    if connection.execute(idle.with_for_update()).first() is not None:
        finish(connection, job_id)


def stop_all(connection: Connection, collection_id: str, reason: JobStop) -> None:
    """`stop` for every unfinished job of a collection."""
    query = select(jobs.c.id).where(jobs.c.collection_id == collection_id, jobs.c.status.in_(UNFINISHED))
    for job_id in list(connection.execute(query).scalars()):
        stop(connection, job_id, reason)


def finish(connection: Connection, job_id: str) -> None:
    """End the job by what happened to it; documents still pending fail with the reason it was stopped for."""
    row = connection.execute(select(jobs.c.stop, jobs.c.error).where(jobs.c.id == job_id)).one()
    status, error = JobStatus.COMPLETED, row.error
    reason = given_up_for(row.stop and JobStop(row.stop))
    if reason is not None:
        fail_pending(connection, job_id, reason)
        status = JobStatus.CANCELLED if row.stop == JobStop.CANCELLED else JobStatus.FAILED
        error = reason.message
    elif error is not None:
        status = JobStatus.FAILED
    ended = {"status": status, "error": error, "finished_at": datetime.now(UTC)}
    connection.execute(update(jobs).where(jobs.c.id == job_id, jobs.c.status.in_(UNFINISHED)).values(ended))


def fail_pending(connection: Connection, job_id: str, reason: FailureReason) -> None:
    """Fail every document of the job that is still pending; of those in its first batch, points may be stored."""
    begun = select(job_documents.c.document_id).where(
        job_documents.c.job_id == job_id, job_documents.c.status == DocumentStatus.PENDING
    )
    begun = begun.order_by(job_documents.c.position).limit(BATCH_DOCUMENTS)
    started = select(jobs.c.started_at).where(jobs.c.id == job_id)
    if connection.execute(started).scalar() is not None:
        touched = list(connection.execute(begun).scalars())
        connection.execute(update(documents).where(documents.c.id.in_(touched)).values(stale=True))
    failed = {"stage": reason.stage, "code": reason.code, "message": reason.message}
    pending = (job_documents.c.job_id == job_id, job_documents.c.status == DocumentStatus.PENDING)
    settled = {"status": DocumentStatus.FAILED, "settled_at": datetime.now(UTC), **failed}
    connection.execute(update(job_documents).where(*pending).values(settled))
    attempted = (documents.c.attempt_job_id == job_id, documents.c.attempt_status == DocumentStatus.PENDING)
    attempt = {f"attempt_{name}": value for name, value in failed.items()}
    connection.execute(update(documents).where(*attempted).values(attempt_status=DocumentStatus.FAILED, **attempt))


def _document_row(job_id: str, position: int, entry: Entry, seed: str) -> dict[str, object]:
    return {
        "job_id": job_id,
        "position": position,
        "document_id": document_id(seed, entry.source),
        "file_id": entry.file.id,
        "source": entry.source,
        "attributes": dict(entry.attributes),
        "bytes": entry.file.bytes,
        "status": DocumentStatus.PENDING,
        "chunks": 0,
    }


def _to_job(connection: Connection, row: AnyRow) -> Job:
    progress = _progress(connection, row.id)
    counts = progress.counts
    seconds = {"parse": row.parse_s, "chunk": row.chunk_s, "embed": row.embed_s, "index": row.index_s}
    done = {"parse": row.parse_n, "chunk": row.chunk_n, "embed": row.embed_n, "index": row.index_n}
    return Job(
        id=row.id,
        collection=row.collection,
        status=row.status,
        created_at=row.created_at,
        finished_at=row.finished_at,
        total=row.total,
        done=counts.get(DocumentStatus.DONE, 0),
        unchanged=counts.get(DocumentStatus.UNCHANGED, 0),
        failed=counts.get(DocumentStatus.FAILED, 0),
        chunks=progress.chunks,
        failures=_failures(connection, row.id) if DocumentStatus.FAILED in counts else [],
        seconds_by_stage={name: round(value, 3) for name, value in seconds.items()},
        counts_by_stage={name: count or 0 for name, count in done.items()},
        eta_seconds=_eta(row, progress, seconds, {name: count or 0 for name, count in done.items()}),
        error=_waits_for(connection, row) or row.error,
    )


def _waits_for(connection: Connection, row: AnyRow) -> str | None:
    """What an owner has to do before the job goes on; None when it goes on by itself."""
    if row.status == JobStatus.PAUSED:
        return _PAUSED
    if row.status == JobStatus.RUNNING and row.stop == JobStop.PAUSED:
        return _PAUSING
    if row.status != JobStatus.QUEUED:
        return None
    ahead = (jobs.c.collection_id == row.collection_id, jobs.c.seq < row.seq, jobs.c.status.in_(UNFINISHED))
    paused = select(jobs.c.id).where(*ahead, jobs.c.stop == JobStop.PAUSED).order_by(jobs.c.seq).limit(1)
    first = connection.execute(paused).scalar()
    return first and f"The job waits for {first} of the same collection, which is paused; resume or cancel that one."


@dataclass(frozen=True)
class _Progress:
    counts: Mapping[str, int]
    chunks: int
    worked_bytes: int
    pending_bytes: int


def _progress(connection: Connection, job_id: str) -> _Progress:
    query = (
        select(
            job_documents.c.status,
            func.count().label("documents"),
            func.sum(job_documents.c.chunks).label("chunks"),
            func.sum(job_documents.c.bytes).label("bytes"),
        )
        .where(job_documents.c.job_id == job_id)
        .group_by(job_documents.c.status)
    )
    rows = {row.status: row for row in connection.execute(query)}
    worked = rows.get(DocumentStatus.DONE)
    pending = rows.get(DocumentStatus.PENDING)
    return _Progress(
        counts={status: row.documents for status, row in rows.items()},
        chunks=int(worked.chunks) if worked else 0,
        worked_bytes=int(worked.bytes) if worked else 0,
        pending_bytes=int(pending.bytes) if pending else 0,
    )


def _failures(connection: Connection, job_id: str) -> list[JobFailure]:
    query = (
        select(job_documents)
        .where(job_documents.c.job_id == job_id, job_documents.c.status == DocumentStatus.FAILED)
        .order_by(job_documents.c.position)
        .limit(_SHOWN_FAILURES)
    )
    return [JobFailure(source=row.source, reason=reason_of(row)) for row in connection.execute(query)]


def _eta(row: AnyRow, progress: _Progress, seconds: Mapping[str, float], done: Mapping[str, int]) -> float | None:
    """The lower of two estimates, as each is too high at another time; None while next to nothing is known.

    By the bytes done since the job was begun: too high as long as the start of parsers and models weighs in it. By the
    stage that takes longest for what it still has to do, as stages overlap: too high where a stage waits for another.
    Unchanged and failed documents say nothing about how long the others take, nor does time in which the job was paused
    or nobody was at it.
    """
    if row.status != JobStatus.RUNNING or not progress.worked_bytes:
        return None
    elapsed_s = (datetime.now(UTC) - row.started_at).total_seconds()
    worked = progress.counts.get(DocumentStatus.DONE, 0)
    if worked < min(_LEAST_WORKED, row.total) and elapsed_s < _SILENT_S:
        return None
    left = progress.pending_bytes / progress.worked_bytes
    total = {"parse": worked + progress.counts.get(DocumentStatus.PENDING, 0)}
    chunks = progress.chunks * (1 + left)
    stages = [
        seconds[name] * max(0.0, total.get(name, chunks) - count) / count for name, count in done.items() if count
    ]
    busy_s = max(seconds.values())
    whole = left * min(elapsed_s, busy_s or elapsed_s)
    return round(min(whole, max(stages, default=whole)), 1)
