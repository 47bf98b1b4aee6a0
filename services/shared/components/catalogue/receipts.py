"""Receipts of deletions in the ledger: opened with the deletion, issued when nothing of it is left."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Connection, func, insert, select, update

from services.shared.components.catalogue.collections import INDEX_NAME
from services.shared.components.catalogue.schema import collections, documents, receipts
from services.shared.contracts.corpus import Collection
from services.shared.contracts.receipts import ErasedDocument, Receipt, Subject
from services.shared.kit.errors import NotFoundError
from services.shared.kit.paging import AnyRow, Cursor, Page, fetch_page

ID_PREFIX = "receipt-"
_IDS_PER_QUERY = 500


@dataclass(frozen=True)
class Order:
    """What a deletion is of, and who asked for it."""

    subject: Subject
    principal: str | None
    name: str = ""
    id: str = ""
    uploads: Literal["removed", "left"] = "removed"


def open_for(
    connection: Connection,
    order: Order,
    collection: Collection | None,
    *,
    document_ids: Sequence[str],
    **more: object,
) -> Receipt:
    """A receipt for these documents, which are being deleted; `more` are fields of it that are known by now."""
    erased = _erased(connection, document_ids)
    receipt = Receipt.model_validate(
        {
            "id": f"{ID_PREFIX}{secrets.token_hex(12)}",
            "subject": order.subject,
            "subject_name": order.name,
            "subject_id": order.id,
            "collection": collection.name if collection else "",
            "collection_id": collection.id if collection else "",
            "requested_at": datetime.now(UTC),
            "requested_by": order.principal,
            "documents": erased,
            "vectors": sum(each.chunks for each in erased),
            "uploads": order.uploads,
            **more,
        }
    )
    body = receipt.model_dump(mode="json", exclude={"signature"})
    connection.execute(insert(receipts).values(id=receipt.id, created_at=receipt.requested_at, body=body))
    return receipt


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


def note(connection: Connection, receipt: Receipt) -> None:
    """Store what became known of a receipt that is not issued yet."""
    body = receipt.model_dump(mode="json", exclude={"signature"})
    unissued = (receipts.c.id == receipt.id, receipts.c.issued_at.is_(None))
    connection.execute(update(receipts).where(*unissued).values(body=body))


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


def batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """The ids in portions that a statement can take."""
    return (ids[start : start + _IDS_PER_QUERY] for start in range(0, len(ids), _IDS_PER_QUERY))


def _erased(connection: Connection, document_ids: Sequence[str]) -> list[ErasedDocument]:
    family = func.coalesce(collections.c.version_of, collections.c.id).label("family")
    joined = documents.join(collections, collections.c.id == documents.c.collection_id)
    query = select(documents, INDEX_NAME.label("physical"), family).select_from(joined)
    found: list[ErasedDocument] = []
    for some in batches(document_ids):
        rows = connection.execute(query.where(documents.c.id.in_(some)).order_by(documents.c.seq))
        found += [_to_erased(row) for row in rows]
    return found


def _to_erased(row: AnyRow) -> ErasedDocument:
    own = row.version is not None and row.copy_of is None
    return ErasedDocument(
        document_id=row.id,
        index=row.physical,
        collection_id=row.family,
        source=row.source,
        sha256=row.version,
        chunks=(row.chunks or 0) if own else 0,
        bytes=row.bytes or 0,
    )


def _to_receipt(row: AnyRow) -> Receipt:
    return Receipt.model_validate({**row.body, "signature": row.signature})
