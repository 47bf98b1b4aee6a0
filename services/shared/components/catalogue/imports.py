"""Imports in the ledger: a collection that is being imported counts as one that is being deleted, until it is complete.

So nobody sees anything of it, and an import whose process died is removed as an interrupted deletion is. `renew` says
that somebody is still at it. `complete` makes all of it visible in one transaction.
"""

import base64
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, exists, func, insert, literal, or_, select, update

from services.shared.components.catalogue import collections as collections_ledger
from services.shared.components.catalogue import files as files_ledger
from services.shared.components.catalogue import jobs as jobs_ledger
from services.shared.components.catalogue import signatures
from services.shared.components.catalogue.collections import CollectionChoices
from services.shared.components.catalogue.files import FileRecord
from services.shared.components.catalogue.jobs import Entry
from services.shared.components.catalogue.schema import collections, documents, files, job_documents, jobs
from services.shared.contracts.archives import ArchivedCollection, ArchivedDocument
from services.shared.contracts.chunks import document_id
from services.shared.contracts.corpus import Collection, DocumentStatus, JobStatus
from services.shared.kit.errors import ConflictError

_JOB_DOCUMENTS = 10_000


@dataclass(frozen=True)
class Import:
    """An import at work; `collection` is the one that is to be, `kept_ids` says that its documents keep their ids."""

    collection: Collection
    job_id: str
    lease: timedelta
    kept_ids: bool
    embeds: bool
    """Documents come without chunks, and are to be embedded anew."""


def begin(connection: Connection, wanted: ArchivedCollection, *, lease: timedelta, embeds: bool = False) -> Import:
    """A collection that nobody sees, to be filled.

    Documents keep their ids unless a collection of this ledger has documents with such ids, whatever its name is.

    Raises:
        ConflictError: the name is taken.
    """
    made = collections_ledger.create(
        connection,
        name=wanted.name,
        embedding_model=wanted.embedding_model,
        dimensions=wanted.dimensions,
        attributes=wanted.attributes,
        choices=CollectionChoices(wanted.chunking, wanted.deduplication, wanted.parsers, wanted.metadata_schema),
    )
    same_ids = or_(collections.c.seed == wanted.seed, collections.c.id == wanted.seed)
    kept = connection.execute(select(collections.c.id).where(same_ids).limit(1)).first() is None
    seed = wanted.seed if kept else made.id
    marks = {"deleting": True, "importing_until": datetime.now(UTC) + lease, "seed": seed}
    connection.execute(update(collections).where(collections.c.id == made.id).values(marks))
    job_id = f"{jobs_ledger.ID_PREFIX}{secrets.token_hex(12)}"
    return Import(made.model_copy(update={"seed": seed}), job_id, lease, kept, embeds)


def renew(connection: Connection, running: Import) -> None:
    """Say that the import is at work.

    Raises:
        ConflictError: it took too long between two signs of life, and is being removed.
    """
    mine = (collections.c.id == running.collection.id, collections.c.importing_until > datetime.now(UTC))
    until = update(collections).where(*mine).values(importing_until=datetime.now(UTC) + running.lease)
    if not connection.execute(until).rowcount:
        raise ConflictError(
            f"The import stood still for more than {running.lease.total_seconds():g} seconds and was given up; try it "
            "again.",
            code="import_interrupted",
        )


def give_up(connection: Connection, running: Import) -> bool:
    """Leave the collection to whoever removes what is being deleted; False when it is complete, or removed already."""
    mine = (collections.c.id == running.collection.id, collections.c.deleting.is_(True))
    gone = update(collections).where(*mine).values(importing_until=datetime.fromtimestamp(0, UTC))
    return connection.execute(gone).rowcount == 1


def has_original(connection: Connection, running: Import, sha256: str) -> bool:
    """Whether this very import brought these bytes: that somebody else's file has them gives no right to them."""
    its_own = exists().where(
        documents.c.attempt_file_id == files.c.id, documents.c.collection_id == running.collection.id
    )
    return connection.execute(select(files.c.id).where(files.c.sha256 == sha256, its_own).limit(1)).first() is not None


def known(connection: Connection, running: Import, ids: Sequence[str]) -> dict[str, tuple[str | None, str | None]]:
    """Those of the documents that the import has already: their version, and whether they are copies of another."""
    query = select(documents.c.id, documents.c.version, documents.c.copy_of)
    query = query.where(documents.c.id.in_(ids), documents.c.collection_id == running.collection.id)
    return {row.id: (row.version, row.copy_of) for row in connection.execute(query)}


def add(connection: Connection, running: Import, archived: Iterable[ArchivedDocument]) -> dict[int, FileRecord]:
    """Record documents whose originals are in place; their files, by the documents' numbers."""
    made: dict[int, FileRecord] = {}
    rows: list[dict[str, object]] = []
    for each in archived:
        record = files_ledger.create(
            connection, sha256=each.version, size=each.bytes, filename=each.filename, purpose=files_ledger.IMPORTING
        )
        made[each.number] = record
        rows.append(_row(running, each, record))
    connection.execute(insert(documents), rows)
    if not running.embeds:
        _sign(connection, running, archived)
    return made


def complete(connection: Connection, running: Import) -> list[str]:
    """Make the collection visible, with all its documents; the jobs that embed them, if that is to be done anew.

    Raises:
        ConflictError: the import was given up.
    """
    renew(connection, running)
    shown = {"deleting": False, "importing_until": None}
    connection.execute(update(collections).where(collections.c.id == running.collection.id).values(shown))
    standing = select(documents.c.attempt_file_id).where(documents.c.collection_id == running.collection.id)
    connection.execute(update(files).where(files.c.id.in_(standing)).values(purpose=files_ledger.IMPORTED))
    if running.embeds:
        return list(_jobs_over(connection, running))
    _record_job(connection, running)
    return []


def discard(connection: Connection, collection_id: str, *, limit: int) -> list[FileRecord]:
    """Remove documents of an import that did not come to its end; their files, which are to go with them."""
    query = (
        select(documents.c.id, documents.c.attempt_file_id)
        .join(files, files.c.id == documents.c.attempt_file_id)
        .where(documents.c.collection_id == collection_id, files.c.purpose == files_ledger.IMPORTING)
    )
    rows = connection.execute(query.limit(limit)).all()
    connection.execute(delete(documents).where(documents.c.id.in_([row.id for row in rows])))
    return list(files_ledger.by_id(connection, (row.attempt_file_id for row in rows)).values())


def _row(running: Import, archived: ArchivedDocument, record: FileRecord) -> dict[str, object]:
    seed = running.collection.seed
    owner = None if archived.copy_of is None else document_id(seed, archived.copy_of)
    searchable: Mapping[str, object] = {
        "version": archived.version,
        "title": archived.title,
        "media_type": archived.media_type,
        "language": archived.language,
        "bytes": archived.bytes,
        "chunks": archived.chunks,
        "file_id": record.id,
        "ingested_at": archived.ingested_at,
        "copy_of": owner,
        "warnings": archived.warnings or None,
    }
    return {
        "id": document_id(seed, archived.source),
        "collection_id": running.collection.id,
        "source": archived.source,
        "access": list(archived.access),
        "attributes": archived.attributes,
        "attempt_job_id": running.job_id,
        "attempt_file_id": record.id,
        "attempt_status": DocumentStatus.PENDING if running.embeds else DocumentStatus.DONE,
        "attempted_at": datetime.now(UTC),
        "stale": False,
        "deleting": False,
        **({} if running.embeds else searchable),
    }


def _sign(connection: Connection, running: Import, archived: Iterable[ArchivedDocument]) -> None:
    for each in archived:
        if each.signature is not None:
            of = document_id(running.collection.seed, each.source)
            signatures.keep(connection, of, each.version, base64.b64decode(each.signature))


def _record_job(connection: Connection, running: Import) -> None:
    """A job that has ended, with an entry for each document: by it histories and receipts know where they come from."""
    now = datetime.now(UTC)
    of = documents.c.collection_id == running.collection.id
    total = connection.execute(select(func.count()).select_from(documents).where(of)).scalar_one()
    job = {
        "id": running.job_id,
        "collection_id": running.collection.id,
        "collection": running.collection.name,
        "status": JobStatus.COMPLETED,
        "access": [],
        "created_at": running.collection.created_at,
        "started_at": running.collection.created_at,
        "finished_at": now,
        "total": total,
    }
    connection.execute(insert(jobs).values(job))
    entries = {
        "job_id": literal(running.job_id),
        "position": func.row_number().over(order_by=documents.c.seq) - 1,
        "document_id": documents.c.id,
        "file_id": documents.c.attempt_file_id,
        "source": documents.c.source,
        "attributes": documents.c.attributes,
        "bytes": documents.c.bytes,
        "status": literal(str(DocumentStatus.DONE)),
        "chunks": documents.c.chunks,
        "version": documents.c.version,
        "settled_at": literal(now, job_documents.c.settled_at.type),
    }
    connection.execute(insert(job_documents).from_select(list(entries), select(*entries.values()).where(of)))


def _jobs_over(connection: Connection, running: Import) -> Iterable[str]:
    """Jobs that embed the documents, one for each list of readers and some thousand of them."""
    of = (documents.c.collection_id == running.collection.id, documents.c.attempt_job_id == running.job_id)
    query = select(documents).where(*of).order_by(documents.c.seq).limit(_JOB_DOCUMENTS)
    while rows := connection.execute(query).all():
        originals = files_ledger.by_id(connection, (row.attempt_file_id for row in rows))
        for access in dict.fromkeys(tuple(row.access) for row in rows):
            entries = [
                Entry(originals[row.attempt_file_id], row.source, row.attributes)
                for row in rows
                if tuple(row.access) == access
            ]
            yield jobs_ledger.create(connection, running.collection, entries, access=access).id
