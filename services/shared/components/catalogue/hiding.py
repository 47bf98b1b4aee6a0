"""The first transaction of a deletion: what is deleted is hidden from every reader, and its receipt is opened."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from services.shared.components.catalogue import collections, documents, files, jobs, memberships, sources, twins
from services.shared.components.catalogue.documents import DocumentKey
from services.shared.components.catalogue.reasons import JobStop
from services.shared.components.catalogue.receipts import Order, open_for
from services.shared.contracts.corpus import Collection
from services.shared.contracts.receipts import ErasedFile, Receipt


def hide(
    connection: Connection,
    order: Order,
    collection: Collection | None,
    *,
    document_ids: Sequence[str],
    **more: object,
) -> Receipt:
    """Hide these documents under one receipt; `more` are fields of it that are known by now."""
    receipt = open_for(connection, order, collection, document_ids=document_ids, **more)
    documents.mark_deleting(connection, *document_ids)
    return receipt


def hide_document(connection: Connection, order: Order, document_id: str) -> tuple[Receipt, list[DocumentKey]]:
    """Hide the document in every version of its collection.

    Raises:
        NotFoundError: there is none, or nothing of it is searchable.
    """
    found = documents.get(connection, document_id)
    keys = twins.everywhere(connection, document_id)
    collection = collections.get(connection, found.collection)
    if collection.version_of is not None:
        collection = collections.get(connection, collection.version_of)
    return hide(connection, order, collection, document_ids=[key.document_id for key in keys]), keys


def hide_member(
    connection: Connection, order: Order, id_or_name: str, file_id: str
) -> tuple[Receipt, list[DocumentKey]]:
    """Hide the document that a file became in this collection, searchable or not, and its likes in other versions.

    Raises:
        NotFoundError: there is no such collection, or the file is not in it.
    """
    collection = collections.get(connection, id_or_name)
    member = memberships.get(connection, collection.id, file_id)
    keys = twins.everywhere(connection, member.document_id)
    return hide(connection, order, collection, document_ids=[key.document_id for key in keys]), keys


def hide_collection(connection: Connection, order: Order, id_or_name: str) -> tuple[Receipt, list[Collection]]:
    """Hide the collection with all its versions and documents, and stop its jobs.

    Raises:
        NotFoundError: there is none.
    """
    collection = collections.get(connection, id_or_name)
    versions = [*twins.of(connection, collection), collection]
    ids = [document_id for each in versions for document_id in documents.ids(connection, each.id)]
    receipt = open_for(connection, order, collection, document_ids=ids)
    for each in versions:
        collections.mark_deleting(connection, each.id)
        jobs.stop_all(connection, each.id, JobStop.COLLECTION_DELETED)
    return receipt, versions


def hide_file(connection: Connection, order: Order, file_id: str) -> tuple[Receipt, list[DocumentKey]]:
    """Forget the file and hide the documents that stand on it; its bytes go when the receipt is issued.

    Raises:
        NotFoundError: there is none.
    """
    record = files.get(connection, file_id)
    keys = documents.of_file(connection, file_id)
    gone = ErasedFile(file_id=file_id, sha256=record.sha256, bytes=record.bytes, outcome="removed")
    named = replace(order, name=file_id)
    receipt = hide(connection, named, None, document_ids=[key.document_id for key in keys], files=[gone])
    files.forget(connection, record)
    return receipt, keys


def hide_source(connection: Connection, order: Order, id_or_name: str) -> Receipt:
    """Forget the source with its items and syncs, and hide the documents that it alone brought.

    Raises:
        NotFoundError: there is none.
        ConflictError: a sync of it is under way.
    """
    found = sources.get(connection, id_or_name)
    sources.require_rest(connection, found.source.id)
    ids = sources.own_documents(connection, found.source.id)
    items, entries = sources.traces(connection, found.source.id)
    sources.remove(connection, found.source.id)
    named = replace(order, name=found.source.name, id=found.source.id)
    collection = collections.get(connection, found.collection_id)
    return hide(connection, named, collection, document_ids=ids, source_items=items, sync_items=entries)
