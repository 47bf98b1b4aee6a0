"""What else the ledger has of deleted documents: entries of jobs, items of sources, entries of syncs, originals.

They go when the receipt is issued. What was put in again since the deletion is left alone: it has traces of its own.
"""

from collections.abc import Collection as Container
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from services.shared.components.catalogue.receipts import batches, rows_left
from services.shared.components.catalogue.schema import (
    documents,
    job_documents,
    jobs,
    source_items,
    sources,
    sync_items,
    syncs,
)
from services.shared.components.catalogue.sources import UNFINISHED_SYNCS
from services.shared.components.catalogue.syncs import StagedStatus
from services.shared.contracts.receipts import Receipt
from services.shared.contracts.sources import Change, SyncStage

Conditions = tuple[ColumnElement[bool], ...]

_GONE = "(deleted)"
_NAMED = job_documents.c.source != _GONE
_LISTING = (SyncStage.LIST, SyncStage.COMPARE)


def files_of(connection: Connection, receipt: Receipt) -> list[str]:
    """Ids of the files from which jobs ingested the receipt's documents, up to the deletion."""
    found: dict[str, None] = {}
    for entries in _entries(receipt):
        query = select(job_documents.c.file_id).where(*entries)
        found |= dict.fromkeys(connection.execute(query).scalars())
    return list(found)


def still_wanted(connection: Connection, file_id: str) -> bool:
    """Whether a document stands on the file, once those of the receipt are gone; or one was put in again from it."""
    on_it = (documents.c.file_id == file_id) | (documents.c.attempt_file_id == file_id)
    return connection.execute(select(documents.c.id).where(on_it).limit(1)).first() is not None


def clear_entries(connection: Connection, receipt: Receipt) -> int:
    """Take source, attributes and reasons out of the entries that jobs have of the documents; how many there are."""
    nothing = {"source": _GONE, "attributes": {}, "message": None, "version": None}
    return sum(
        connection.execute(update(job_documents).where(*entries, _NAMED).values(nothing)).rowcount
        for entries in _entries(receipt)
    )


def entries_left(connection: Connection, receipt: Receipt) -> int:
    """How many entries of jobs still name the sources of the receipt's documents."""
    return sum(
        len(connection.execute(select(job_documents.c.position).where(*entries, _NAMED)).all())
        for entries in _entries(receipt)
    )


def sync_at_work(connection: Connection, receipt: Receipt) -> bool:
    """Whether a sync has the documents in hand, or may be about to: it is still listing its source."""
    names = _names(connection, receipt)
    for collection_id, some in _portions(names):
        of = select(syncs.c.id).join(sources, sources.c.id == syncs.c.source_id)
        of = of.where(sources.c.collection_id == collection_id, syncs.c.status.in_(UNFINISHED_SYNCS))
        if connection.execute(of.where(syncs.c.stage.in_(_LISTING)).limit(1)).first() is not None:
            return True
        named = (sync_items.c.sync_id.in_(of), sync_items.c.source.in_(some), sync_items.c.change != Change.DELETE)
        if connection.execute(select(sync_items.c.seq).where(*named).limit(1)).first() is not None:
            return True
    return False


def clear_syncs(connection: Connection, receipt: Receipt) -> tuple[int, int]:
    """Forget the items of sources and the entries of syncs that name the documents; how many there were of each."""
    items, entries = 0, 0
    for of_items, of_entries in _in_syncs(connection, receipt, until=datetime.now(UTC)):
        items += connection.execute(delete(source_items).where(*of_items)).rowcount
        entries += connection.execute(delete(sync_items).where(*of_entries)).rowcount
    return items, entries


def syncs_left(connection: Connection, receipt: Receipt) -> tuple[int, int]:
    """How many items of sources and entries of syncs from before the receipt was issued name the documents."""
    items, entries = 0, 0
    for of_items, of_entries in _in_syncs(connection, receipt, until=receipt.issued_at or datetime.now(UTC)):
        items += connection.execute(select(func.count()).select_from(source_items).where(*of_items)).scalar_one()
        entries += connection.execute(select(func.count()).select_from(sync_items).where(*of_entries)).scalar_one()
    return items, entries


def _entries(receipt: Receipt) -> Iterator[Conditions]:
    """Conditions on entries that jobs have of the documents: of jobs made before the deletion, some at a time.

    Later ones are about documents that were put in again.
    """
    before = select(jobs.c.id).where(jobs.c.created_at <= receipt.requested_at)
    for some in batches([each.document_id for each in receipt.documents]):
        yield job_documents.c.document_id.in_(some), job_documents.c.job_id.in_(before)
    for some in batches(receipt.jobs):
        yield (job_documents.c.job_id.in_(some),)


def _in_syncs(connection: Connection, receipt: Receipt, *, until: datetime) -> Iterator[tuple[Conditions, Conditions]]:
    """Conditions on items of sources and on entries of syncs; a sync's entry that it deleted a document stays."""
    for collection_id, some in _portions(_names(connection, receipt)):
        place = select(sources.c.id).where(sources.c.collection_id == collection_id)
        of = select(syncs.c.id).where(syncs.c.source_id.in_(place), syncs.c.created_at <= until)
        items = (
            source_items.c.source_id.in_(place),
            source_items.c.source.in_(some),
            source_items.c.synced_at <= until,
        )
        deleted = (sync_items.c.change == Change.DELETE) & (sync_items.c.status == StagedStatus.DONE)
        yield items, (sync_items.c.sync_id.in_(of), sync_items.c.source.in_(some), ~func.coalesce(deleted, False))


def _names(connection: Connection, receipt: Receipt) -> set[tuple[str, str]]:
    """Collection and source of the documents that were not put in again."""
    again = rows_left(connection, receipt).keys()
    place = {each.document_id: (each.collection_id or receipt.collection_id, each.source) for each in receipt.documents}
    kept = {place[document_id] for document_id in again}
    return set(place.values()) - kept


def _portions(names: Container[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    for collection_id in sorted({collection_id for collection_id, _ in names}):
        of_collection = sorted(source for each, source in names if each == collection_id)
        for some in batches(of_collection):
            yield collection_id, list(some)
