"""`/api/documents`: what is searchable in a collection."""

from fastapi import APIRouter

from services.corpus.dependencies import CorpusParts, PageCursor
from services.corpus.routes.listing import listing
from services.corpus.schemas import Listing
from services.shared.components.catalogue import collections, documents
from services.shared.contracts.corpus import Document
from services.shared.contracts.receipts import DeletedWithReceipt
from services.shared.kit.context import principal

router = APIRouter(prefix="/api/documents")


@router.get("")
def list_documents(collection: str, corpus: CorpusParts, cursor: PageCursor) -> Listing[Document]:
    """A page of a collection's documents, newest first."""
    with corpus.catalogue.read() as connection:
        found = collections.get(connection, collection)
        page = documents.page(connection, cursor, collection_id=found.id)
    return listing(page, show=lambda document: document, id_of=lambda document: document.id)


@router.get("/{document_id}")
def get_document(document_id: str, corpus: CorpusParts) -> Document:
    """One document."""
    with corpus.catalogue.read() as connection:
        return documents.get(connection, document_id)


@router.delete("/{document_id}")
async def delete_document(document_id: str, corpus: CorpusParts) -> DeletedWithReceipt:
    """Delete the document from every version of its collection, and its originals when nothing else stands on them."""
    receipt = await corpus.erasure.erase_document(document_id, principal=principal.get())
    return DeletedWithReceipt(id=document_id, object="document", receipt_id=receipt.id)
