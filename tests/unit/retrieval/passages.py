"""Passages for tests."""

from datetime import UTC, datetime

from services.shared.contracts.chunks import ChunkPayload
from services.shared.contracts.search import Passage, PassageScores


def passage(identity: str, text: str, *, index: int = 0, parent: tuple[int, int] | None = None) -> Passage:
    """A passage of a document that is named by the first letter of its id."""
    chunk = ChunkPayload(
        collection="c",
        document_id=identity[0],
        document_version="v",
        source=f"{identity}.md",
        title=identity,
        text=text,
        index=index,
        char_start=0,
        char_end=len(text),
        parent=parent,
        content_hash="h",
        embedding_model="m",
        access=("everyone",),
        ingested_at=datetime.now(UTC),
    )
    return Passage(id=identity, scores=PassageScores(fused=1), chunk=chunk)
