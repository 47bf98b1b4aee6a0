"""`/v1/vector_stores/{id}/files`: the documents of a collection, in OpenAI's API."""

from fastapi import APIRouter

from services.corpus.dependencies import Corpus, CorpusParts, PageCursor
from services.corpus.domain.failures import file_error
from services.corpus.domain.names import file_source
from services.corpus.routes.listing import listing
from services.corpus.schemas import AddFile, Listing
from services.shared.components.catalogue import collections, files, memberships
from services.shared.components.catalogue.jobs import Entry
from services.shared.components.catalogue.memberships import Membership
from services.shared.contracts.corpus import Collection, DocumentStatus
from services.shared.contracts.openai import VectorStoreFile, VectorStoreFileStatus
from services.shared.contracts.receipts import DeletedWithReceipt
from services.shared.kit.context import principal

router = APIRouter(prefix="/v1/vector_stores/{id_or_name}/files")

_STATUS: dict[DocumentStatus, VectorStoreFileStatus] = {
    DocumentStatus.PENDING: "in_progress",
    DocumentStatus.DONE: "completed",
    DocumentStatus.FAILED: "failed",
}


@router.post("")
def add_file(id_or_name: str, body: AddFile, corpus: CorpusParts) -> VectorStoreFile:
    """Ingest an uploaded file into the collection; poll the file until it is no more `in_progress`."""
    with corpus.catalogue.read() as connection:
        collection = collections.get(connection, id_or_name)
        record = files.get(connection, body.file_id)
    corpus.start_job(collection, [Entry(record, file_source(record.id), body.attributes or {})])
    return _current(corpus, collection, record.id)


@router.get("")
def list_files(
    id_or_name: str,
    corpus: CorpusParts,
    cursor: PageCursor,
    filter: VectorStoreFileStatus | None = None,  # noqa: A002 - OpenAI's name
) -> Listing[VectorStoreFile]:
    """A page of the collection's files, newest first."""
    wanted = next((status for status, name in _STATUS.items() if name == filter), None)
    with corpus.catalogue.read() as connection:
        collection = collections.get(connection, id_or_name)
        page = memberships.page(connection, collection.id, cursor=cursor, status=wanted)
    return listing(page, show=lambda member: _shown(member, collection), id_of=lambda file: file.id)


@router.get("/{file_id}")
def get_file(id_or_name: str, file_id: str, corpus: CorpusParts) -> VectorStoreFile:
    """One file of the collection, and how its ingest stands."""
    with corpus.catalogue.read() as connection:
        collection = collections.get(connection, id_or_name)
    return _current(corpus, collection, file_id)


@router.delete("/{file_id}")
async def remove_file(id_or_name: str, file_id: str, corpus: CorpusParts) -> DeletedWithReceipt:
    """Take the file's document out of the collection; the file itself stays."""
    receipt = await corpus.erasure.erase_member(id_or_name, file_id, principal=principal.get())
    return DeletedWithReceipt(id=file_id, object="vector_store.file.deleted", receipt_id=receipt.id)


def _current(corpus: Corpus, collection: Collection, file_id: str) -> VectorStoreFile:
    with corpus.catalogue.read() as connection:
        return _shown(memberships.get(connection, collection.id, file_id), collection)


def _shown(member: Membership, collection: Collection) -> VectorStoreFile:
    return VectorStoreFile(
        id=member.file_id,
        created_at=int(member.attempted_at.timestamp()),
        usage_bytes=member.bytes,
        vector_store_id=collection.id,
        status=_STATUS[member.status],
        last_error=file_error(member.failure) if member.failure else None,
        attributes=member.attributes,
    )
