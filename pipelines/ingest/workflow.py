"""The durable shell around a job (DBOS): which steps of it are done outlives the process.

The shell runs in DBOS's threads; the work itself runs on the worker's event loop, where its connections live.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from typing import Any, TypeVar

from dbos import DBOS, DBOSConfig

from pipelines.ingest.job import JobRunner
from services.shared.contracts.jobs import INGEST_QUEUE, INGEST_WORKFLOW, IngestJobMessage
from services.shared.kit.telemetry import get_logger

T = TypeVar("T")
_APPLICATION = "ragworks-ingest"
_WORKFLOW_VERSION = "2"
"""Raise it when the order of steps below changes: DBOS resumes a workflow under the version it began with only."""

_POLL_S = 0.5
_log = get_logger("ingest")


class WorkerStoppingError(BaseException):
    """The worker stops; the step in hand must not count as failed, so this is no Exception."""


class WorkflowLoop:
    """Runs coroutines of workflow threads on the worker's event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._running: set[Future[Any]] = set()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The coroutine's result, from another thread."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        self._running.add(future)
        try:
            return future.result()
        except CancelledError as error:
            raise WorkerStoppingError from error
        finally:
            self._running.discard(future)

    def stop(self) -> None:
        """Interrupt what runs; it is taken up again at the next start."""
        for future in tuple(self._running):
            future.cancel()


def launch(
    runner: JobRunner,
    loop: WorkflowLoop,
    *,
    database_url: str,
    worker_id: str,
    jobs: int,
    register: Callable[[], None],
) -> None:
    """Start taking jobs from the queue, those first that this worker did not get to finish.

    `register` makes further workflows known, which has to happen before any is taken.
    """
    logging.getLogger("dbos").addHandler(logging.NullHandler())  # else it writes to a console of its own
    config: DBOSConfig = {
        "name": _APPLICATION,
        "system_database_url": database_url,
        "application_version": _WORKFLOW_VERSION,
        "executor_id": worker_id,
        "log_level": "WARNING",
        "enable_otlp": False,
    }
    DBOS(config=config)
    _register(_steps(runner, loop))
    register()
    DBOS.launch()
    DBOS.register_queue(
        INGEST_QUEUE,
        worker_concurrency=jobs,
        partition_concurrency=1,  # a partition is a collection: its jobs run one after the other
        polling_interval_sec=_POLL_S,
        on_conflict="always_update",
    )


@dataclass(frozen=True)
class _Steps:
    """The durable steps: each is done once, whatever dies between them."""

    due: Callable[[str], list[str]]
    begin: Callable[[str], int]
    run_batch: Callable[[str, int], bool]
    finish: Callable[[str], None]
    abandon: Callable[[str], None]

    def run_job(self, job_id: str) -> bool:
        """One job, from its first batch to its end; False when it was paused before that.

        That it was is a step's result, so that a workflow that is resumed ends here too, whatever the ledger says then:
        a job that goes on is queued anew.
        """
        try:
            for number in range(self.begin(job_id)):
                if self.run_batch(job_id, number):
                    return False
            self.finish(job_id)
        except Exception:  # noqa: BLE001 - the boundary of a job: others go on
            _log.exception("job_broke", job_id=job_id)
            self.abandon(job_id)
        return True


def _register(steps: _Steps) -> None:
    @DBOS.workflow(name=INGEST_WORKFLOW, max_recovery_attempts=None)
    def ingest_job(message: dict[str, str]) -> None:
        for job_id in steps.due(IngestJobMessage.model_validate(message).job_id):
            if not steps.run_job(job_id):
                return  # later jobs of the collection wait for it

    del ingest_job  # DBOS calls it by its name


def _steps(runner: JobRunner, loop: WorkflowLoop) -> _Steps:
    @DBOS.step(name="due")
    def due(job_id: str) -> list[str]:
        return loop.run(runner.due(job_id))

    @DBOS.step(name="begin")
    def begin(job_id: str) -> int:
        return loop.run(runner.begin(job_id))

    @DBOS.step(name="run_batch")
    def run_batch(job_id: str, number: int) -> bool:
        return loop.run(runner.run_batch(job_id, number))

    @DBOS.step(name="finish")
    def finish(job_id: str) -> None:
        loop.run(runner.finish(job_id))

    @DBOS.step(name="abandon")
    def abandon(job_id: str) -> None:
        loop.run(runner.abandon(job_id))

    return _Steps(due, begin, run_batch, finish, abandon)
