"""Hands the chunks of a document over to one that refers to it, before the document changes or goes.

No step loses or hides anything: the heir's points are written beside the document's, counted, and only then is the heir
recorded as their owner. What an interruption leaves behind is stale in the ledger and removed by the next `clean`.
"""

from pipelines.ingest.ledger import Ledger
from pipelines.ingest.patience import Patience
from pipelines.ingest.tools import Tools
from services.shared.components.catalogue.copies import Heir
from services.shared.components.indexes.points import ChunkOwner
from services.shared.contracts.chunks import chunk_id
from services.shared.contracts.corpus import Collection
from services.shared.kit.telemetry import get_logger

_log = get_logger("ingest")


async def hand_over(
    tools: Tools, collection: Collection, document_id: str, *, ledger: Ledger, patience: Patience
) -> None:
    """Give the document's chunks to one of its references, to which the others refer from then on.

    Raises:
        NotFoundError: the collection is not in the index (any more).
        ServiceGaveUpError: index or ledger did not come back.
    """
    while (heir := await ledger.claim_heir(document_id)) is not None:
        if await _copied(tools, collection.index, document_id, heir=heir, patience=patience):
            await ledger.inherit(document_id, heir)
        else:  # the index lost some: a reconciliation's business, and the originals are there
            _log.warning("shared_chunks_incomplete", document_id=document_id, expected=heir.chunks)
            await ledger.ingest_references_again(collection, document_id)


async def _copied(tools: Tools, collection: str, document_id: str, *, heir: Heir, patience: Patience) -> bool:
    """Whether the heir has all chunks now."""
    owner, wanted = _owner(heir), {heir.id: heir.version}
    await patience.insist("index", lambda: tools.index.copy_document(collection, document_id, owner=owner))
    counted = await patience.insist("index", lambda: tools.index.count_documents(collection, wanted))
    return counted[heir.id] == heir.chunks


def _owner(heir: Heir) -> ChunkOwner:
    return ChunkOwner(
        document_id=heir.id,
        document_version=heir.version,
        source=heir.source,
        title=heir.title,
        file_id=heir.file_id,
        ingested_at=heir.ingested_at,
        point_id=lambda index: chunk_id(heir.id, heir.version, index),
    )
