"""The last stages: store the points, verify them, make the version the searchable one, remove the former one.

The order survives a kill at any moment: the points of a new version are stored hidden; the ledger learns of the version
only after all of them are there; then, in one request to the index, they are shown and the former version's go. Until
that is done the document is marked as stale in the ledger.
"""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence

from pipelines.ingest.copies import hand_over
from pipelines.ingest.draft import Draft, Piece, Stored
from pipelines.ingest.embed import Embedded
from pipelines.ingest.ledger import Ledger
from pipelines.ingest.patience import Patience, ServiceGaveUpError, impatient
from pipelines.ingest.tools import Tools
from services.shared.components.embedders.bm25 import Bm25Embedder
from services.shared.components.indexes.points import IndexedChunk
from services.shared.contracts.chunks import ChunkPayload, chunk_id
from services.shared.contracts.corpus import Collection, FailureReason
from services.shared.kit.errors import NotFoundError, PlatformError
from services.shared.kit.telemetry import get_logger

INDEX_GONE = FailureReason(
    stage="index",
    code="collection_not_found",
    message="The collection is not in the index; delete it and create it again.",
)
_log = get_logger("ingest")


async def store(tools: Tools, embedded: Embedded, *, patience: Patience) -> None:
    """Store the points of embedded chunks of one collection.

    Raises:
        NotFoundError: the collection is not in the index (any more).
        ServiceGaveUpError: the index did not come back.
    """
    collection = embedded[0][0].draft.job.collection
    points = await asyncio.to_thread(_points, embedded, tools.sparse, collection.embedding_model)
    name = collection.index
    await patience.insist("index", lambda: tools.index.upsert(name, points))


async def verify(tools: Tools, drafts: Sequence[Draft], *, patience: Patience) -> list[tuple[Draft, FailureReason]]:
    """Those of the documents of one collection that lack points after all of them were stored.

    The index is asked once for all of them: one by one, small documents would take longer to commit than to embed.

    Raises:
        NotFoundError: the collection is not in the index (any more).
        ServiceGaveUpError: the index did not come back.
    """
    if not drafts:
        return []
    name = drafts[0].job.collection.index
    versions = {draft.pending.document_id: draft.version for draft in drafts}
    stored = await patience.insist("index", lambda: tools.index.count_documents(name, versions))
    counts = [(draft, stored[draft.pending.document_id], len(draft.chunks)) for draft in drafts]
    return [(draft, _incomplete(found, expected)) for draft, found, expected in counts if found != expected]


async def commit(tools: Tools, collection: str, stored: Sequence[Stored], *, ledger: Ledger) -> list[bool]:
    """Make the new versions the searchable ones; False for those that were given up meanwhile.

    Raises:
        ServiceGaveUpError: the ledger did not come back.
    """
    committed = await ledger.commit([(each.pending, each.ingested) for each in stored])
    replaced = {
        each.pending.document_id: each.ingested.version
        for each, done in zip(stored, committed, strict=True)
        if done and each.replaces
    }
    await _show(tools, collection, replaced, ledger=ledger)
    return committed


async def upgrade(tools: Tools, collection: Collection) -> None:
    """Bring the collection's index to what this release expects; when the index is away, a later batch does it."""
    await _done(tools.index.index_fields(collection.index, collection.metadata_schema))


async def clean(tools: Tools, collection: Collection, *, ledger: Ledger) -> None:
    """Bring the index to what the ledger says of documents that an interruption or a failure left behind.

    No job may be at work on them. Documents that are being deleted and share their chunks hand them over.
    """
    for document in await ledger.leaving(collection.id):
        await _done(hand_over(tools, collection, document, ledger=ledger, patience=impatient()))
    stale = await ledger.stale(collection.id)
    versions = {document: version for document, version in stale if version}
    await _show(tools, collection.index, versions, ledger=ledger)
    without = [document for document, version in stale if version is None]
    if without and await _done(tools.index.delete_documents(collection.index, without)):
        await ledger.clear_stale(without)


async def _show(tools: Tools, collection: str, versions: Mapping[str, str], *, ledger: Ledger) -> None:
    if versions and await _done(tools.index.show_versions(collection, versions)):
        await ledger.clear_stale(list(versions))


async def _done(change: Coroutine[None, None, None]) -> bool:
    """Whether the index was changed; when it is away, a later `clean` does it."""
    try:
        await change
    except NotFoundError:
        pass  # no collection, no points
    except (PlatformError, ServiceGaveUpError) as error:
        _log.warning("index_change_deferred", reason=str(error))
        return False
    return True


def _incomplete(stored: int, expected: int) -> FailureReason:
    return FailureReason(
        stage="index",
        code="incomplete",
        message=f"The index holds {stored} of the document's {expected} chunks; ingest the document again.",
    )


def _points(embedded: Embedded, sparse: Bm25Embedder, model: str) -> list[IndexedChunk]:
    return [
        IndexedChunk(
            id=chunk_id(piece.draft.pending.document_id, piece.draft.version, piece.chunk.index),
            payload=_payload(piece, model),
            dense=vector,
            sparse=sparse.embed_document(piece.chunk.embedding_text),
        )
        for piece, vector in embedded
    ]


def _payload(piece: Piece, model: str) -> ChunkPayload:
    draft, chunk = piece.draft, piece.chunk
    return ChunkPayload(
        collection=draft.job.collection.family,
        document_id=draft.pending.document_id,
        document_version=draft.version,
        source=draft.pending.source,
        title=draft.title,
        text=chunk.text,
        headings=chunk.headings,
        index=chunk.index,
        char_start=chunk.char_start,
        char_end=chunk.char_end,
        page=chunk.page,
        parent=chunk.parent,
        content_hash=piece.content_hash,
        embedding_model=model,
        hidden=draft.replaces,
        access=draft.job.access,
        ingested_at=draft.ingested_at,
        file_id=draft.pending.file_id,
        language=draft.language,
        attributes=dict(draft.pending.attributes),
    )
