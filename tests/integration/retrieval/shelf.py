"""A larger collection, written as ingest writes it, in which documents fall out of a search at every stage."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from services.shared.components.embedders.bm25 import Bm25Embedder
from services.shared.components.indexes.points import IndexedChunk
from services.shared.contracts.chunks import EVERYONE, ChunkPayload, chunk_id
from tests.search_stack import SearchStack


@dataclass(frozen=True)
class Paper:
    """A document of one chunk."""

    name: str
    text: str
    access: tuple[str, ...] = (EVERYONE,)
    hidden: bool = False
    attributes: dict[str, str | float | bool] = field(default_factory=dict)


async def put(stack: SearchStack, collection: str, papers: Sequence[Paper]) -> None:
    """Store the documents in the collection."""
    bm25 = Bm25Embedder()
    async with stack.embedder() as embedder, stack.index() as index:
        vectors = await embedder.embed_documents([paper.text for paper in papers])
        chunks = [
            IndexedChunk(
                chunk_id(paper.name, "v", 0), _payload(collection, paper), vector, bm25.embed_document(paper.text)
            )
            for paper, vector in zip(papers, vectors, strict=True)
        ]
        await index.upsert(collection, chunks)


def _payload(collection: str, paper: Paper) -> ChunkPayload:
    return ChunkPayload(
        collection=collection,
        document_id=paper.name,
        document_version="v",
        source=f"{paper.name}.md",
        title=paper.name.title(),
        text=paper.text,
        index=0,
        char_start=0,
        char_end=len(paper.text),
        content_hash=hashlib.sha256(paper.text.encode()).hexdigest(),
        embedding_model="all-MiniLM-L6-v2",
        hidden=paper.hidden,
        access=paper.access,
        ingested_at=datetime.now(UTC),
        attributes=paper.attributes,
    )
