"""Regular looks for what was left lying: jobs that are in the ledger but not in the queue, unfinished deletions."""

import asyncio
from dataclasses import dataclass

from dbos import DBOS, EnqueueOptions, WorkflowStatus

from pipelines.ingest.job import JobRunner
from pipelines.ingest.patience import ServiceGaveUpError
from services.shared.components.catalogue import collections, documents, work
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.catalogue.erasure import Erasure
from services.shared.components.catalogue.versions import Versions
from services.shared.contracts.corpus import Collection
from services.shared.contracts.jobs import INGEST_QUEUE, INGEST_WORKFLOW, IngestJobMessage
from services.shared.kit.errors import PlatformError
from services.shared.kit.telemetry import get_logger

_ALIVE = frozenset({"ENQUEUED", "PENDING", "DELAYED"})
_log = get_logger("sweep")


@dataclass(frozen=True)
class Sweep:
    """Brings ledger, queue and index back together."""

    catalogue: Catalogue
    erasure: Erasure
    versions: Versions
    runner: JobRunner
    interval_s: float

    async def run_forever(self) -> None:
        """Look again and again; what cannot be done now is done later."""
        while True:
            try:
                await self.once()
            except (PlatformError, ServiceGaveUpError) as error:
                _log.warning("sweep_deferred", reason=str(error))
            except Exception:  # noqa: BLE001 - the queue's own database may fail in many ways, the worker goes on
                _log.exception("sweep_broke")
            await asyncio.sleep(self.interval_s)

    async def once(self) -> None:
        """Look once."""
        await asyncio.to_thread(self._enqueue_lost_jobs)
        for collection in await asyncio.to_thread(self._stale_collections):
            await self.runner.clean(collection)
        await self.erasure.finish()
        await self.versions.advance_all()

    def _enqueue_lost_jobs(self) -> None:
        with self.catalogue.read() as connection:
            unfinished = dict(work.unfinished(connection))
        if not unfinished:
            return
        queued = DBOS.list_workflows(workflow_ids=list(unfinished), load_input=False, load_output=False)
        known = {workflow.workflow_id: _is_alive(workflow) for workflow in queued}
        for job_id, collection_id in unfinished.items():
            if not known.get(job_id):
                _enqueue(job_id, collection_id, again=job_id in known)

    def _stale_collections(self) -> list[Collection]:
        with self.catalogue.read() as connection:
            found = [
                collections.find(connection, collection_id) for collection_id in documents.stale_collections(connection)
            ]
        return [collection for collection in found if collection is not None]


def _is_alive(workflow: WorkflowStatus) -> bool:
    """Whether the queue will bring the workflow to its end.

    It leaves lying what this worker began before an update changed the workflow's version.
    """
    outdated = workflow.executor_id == DBOS.executor_id and workflow.app_version != DBOS.application_version
    return workflow.status in _ALIVE and not (workflow.status == "PENDING" and outdated)


def _enqueue(job_id: str, collection_id: str, *, again: bool) -> None:
    if again:  # it ended in the queue without having ended in the ledger, for example as its database was full
        DBOS.delete_workflow(job_id)
    options: EnqueueOptions = {
        "workflow_name": INGEST_WORKFLOW,
        "queue_name": INGEST_QUEUE,
        "workflow_id": job_id,
        "queue_partition_key": collection_id,
    }
    DBOS.enqueue_workflow_with_options(options, IngestJobMessage(job_id=job_id).model_dump())
    _log.info("job_enqueued_again", job_id=job_id)
