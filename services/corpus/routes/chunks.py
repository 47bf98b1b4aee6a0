"""`/api/chunks/preview`: how a file would be cut, before anything is embedded."""

import asyncio

from fastapi import APIRouter

from services.corpus.adapters.parsers import checked_parsers
from services.corpus.dependencies import Corpus, CorpusParts
from services.shared.components.catalogue import collections, files
from services.shared.contracts.chunking import ChunkPreview, FilePreviewRequest, PreviewRequest

router = APIRouter(prefix="/api/chunks")


@router.post("/preview")
async def preview_chunks(body: PreviewRequest, corpus: CorpusParts) -> ChunkPreview:
    """The chunks an ingest of this file would make now; each page is parsed and cut anew, nothing is kept."""
    return await corpus.ingest.preview(await asyncio.to_thread(_request, body, corpus))


def _request(body: PreviewRequest, corpus: Corpus) -> FilePreviewRequest:
    with corpus.catalogue.read() as connection:
        file = files.get(connection, body.file_id)
        collection = None if body.collection is None else collections.get(connection, body.collection)
    chunking = None if collection is None else collection.chunking
    parsers = {} if collection is None else collection.parsers
    if body.chunking is not None:
        chunking = corpus.chunking.completed(body.chunking, base=chunking)
    if body.parsers is not None:
        parsers = checked_parsers(body.parsers)
    return FilePreviewRequest(
        sha256=file.sha256,
        filename=file.filename,
        chunking=chunking,
        parsers=parsers,
        offset=body.offset,
        limit=body.limit,
    )
