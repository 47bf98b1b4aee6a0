"""What an export reads from the ledger: documents as they are searchable, a page at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from services.shared.components.catalogue.schema import documents, files, signatures
from services.shared.contracts.corpus import DocumentStatus
from services.shared.kit.paging import AnyRow


@dataclass(frozen=True, slots=True)
class Exportable:
    """A searchable document; `filename` is None when its original is gone, `owner` has its chunks."""

    seq: int
    id: str
    source: str
    title: str
    version: str
    media_type: str
    language: str | None
    size: int
    chunks: int
    filename: str | None
    access: tuple[str, ...]
    attributes: dict[str, str | float | bool]
    ingested_at: datetime
    copy_of: str | None
    signature: bytes | None
    warnings: list[str]
    changing: bool
    """A job is to ingest it anew, or is at it, or the index does not show the latest version yet."""

    @property
    def owner(self) -> str:
        return self.copy_of or self.id


def after(connection: Connection, collection_id: str, seq: int, *, limit: int) -> list[Exportable]:
    """The documents behind a place in the ledger's order."""
    query = _exportable().where(documents.c.collection_id == collection_id, documents.c.seq > seq)
    return [_to_exportable(row) for row in connection.execute(query.order_by(documents.c.seq).limit(limit))]


def current(connection: Connection, collection_id: str, document_id: str) -> Exportable | None:
    """The document as it is now; None when it is not searchable in this collection (any more)."""
    query = _exportable().where(documents.c.collection_id == collection_id, documents.c.id == document_id)
    row = connection.execute(query).first()
    return None if row is None else _to_exportable(row)


def _exportable() -> Select[Any]:
    signed = (signatures.c.document_id == documents.c.id) & (signatures.c.version == documents.c.version)
    joined = documents.outerjoin(files, files.c.id == documents.c.file_id).outerjoin(signatures, signed)
    shown = (documents.c.version.is_not(None), documents.c.deleting.is_(False))
    return select(documents, files.c.filename, signatures.c.signature).select_from(joined).where(*shown)


def _to_exportable(row: AnyRow) -> Exportable:
    return Exportable(
        seq=row.seq,
        id=row.id,
        source=row.source,
        title=row.title,
        version=row.version,
        media_type=row.media_type,
        language=row.language,
        size=row.bytes,
        chunks=row.chunks,
        filename=row.filename,
        access=tuple(row.access),
        attributes=row.attributes,
        ingested_at=row.ingested_at,
        copy_of=row.copy_of,
        signature=row.signature,
        warnings=row.warnings or [],
        changing=row.attempt_status == DocumentStatus.PENDING or row.stale,
    )
