"""Files of a collection, as the OpenAI API's vector-store files show them: one per document, by its last attempt."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from services.shared.components.catalogue.reasons import reason_of
from services.shared.components.catalogue.schema import documents
from services.shared.contracts.corpus import DocumentStatus, FailureReason
from services.shared.kit.errors import NotFoundError
from services.shared.kit.paging import AnyRow, Cursor, Page, fetch_page


@dataclass(frozen=True)
class Membership:
    """A file in a collection; `failure` says why its last ingest failed."""

    document_id: str
    file_id: str
    status: DocumentStatus
    failure: FailureReason | None
    attempted_at: datetime
    bytes: int
    attributes: dict[str, str | float | bool]


def get(connection: Connection, collection_id: str, file_id: str) -> Membership:
    """The file in this collection.

    Raises:
        NotFoundError: it was never added, or was removed.
    """
    holds = or_(documents.c.attempt_file_id == file_id, documents.c.file_id == file_id)
    row = connection.execute(_members(collection_id).where(holds).limit(1)).first()
    if row is None:
        raise NotFoundError(
            f"The file '{file_id}' is not in this vector store; list its files, or add it.",
            code="file_not_in_vector_store",
        )
    return _to_membership(row)


def page(
    connection: Connection, collection_id: str, *, cursor: Cursor, status: DocumentStatus | None
) -> Page[Membership]:
    """A page of the files, of one status when given."""
    query = _members(collection_id)
    if status is not None:
        query = query.where(documents.c.attempt_status == status)
    return fetch_page(connection, query, table=documents, cursor=cursor, to_item=_to_membership, key="attempt_file_id")


def counts(connection: Connection, collection_id: str) -> dict[DocumentStatus, int]:
    """How many files of the collection stand where."""
    query = _members(collection_id).with_only_columns(documents.c.attempt_status, func.count())
    rows = connection.execute(query.group_by(documents.c.attempt_status))
    return {DocumentStatus(status): number for status, number in rows}


def _members(collection_id: str) -> Select[Any]:
    return select(documents).where(documents.c.collection_id == collection_id, documents.c.deleting.is_(False))


def _to_membership(row: AnyRow) -> Membership:
    failure = None
    if row.attempt_code is not None:
        failure = reason_of(row, "attempt_")
    return Membership(
        document_id=row.id,
        file_id=row.attempt_file_id,
        status=DocumentStatus(row.attempt_status),
        failure=failure,
        attempted_at=row.attempted_at,
        bytes=row.bytes or 0,
        attributes=row.attributes or {},
    )
