"""A collection's documents, counted."""

from sqlalchemy import Column, ColumnElement, Connection, func, select

from services.shared.components.catalogue import collections
from services.shared.components.catalogue.schema import documents
from services.shared.contracts.corpus import Collection, DocumentStatus
from services.shared.contracts.statistics import CollectionStatistics

_UNKNOWN = "unknown"


def of_collection(connection: Connection, collection: Collection) -> CollectionStatistics:
    """The counts at this moment."""
    own = documents.c.copy_of.is_(None)
    here = (documents.c.collection_id == collection.id, documents.c.deleting.is_(False))
    searchable = (*here, documents.c.version.is_not(None))
    failed = (*here, documents.c.attempt_status == DocumentStatus.FAILED)
    totals = select(
        func.count().label("documents"),
        func.count(documents.c.copy_of).label("copies"),
        func.sum(documents.c.chunks).filter(own).label("chunks"),
        func.sum(documents.c.bytes).filter(own).label("bytes"),
        func.min(documents.c.ingested_at).label("oldest"),
        func.max(documents.c.ingested_at).label("newest"),
    )
    row = connection.execute(totals.where(*searchable)).one()
    return CollectionStatistics(
        collection=collection.name,
        documents=row.documents,
        copies=row.copies,
        chunks=row.chunks or 0,
        bytes=row.bytes or 0,
        oldest=row.oldest,
        newest=row.newest,
        languages=_by(connection, documents.c.language, searchable),
        media_types=_by(connection, documents.c.media_type, searchable),
        pending=collections.pending_documents(connection, collection.id),
        failures=_by(connection, documents.c.attempt_code, failed),
    )


def _by(connection: Connection, column: Column[str], which: tuple[ColumnElement[bool], ...]) -> dict[str, int]:
    number = func.count().label("number")
    query = select(column, number).where(*which).group_by(column).order_by(number.desc(), column)
    return {value or _UNKNOWN: count for value, count in connection.execute(query)}
