"""The dense vectors of a batch of chunks, which may be of several documents."""

from collections.abc import Sequence
from itertools import groupby

from pipelines.ingest.draft import Draft, Piece
from pipelines.ingest.patience import Patience
from pipelines.ingest.tools import DocumentEmbedder
from services.shared.contracts.corpus import FailureReason
from services.shared.kit.errors import PlatformError

Embedded = list[tuple[Piece, list[float]]]
Failures = list[tuple[Draft, FailureReason]]


async def embed(
    pieces: Sequence[Piece], *, embedder: DocumentEmbedder, patience: Patience
) -> tuple[Embedded, Failures]:
    """The pieces with their vectors, and the documents whose text the model refuses.

    Raises:
        ServiceGaveUpError: the model did not come back.
    """
    try:
        return await _vectors(pieces, embedder=embedder, patience=patience), []
    except PlatformError:
        return await _one_by_one(pieces, embedder=embedder, patience=patience)


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
    texts = [piece.chunk.embedding_text for piece in pieces]
    vectors = await patience.insist("embed", lambda: embedder.embed_documents(texts))
    return list(zip(pieces, vectors, strict=True))
