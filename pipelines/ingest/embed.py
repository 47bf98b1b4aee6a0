"""The dense vectors of a batch of chunks, which may be of several documents."""

from collections.abc import Sequence
from itertools import groupby

from pipelines.ingest.draft import Draft, Piece
from pipelines.ingest.patience import Patience
from pipelines.ingest.tools import DocumentEmbedder
from services.shared.components.indexes.qdrant import ChunkIndex
from services.shared.contracts.corpus import FailureReason
from services.shared.kit.errors import NotFoundError, PlatformError

Embedded = list[tuple[Piece, list[float]]]
Failures = list[tuple[Draft, FailureReason]]


async def embed(
    pieces: Sequence[Piece], *, embedder: DocumentEmbedder, index: ChunkIndex, patience: Patience
) -> tuple[Embedded, Failures]:
    """The pieces with their vectors, and the documents whose text the model refuses.

    What a document's former version already had is not embedded again.

    Raises:
        ServiceGaveUpError: the model or the index did not come back.
    """
    for draft in {id(piece.draft): piece.draft for piece in pieces}.values():
        await _look_up_former_vectors(draft, index=index, patience=patience)
    try:
        return await _vectors(pieces, embedder=embedder, patience=patience), []
    except PlatformError:
        return await _one_by_one(pieces, embedder=embedder, patience=patience)


async def _look_up_former_vectors(draft: Draft, *, index: ChunkIndex, patience: Patience) -> None:
    if draft.former_version is None or draft.former_vectors is not None:
        return
    name, document = draft.job.collection.index, draft.former_owner
    try:
        draft.former_vectors = await patience.insist("index", lambda: index.vectors_of(name, document))
    except NotFoundError:  # storing will say what is wrong
        draft.former_vectors = {}


async def _one_by_one(
    pieces: Sequence[Piece], *, embedder: DocumentEmbedder, patience: Patience
) -> tuple[Embedded, Failures]:
    """Document by document, to find the one that the model refuses."""
    embedded: Embedded = []
    failures: Failures = []
    for _, group in groupby(pieces, key=lambda piece: id(piece.draft)):
        of_one = list(group)
        try:
            embedded += await _vectors(of_one, embedder=embedder, patience=patience)
        except PlatformError as error:
            reason = FailureReason(stage="embed", code=error.code, message=error.message)
            failures.append((of_one[0].draft, reason))
    return embedded, failures


async def _vectors(pieces: Sequence[Piece], *, embedder: DocumentEmbedder, patience: Patience) -> Embedded:
    former = [(piece.draft.former_vectors or {}).get(piece.content_hash) for piece in pieces]
    texts = [piece.chunk.embedding_text for piece, vector in zip(pieces, former, strict=True) if vector is None]
    new = iter(await patience.insist("embed", lambda: embedder.embed_documents(texts)) if texts else [])
    return [
        (piece, next(new) if vector is None else list(vector)) for piece, vector in zip(pieces, former, strict=True)
    ]
