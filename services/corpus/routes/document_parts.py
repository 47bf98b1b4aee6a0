"""`/api/documents/{id}/text`, `/chunks` and `/history`: a document from the inside."""

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from services.corpus.dependencies import CorpusParts, PageCursor
from services.corpus.routes.listing import listing
from services.corpus.schemas import Listing
from services.shared.components.catalogue import history
from services.shared.contracts.documents import DocumentChunk, DocumentVersion
from services.shared.kit.context import principal

router = APIRouter(prefix="/api/documents/{document_id}")


@router.get("/text")
async def document_text(document_id: str, corpus: CorpusParts) -> StreamingResponse:
    """The text that is searched, as plain text; white space between chunks comes back as line ends."""
    pieces = corpus.reader.text(document_id, principal=principal.get())
    first = await anext(pieces, "")  # an unknown document is refused before the answer begins
    return StreamingResponse(_encoded(first, pieces), media_type="text/plain; charset=utf-8")


@router.get("/chunks")
async def document_chunks(
    document_id: str,
    corpus: CorpusParts,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    after: Annotated[int, Query(ge=-1, le=10**9)] = -1,
) -> Listing[DocumentChunk]:
    """A page of the document's chunks, in its order."""
    page = await corpus.reader.chunks(document_id, principal=principal.get(), after=after, limit=limit)
    return listing(page, show=lambda chunk: chunk, id_of=lambda chunk: str(chunk.index))


@router.get("/history")
def document_history(document_id: str, corpus: CorpusParts, cursor: PageCursor) -> Listing[DocumentVersion]:
    """A page of what jobs did with the document, newest first."""
    with corpus.catalogue.read() as connection:
        page = history.page(connection, document_id, cursor)
    return listing(page, show=lambda version: version, id_of=lambda version: version.job_id)


async def _encoded(first: str, rest: AsyncGenerator[str]) -> AsyncGenerator[bytes]:
    yield first.encode()
    async for piece in rest:
        yield piece.encode()
