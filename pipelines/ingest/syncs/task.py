"""One sync at work, and what its stages use."""

from collections.abc import Callable
from dataclasses import dataclass

from pipelines.ingest.syncs.ledger import SyncLedger
from services.shared.components.catalogue import sync_items
from services.shared.components.catalogue.blobs import BlobStore
from services.shared.components.catalogue.deletions import Deletions
from services.shared.components.catalogue.sources import Declared
from services.shared.components.catalogue.syncs import RunningSync
from services.shared.components.sources.protocol import ChangeReader, SourceReader, State, Surroundings
from services.shared.contracts.chunking import Chunking
from services.shared.contracts.corpus import Collection


@dataclass(frozen=True)
class SyncRules:
    """What the operator says about syncs."""

    fetch_concurrency: int
    delete_share: float
    price_per_million_tokens: float | None
    chunking: Chunking


@dataclass(frozen=True)
class SyncTask:
    """A running sync with its source and collection, opened for one stage."""

    sync: RunningSync
    declared: Declared
    collection: Collection
    ledger: SyncLedger
    reader: SourceReader | ChangeReader
    around: Surroundings
    blobs: BlobStore
    deletions: Deletions
    rules: SyncRules
    wake: Callable[[], None]
    """Has new jobs looked for at once."""

    @property
    def source_id(self) -> str:
        return self.sync.source_id

    async def known_state(self, key: str) -> State | None:
        """What the reader wanted back about an item."""
        return await self.ledger.read(lambda connection: sync_items.known_state(connection, self.source_id, key))


class SyncFailedError(Exception):
    """The sync cannot go on; what it did so far stays."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class SyncCancelledError(Exception):
    """Its owner does not want it any more."""
