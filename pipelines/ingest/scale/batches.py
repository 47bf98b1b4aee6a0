"""Batches at work on a Ray cluster: it does the work on documents, this process keeps the ledger.

The ledger is asked about each document before it is sent, and is told of each that was stored and verified. A task may
be done twice, when a worker or the cluster was lost; its points have the same ids both times, and only what is reported
is committed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipelines.ingest.batch import rounds
from pipelines.ingest.desk import LedgerDesk
from pipelines.ingest.draft import DocumentFailedError, JobPausedError
from pipelines.ingest.index import INDEX_GONE
from pipelines.ingest.ledger import Ledger
from pipelines.ingest.patience import Patience, ServiceGaveUpError
from pipelines.ingest.scale.cluster import Cluster
from pipelines.ingest.scale.messages import GaveUp, Report, Task, Waits
from pipelines.ingest.settings import IngestSettings
from pipelines.ingest.tools import Tools
from services.shared.components.catalogue.work import PendingDocument, RunningJob
from services.shared.kit.errors import NotFoundError, UnavailableError
from services.shared.kit.telemetry import get_logger

_log = get_logger("ingest")


class RayBatches:
    """Work on the cluster that the settings name."""

    at_once = 32
    """A run starts its workers anew, so it takes the documents of many batches."""

    def __init__(self, settings: IngestSettings, tools: Tools) -> None:
        self._tools = tools
        keys = {"internal_key": settings.secret("internal"), "vectordb_key": settings.secret("vectordb")}
        self._cluster = Cluster(settings.model_copy(update=keys))

    async def run(
        self, job: RunningJob, pending: Sequence[PendingDocument], *, ledger: Ledger, patience: Patience
    ) -> None:
        """Ingest documents of the job.

        Raises:
            ServiceGaveUpError: the cluster, or a service that its workers or the ledger need, did not come back.
        """
        desk = LedgerDesk(self._tools, job, ledger=ledger, patience=patience)
        work = RayWork(self._cluster, job, desk=desk, patience=patience)
        for documents in rounds(pending):
            if not work.paused:  # nor when it was resumed meanwhile: later entries build on those left out
                await work.run(documents)

    async def close(self) -> None:
        """Let go of the cluster."""
        await self._cluster.close()


class RayWork:
    """Documents of one job on their way through the cluster."""

    def __init__(self, cluster: Cluster, job: RunningJob, *, desk: LedgerDesk, patience: Patience) -> None:
        self.paused = False
        self._cluster = cluster
        self._job = job
        self._desk = desk
        self._patience = patience
        self._waiting: dict[int, Task] = {}
        self._gave_up: GaveUp | None = None
        self._waits_for: str | None = None

    async def run(self, documents: Sequence[PendingDocument]) -> None:
        """Settle the documents, of which each document and content is there once."""
        self._waiting = {}
        self._desk.expect(documents)
        await self._begin(documents)
        while self._waiting and not self.paused:
            await self._patience.insist("parse", self._attempt)
            await self._begin([task.pending for task in self._waiting.values()])

    async def _begin(self, documents: Iterable[PendingDocument]) -> None:
        """Ask the ledger about each; what is to be done waits for the cluster."""
        for pending in documents:
            self._waiting.pop(pending.position, None)
            try:
                standing = await self._desk.begin(pending)
                if standing is not None:
                    await self._desk.make_way(pending.document_id, shared=standing.shared)
                    self._waiting[pending.position] = Task(pending, replace(standing, shared=False))
            except JobPausedError:
                self.paused = True
                return
            except DocumentFailedError as failure:
                await self._desk.fail(pending, failure.reason)
            except NotFoundError:
                await self._desk.fail(pending, INDEX_GONE)

    async def _attempt(self) -> None:
        """Have what waits done, as far as the cluster gets; only an attempt that got nowhere counts as failed.

        Raises:
            UnavailableError: the cluster cannot be reached, was lost, or its workers do not work.
            ServiceGaveUpError: a service that the workers need did not come back.
        """
        tasks = list(self._waiting.values())
        self._gave_up = None
        try:
            await self._run(tasks)
        except UnavailableError as error:
            if len(self._waiting) == len(tasks):
                raise
            _log.warning("ray_run_broke", job_id=self._job.id, reason=error.message, left=len(self._waiting))
        finally:
            await self._told(None)
        if self._gave_up is not None:
            raise ServiceGaveUpError(
                self._gave_up.stage, UnavailableError(self._gave_up.message, code=self._gave_up.code)
            )

    async def _run(self, tasks: Sequence[Task]) -> None:
        await self._cluster.run(self._job, tasks, heard=self._hear, stopped=lambda: self._stopped(tasks[0]))
        if len(self._waiting) == len(tasks) and not await self._stopped(tasks[0]):
            raise UnavailableError(f"The workers on the Ray cluster brought back none of {len(tasks)} documents.")

    async def _stopped(self, task: Task) -> bool:
        return self._gave_up is not None or await self._desk.stopped(task.pending)

    async def _hear(self, news: Report | Waits) -> None:
        match news:
            case Waits(message):
                await self._told(message)
            case Report():
                await self._settle(news)

    async def _told(self, message: str | None) -> None:
        if message != self._waits_for:
            self._waits_for = message
            await self._patience.tell(message)

    async def _settle(self, report: Report) -> None:
        self._gave_up = self._gave_up or report.gave_up
        stored = [each for each in report.stored if each.pending.position in self._waiting]
        refused = await self._desk.commit(stored)
        for pending, reason in report.failed:
            if pending.position in self._waiting:
                await self._desk.fail(pending, await self._desk.why_not(pending) or reason)
        for each in stored:
            if each.pending.position in refused:
                await self._desk.fail(each.pending, refused[each.pending.position])
        for pending in [*(each.pending for each in stored), *(pending for pending, _ in report.failed)]:
            self._waiting.pop(pending.position, None)
        await self._desk.add_work(report.work)
