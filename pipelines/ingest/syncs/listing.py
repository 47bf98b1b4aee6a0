"""The first stage: what the source holds, noted in batches."""

from pipelines.ingest.syncs.task import SyncTask
from services.shared.components.catalogue import sync_items, syncs
from services.shared.components.catalogue.sync_items import Found
from services.shared.components.sources.globs import Globs
from services.shared.components.sources.protocol import Item, SourceReader, Unlisted
from services.shared.contracts.corpus import FailureReason
from services.shared.contracts.sources import SyncStage

_BATCH = 1_000


async def list_source(task: SyncTask, reader: SourceReader) -> None:
    """List from the beginning, and note what was found; after a kill it begins anew.

    Raises:
        SourceError: the source cannot be listed.
    """
    sync_id = task.sync.id
    await task.ledger.write(lambda connection: sync_items.clear(connection, sync_id))
    globs = Globs(task.declared.source.include, task.declared.source.exclude)
    waiting: list[Found] = []
    listed, whole = 0, True
    async for item in reader.list(task.known_state):
        if isinstance(item, Unlisted):
            whole = whole and not item.hides_more
            waiting.append(unlisted_of(item))
        elif globs.want(item.path):
            waiting.append(found_of(item))
        else:
            continue
        listed += 1
        if len(waiting) == _BATCH:
            await _note(task, waiting, listed)
            waiting = []
    await _note(task, waiting, listed)
    await task.ledger.write(
        lambda connection: syncs.enter(connection, sync_id, SyncStage.COMPARE, listed=listed, whole=whole)
    )


async def _note(task: SyncTask, found: list[Found], listed: int) -> None:
    if found:
        await task.ledger.write(lambda connection: sync_items.add(connection, task.sync.id, found))
        await task.ledger.write(lambda connection: syncs.note(connection, task.sync.id, listed=listed))


def found_of(item: Item) -> Found:
    """The item as the ledger notes it."""
    return Found(
        key=item.key,
        source=item.source,
        filename=item.filename,
        fingerprint=item.fingerprint,
        size=item.bytes,
        state=item.state,
        access=item.access,
        attributes=item.attributes,
    )


def unlisted_of(item: Unlisted) -> Found:
    """What cannot be read as the ledger notes it."""
    reason = FailureReason(stage="list", code=item.code, message=item.message)
    name = item.key.rsplit("/", maxsplit=1)[-1]
    return Found(key=item.key, source=item.source, filename=name, fingerprint=None, size=None, reason=reason)
