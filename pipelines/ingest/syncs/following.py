"""The first stage of a source that tells what changed: noted up to each of its marks, and gone on with from there."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from pipelines.ingest.syncs.listing import found_of, unlisted_of
from pipelines.ingest.syncs.stops import check_wanted
from pipelines.ingest.syncs.task import SyncTask
from services.shared.components.catalogue import sources, sync_items, syncs
from services.shared.components.catalogue.sync_items import Found
from services.shared.components.metadata.check import check_attributes
from services.shared.components.sources.globs import Globs
from services.shared.components.sources.protocol import ChangeReader, Gone, Item, Mark, SourceError, Unlisted
from services.shared.contracts.sources import ConnectorSource, SyncStage
from services.shared.kit.errors import InvalidRequestError

_BATCH = 500
_NOTED_EVERY_S = 1.0


@dataclass
class _Told:
    """What was told and is not noted yet; of each key the last counts."""

    waiting: dict[str, Found | None] = field(default_factory=dict[str, Found | None])
    listed: int = 0
    cursor: str | None = None
    noted_at: float = 0

    def is_due(self, *, at_mark: bool) -> bool:
        """Whether it should be noted: what came since the last mark would be told again after a kill."""
        return len(self.waiting) >= _BATCH or (at_mark and time.monotonic() > self.noted_at + _NOTED_EVERY_S)


async def follow_changes(task: SyncTask, reader: ChangeReader) -> None:
    """Note what changed since the last sync; after a kill it goes on at the last mark that was noted.

    A source that fails after a mark has what it told ingested; the sync then ends as failed, with the reason.

    Raises:
        SourceError: the source told nothing.
    """
    begun = task.sync.cursor if reader.goes_on() else None
    full = _is_full(task, reader)
    if begun is None:
        await reader.forget()
        await task.ledger.write(lambda connection: _begin(connection, task, full=full))
    told = _Told(listed=task.sync.listed if begun else 0, cursor=begun)
    failure = await _follow(task, reader, told, since=begun or (None if full else task.declared.cursor))
    if failure is not None and told.cursor is None:
        raise failure
    noted = {
        "listed": told.listed,
        "whole": full and reader.tells_all() and failure is None,
        "interrupted": {"code": failure.code, "message": failure.message} if failure else None,
    }
    await task.ledger.write(lambda connection: syncs.enter(connection, task.sync.id, SyncStage.COMPARE, **noted))


async def settle_cursor(task: SyncTask, reader: ChangeReader) -> None:
    """The next sync goes on where this one ended; what was kept for it is let go."""
    sync = task.sync
    full_at = sync.started_at if sync.full and sync.interrupted is None else None
    cursor = sync.cursor if reader.goes_on() else None
    await task.ledger.write(
        lambda connection: sources.reached(connection, sync.source_id, cursor=cursor, full_at=full_at)
    )
    await reader.forget()


async def _follow(task: SyncTask, reader: ChangeReader, told: _Told, *, since: str | None) -> SourceError | None:
    """Note all that the source tells; why it stopped early, if it did."""
    globs = Globs(task.declared.source.include, task.declared.source.exclude)
    failure: SourceError | None = None
    try:
        async for change in reader.changes(since):
            if isinstance(change, Mark):
                told.cursor = change.cursor
            else:
                _add(task, told, change, globs)
            if told.is_due(at_mark=isinstance(change, Mark)):
                await _note(task, told)
    except SourceError as error:
        failure = error
    await _note(task, told)
    return failure


def _add(task: SyncTask, told: _Told, change: Item | Unlisted | Gone, globs: Globs) -> None:
    if isinstance(change, Gone):
        told.waiting[change.key] = None
    elif isinstance(change, Unlisted):
        told.waiting[change.key] = unlisted_of(change)
    elif globs.want(change.path):
        told.waiting[change.key] = _checked(task, change)
    else:
        return
    told.listed += 1


def _checked(task: SyncTask, item: Item) -> Found:
    """The item, or why its attributes cannot be those of a document of the collection."""
    try:
        attributes = {**task.declared.source.attributes, **(item.attributes or {})}
        check_attributes(task.collection.metadata_schema, attributes, of=item.key)
    except InvalidRequestError as error:
        return unlisted_of(Unlisted(item.key, item.source, "invalid_attributes", error.message))
    return found_of(item)


async def _note(task: SyncTask, told: _Told) -> None:
    """All in one transaction: the cursor never passes what is not noted."""
    found = [each for each in told.waiting.values() if each is not None]
    gone = [key for key, each in told.waiting.items() if each is None]

    def note(connection: Connection) -> None:
        sync_items.change(connection, task.sync.id, task.source_id, found=found, gone=gone)
        syncs.note(connection, task.sync.id, listed=told.listed, cursor=told.cursor)

    await task.ledger.write(note)
    told.waiting, told.noted_at = {}, time.monotonic()
    await check_wanted(task)


def _begin(connection: Connection, task: SyncTask, *, full: bool) -> None:
    sync_items.clear(connection, task.sync.id)
    syncs.note(connection, task.sync.id, from_start=full, listed=0, cursor=None)


def _is_full(task: SyncTask, reader: ChangeReader) -> bool:
    """Whether everything is to be told; decided once, at the start of the sync."""
    if task.sync.cursor is not None:
        return task.sync.full
    config, at = task.declared.source.config, task.declared.full_at
    every = config.full_every_seconds if isinstance(config, ConnectorSource) else None
    is_due = every is not None and (at is None or at < datetime.now(UTC) - timedelta(seconds=every))
    return task.sync.full or task.declared.cursor is None or not reader.goes_on() or is_due
