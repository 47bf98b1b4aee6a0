"""Syncs in the ledger, as their owners see and steer them. What they do about each item is in `sync_items`."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update

from services.shared.components.catalogue import jobs as jobs_ledger
from services.shared.components.catalogue import sources as sources_ledger
from services.shared.components.catalogue.reasons import JobStop
from services.shared.components.catalogue.schema import collections, jobs, sources, sync_items, syncs
from services.shared.components.catalogue.sources import UNFINISHED_SYNCS
from services.shared.contracts.corpus import JobStatus
from services.shared.contracts.sources import Change, Sync, SyncPlan, SyncStage, SyncStatus
from services.shared.kit.errors import NotFoundError
from services.shared.kit.paging import AnyRow, Cursor, Page, fetch_page

ID_PREFIX = "sync-"


class StagedStatus:
    """Where a found item stands in its sync."""

    WAITING = "waiting"
    FETCHED = "fetched"
    INGESTING = "ingesting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class RunningSync:
    """A sync at work."""

    id: str
    source_id: str
    dry_run: bool
    allow_deletes: bool
    stage: SyncStage
    cancelling: bool
    listed: int
    whole: bool
    jobs: tuple[str, ...]
    full: bool = False
    cursor: str | None = None
    interrupted: Mapping[str, str] | None = None
    started_at: datetime | None = None


def create(
    connection: Connection, source_id: str, *, dry_run: bool, allow_deletes: bool = False, full: bool = False
) -> Sync:
    """A queued sync, or the plan of one.

    Raises:
        ConflictError: another sync or plan of the source has not ended.
    """
    sources_ledger.require_rest(connection, source_id)
    sync_id = f"{ID_PREFIX}{secrets.token_hex(12)}"
    row = {
        "id": sync_id,
        "source_id": source_id,
        "dry_run": dry_run,
        "allow_deletes": allow_deletes,
        "from_start": full,
        "status": SyncStatus.QUEUED,
        "stage": SyncStage.LIST,
        "created_at": datetime.now(UTC),
        "jobs": [],
    }
    connection.execute(insert(syncs).values(row))
    return get(connection, sync_id)


def get(connection: Connection, sync_id: str) -> Sync:
    """The sync, counted up to now.

    Raises:
        NotFoundError: there is none.
    """
    row = connection.execute(_shown().where(syncs.c.id == sync_id)).first()
    if row is None:
        raise NotFoundError(f"There is no sync '{sync_id}'; list the syncs of its source.", code="sync_not_found")
    return _to_sync(connection, row)


def page(connection: Connection, cursor: Cursor, *, source_id: str) -> Page[Sync]:
    """A page of the source's syncs and plans."""
    query = _shown().where(syncs.c.source_id == source_id)
    return fetch_page(connection, query, table=syncs, cursor=cursor, to_item=lambda row: _to_sync(connection, row))


def cancel(connection: Connection, sync_id: str) -> Sync:
    """End the sync early: what was ingested or deleted stays so. One that has ended stays as it is."""
    row = connection.execute(select(syncs).where(syncs.c.id == sync_id).with_for_update()).first()
    if row is not None and row.status in UNFINISHED_SYNCS:
        connection.execute(update(syncs).where(syncs.c.id == sync_id).values(cancelling=True))
        for job_id in row.jobs:
            jobs_ledger.stop(connection, job_id, JobStop.CANCELLED)
        if row.status == SyncStatus.QUEUED:
            end(connection, sync_id, SyncStatus.CANCELLED)
    return get(connection, sync_id)


def unfinished(connection: Connection) -> list[tuple[str, str]]:
    """Id and source id of every sync that is to be at work or queued, oldest first."""
    query = select(syncs.c.id, syncs.c.source_id).where(syncs.c.status.in_(UNFINISHED_SYNCS)).order_by(syncs.c.seq)
    return [(row.id, row.source_id) for row in connection.execute(query)]


def begin(connection: Connection, sync_id: str) -> RunningSync | None:
    """Start a queued sync or go on with one that was interrupted; None when it has ended or is gone."""
    row = connection.execute(select(syncs).where(syncs.c.id == sync_id).with_for_update()).first()
    if row is None or row.status not in UNFINISHED_SYNCS:
        return None
    if row.status == SyncStatus.QUEUED:
        started = {"status": SyncStatus.RUNNING, "started_at": datetime.now(UTC)}
        connection.execute(update(syncs).where(syncs.c.id == sync_id).values(started))
    return RunningSync(
        id=row.id,
        source_id=row.source_id,
        dry_run=row.dry_run,
        allow_deletes=row.allow_deletes,
        stage=SyncStage(row.stage),
        cancelling=row.cancelling,
        listed=row.listed,
        whole=row.whole,
        jobs=tuple(row.jobs),
        full=bool(row.from_start),
        cursor=row.cursor,
        interrupted=row.interrupted,
        started_at=row.started_at or datetime.now(UTC),
    )


def enter(connection: Connection, sync_id: str, stage: SyncStage, **noted: object) -> None:
    """Note that the stages before this one are done, with what they brought (`listed`, `whole`, `plan`)."""
    connection.execute(update(syncs).where(syncs.c.id == sync_id).values(stage=stage, **noted))


def note(connection: Connection, sync_id: str, **noted: object) -> None:
    """Note how far the sync is (`listed`), or what it waits for (`error`)."""
    connection.execute(update(syncs).where(syncs.c.id == sync_id).values(**noted))


def jobs_of(connection: Connection, sync_id: str) -> list[str]:
    """The ids of the sync's jobs, in the order in which they were made."""
    return list(connection.execute(select(syncs.c.jobs).where(syncs.c.id == sync_id)).scalar() or [])


def add_job(connection: Connection, sync_id: str, job_id: str) -> None:
    """Note that the job ingests a part of the sync."""
    known = connection.execute(select(syncs.c.jobs).where(syncs.c.id == sync_id).with_for_update()).scalar_one()
    connection.execute(update(syncs).where(syncs.c.id == sync_id).values(jobs=[*known, job_id]))


def end(
    connection: Connection, sync_id: str, status: SyncStatus, *, code: str | None = None, error: str | None = None
) -> None:
    """End the sync, and keep its counts."""
    ended = {
        "status": status,
        "counts": _counts(connection, sync_id),
        "finished_at": datetime.now(UTC),
        "code": code,
        "error": error,
    }
    connection.execute(update(syncs).where(syncs.c.id == sync_id, syncs.c.status.in_(UNFINISHED_SYNCS)).values(ended))


def _shown() -> Select[Any]:
    joined = syncs.join(sources, sources.c.id == syncs.c.source_id).join(
        collections, collections.c.id == sources.c.collection_id
    )
    named = (sources.c.name.label("source"), collections.c.name.label("collection"))
    return select(syncs, *named).select_from(joined)


def _counts(connection: Connection, sync_id: str) -> dict[str, int]:
    """Items by what became of them."""
    query = (
        select(sync_items.c.change, sync_items.c.status, func.count().label("items"))
        .where(sync_items.c.sync_id == sync_id)
        .group_by(sync_items.c.change, sync_items.c.status)
    )
    found: dict[str, int] = {}
    for row in connection.execute(query):
        for name in _names_of(row.change, row.status):
            found[name] = found.get(name, 0) + row.items
    if "deleted" in found:  # what was renamed is gone under its former key
        found["deleted"] = max(0, found["deleted"] - found.get("renamed", 0))
    return found


def _names_of(change: str | None, status: str) -> Sequence[str]:
    """What an item with this change and status counts as."""
    if status == StagedStatus.FAILED:
        return ["failed"]
    fetched = ["fetched"] if change in {Change.ADD, Change.UPDATE, Change.RENAME} else []
    if status == StagedStatus.WAITING:
        return ["pending"]
    if status != StagedStatus.DONE:
        return ["pending", *fetched]
    done = {Change.DELETE: "deleted", Change.RENAME: "renamed", Change.UNCHANGED: "unchanged"}
    return [done.get(Change(change), "ingested") if change else "unchanged", *fetched]


def _to_sync(connection: Connection, row: AnyRow) -> Sync:
    counts: Mapping[str, int] = {}
    if not row.dry_run:
        counts = row.counts if row.counts is not None else _counts(connection, row.id)
    running = row.status in UNFINISHED_SYNCS
    return Sync(
        id=row.id,
        source=row.source,
        collection=row.collection,
        dry_run=row.dry_run,
        allow_deletes=row.allow_deletes,
        status=row.status,
        stage=row.stage,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        listed=row.listed,
        plan=None if row.plan is None else SyncPlan.model_validate(row.plan),
        **{name: counts.get(name, 0) for name in _COUNTED},
        jobs=row.jobs,
        eta_seconds=_eta(connection, row) if running else None,
        code=row.code,
        error=(_waits_for(connection, row) if running else None) or row.error,
    )


_COUNTED = ("fetched", "ingested", "unchanged", "renamed", "deleted", "failed", "pending")


def _unfinished_jobs(connection: Connection, row: AnyRow) -> list[str]:
    query = select(jobs.c.id).where(jobs.c.id.in_(row.jobs), jobs.c.status.in_(jobs_ledger.UNFINISHED))
    return list(connection.execute(query.order_by(jobs.c.seq)).scalars()) if row.jobs else []


def _eta(connection: Connection, row: AnyRow) -> float | None:
    """What its jobs still take, at the rate of the one at work; None while things are still being fetched."""
    if row.stage != SyncStage.INGEST:
        return None
    waiting = [jobs_ledger.get(connection, job_id) for job_id in _unfinished_jobs(connection, row)]
    working = next((job for job in waiting if job.status is JobStatus.RUNNING and job.eta_seconds is not None), None)
    if working is None or working.eta_seconds is None:
        return None
    left = working.total - working.done - working.unchanged - working.failed
    others = sum(job.total for job in waiting if job.id != working.id)
    return round(working.eta_seconds * (1 + others / left), 1) if left else working.eta_seconds


def _waits_for(connection: Connection, row: AnyRow) -> str | None:
    if row.stage not in {SyncStage.FETCH, SyncStage.INGEST}:
        return None
    waiting = (jobs_ledger.get(connection, job_id).error for job_id in _unfinished_jobs(connection, row)[:1])
    return next(waiting, None)
