"""Receipts of deletions in the ledger: opened with the deletion, issued when nothing of it is left."""

import secrets
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, insert, select, update

from services.shared.components.catalogue.collections import INDEX_NAME
from services.shared.components.catalogue.paging import AnyRow, Cursor, Page, fetch_page
from services.shared.components.catalogue.schema import collections, documents, job_documents, jobs, receipts
from services.shared.contracts.corpus import Collection
from services.shared.contracts.receipts import ErasedDocument, Receipt
from services.shared.kit.errors import NotFoundError

ID_PREFIX = "receipt-"
_IDS_PER_QUERY = 500
_GONE = "(deleted)"
_NAMED = job_documents.c.source != _GONE


def open_for_document(
    connection: Connection, collection: Collection, document_ids: Sequence[str], *, principal: str | None
) -> Receipt:
    """A receipt for a document that is being deleted, in all versions of its collection."""
    erased = [_to_erased(row) for row in connection.execute(_stored().where(documents.c.id.in_(document_ids)))]
    return _open(connection, "document", collection, erased, principal=principal)


def open_for_collection(
    connection: Connection, collection: Collection, collection_ids: Sequence[str], *, principal: str | None
) -> Receipt:
    """A receipt for a collection that is being deleted with all its documents and versions."""
    wanted = documents.c.collection_id.in_(collection_ids)
    erased = [_to_erased(row) for row in connection.execute(_stored().where(wanted).order_by(documents.c.seq))]
    return _open(connection, "collection", collection, erased, principal=principal)


def get(connection: Connection, receipt_id: str) -> Receipt:
    """The receipt.

    Raises:
        NotFoundError: there is none.
    """
    row = connection.execute(select(receipts).where(receipts.c.id == receipt_id)).first()
    if row is None:
        raise NotFoundError(
            f"There is no receipt '{receipt_id}'; list the receipts to see which there are.", code="receipt_not_found"
        )
    return _to_receipt(row)


def page(connection: Connection, cursor: Cursor) -> Page[Receipt]:
    """A page of the receipts."""
    return fetch_page(connection, select(receipts), table=receipts, cursor=cursor, to_item=_to_receipt)


def pending(connection: Connection) -> list[Receipt]:
    """The receipts that are not issued yet, oldest first."""
    query = select(receipts).where(receipts.c.issued_at.is_(None)).order_by(receipts.c.seq)
    return [_to_receipt(row) for row in connection.execute(query)]


def issue(connection: Connection, receipt: Receipt) -> None:
    """Store a receipt as it was signed; one that another process issued meanwhile stays."""
    body = receipt.model_dump(mode="json", exclude={"signature"})
    stored = {"body": body, "issued_at": receipt.issued_at, "signature": receipt.signature}
    unissued = (receipts.c.id == receipt.id, receipts.c.issued_at.is_(None))
    connection.execute(update(receipts).where(*unissued).values(stored))


def rows_left(connection: Connection, receipt: Receipt) -> dict[str, datetime]:
    """Those of the receipt's documents that are in the ledger, with the time of their last attempt."""
    found: dict[str, datetime] = {}
    for some in batches([each.document_id for each in receipt.documents]):
        query = select(documents.c.id, documents.c.attempted_at).where(documents.c.id.in_(some))
        found |= {row.id: row.attempted_at for row in connection.execute(query)}
    return found


def collection_left(connection: Connection, collection_id: str) -> bool:
    """Whether the collection or a version of it is in the ledger."""
    query = select(collections.c.id).where(
        (collections.c.id == collection_id) | (collections.c.version_of == collection_id)
    )
    return connection.execute(query.limit(1)).first() is not None


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


def redact(connection: Connection, receipt: Receipt) -> int:
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


def _entries(receipt: Receipt) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """Conditions on entries that jobs have of the documents: of jobs made before the deletion, some at a time.

    Later ones are about documents that were put in again.
    """
    before = select(jobs.c.id).where(jobs.c.created_at <= receipt.requested_at)
    for some in batches([each.document_id for each in receipt.documents]):
        yield job_documents.c.document_id.in_(some), job_documents.c.job_id.in_(before)


def batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """The ids in portions that a statement can take."""
    return (ids[start : start + _IDS_PER_QUERY] for start in range(0, len(ids), _IDS_PER_QUERY))


def _stored() -> Select[Any]:
    joined = documents.join(collections, collections.c.id == documents.c.collection_id)
    return select(documents, INDEX_NAME.label("physical")).select_from(joined)


def _to_erased(row: AnyRow) -> ErasedDocument:
    own = row.version is not None and row.copy_of is None
    return ErasedDocument(
        document_id=row.id,
        index=row.physical,
        source=row.source,
        sha256=row.version,
        chunks=(row.chunks or 0) if own else 0,
        bytes=row.bytes or 0,
    )


def _open(
    connection: Connection,
    subject: Any,  # noqa: ANN401 - one of the two literals above
    collection: Collection,
    erased: list[ErasedDocument],
    *,
    principal: str | None,
) -> Receipt:
    receipt = Receipt(
        id=f"{ID_PREFIX}{secrets.token_hex(12)}",
        subject=subject,
        collection=collection.name,
        collection_id=collection.id,
        requested_at=datetime.now(UTC),
        requested_by=principal,
        documents=erased,
        vectors=sum(each.chunks for each in erased),
    )
    body = receipt.model_dump(mode="json", exclude={"signature"})
    connection.execute(insert(receipts).values(id=receipt.id, created_at=receipt.requested_at, body=body))
    return receipt


def _to_receipt(row: AnyRow) -> Receipt:
    return Receipt.model_validate({**row.body, "signature": row.signature})
