"""The documents of a job one by one: how far each is, and why it failed."""

from sqlalchemy import Connection, select

from services.shared.components.catalogue.paging import AnyRow, Cursor, Page, no_such_anchor
from services.shared.components.catalogue.schema import job_documents
from services.shared.contracts.corpus import DocumentProgress, DocumentStatus, FailureReason

_MOST_DIGITS = 9  # what every database takes for an integer


def page(
    connection: Connection, job_id: str, cursor: Cursor, *, status: DocumentStatus | None
) -> Page[DocumentProgress]:
    """A page of the job's documents in its own order, those with one status when given; it starts at a position.

    Raises:
        InvalidRequestError: no such position to start from.
    """
    position = job_documents.c.position
    query = select(job_documents).where(job_documents.c.job_id == job_id)
    if status is not None:
        query = query.where(job_documents.c.status == status)
    for param, anchor in (("after", cursor.after), ("before", cursor.before)):
        if anchor is not None:
            start, upwards = _position(anchor, param), cursor.ascending == (param == "after")
            query = query.where(position > start if upwards else position < start)
    order = position.asc() if cursor.ascending else position.desc()
    rows = connection.execute(query.order_by(order).limit(cursor.limit + 1)).all()
    return Page([_to_progress(row) for row in rows[: cursor.limit]], has_more=len(rows) > cursor.limit)


def _position(anchor: str, param: str) -> int:
    if not (anchor.isascii() and anchor.isdecimal() and len(anchor) <= _MOST_DIGITS):
        raise no_such_anchor(anchor, param)
    return int(anchor)


def _to_progress(row: AnyRow) -> DocumentProgress:
    failed = row.status == DocumentStatus.FAILED
    return DocumentProgress(
        position=row.position,
        document_id=row.document_id,
        file_id=row.file_id,
        source=row.source,
        status=row.status,
        chunks=row.chunks,
        reason=FailureReason(stage=row.stage, code=row.code, message=row.message) if failed else None,
    )
