"""Documents in the ledger: what is searchable now, and how the last attempt to ingest each of them went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, insert, or_, select, update

from services.shared.components.catalogue import copies
from services.shared.components.catalogue.collections import INDEX_NAME
from services.shared.components.catalogue.schema import collections, documents, job_documents, jobs
from services.shared.contracts.corpus import Document, DocumentStatus, JobStatus
from services.shared.kit.errors import ConflictError, NotFoundError
from services.shared.kit.paging import AnyRow, Cursor, Page, fetch_page

_IDS_PER_QUERY = 500


@dataclass(frozen=True, slots=True)
class Attempt:
    """A document that a job is to ingest."""

    document_id: str
    source: str
    file_id: str


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """Where a document's points are: the name of the collection or of its index, and the document's id."""

    collection: str
    document_id: str


def register(connection: Connection, collection_id: str, job_id: str, *, attempts: Sequence[Attempt]) -> None:
    """Note that a job will try to ingest these documents; what is searchable stays as it is.

    Raises:
        ConflictError: one of them is still being deleted.
    """
    known = _known(connection, [attempt.document_id for attempt in attempts])
    if any(known.values()):
        raise ConflictError(
            "A document of this job is still being deleted; try again in a few seconds.",
            code="document_being_deleted",
        )
    rows = {attempt.document_id: _attempt_row(attempt, job_id) for attempt in attempts}
    new = [{"id": key, "collection_id": collection_id, **row} for key, row in rows.items() if key not in known]
    old = [{"_id": key, **row} for key, row in rows.items() if key in known]
    if new:
        connection.execute(insert(documents), new)
    if old:
        renewed = {name: bindparam(name) for name in old[0] if name != "_id"}
        connection.execute(update(documents).where(documents.c.id == bindparam("_id")).values(renewed), old)


def versions(connection: Connection, collection_id: str, sources: Sequence[str]) -> Mapping[str, str]:
    """The searchable version of each of the sources that has one."""
    found: dict[str, str] = {}
    for start in range(0, len(sources), _IDS_PER_QUERY):
        query = select(documents.c.source, documents.c.version).where(
            documents.c.collection_id == collection_id,
            documents.c.source.in_(sources[start : start + _IDS_PER_QUERY]),
            documents.c.version.is_not(None),
            documents.c.deleting.is_(False),
        )
        found |= {row.source: row.version for row in connection.execute(query)}
    return found


def get(connection: Connection, document_id: str) -> Document:
    """The document, as it is searchable.

    Raises:
        NotFoundError: there is none, or no version of it could be ingested yet.
    """
    row = connection.execute(_searchable().where(documents.c.id == document_id)).first()
    if row is None:
        raise NotFoundError(
            f"There is no document '{document_id}'; list the collection's documents to see which there are.",
            code="document_not_found",
        )
    return _to_document(row)


def key_of(connection: Connection, document_id: str) -> DocumentKey:
    """Where the document's points are.

    Raises:
        NotFoundError: there is no such document, or nothing of it is searchable.
    """
    get(connection, document_id)
    row = connection.execute(_keys().where(documents.c.id == document_id)).one()
    return DocumentKey(row.name, row.id)


def ids(connection: Connection, collection_id: str) -> list[str]:
    """Ids of all documents of a collection, searchable or not, oldest first."""
    query = select(documents.c.id).where(documents.c.collection_id == collection_id)
    return list(connection.execute(query.order_by(documents.c.seq)).scalars())


def page(connection: Connection, cursor: Cursor, *, collection_id: str) -> Page[Document]:
    """A page of the collection's searchable documents."""
    query = _searchable().where(documents.c.collection_id == collection_id)
    return fetch_page(connection, query, table=documents, cursor=cursor, to_item=_to_document)


def of_file(connection: Connection, file_id: str) -> list[DocumentKey]:
    """The documents that stand on this file alone: it is their searchable version, or their only attempt."""
    only_attempt = documents.c.version.is_(None) & (documents.c.attempt_file_id == file_id)
    query = _keys().where(or_(documents.c.file_id == file_id, only_attempt))
    return [DocumentKey(row.name, row.id) for row in connection.execute(query)]


def mark_deleting(connection: Connection, *document_ids: str) -> None:
    """Hide the documents from every reader; `remove` ends it."""
    for start in range(0, len(document_ids), _IDS_PER_QUERY):
        some = documents.c.id.in_(document_ids[start : start + _IDS_PER_QUERY])
        connection.execute(update(documents).where(some).values(deleting=True))


def remove(connection: Connection, document_id: str) -> bool:
    """Remove a document marked for it; whether it is gone.

    It stays while a running job may still write points of it, and while it shares its chunks or is about to get some.
    """
    if copies.in_use(connection, document_id):
        return False
    at_work = (
        select(jobs.c.id)
        .join(job_documents, job_documents.c.job_id == jobs.c.id)
        .where(
            job_documents.c.document_id == document_id,
            job_documents.c.status == DocumentStatus.PENDING,
            jobs.c.status == JobStatus.RUNNING,
        )
    )
    if connection.execute(at_work.limit(1)).first() is not None:
        return False
    connection.execute(delete(documents).where(documents.c.id == document_id, documents.c.deleting.is_(True)))
    return True


def deleting(connection: Connection) -> list[DocumentKey]:
    """The documents whose deletion has not come to its end."""
    query = _keys().where(documents.c.deleting.is_(True))
    return [DocumentKey(row.name, row.id) for row in connection.execute(query)]


def stale(connection: Connection, collection_id: str) -> list[tuple[str, str | None]]:
    """The documents of which other versions may still be in the index: their ids, and which version is to stay.

    None is to stay of a document without a searchable version, nor of one whose chunks are another's.
    """
    query = select(documents.c.id, documents.c.version, documents.c.copy_of).where(
        documents.c.collection_id == collection_id, documents.c.stale.is_(True)
    )
    return [(row.id, None if row.copy_of else row.version) for row in connection.execute(query)]


def stale_collections(connection: Connection) -> list[str]:
    """Ids of the collections with something to clean and no job that would do it."""
    busy = select(jobs.c.collection_id).where(jobs.c.status.in_([JobStatus.QUEUED, JobStatus.RUNNING]))
    unclean = documents.c.stale.is_(True) | documents.c.id.in_(copies.leaving_shared())
    query = select(documents.c.collection_id).where(unclean).distinct()
    return list(connection.execute(query.where(documents.c.collection_id.not_in(busy))).scalars())


def clear_stale(connection: Connection, document_ids: Sequence[str]) -> None:
    """Note that the index holds no other version of the documents any more."""
    connection.execute(update(documents).where(documents.c.id.in_(document_ids)).values(stale=False))


def _known(connection: Connection, ids: Sequence[str]) -> dict[str, bool]:
    known: dict[str, bool] = {}
    for start in range(0, len(ids), _IDS_PER_QUERY):
        wanted = documents.c.id.in_(ids[start : start + _IDS_PER_QUERY])
        rows = connection.execute(select(documents.c.id, documents.c.deleting).where(wanted))
        known |= {row.id: row.deleting for row in rows}
    return known


def _attempt_row(attempt: Attempt, job_id: str) -> dict[str, object]:
    return {
        "source": attempt.source,
        "attempt_job_id": job_id,
        "attempt_file_id": attempt.file_id,
        "attempt_status": DocumentStatus.PENDING,
        "attempt_stage": None,
        "attempt_code": None,
        "attempt_message": None,
        "attempted_at": datetime.now(UTC),
    }


def _keys() -> Select[Any, Any]:
    columns = (INDEX_NAME.label("name"), documents.c.id)
    return select(*columns).join(collections, collections.c.id == documents.c.collection_id)


def _searchable() -> Select[Any]:
    joined = documents.join(collections, collections.c.id == documents.c.collection_id)
    shown = (documents.c.version.is_not(None), documents.c.deleting.is_(False), ~collections.c.deleting)
    return select(documents, collections.c.name.label("collection")).select_from(joined).where(*shown)


def _to_document(row: AnyRow) -> Document:
    return Document(
        id=row.id,
        collection=row.collection,
        source=row.source,
        title=row.title,
        version=row.version,
        media_type=row.media_type,
        language=row.language,
        bytes=row.bytes,
        chunks=row.chunks,
        file_id=row.file_id,
        ingested_at=row.ingested_at,
        attributes=row.attributes,
        copy_of=row.copy_of,
        warnings=row.warnings or [],
    )
