"""What an ingest worker reads from the ledger and reports to it, document by document."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile

from sqlalchemy import Connection, bindparam, exists, func, select, update

from services.shared.components.catalogue import collections as collections_ledger
from services.shared.components.catalogue import jobs as jobs_ledger
from services.shared.components.catalogue import signatures
from services.shared.components.catalogue.reasons import JobStop, given_up_for
from services.shared.components.catalogue.schema import collections, documents, files, job_documents, jobs
from services.shared.components.catalogue.signatures import Signature
from services.shared.contracts.corpus import Collection, DocumentStatus, FailureReason, JobStatus

STAGES = ("parse", "chunk", "embed", "index")


@dataclass(frozen=True)
class RunningJob:
    """A job at work."""

    id: str
    collection: Collection
    access: tuple[str, ...]
    total: int
    stop: JobStop | None


@dataclass(frozen=True)
class PendingDocument:
    """A document of a job that is still to be ingested."""

    job_id: str
    position: int
    document_id: str
    file_id: str
    source: str
    attributes: Mapping[str, str | float | bool]
    content: str | None = None
    """The SHA-256 of its bytes, hex; None when its file is gone."""


@dataclass(frozen=True)
class Standing:
    """How things stand with a pending document just now; `sha256` and `filename` are None when its file is gone.

    `copy_of` names the document whose chunks are its own; `shared` says that its chunks are those of others, too.
    """

    stop: JobStop | None
    deleted: bool
    sha256: str | None
    filename: str | None
    bytes: int
    version: str | None
    attributes: Mapping[str, str | float | bool] | None
    access: tuple[str, ...] | None
    copy_of: str | None
    shared: bool


@dataclass(frozen=True)
class StageWork:
    """What a stage did: documents when it is parsing, else chunks; and the seconds it took."""

    seconds: float
    count: int


@dataclass(frozen=True)
class IngestedDocument:
    """What became of a document: the version that is to be searchable."""

    version: str
    title: str
    media_type: str
    bytes: int
    chunks: int
    access: tuple[str, ...]
    ingested_at: datetime
    language: str | None = None
    signature: Signature | None = None
    warnings: tuple[str, ...] = ()
    """What of it could not be read, in sentences."""


_SETTLE_IN_JOB = update(job_documents).where(
    job_documents.c.job_id == bindparam("of_job"), job_documents.c.position == bindparam("of_position")
)
_SETTLE_ATTEMPT = update(documents).where(
    documents.c.id == bindparam("of_document"), documents.c.attempt_job_id == bindparam("of_job")
)
_REFERENCE = documents.alias()
_STANDING = (
    select(
        jobs.c.stop,
        collections.c.deleting.label("collection_deleting"),
        documents.c.deleting,
        documents.c.version,
        documents.c.attributes,
        documents.c.access,
        documents.c.copy_of,
        exists().where(_REFERENCE.c.copy_of == bindparam("document_id")).label("shared"),
        files.c.sha256,
        files.c.filename,
        files.c.bytes,
    )
    .select_from(
        jobs.outerjoin(files, files.c.id == bindparam("file_id"))
        .outerjoin(documents, documents.c.id == bindparam("document_id"))
        .outerjoin(collections, collections.c.id == jobs.c.collection_id)
    )
    .where(jobs.c.id == bindparam("job_id"))
)
"""Built once: it is asked three times for every document, and building it costs five times what asking does."""


def begin(connection: Connection, job_id: str) -> RunningJob | None:
    """Start a queued job or go on with one that was interrupted; None when there is nothing left to do.

    A paused job stays paused, which its `stop` says.
    """
    row = connection.execute(select(jobs).where(jobs.c.id == job_id).with_for_update()).first()
    if row is None or row.status not in jobs_ledger.UNFINISHED:
        return None
    collection = collections_ledger.find(connection, row.collection_id)
    if collection is None:
        stopped = update(jobs).where(jobs.c.id == job_id).values(stop=JobStop.COLLECTION_DELETED)
        connection.execute(stopped)
        jobs_ledger.finish(connection, job_id)
        return None
    if row.status != JobStatus.PAUSED:
        started = {"status": JobStatus.RUNNING, "started_at": row.started_at or datetime.now(UTC), "error": None}
        connection.execute(update(jobs).where(jobs.c.id == job_id).values(started))
    stop = JobStop(row.stop) if row.stop else None
    return RunningJob(row.id, collection, tuple(row.access), row.total, stop)


def park(connection: Connection, job_id: str) -> bool:
    """Let go of a job that is to pause: no worker is at it any more. Whether it is paused now."""
    asked = (jobs.c.id == job_id, jobs.c.status == JobStatus.RUNNING, jobs.c.stop == JobStop.PAUSED)
    connection.execute(update(jobs).where(*asked).values(status=JobStatus.PAUSED, error=None))
    return connection.execute(select(jobs.c.status).where(jobs.c.id == job_id)).scalar() == JobStatus.PAUSED


def pending(connection: Connection, job_id: str, *, first: int, count: int) -> list[PendingDocument]:
    """The documents at positions `first` to `first + count` that are still to be ingested."""
    query = (
        select(job_documents, files.c.sha256)
        .outerjoin(files, files.c.id == job_documents.c.file_id)
        .where(
            job_documents.c.job_id == job_id,
            job_documents.c.position.between(first, first + count - 1),
            job_documents.c.status == DocumentStatus.PENDING,
        )
        .order_by(job_documents.c.position)
    )
    return [
        PendingDocument(row.job_id, row.position, row.document_id, row.file_id, row.source, row.attributes, row.sha256)
        for row in connection.execute(query)
    ]


def standing(connection: Connection, document: PendingDocument) -> Standing:
    """How things stand with the document."""
    asked = {"job_id": document.job_id, "file_id": document.file_id, "document_id": document.document_id}
    row = connection.execute(_STANDING, asked).one()
    stop = JobStop(row.stop) if row.stop else None
    if stop is None and row.collection_deleting is not False:
        stop = JobStop.COLLECTION_DELETED
    return Standing(
        stop=stop,
        deleted=row.deleting is not False,
        sha256=row.sha256,
        filename=row.filename,
        bytes=row.bytes or 0,
        version=row.version,
        attributes=row.attributes,
        access=None if row.access is None else tuple(row.access),
        copy_of=row.copy_of,
        shared=row.shared,
    )


def commit(connection: Connection, document: PendingDocument, ingested: IngestedDocument) -> bool:
    """Make the new version the searchable one; False, and nothing changed, when the document was given up meanwhile.

    A document that had another version is stale until `clear_stale`: the former's points are still in the index.
    """
    now = standing(connection, document)
    if given_up_for(now.stop) is not None or now.sha256 is None:
        return False
    active = {
        "version": ingested.version,
        "title": ingested.title,
        "media_type": ingested.media_type,
        "language": ingested.language,
        "bytes": ingested.bytes,
        "chunks": ingested.chunks,
        "file_id": document.file_id,
        "access": list(ingested.access),
        "attributes": dict(document.attributes),
        "ingested_at": ingested.ingested_at,
        "warnings": list(ingested.warnings) or None,
        "copy_of": None,
    }
    if now.version not in {None, ingested.version}:
        active["stale"] = True
    row = (documents.c.id == document.document_id, documents.c.deleting.is_(False))
    if not connection.execute(update(documents).where(*row).values(active)).rowcount:
        return False
    signatures.keep(connection, document.document_id, ingested.version, ingested.signature)
    settle(connection, document, DocumentStatus.DONE, chunks=ingested.chunks, version=ingested.version)
    return True


def unchanged(connection: Connection, document: PendingDocument) -> None:
    """Note that the very same document is searchable already."""
    settle(connection, document, DocumentStatus.UNCHANGED)


def fail(connection: Connection, document: PendingDocument, reason: FailureReason, *, stale: bool) -> None:
    """Note why the document could not be ingested; `stale` when points of it may be in the index already."""
    if stale:
        row = documents.c.id == document.document_id
        connection.execute(update(documents).where(row).values(stale=True))
    settle(connection, document, DocumentStatus.FAILED, reason=reason)


def note_error(connection: Connection, job_id: str, message: str | None) -> None:
    """Show what the job is waiting for, or that it waits no more."""
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(error=message))


def add_work(connection: Connection, job_id: str, done: Mapping[str, StageWork]) -> None:
    """Add to what the job did in its stages, and to the time it took."""
    seconds = {f"{stage}_s": jobs.c[f"{stage}_s"] + work.seconds for stage, work in done.items()}
    counts = {f"{stage}_n": func.coalesce(jobs.c[f"{stage}_n"], 0) + work.count for stage, work in done.items()}
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(seconds | counts))


def due(connection: Connection, job_id: str) -> list[str]:
    """The unfinished jobs of the job's collection up to itself, in the order in which they were made.

    None from a paused one on: what was made later must not overtake it.
    """
    of = select(jobs.c.seq, jobs.c.collection_id).where(jobs.c.id == job_id).subquery()
    query = (
        select(jobs.c.id, jobs.c.status)
        .join(of, jobs.c.collection_id == of.c.collection_id)
        .where(jobs.c.seq <= of.c.seq, jobs.c.status.in_(jobs_ledger.UNFINISHED))
    )
    rows = connection.execute(query.order_by(jobs.c.seq))
    return [row.id for row in takewhile(lambda row: row.status != JobStatus.PAUSED, rows)]


def unfinished(connection: Connection) -> list[tuple[str, str]]:
    """Id and collection id of every job that is to be at work or queued, oldest first.

    Those are all that have not ended but the paused ones and what waits behind them in their collections.
    """
    query = select(jobs.c.id, jobs.c.collection_id, jobs.c.status).where(jobs.c.status.in_(jobs_ledger.UNFINISHED))
    held: set[str] = set()
    found: list[tuple[str, str]] = []
    for row in connection.execute(query.order_by(jobs.c.seq)):
        if row.status == JobStatus.PAUSED:
            held.add(row.collection_id)
        if row.collection_id not in held:
            found.append((row.id, row.collection_id))
    return found


def settle(
    connection: Connection,
    document: PendingDocument,
    status: DocumentStatus,
    *,
    chunks: int = 0,
    version: str | None = None,
    reason: FailureReason | None = None,
) -> None:
    """Note how the ingest of a document ended, in its job and in its last attempt if it was this job's."""
    why = {
        "stage": reason.stage if reason else None,
        "code": reason.code if reason else None,
        "message": reason.message if reason else None,
    }
    of = {"of_job": document.job_id, "of_position": document.position, "of_document": document.document_id}
    ended = {"status": status, "chunks": chunks, "version": version, "settled_at": datetime.now(UTC)}
    connection.execute(_SETTLE_IN_JOB, {**of, **ended, **why})
    settled = DocumentStatus.FAILED if status is DocumentStatus.FAILED else DocumentStatus.DONE
    attempt = {f"attempt_{name}": value for name, value in why.items()}
    connection.execute(_SETTLE_ATTEMPT, {**of, "attempt_status": settled, **attempt})
