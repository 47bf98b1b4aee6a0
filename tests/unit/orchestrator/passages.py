"""Passages for tests of what is done with them."""

from datetime import UTC, datetime

from services.shared.contracts.chunks import EVERYONE, ChunkPayload
from services.shared.contracts.search import Passage, PassageScores


def passage(text: str, *, dense: float | None = 0.6, index: int = 0, headings: tuple[str, ...] = ()) -> Passage:
    """A passage with this text and similarity."""
    chunk = ChunkPayload(
        collection="docs",
        document_id=f"document-{index}",
        document_version="0" * 64,
        source=f"page-{index}.md",
        title=f"Page {index}",
        text=text,
        headings=headings,
        index=index,
        char_start=0,
        char_end=len(text),
        content_hash="0" * 64,
        embedding_model="all-MiniLM-L6-v2",
        access=(EVERYONE,),
        ingested_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return Passage(id=f"chunk-{index}", scores=PassageScores(fused=0.9, dense=dense), chunk=chunk)
