"""Regular looks for what was left lying: jobs that are in the ledger but not in the queue, unfinished deletions."""

import asyncio
from contextlib import suppress

from pipelines.ingest.job import JobRunner
from pipelines.ingest.patience import ServiceGaveUpError
from pipelines.ingest.requeue import enqueue_lost
from pipelines.ingest.syncs.schedule import start_due
from services.shared.components.catalogue import collections, documents, syncs, work
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.catalogue.erasure import Erasure
from services.shared.components.catalogue.versions import Versions
from services.shared.contracts.corpus import Collection
from services.shared.contracts.jobs import (
    INGEST_QUEUE,
    INGEST_WORKFLOW,
    SYNC_QUEUE,
    SYNC_WORKFLOW,
    IngestJobMessage,
    SyncMessage,
)
from services.shared.kit.errors import PlatformError
from services.shared.kit.telemetry import get_logger

_log = get_logger("sweep")


class Sweep:
    """Brings ledger, queue and index back together."""

    def __init__(
        self, catalogue: Catalogue, erasure: Erasure, versions: Versions, runner: JobRunner, interval_s: float
    ) -> None:
        self.catalogue = catalogue
        self.erasure = erasure
        self.versions = versions
        self.runner = runner
        self.interval_s = interval_s
        self._wanted = asyncio.Event()

    def look_now(self) -> None:
        """Do not wait for the next look: there is something."""
        self._wanted.set()

    async def run_forever(self) -> None:
        """Look again and again; what cannot be done now is done later."""
        while True:
            try:
                await self.once()
            except (PlatformError, ServiceGaveUpError) as error:
                _log.warning("sweep_deferred", reason=str(error))
            except Exception:  # noqa: BLE001 - the queue's own database may fail in many ways, the worker goes on
                _log.exception("sweep_broke")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), self.interval_s)
            self._wanted.clear()

    async def once(self) -> None:
        """Look once."""
        await asyncio.to_thread(self._enqueue_what_is_lost)
        for collection in await asyncio.to_thread(self._stale_collections):
            await self.runner.clean(collection)
        await self.erasure.finish()
        await self.versions.advance_all()

    def _enqueue_what_is_lost(self) -> None:
        start_due(self.catalogue)
        with self.catalogue.read() as connection:
            lost_jobs = dict(work.unfinished(connection))
            lost_syncs = dict(syncs.unfinished(connection))
        enqueue_lost(lost_jobs, queue=INGEST_QUEUE, workflow=INGEST_WORKFLOW, message=_job_message)
        enqueue_lost(lost_syncs, queue=SYNC_QUEUE, workflow=SYNC_WORKFLOW, message=_sync_message)

    def _stale_collections(self) -> list[Collection]:
        with self.catalogue.read() as connection:
            found = [
                collections.find(connection, collection_id) for collection_id in documents.stale_collections(connection)
            ]
        return [collection for collection in found if collection is not None]


def _job_message(job_id: str) -> dict[str, str]:
    return IngestJobMessage(job_id=job_id).model_dump()


def _sync_message(sync_id: str) -> dict[str, str]:
    return SyncMessage(sync_id=sync_id).model_dump()
