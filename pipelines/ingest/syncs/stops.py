"""Whether a sync is still wanted."""

from pipelines.ingest.syncs.task import SyncCancelledError, SyncFailedError, SyncTask
from services.shared.components.catalogue import collections, syncs


async def check_wanted(task: SyncTask) -> None:
    """Return when the sync is to go on.

    Raises:
        SyncCancelledError: it was cancelled.
        SyncFailedError: source or collection are gone.
    """
    sync = await task.ledger.write(lambda connection: syncs.begin(connection, task.sync.id))
    collection = await task.ledger.read(lambda connection: collections.find(connection, task.collection.id))
    if sync is None or collection is None:
        raise SyncFailedError("source_deleted", "The source or its collection was deleted while the sync ran.")
    if sync.cancelling:
        raise SyncCancelledError
