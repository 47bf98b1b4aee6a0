"""Equal documents of a collection have one copy in the index: one of them has the chunks, the others refer to it.

A document that refers to another has its id in `copy_of` and no chunks of its own in the index. References are made
and handed over by the ingest worker alone, between its other changes to the collection.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select, update

from services.shared.components.catalogue import signatures
from services.shared.components.catalogue.schema import documents, files, job_documents
from services.shared.contracts.corpus import DocumentStatus
from services.shared.kit.paging import AnyRow


@dataclass(frozen=True)
class Heir:
    """A document that is to have the chunks which it shares with others."""

    id: str
    version: str
    source: str
    title: str
    file_id: str
    chunks: int
    ingested_at: datetime


@dataclass(frozen=True)
class Content:
    """What makes documents equal: who reads one of them cannot tell it from the other, whatever the filters."""

    sha256: str
    filename: str
    access: tuple[str, ...]
    attributes: dict[str, str | float | bool]

    @property
    def suffix(self) -> str:
        """The same bytes may be read in another way under another kind of name."""
        return PurePath(self.filename).suffix.lower()


def _equal_query() -> Select[Any]:
    pending = (job_documents.c.document_id == documents.c.id, job_documents.c.status == DocumentStatus.PENDING)
    about_to_change = select(job_documents.c.job_id).where(*pending)
    return (
        select(documents, files.c.filename)
        .join(files, files.c.id == documents.c.file_id)
        .where(
            documents.c.collection_id == bindparam("of_collection"),
            documents.c.version == bindparam("of_content"),
            documents.c.copy_of.is_(None),
            documents.c.deleting.is_(False),
            documents.c.id != bindparam("apart_from"),
            ~about_to_change.exists(),
        )
        .order_by(documents.c.seq)
        .with_for_update(of=documents)
    )


_EQUAL = _equal_query()
"""Built once: it is asked for every document."""


def equal(connection: Connection, collection_id: str, content: Content, *, apart_from: str) -> AnyRow | None:
    """The row of a document with this content that others may refer to.

    One that a job is about to change is left out: the reference would have to be handed over at once.
    """
    asked = {"of_collection": collection_id, "of_content": content.sha256, "apart_from": apart_from}
    rows = connection.execute(_EQUAL, asked)
    return next((row for row in rows if _content(row) == (content.suffix, content.access, content.attributes)), None)


def is_shared(connection: Connection, document_id: str) -> bool:
    """Whether other documents refer to this one."""
    query = select(documents.c.id).where(documents.c.copy_of == document_id).limit(1)
    return connection.execute(query).first() is not None


def in_use(connection: Connection, document_id: str) -> bool:
    """Whether the document has chunks that others refer to, or may be getting some at this moment."""
    heir = select(documents.c.id).where(
        documents.c.id == document_id, documents.c.copy_of.is_not(None), documents.c.stale.is_(True)
    )
    return is_shared(connection, document_id) or connection.execute(heir).first() is not None


def leaving_shared(collection_id: str | None = None) -> Select[Any]:
    """The ids of documents that are being deleted while others refer to them, of one collection when given."""
    reference = documents.alias()
    query = select(documents.c.id).where(documents.c.deleting.is_(True))
    query = query.where(select(reference.c.id).where(reference.c.copy_of == documents.c.id).exists())
    return query if collection_id is None else query.where(documents.c.collection_id == collection_id)


def leaving(connection: Connection, collection_id: str) -> list[str]:
    """The documents of a collection that are being deleted while others refer to them."""
    return list(connection.execute(leaving_shared(collection_id)).scalars())


def claim_heir(connection: Connection, document_id: str) -> Heir | None:
    """The next document to take over the chunks; None when no reference is left that anybody wants.

    Until `inherit` it is stale: what an interruption leaves of its chunks is removed, and its row stays.
    """
    wanted = (documents.c.copy_of == document_id, documents.c.deleting.is_(False))
    row = connection.execute(select(documents).where(*wanted).order_by(documents.c.seq).limit(1)).first()
    if row is None:
        connection.execute(update(documents).where(documents.c.copy_of == document_id).values(copy_of=None))
        return None
    connection.execute(update(documents).where(documents.c.id == row.id).values(stale=True))
    return Heir(
        id=row.id,
        version=row.version,
        source=row.source,
        title=row.title,
        file_id=row.file_id,
        chunks=row.chunks,
        ingested_at=row.ingested_at,
    )


def inherit(connection: Connection, document_id: str, heir: Heir) -> None:
    """Let all references to the document be to its heir, which has the chunks now; nothing when it was deleted."""
    claimed = (documents.c.id == heir.id, documents.c.copy_of == document_id, documents.c.deleting.is_(False))
    own = update(documents).where(*claimed).values(copy_of=None, stale=False)
    if connection.execute(own).rowcount:
        others = update(documents).where(documents.c.copy_of == document_id)
        connection.execute(others.values(copy_of=heir.id))
        signatures.inherit(connection, document_id, heir.id)


def _content(row: AnyRow) -> tuple[str, tuple[str, ...], dict[str, str | float | bool]]:
    return PurePath(row.filename).suffix.lower(), tuple(row.access), row.attributes
