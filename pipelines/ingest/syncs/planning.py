"""The second stage: what is to be done about each item, what that is likely to take, and whether it may begin."""

from sqlalchemy import Connection

from pipelines.ingest.syncs.task import SyncFailedError, SyncRules, SyncTask
from services.shared.components.catalogue import estimates, sync_compare, sync_progress, syncs
from services.shared.components.catalogue.sync_compare import Counts
from services.shared.contracts.sources import Change, SyncPlan, SyncStage, SyncStatus

_FEW_ITEMS = 20
"""Up to here any number of deletions is believed, as long as something is left."""


async def plan_sync(task: SyncTask) -> None:
    """Compare and plan; a dry run ends here.

    Raises:
        SyncFailedError: it would delete so much that somebody has to confirm it.
    """
    refusal = await task.ledger.write(lambda connection: _plan(connection, task))
    if refusal is not None:
        raise refusal


def _plan(connection: Connection, task: SyncTask) -> SyncFailedError | None:
    sync = task.sync
    sync_compare.compare(connection, sync.id, sync.source_id, whole=sync.whole)
    counts = sync_compare.counts(connection, sync.id, sync.source_id)
    refusal = None if sync.allow_deletes else too_many_deletes(counts, sync.listed, task.rules)
    plan = _estimated(connection, task, counts, refusal)
    if sync.dry_run:
        syncs.enter(connection, sync.id, SyncStage.END, plan=plan)
        syncs.end(connection, sync.id, SyncStatus.COMPLETED)
        return None
    if refusal is None:
        sync_progress.settle_unlisted(connection, sync.id, sync.source_id)
    stage = SyncStage.FETCH if refusal is None else SyncStage.COMPARE
    syncs.enter(connection, sync.id, stage, plan=plan)
    return refusal


def too_many_deletes(counts: Counts, listed: int, rules: SyncRules) -> SyncFailedError | None:
    """Why somebody has to confirm the deletions; None when nobody has to."""
    deletes = counts.changes[Change.DELETE]
    if counts.known and not listed and deletes:
        return SyncFailedError(
            "empty_listing",
            f"The source lists nothing, but had {counts.known:,} items: it may be unreachable or misconfigured. "
            "Nothing was deleted. If it is meant, sync again with --allow-deletes.",
        )
    if counts.known > _FEW_ITEMS and deletes > rules.delete_share * counts.known:
        return SyncFailedError(
            "too_many_deletes",
            f"The sync would delete {deletes:,} of {counts.known:,} items, more than RAGWORKS_SYNC_DELETE_SHARE lets "
            "it. Nothing was deleted. If it is meant, sync again with --allow-deletes.",
        )
    return None


def _estimated(
    connection: Connection, task: SyncTask, counts: Counts, refusal: SyncFailedError | None
) -> dict[str, object]:
    sizes = estimates.bytes_to_embed(connection, task.sync.id)
    chunks, basis = estimates.density(connection, task.collection.id).chunks(sizes)
    rate = estimates.chunks_per_second(connection)
    tokens = chunks * (task.collection.chunking or task.rules.chunking).max_tokens
    price = task.rules.price_per_million_tokens
    changes = counts.changes
    return SyncPlan(
        adds=changes[Change.ADD],
        updates=changes[Change.UPDATE],
        renames=changes[Change.RENAME],
        deletes=changes[Change.DELETE],
        unchanged=changes[Change.UNCHANGED],
        unlisted=counts.unlisted,
        bytes=counts.bytes,
        chunks=chunks,
        chunks_from=basis,
        tokens_at_most=tokens,
        seconds=None if rate is None else round(chunks / rate, 1),
        price=None if price is None else round(tokens * price / 1e6, 6),
        needs_confirmation=refusal.message if refusal else None,
    ).model_dump(mode="json")
