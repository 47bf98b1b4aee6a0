"""Watching a job over a connection that breaks, against a server that speaks as the gateway does."""

import io
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from rich.console import Console

from services.frontend.cli.commands.jobs import chunks_per_second
from services.frontend.cli.corpus.job_watch import JobWatch
from services.frontend.cli.corpus.stages import Stages
from services.frontend.cli.exits import CliError
from services.frontend.cli.gateway import Gateway, GatewayError
from services.shared.contracts.corpus import Job, JobStatus

NOW = datetime.now(UTC)
LOST = b'data: {"error": {"message": "The connection to corpus was lost."}}\n\n'


def job(done: int, *, status: JobStatus = JobStatus.RUNNING, error: str | None = None) -> Job:
    return Job(
        id="job-1",
        collection="docs",
        status=status,
        created_at=NOW,
        finished_at=NOW if status is JobStatus.COMPLETED else None,
        total=2,
        done=done,
        error=error,
    )


def event(name: str, state: Job) -> bytes:
    return f"event: {name}\ndata: {state.model_dump_json()}\n\n".encode()


DONE = event("done", job(2, status=JobStatus.COMPLETED))


@contextmanager
def gateway(state: Job, *streams: bytes) -> Generator[Gateway]:
    """A server that answers with the job, and each request for its events with the next of the streams, cut off."""
    coming = iter(streams)

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = next(coming) if self.path.endswith("/events") else state.model_dump_json().encode()
            found = self.path.startswith("/api/jobs/job-1")
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(body if found else b'{"error": {"message": "There is no ingest job."}}')

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield Gateway(f"http://127.0.0.1:{server.server_port}", "key", timeout_s=10)
        finally:
            server.shutdown()


def watch(served: Gateway, *, job_id: str = "job-1", said: io.StringIO | None = None) -> Job:
    stages = Stages(Console(file=said or io.StringIO(), width=200))
    return JobWatch(served, job_id, patience_s=10, stages=stages).until_ended()


def test_a_job_is_followed_to_its_end() -> None:
    with gateway(job(0), b": still there\n\n" + event("progress", job(1)) + DONE) as served:
        assert watch(served).status is JobStatus.COMPLETED


@pytest.mark.parametrize("broken", [b"", event("progress", job(1)), event("progress", job(1)) + LOST, LOST])
def test_a_stream_that_breaks_is_opened_again(broken: bytes) -> None:
    with gateway(job(0), broken, DONE) as served:
        assert watch(served).done == 2


def test_a_job_that_has_ended_needs_no_stream() -> None:
    with gateway(job(2, status=JobStatus.COMPLETED)) as served:
        assert watch(served).done == 2


def test_an_unknown_job_is_told_at_once() -> None:
    with gateway(job(0)) as served, pytest.raises(GatewayError, match="no ingest job"):
        watch(served, job_id="job-2")


def test_what_a_job_waits_for_is_said_once_where_there_is_no_bar() -> None:
    said = io.StringIO()
    waiting = job(1, status=JobStatus.PAUSED, error="The job is paused [for now].")
    with gateway(waiting, event("progress", waiting) * 2 + DONE) as served:
        watch(served, said=said)

    assert said.getvalue().count("The job is paused [for now].") == 1


def test_a_platform_that_stays_away_ends_the_watching() -> None:
    with gateway(job(0)) as served:
        pass
    stages = Stages(Console(file=io.StringIO()))
    with pytest.raises(CliError, match="does not answer"):
        JobWatch(served, "job-1", patience_s=0, stages=stages).until_ended()


def test_the_rate_is_that_of_the_slowest_stage() -> None:
    measured = job(1).model_copy(update={"chunks": 50, "seconds_by_stage": {"parse": 1.0, "embed": 5.0}})

    assert chunks_per_second(measured) == 10
    assert chunks_per_second(job(0)) is None
