"""The documents of a job one by one: how far each is, and why it failed."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, func, select

from services.shared.components.catalogue.reasons import reason_of
from services.shared.components.catalogue.schema import job_documents
from services.shared.contracts.corpus import CANCELLED, DocumentProgress, DocumentStatus
from services.shared.contracts.openai import VectorStoreFileStatus
from services.shared.kit.paging import AnyRow, Cursor, Page, no_such_anchor

_MOST_DIGITS = 9  # what every database takes for an integer
_IS = job_documents.c.status
_WAS_CANCELLED = (_IS == DocumentStatus.FAILED) & (job_documents.c.code == CANCELLED)
_OUTCOMES: dict[VectorStoreFileStatus, ColumnElement[bool]] = {
    "in_progress": _IS == DocumentStatus.PENDING,
    "completed": _IS.in_([DocumentStatus.DONE, DocumentStatus.UNCHANGED]),
    "failed": (_IS == DocumentStatus.FAILED) & (job_documents.c.code != CANCELLED),
    "cancelled": _WAS_CANCELLED,
}


def page(
    connection: Connection, job_id: str, cursor: Cursor, *, status: DocumentStatus | None
) -> Page[DocumentProgress]:
    """A page of the job's documents in its own order, those with one status when given; it starts at a position.

    Raises:
        InvalidRequestError: no such position to start from.
    """
    return _page(connection, job_id, cursor, [] if status is None else [_IS.in_([status])])


def page_of_files(
    connection: Connection, job_id: str, cursor: Cursor, *, outcome: VectorStoreFileStatus | None
) -> Page[DocumentProgress]:
    """The same as a page of the job's files, in OpenAI's words; it starts at a file.

    Raises:
        InvalidRequestError: no such file to start from.
    """
    after = cursor.after and _position_of(connection, job_id, cursor.after, param="after")
    before = cursor.before and _position_of(connection, job_id, cursor.before, param="before")
    started = replace(cursor, after=after, before=before)
    return _page(connection, job_id, started, [] if outcome is None else [_OUTCOMES[outcome]])


def count_cancelled(connection: Connection, job_id: str) -> int:
    """How many documents of the job were not begun, as it was cancelled."""
    query = select(func.count()).where(job_documents.c.job_id == job_id, _WAS_CANCELLED)
    return connection.execute(query).scalar_one()


def _page(
    connection: Connection, job_id: str, cursor: Cursor, conditions: Sequence[ColumnElement[bool]]
) -> Page[DocumentProgress]:
    position = job_documents.c.position
    query = select(job_documents).where(job_documents.c.job_id == job_id, *conditions)
    for param, anchor in (("after", cursor.after), ("before", cursor.before)):
        if anchor is not None:
            start, upwards = _position(anchor, param), cursor.ascending == (param == "after")
            query = query.where(position > start if upwards else position < start)
    order = position.asc() if cursor.ascending else position.desc()
    rows = connection.execute(query.order_by(order).limit(cursor.limit + 1)).all()
    return Page([_to_progress(row) for row in rows[: cursor.limit]], has_more=len(rows) > cursor.limit)


def _position_of(connection: Connection, job_id: str, file_id: str, *, param: str) -> str:
    here = (job_documents.c.job_id == job_id, job_documents.c.file_id == file_id)
    found = connection.execute(select(func.max(job_documents.c.position)).where(*here)).scalar()
    if found is None:
        raise no_such_anchor(file_id, param)
    return str(found)


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
        bytes=row.bytes,
        attributes=row.attributes,
        reason=reason_of(row) if failed else None,
    )
