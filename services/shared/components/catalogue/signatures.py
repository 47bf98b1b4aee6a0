"""Signatures of documents, by which almost equal ones are found."""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, Select, bindparam, delete, func, insert, select

from services.shared.components.catalogue.schema import documents, signatures

Signature = bytes
_FORGET = delete(signatures).where(signatures.c.document_id.in_(bindparam("of_documents", expanding=True)))


def keep(connection: Connection, document_id: str, version: str, signature: bytes | None) -> None:
    """Replace the signature of the document; one without words has none."""
    keep_all(connection, [(document_id, version, signature)])


def keep_all(connection: Connection, kept: Sequence[tuple[str, str, Signature | None]]) -> None:
    """Replace the signatures of documents, each given with its version; those without words have none."""
    connection.execute(_FORGET, {"of_documents": [document_id for document_id, _, _ in kept]})
    rows = [
        {"document_id": document_id, "version": version, "signature": signature}
        for document_id, version, signature in kept
        if signature is not None
    ]
    if rows:
        connection.execute(insert(signatures), rows)


def inherit(connection: Connection, document_id: str, heir_id: str) -> None:
    """Give the heir of a document its signature, too."""
    row = connection.execute(select(signatures).where(signatures.c.document_id == document_id)).first()
    if row is not None:
        keep(connection, heir_id, row.version, row.signature)


def of_collection(connection: Connection, collection_id: str) -> Iterator[tuple[str, str, bytes]]:
    """Id, source and signature of the documents with chunks of their own that have one, oldest first."""
    query = _signed(collection_id).with_only_columns(documents.c.id, documents.c.source, signatures.c.signature)
    return ((row.id, row.source, row.signature) for row in connection.execute(query.order_by(documents.c.seq)))


def unsigned(connection: Connection, collection_id: str) -> int:
    """How many documents with chunks of their own have no signature: those of an older release, or without words."""
    with_chunks = select(func.count()).select_from(documents).where(*_own(collection_id))
    signed = _signed(collection_id).with_only_columns(func.count())
    return connection.execute(with_chunks).scalar_one() - connection.execute(signed).scalar_one()


def equal(connection: Connection, collection_id: str) -> list[tuple[str, str, str, str]]:
    """Id and source of each document that refers to another, and id and source of that, by the latter."""
    owner = documents.alias()
    query = (
        select(documents.c.id, documents.c.source, owner.c.id.label("owner"), owner.c.source.label("owner_source"))
        .join(owner, owner.c.id == documents.c.copy_of)
        .where(documents.c.collection_id == collection_id, documents.c.deleting.is_(False))
        .order_by(owner.c.seq, documents.c.seq)
    )
    return [(row.id, row.source, row.owner, row.owner_source) for row in connection.execute(query)]


def _signed(collection_id: str) -> Select[tuple[str]]:
    this = (signatures.c.document_id == documents.c.id) & (signatures.c.version == documents.c.version)
    return select(documents.c.id).join(signatures, this).where(*_own(collection_id))


def _own(collection_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        documents.c.collection_id == collection_id,
        documents.c.version.is_not(None),
        documents.c.copy_of.is_(None),
        documents.c.deleting.is_(False),
    )
