"""`/api/documents`: what is searchable in a collection."""

from fastapi import APIRouter

from services.corpus.dependencies import CorpusParts, PageCursor
from services.corpus.routes.listing import listing
from services.corpus.schemas import Listing
from services.shared.components.catalogue import collections, documents
from services.shared.components.catalogue.documents import DocumentKey
from services.shared.contracts.corpus import Document
from services.shared.contracts.openai import Deleted

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
async def delete_document(document_id: str, corpus: CorpusParts) -> Deleted:
    """Delete the document and its chunks; its file stays."""
    with corpus.catalogue.read() as connection:
        found = documents.get(connection, document_id)
    await corpus.deletions.delete_document(DocumentKey(found.collection, found.id))
    return Deleted(id=document_id, object="document")
