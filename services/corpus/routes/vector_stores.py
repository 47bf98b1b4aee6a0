"""`/v1/vector_stores`: collections, in OpenAI's API. Search is the retrieval service's."""

import asyncio

from fastapi import APIRouter
from sqlalchemy import Connection

from services.corpus.dependencies import Corpus, CorpusParts, PageCursor
from services.corpus.domain.names import collection_name, file_source
from services.corpus.routes.listing import listing
from services.corpus.schemas import CreateVectorStore, Listing, UpdateVectorStore
from services.shared.components.catalogue import collections, files, memberships
from services.shared.components.catalogue.files import file_not_found
from services.shared.components.catalogue.jobs import Entry
from services.shared.contracts.corpus import CountedCollection, DocumentStatus
from services.shared.contracts.openai import FileCounts, VectorStore
from services.shared.contracts.receipts import DeletedWithReceipt
from services.shared.kit.context import principal
from services.shared.kit.errors import InvalidRequestError

router = APIRouter(prefix="/v1/vector_stores")


@router.post("")
async def create_vector_store(body: CreateVectorStore, corpus: CorpusParts) -> VectorStore:
    """Make a collection; the name it got may differ from the one asked for."""
    _refuse_expiry(body.expires_after)
    entries = await asyncio.to_thread(_entries, corpus, body.file_ids)
    created = await corpus.create_collection(collection_name(body.name), body.metadata or {})
    if entries:
        await asyncio.to_thread(corpus.start_job, created, entries)
    return await asyncio.to_thread(_current, corpus, created.id)


@router.get("")
def list_vector_stores(corpus: CorpusParts, cursor: PageCursor) -> Listing[VectorStore]:
    """A page of the collections, newest first."""
    with corpus.catalogue.read() as connection:
        page = collections.page(connection, cursor)
        return listing(page, show=lambda found: _shown(connection, found), id_of=lambda store: store.id)


@router.get("/{id_or_name}")
def get_vector_store(id_or_name: str, corpus: CorpusParts) -> VectorStore:
    """One collection."""
    return _current(corpus, id_or_name)


@router.post("/{id_or_name}")
def update_vector_store(id_or_name: str, body: UpdateVectorStore, corpus: CorpusParts) -> VectorStore:
    """Replace the metadata."""
    _refuse_expiry(body.expires_after)
    with corpus.catalogue.write() as connection:
        collection = collections.get(connection, id_or_name)
        if body.name is not None and body.name != collection.name:
            raise InvalidRequestError(
                f"The collection '{collection.name}' cannot be renamed: its name is part of its address. "
                "Create another one.",
                code="name_is_fixed",
                param="name",
            )
        if body.metadata is not None:
            collections.set_attributes(connection, collection.id, body.metadata)
        return _shown(connection, collections.get_counted(connection, collection.id))


@router.delete("/{id_or_name}")
async def delete_vector_store(id_or_name: str, corpus: CorpusParts) -> DeletedWithReceipt:
    """Delete the collection and what was ingested into it; the uploaded files stay."""
    receipt = await corpus.erasure.erase_collection(id_or_name, principal=principal.get(), leave_uploads=True)
    return DeletedWithReceipt(id=receipt.collection_id, object="vector_store.deleted", receipt_id=receipt.id)


def _entries(corpus: Corpus, file_ids: list[str]) -> list[Entry]:
    with corpus.catalogue.read() as connection:
        found = files.by_id(connection, file_ids)
    missing = next((file_id for file_id in file_ids if file_id not in found), None)
    if missing is not None:
        raise file_not_found(missing)
    return [Entry(found[file_id], file_source(file_id), {}) for file_id in dict.fromkeys(file_ids)]


def _current(corpus: Corpus, id_or_name: str) -> VectorStore:
    with corpus.catalogue.read() as connection:
        return _shown(connection, collections.get_counted(connection, id_or_name))


def _shown(connection: Connection, collection: CountedCollection) -> VectorStore:
    counts = memberships.counts(connection, collection.id)
    pending = counts.get(DocumentStatus.PENDING, 0)
    return VectorStore(
        id=collection.id,
        created_at=int(collection.created_at.timestamp()),
        name=collection.name,
        usage_bytes=collection.bytes,
        file_counts=FileCounts(
            in_progress=pending,
            completed=counts.get(DocumentStatus.DONE, 0),
            failed=counts.get(DocumentStatus.FAILED, 0),
            total=sum(counts.values()),
        ),
        status="in_progress" if pending else "completed",
        metadata=collection.attributes,
    )


def _refuse_expiry(expires_after: dict[str, object] | None) -> None:
    if expires_after is not None:
        raise InvalidRequestError(
            "Collections do not expire; leave out 'expires_after' and delete the collection when it is of no more use.",
            code="unsupported_parameter",
            param="expires_after",
        )
