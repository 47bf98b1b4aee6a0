"""What a reconciliation reads from the ledger and changes in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from services.shared.components.catalogue import files, jobs
from services.shared.components.catalogue.jobs import Entry
from services.shared.components.catalogue.schema import documents
from services.shared.components.catalogue.schema import jobs as jobs_table
from services.shared.contracts.corpus import Collection
from services.shared.kit.errors import ConflictError
from services.shared.kit.paging import AnyRow

_IDS_PER_QUERY = 500


@dataclass(frozen=True, slots=True)
class Recorded:
    """A document as the ledger has it; without a version nothing of it is to be found.

    Nor has a document a version here whose chunks are another's.
    """

    id: str
    source: str
    version: str | None
    chunks: int
    file_id: str
    access: tuple[str, ...]
    attributes: Mapping[str, str | float | bool]


def recorded(connection: Connection, collection: Collection) -> list[Recorded]:
    """All documents of a collection at rest.

    Raises:
        ConflictError: a job is at work in it, waits or is paused.
    """
    unfinished = jobs_table.c.status.in_(jobs.UNFINISHED)
    at_work = select(jobs_table.c.id).where(jobs_table.c.collection_id == collection.id, unfinished)
    job = connection.execute(at_work.limit(1)).scalar()
    if job is not None:
        raise ConflictError(
            f"The job {job} of '{collection.name}' has not ended; wait for it, or cancel it, and try again.",
            code="collection_busy",
        )
    query = select(documents).where(documents.c.collection_id == collection.id).order_by(documents.c.seq)
    return [_recorded(row) for row in connection.execute(query)]


def _recorded(row: AnyRow) -> Recorded:
    version = None if row.deleting or row.copy_of else row.version
    return Recorded(
        id=row.id,
        source=row.source,
        version=version,
        chunks=row.chunks if version else 0,
        file_id=row.file_id or "",
        access=tuple(row.access or ()),
        attributes=row.attributes or {},
    )


def known(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Those of the ids that are documents of the ledger, searchable or not."""
    found: set[str] = set()
    for some in _batches(ids):
        found.update(connection.execute(select(documents.c.id).where(documents.c.id.in_(some))).scalars())
    return found


def mark_stale(connection: Connection, ids: Sequence[str]) -> None:
    """Have the ingest worker bring the index to the ledger's version of these documents."""
    for some in _batches(ids):
        connection.execute(update(documents).where(documents.c.id.in_(some)).values(stale=True))


def ingest_again(connection: Connection, collection: Collection, broken: Sequence[Recorded]) -> list[str]:
    """Forget the versions of documents and start jobs that ingest them from their originals; the jobs' ids.

    Documents that share their chunks are ingested again with them.
    """
    return _ingest_again(connection, collection, [*broken, *_sharing(connection, [each.id for each in broken])])


def references_again(connection: Connection, collection: Collection, document_id: str) -> None:
    """The same for the documents that refer to this one."""
    _ingest_again(connection, collection, list(_sharing(connection, [document_id])))


def _ingest_again(connection: Connection, collection: Collection, broken: Sequence[Recorded]) -> list[str]:
    forgotten = {"version": None, "copy_of": None, "stale": True}
    for some in _batches([each.id for each in broken]):
        connection.execute(update(documents).where(documents.c.id.in_(some)).values(forgotten))
    originals = files.by_id(connection, (each.file_id for each in broken))
    readers = dict.fromkeys(each.access for each in broken)
    return [
        jobs.create(
            connection,
            collection,
            [Entry(originals[each.file_id], each.source, each.attributes) for each in broken if each.access == access],
            access=access,
        ).id
        for access in readers
    ]


def _sharing(connection: Connection, ids: Sequence[str]) -> Iterator[Recorded]:
    for some in _batches(ids):
        shared = (documents.c.copy_of.in_(some), documents.c.deleting.is_(False))
        query = select(documents).where(*shared).order_by(documents.c.seq)
        yield from map(_recorded, connection.execute(query).all())


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + _IDS_PER_QUERY] for start in range(0, len(ids), _IDS_PER_QUERY))
