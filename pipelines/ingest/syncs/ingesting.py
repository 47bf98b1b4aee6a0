"""Ingest jobs of a sync: made of what was fetched, awaited, and what they made of it taken over."""

import asyncio

from sqlalchemy import Connection, select

from pipelines.ingest.syncs.stops import check_wanted
from pipelines.ingest.syncs.task import SyncTask
from services.shared.components.catalogue import files, jobs, sync_progress, syncs
from services.shared.components.catalogue.jobs import Entry
from services.shared.components.catalogue.schema import jobs as jobs_table
from services.shared.contracts.sources import SyncStage
from services.shared.kit.errors import ConflictError

_JOB_DOCUMENTS = 1_024
_SETTLED_AT_ONCE = 500
_POLL_S = 0.5


async def start_jobs(task: SyncTask, *, only_full: bool) -> None:
    """Jobs over what was fetched and has none; with `only_full`, only when there is enough for a whole one.

    A document that is still being deleted is waited for.
    """
    while True:
        try:
            job_id = await task.ledger.write(lambda connection: _start_job(connection, task, only_full=only_full))
        except ConflictError:
            await check_wanted(task)
            await task.deletions.finish()
            await asyncio.sleep(_POLL_S)
            continue
        if job_id is None:
            return
        task.wake()


async def await_jobs(task: SyncTask) -> None:
    """Return when every job of the sync has ended and the items show it."""
    sync_id = task.sync.id
    await start_jobs(task, only_full=False)
    for job_id in await task.ledger.read(lambda connection: syncs.jobs_of(connection, sync_id)):
        await _await_job(task, job_id)
    await task.ledger.write(lambda connection: syncs.enter(connection, sync_id, SyncStage.DELETE))


async def settle_ended(task: SyncTask) -> None:
    """Take over what the jobs of a sync that stops early made; those still at work are waited for."""
    for job_id in await task.ledger.read(lambda connection: syncs.jobs_of(connection, task.sync.id)):
        while not await task.ledger.read(lambda connection, job=job_id: _has_ended(connection, job)):  # noqa: ASYNC110 - the ledger sets no event
            await asyncio.sleep(_POLL_S)
        await _settle(task, job_id)


async def _await_job(task: SyncTask, job_id: str) -> None:
    while not await task.ledger.read(lambda connection: _has_ended(connection, job_id)):
        await check_wanted(task)
        await asyncio.sleep(_POLL_S)
    await _settle(task, job_id)


async def _settle(task: SyncTask, job_id: str) -> None:
    def settle(connection: Connection) -> int:
        return sync_progress.settle(connection, task.sync.id, task.source_id, job_id, limit=_SETTLED_AT_ONCE)

    while await task.ledger.write(settle):
        pass


def _start_job(connection: Connection, task: SyncTask, *, only_full: bool) -> str | None:
    """The job's id; None when there is not enough for one."""
    rows = sync_progress.fetched_rows(connection, task.sync.id, limit=_JOB_DOCUMENTS)
    if not rows or (only_full and len(rows) < _JOB_DOCUMENTS):
        return None
    records = files.by_id(connection, (row.file_id for row in rows))
    attributes = task.declared.source.attributes
    entries = [
        Entry(records[row.file_id], row.source, {**attributes, **(row.attributes or {})})
        for row in rows
        if row.file_id in records
    ]
    access = task.declared.access if rows[0].access is None else tuple(rows[0].access)
    job = jobs.create(connection, task.collection, entries, access=access)
    sync_progress.in_job(connection, [row.seq for row in rows], job.id)
    syncs.add_job(connection, task.sync.id, job.id)
    return job.id


def _has_ended(connection: Connection, job_id: str) -> bool:
    status = connection.execute(select(jobs_table.c.status).where(jobs_table.c.id == job_id)).scalar()
    return status is None or status not in jobs.UNFINISHED
