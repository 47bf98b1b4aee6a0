"""A sync from stage to stage."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection

from pipelines.ingest.patience import ServiceGaveUpError
from pipelines.ingest.syncs.fetching import fetch_all
from pipelines.ingest.syncs.following import follow_changes, settle_cursor
from pipelines.ingest.syncs.ingesting import await_jobs, settle_ended
from pipelines.ingest.syncs.ledger import SyncLedger
from pipelines.ingest.syncs.listing import list_source
from pipelines.ingest.syncs.planning import plan_sync, too_many_deletes
from pipelines.ingest.syncs.stops import check_wanted
from pipelines.ingest.syncs.task import SyncCancelledError, SyncFailedError, SyncRules, SyncTask
from services.shared.components.catalogue import collections, sources, sync_compare, sync_progress, syncs
from services.shared.components.catalogue.blobs import BlobStore
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.catalogue.deletions import Deletions
from services.shared.components.catalogue.sources import Declared
from services.shared.components.catalogue.syncs import RunningSync
from services.shared.components.sources.protocol import ChangeReader, SourceError, Surroundings
from services.shared.components.sources.registry import open_reader
from services.shared.contracts.sources import SyncStage, SyncStatus
from services.shared.kit.telemetry import get_logger

_DELETED_AT_ONCE = 200
_log = get_logger("sync")


@dataclass(frozen=True)
class SyncRunner:
    """Runs syncs of the ledger, one at a time for each source."""

    catalogue: Catalogue
    blobs: BlobStore
    deletions: Deletions
    around: Surroundings
    rules: SyncRules
    retry_window: timedelta
    wake: Callable[[], None]

    async def advance(self, sync_id: str) -> bool:
        """Run the stage the sync is at; whether there is another one."""
        ledger = SyncLedger(self.catalogue, sync_id, window=self.retry_window)
        sync = await ledger.write(lambda connection: syncs.begin(connection, sync_id))
        if sync is None:
            return False
        _log.info("sync_stage", sync_id=sync_id, stage=sync.stage.value)
        try:
            async with self._opened(sync, ledger) as task:
                await _run(task)
        except (SyncFailedError, SourceError) as error:
            await _end(ledger, SyncStatus.FAILED, code=error.code, error=error.message)
        except SyncCancelledError:
            await _end(ledger, SyncStatus.CANCELLED)
        except ServiceGaveUpError as error:
            message = f"{error.error.message} It did not come back in time; sync again when it is up."
            await _end(ledger, SyncStatus.FAILED, code=error.error.code, error=message)
        return True

    async def abandon(self, sync_id: str) -> None:
        """End a sync in which something happened that nobody foresaw; the log has it."""
        ledger = SyncLedger(self.catalogue, sync_id, window=self.retry_window)
        message = "An unexpected error ended the sync; the ingest worker's log has it."
        await _end(ledger, SyncStatus.FAILED, code="internal_error", error=message)

    @asynccontextmanager
    async def _opened(self, sync: RunningSync, ledger: SyncLedger) -> AsyncGenerator[SyncTask]:
        declared = await ledger.read(lambda connection: sources.find(connection, sync.source_id))
        if declared is None:
            raise _source_deleted()
        collection = await ledger.read(lambda connection: collections.find(connection, declared.collection_id))
        if collection is None:
            raise _source_deleted()
        around = _on_behalf_of(declared, self.around)
        reader = open_reader(declared.source.id, declared.source.config, around)
        try:
            yield SyncTask(
                sync=sync,
                declared=declared,
                collection=collection,
                ledger=ledger,
                reader=reader,
                around=self.around,
                blobs=self.blobs,
                deletions=self.deletions,
                rules=self.rules,
                wake=self.wake,
            )
        except (SyncFailedError, SyncCancelledError, SourceError, ServiceGaveUpError):
            if isinstance(reader, ChangeReader):  # the next sync begins where this one began
                await reader.forget()
            raise
        finally:
            await reader.close()


def _on_behalf_of(declared: Declared, around: Surroundings) -> Surroundings:
    """Connectors are for those who may use them, and for collections that they may be used for."""
    if around.connectors is None:
        return around
    who = replace(around.connectors, principal=declared.declared_by, collection=declared.source.collection)
    return replace(around, connectors=who)


async def _list(task: SyncTask) -> None:
    if isinstance(task.reader, ChangeReader):
        await follow_changes(task, task.reader)
    else:
        await list_source(task, task.reader)


async def _compare(task: SyncTask) -> None:
    await plan_sync(task)
    if task.sync.dry_run and isinstance(task.reader, ChangeReader):
        await task.reader.forget()


async def _run(task: SyncTask) -> None:
    """The stage; when the sync stops in it, what its jobs did is not forgotten."""
    try:
        await check_wanted(task)
        await _STAGES[task.sync.stage](task)
    except (SyncCancelledError, SourceError):
        await settle_ended(task)
        raise


async def _delete(task: SyncTask) -> None:
    """The last stage: what vanished goes, and the files that nothing stands on any more."""
    sync = task.sync

    def vanish(connection: Connection) -> int:
        return sync_progress.delete_vanished(connection, sync.id, sync.source_id, limit=_DELETED_AT_ONCE)

    counts = await task.ledger.read(lambda connection: sync_compare.counts(connection, sync.id, sync.source_id))
    refusal = None if sync.allow_deletes else too_many_deletes(counts, sync.listed, task.rules)
    if refusal is not None:  # more was found to be gone while fetching
        raise refusal
    while await task.ledger.write(vanish):
        await check_wanted(task)
    await task.deletions.finish()
    await task.deletions.remove_abandoned()
    if isinstance(task.reader, ChangeReader):
        await settle_cursor(task, task.reader)
    if sync.interrupted is not None:
        await _end(task.ledger, SyncStatus.FAILED, code=sync.interrupted["code"], error=sync.interrupted["message"])
    else:
        await _end(task.ledger, SyncStatus.COMPLETED)


_STAGES: Mapping[SyncStage, Callable[[SyncTask], Awaitable[None]]] = {
    SyncStage.LIST: _list,
    SyncStage.COMPARE: _compare,
    SyncStage.FETCH: fetch_all,
    SyncStage.INGEST: await_jobs,
    SyncStage.DELETE: _delete,
}


async def _end(ledger: SyncLedger, status: SyncStatus, *, code: str | None = None, error: str | None = None) -> None:
    await ledger.write(lambda connection: syncs.end(connection, ledger.sync_id, status, code=code, error=error))
    _log.info("sync_ended", sync_id=ledger.sync_id, status=status.value, code=code)


def _source_deleted() -> SyncFailedError:
    return SyncFailedError("source_deleted", "The source or its collection was deleted while the sync ran.")
