"""Putting an evaluation set into the index the way ingest does: real embeddings, real BM25, real database."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from services.shared.components.embedders.bm25 import Bm25Embedder
from services.shared.components.embedders.inference import InferenceEmbedder
from services.shared.components.indexes.points import IndexedChunk
from services.shared.components.indexes.qdrant import ChunkIndex
from services.shared.contracts.chunks import EVERYONE, ChunkPayload, chunk_id


async def store(
    index: ChunkIndex,
    embedder: InferenceEmbedder,
    collection: str,
    documents: Mapping[str, str],
    *,
    titled: bool = False,
) -> Mapping[str, str]:
    """Store each document as one chunk; returns chunk id to document id. `titled`: the first line is the title."""
    ids = {str(chunk_id(document, "v", 0)): document for document in documents}
    bm25 = Bm25Embedder()
    rows = list(documents.items())
    for start in range(0, len(rows), 128):
        batch = rows[start : start + 128]
        vectors = await embedder.embed_documents([text for _, text in batch])
        if start == 0:
            await index.ensure_collection(collection, dimensions=len(vectors[0]))
        await index.upsert(
            collection,
            [
                IndexedChunk(
                    id=chunk_id(document, "v", 0),
                    payload=_titled(payload(collection, document, text))
                    if titled
                    else payload(collection, document, text),
                    dense=vector,
                    sparse=bm25.embed_document(text),
                )
                for (document, text), vector in zip(batch, vectors, strict=True)
            ],
        )
    return ids


def _titled(chunk: ChunkPayload) -> ChunkPayload:
    return chunk.model_copy(update={"title": chunk.text.partition("\n")[0]})


def payload(collection: str, document: str, text: str) -> ChunkPayload:
    """A chunk that everyone may read."""
    return ChunkPayload(
        collection=collection,
        document_id=document,
        document_version="v",
        source=document,
        title=document,
        text=text,
        index=0,
        char_start=0,
        char_end=len(text),
        content_hash=hashlib.sha256(text.encode()).hexdigest(),
        embedding_model="all-MiniLM-L6-v2",
        access=(EVERYONE,),
        ingested_at=datetime.now(UTC),
    )
