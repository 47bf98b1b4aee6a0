"""What an ingest worker reads from the ledger and reports to it, document by document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile

from sqlalchemy import Connection, bindparam, func, select, update

from services.shared.components.catalogue import collections as collections_ledger
from services.shared.components.catalogue import jobs as jobs_ledger
from services.shared.components.catalogue import signatures
from services.shared.components.catalogue.reasons import JobStop, given_up_for
from services.shared.components.catalogue.schema import documents, files, job_documents, jobs
from services.shared.components.catalogue.settling import ATTEMPT_SUCCEEDED, Settled, settle, settle_in_job
from services.shared.components.catalogue.signatures import Signature
from services.shared.components.catalogue.standing import PendingDocument, Standing, standings
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


_ACTIVATE = update(documents).where(documents.c.id == bindparam("of_document")).values(ATTEMPT_SUCCEEDED)


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


def commit(connection: Connection, ingested: Sequence[tuple[PendingDocument, IngestedDocument]]) -> list[bool]:
    """Make the new versions of documents of one job the searchable ones; False for one that was given up meanwhile.

    A document that had another version is stale until `clear_stale`: the former's points are still in the index.
    """
    now = standings(connection, [document for document, _ in ingested], to_change=True)
    wanted = [given_up_for(each.stop) is None and each.sha256 is not None and not each.deleted for each in now]
    chosen = [(*pair, each) for pair, each, wants in zip(ingested, now, wanted, strict=True) if wants]
    if chosen:
        connection.execute(_ACTIVATE, [_active(*each) for each in chosen])
        signatures.keep_all(
            connection, [(document.document_id, each.version, each.signature) for document, each, _ in chosen]
        )
        settle_in_job(connection, [Settled(document, each.chunks, each.version) for document, each, _ in chosen])
    return wanted


def _active(document: PendingDocument, ingested: IngestedDocument, now: Standing) -> dict[str, object]:
    return {
        "of_document": document.document_id,
        "of_job": document.job_id,
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
        "stale": now.stale or now.version not in {None, ingested.version},
    }


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
