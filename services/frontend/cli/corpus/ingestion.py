"""The steps of an ingest as a client sees them: hash, plan, upload what is needed, start jobs, watch them."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from typing import TypeVar

from services.frontend.cli.corpus.report import IngestReport
from services.frontend.cli.corpus.stages import Stages
from services.frontend.cli.corpus.walk import Found, HashedFile, LocalFile, hash_file, reason_of
from services.frontend.cli.exits import CliError, InterruptedByUserError
from services.frontend.cli.gateway import Gateway, GatewayError, segment
from services.frontend.cli.multipart import FileForm, UnreadableFileError
from services.frontend.cli.patience import with_patience
from services.frontend.cli.settings import CliSettings
from services.shared.contracts.corpus import (
    CreateJob,
    Job,
    JobDocument,
    JobStatus,
    PlannedDocument,
    PlanRequest,
    PlanResponse,
)

Item = TypeVar("Item")

BATCH_DOCUMENTS = 1000
"""Documents in one plan and one job. The API takes 10,000, but smaller bodies stay below the gateway's limit, and a
job works while the next one's files are uploaded."""

_SHORTEST_POLL_S, _LONGEST_POLL_S = 0.3, 2.0
_FINAL = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED})
_NO_ATTRIBUTES: Mapping[str, str | float | bool] = {}


class Ingestion:
    """One run of `ragworks ingest` into one collection."""

    def __init__(
        self,
        gateway: Gateway,
        settings: CliSettings,
        *,
        collection: str,
        stages: Stages,
        attributes: Mapping[str, str | float | bool] = _NO_ATTRIBUTES,
    ) -> None:
        self._gateway = gateway
        self._settings = settings
        self._stages = stages
        self._attributes = dict(attributes)
        self._jobs: list[str] = []
        self._stop = threading.Event()
        self.report = IngestReport(collection)

    def run(self, found: Found) -> IngestReport:
        """Ingest what was found, and wait until it is searchable.

        Raises:
            InterruptedByUserError: Ctrl-C; jobs already started go on in the platform.
        """
        started = time.monotonic()
        self._count_found(found)
        try:
            hashed = self._hash(found.files)
            if hashed:
                self._ensure_collection()
                self._upload_and_start(self._needed(hashed))
                self._watch(self._jobs)
        except KeyboardInterrupt as error:
            raise self._interrupted() from error
        self.report.seconds = round(time.monotonic() - started, 2)
        return self.report

    def resume(self, job_id: str) -> IngestReport:
        """Watch a job that was started before, until it has ended."""
        started = time.monotonic()
        self._jobs = [job_id]
        try:
            self._watch(self._jobs)
        except KeyboardInterrupt as error:
            raise self._interrupted() from error
        self.report.jobs = self._jobs
        self.report.seconds = round(time.monotonic() - started, 2)
        return self.report

    def _count_found(self, found: Found) -> None:
        self.report.hidden, self.report.excluded = found.hidden, found.excluded
        for failure in found.failures:
            self.report.fail(failure.source, code="unreadable", message=failure.reason)

    def _hash(self, files: Sequence[LocalFile]) -> list[HashedFile]:
        hashed: list[HashedFile] = []
        with self._stages.stage("Reading", total=len(files)) as stage:
            for file in files:
                try:
                    hashed.append(hash_file(file))
                except OSError as error:
                    self.report.fail(file.source, code="unreadable", message=reason_of(error))
                stage.advance()
        return hashed

    def _ensure_collection(self) -> None:
        name = self.report.collection
        try:
            self._patiently(lambda: self._gateway.get(f"/api/collections/{segment(name)}"))
        except GatewayError as error:
            if error.status != 404:
                raise
            self._patiently(lambda: self._gateway.post("/api/collections", {"name": name}))

    def _needed(self, hashed: Sequence[HashedFile]) -> list[HashedFile]:
        if self._attributes:  # a plan compares bytes alone; the job tells what is unchanged
            return list(hashed)
        needed: set[str] = set()
        for batch in _batches(hashed, BATCH_DOCUMENTS):
            plan = self._plan(batch)
            self.report.added += len(plan.added)
            self.report.changed += len(plan.changed)
            self.report.unchanged += len(plan.unchanged)
            needed.update(plan.added, plan.changed)
        return [item for item in hashed if item.file.source in needed]

    def _plan(self, batch: Sequence[HashedFile]) -> PlanResponse:
        documents = [
            PlannedDocument(source=item.file.source, sha256=item.sha256, bytes=item.size_bytes) for item in batch
        ]
        request = PlanRequest(collection=self.report.collection, documents=documents).model_dump(mode="json")
        return PlanResponse.model_validate_json(
            self._patiently(lambda: self._gateway.post("/api/ingest/plan", request))
        )

    def _upload_and_start(self, needed: Sequence[HashedFile]) -> None:
        if not needed:
            return
        with self._stages.stage("Uploading", total=len(needed)) as stage:
            for batch in _batches(needed, BATCH_DOCUMENTS):
                documents = self._upload(batch, advance=stage.advance)
                if documents:
                    self._start_job(documents)

    def _upload(self, batch: Sequence[HashedFile], *, advance: Callable[[], None]) -> list[JobDocument]:
        uploaded: list[JobDocument] = []
        pool = ThreadPoolExecutor(max_workers=self._settings.upload_concurrency)
        futures = {pool.submit(self._upload_one, item): item for item in batch}
        try:
            for future in as_completed(futures):
                document = self._uploaded(future, futures[future])
                uploaded += [] if document is None else [document]
                advance()
        except BaseException:
            self._stop.set()
            pool.shutdown(cancel_futures=True)
            self._forget(futures)
            raise
        pool.shutdown()
        return sorted(uploaded, key=lambda document: document.source)

    def _upload_one(self, item: HashedFile) -> JobDocument:
        path = item.file.path
        form = FileForm(path, name=path.name, size_bytes=item.size_bytes, sha256=item.sha256)
        file_id = self._patiently(lambda: self._gateway.upload(form))
        return JobDocument(file_id=file_id, source=item.file.source, attributes=self._attributes)

    def _uploaded(self, future: Future[JobDocument], item: HashedFile) -> JobDocument | None:
        try:
            return future.result()
        except UnreadableFileError as error:
            self.report.fail(item.file.source, code="unreadable", message=error.message)
        except GatewayError as error:
            if error.comes_back or error.status in {401, 403}:
                raise
            self.report.fail(item.file.source, code=error.code or "refused", message=error.message)
        return None

    def _forget(self, futures: dict[Future[JobDocument], HashedFile]) -> None:
        """Delete what was uploaded for a job that will not be."""
        for future in futures:
            if future.done() and not future.cancelled() and future.exception() is None:
                with suppress(CliError):
                    self._gateway.delete(f"/v1/files/{segment(future.result().file_id)}")

    def _start_job(self, documents: Sequence[JobDocument]) -> None:
        request = CreateJob(collection=self.report.collection, documents=list(documents)).model_dump(mode="json")
        job = Job.model_validate_json(self._patiently(lambda: self._gateway.post("/api/jobs", request)))
        self._jobs.append(job.id)
        self.report.jobs = self._jobs

    def _watch(self, job_ids: Sequence[str]) -> None:
        if not job_ids:
            return
        jobs = {job_id: self._job(job_id) for job_id in job_ids}
        pause_s = _SHORTEST_POLL_S
        with self._stages.stage("Ingesting", total=sum(job.total for job in jobs.values())) as stage:
            while True:
                stage.show_jobs(jobs.values())
                running = [job_id for job_id, job in jobs.items() if job.status not in _FINAL]
                if not running:
                    break
                time.sleep(pause_s)
                pause_s = min(pause_s * 1.1, _LONGEST_POLL_S)
                jobs[running[0]] = self._job(running[0])  # the others wait for it: jobs of a collection run in turn
        for job in jobs.values():
            self.report.take(job)

    def _job(self, job_id: str) -> Job:
        return Job.model_validate_json(self._patiently(lambda: self._gateway.get(f"/api/jobs/{segment(job_id)}")))

    def _patiently(self, request: Callable[[], Item]) -> Item:
        return with_patience(
            request,
            patience_s=self._settings.patience_s,
            stop=self._stop,
            waiting=self._stages.show_waiting,
        )

    def _interrupted(self) -> InterruptedByUserError:
        if not self._jobs:
            return InterruptedByUserError(
                "Stopped before anything was ingested.", hint="Run the same command again to start over."
            )
        return InterruptedByUserError(
            "Stopped watching; what was uploaded is ingested in the background.",
            hint=f"Watch it with 'ragworks ingest --job {self._jobs[-1]}', or run the same command again: "
            "only what is missing is ingested.",
        )


def _batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))
