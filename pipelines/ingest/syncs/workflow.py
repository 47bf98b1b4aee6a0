"""The durable shell around a sync (DBOS): one that was begun is gone on with until it has ended."""

from dbos import DBOS

from pipelines.ingest.syncs.runner import SyncRunner
from pipelines.ingest.workflow import WorkflowLoop
from services.shared.contracts.jobs import SYNC_QUEUE, SYNC_WORKFLOW, SyncMessage
from services.shared.kit.telemetry import get_logger

_POLL_S = 0.5
_log = get_logger("sync")


def register_syncs(runner: SyncRunner, loop: WorkflowLoop) -> None:
    """Make the workflow known; call it before DBOS is launched."""

    @DBOS.step(name="advance_sync")
    def advance(sync_id: str) -> bool:
        return loop.run(runner.advance(sync_id))

    @DBOS.step(name="abandon_sync")
    def abandon(sync_id: str) -> None:
        loop.run(runner.abandon(sync_id))

    @DBOS.workflow(name=SYNC_WORKFLOW, max_recovery_attempts=None)
    def sync_source(message: dict[str, str]) -> None:
        sync_id = SyncMessage.model_validate(message).sync_id
        try:
            while advance(sync_id):  # the ledger knows the stage
                pass
        except Exception:  # noqa: BLE001 - the boundary of a sync: others go on
            _log.exception("sync_broke", sync_id=sync_id)
            abandon(sync_id)

    del sync_source  # DBOS calls it by its name


def open_sync_queue(*, syncs: int) -> None:
    """Begin to take syncs; call it after DBOS was launched."""
    DBOS.register_queue(
        SYNC_QUEUE,
        worker_concurrency=syncs,
        partition_concurrency=1,  # a partition is a source: one sync of it at a time
        polling_interval_sec=_POLL_S,
        on_conflict="always_update",
    )
