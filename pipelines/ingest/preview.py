"""How a file would be cut: the first stages of an ingest, whose result is shown instead of embedded."""

from statistics import median

from pipelines.ingest.prepare import cut, parse
from pipelines.ingest.tools import Tools
from services.shared.components.chunkers.chunk import Chunk
from services.shared.contracts.chunking import ChunkPreview, FilePreviewRequest, PreviewedChunk, TokenSpread


async def preview(tools: Tools, request: FilePreviewRequest) -> ChunkPreview:
    """The file as an ingest into a collection with this chunking would cut it now.

    Raises:
        DocumentFailedError: an ingest would fail, for this reason.
    """
    parsed = await parse(tools, request.sha256, filename=request.filename, choice=request.parsers)
    chunks = await cut(tools, parsed, request.chunking, model=tools.model)
    sizes = [chunk.token_count for chunk in chunks]
    return ChunkPreview(
        title=parsed.title or request.filename,
        media_type=parsed.media_type,
        pages=len(parsed.pages) or None,
        warnings=parsed.warnings,
        chunking=request.chunking or tools.chunking,
        total=len(chunks),
        tokens=TokenSpread(min=min(sizes), median=median(sizes), max=max(sizes)),
        chunks=[_shown(chunk) for chunk in chunks[request.offset : request.offset + request.limit]],
    )


def _shown(chunk: Chunk) -> PreviewedChunk:
    return PreviewedChunk(
        index=chunk.index,
        text=chunk.text,
        tokens=chunk.token_count,
        headings=chunk.headings,
        page=chunk.page,
        char_start=chunk.char_start,
        char_end=chunk.char_end,
        context=chunk.context,
        parent=chunk.parent,
    )
