"""A job as its event stream tells of it, over every break of the stream."""

import threading
from collections.abc import Callable
from typing import TypeVar

from services.frontend.cli.corpus.stages import Stage, Stages
from services.frontend.cli.exits import NotUpError
from services.frontend.cli.gateway import Gateway, GatewayError, segment
from services.frontend.cli.patience import with_patience
from services.shared.contracts.corpus import Job

T = TypeVar("T")
_PAUSE_S = 1.0


class JobWatch:
    """Shows a job until it has ended; it may be watched from any moment of it on."""

    def __init__(self, gateway: Gateway, job_id: str, *, patience_s: float, stages: Stages) -> None:
        self._gateway = gateway
        self._path = f"/api/jobs/{segment(job_id)}"
        self._patience_s = patience_s
        self._stages = stages
        self._stop = threading.Event()

    def until_ended(self) -> Job:
        """The job as it ended.

        Raises:
            CliError: there is no such job, or the platform did not come back.
        """
        job = self._patiently(self._read)
        with self._stages.stage("Ingesting", total=job.total) as stage:
            while job.finished_at is None:
                stage.show_jobs([job])
                job = self._patiently(lambda: self._listen(stage)) or job
                if job.finished_at is None:
                    self._stop.wait(_PAUSE_S)
            stage.show_jobs([job])
        return job

    def _read(self) -> Job:
        return Job.model_validate_json(self._gateway.get(self._path))

    def _listen(self, stage: Stage) -> Job | None:
        """The last the stream told of the job, shown as it came; None when it broke before it told anything."""
        heard: Job | None = None
        try:
            with self._gateway.events(f"{self._path}/events") as events:
                for event in events:
                    if event.name not in {"progress", "done"}:
                        return heard  # an error of the platform's: a part of it restarts
                    heard = Job.model_validate_json(event.data)
                    stage.show_jobs([heard])
                    if event.name == "done":
                        break
        except (NotUpError, GatewayError):
            if heard is None:
                raise
        return heard

    def _patiently(self, request: Callable[[], T]) -> T:
        return with_patience(request, patience_s=self._patience_s, stop=self._stop, waiting=self._stages.show_waiting)
