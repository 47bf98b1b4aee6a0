"""Processes that die while a job runs: nothing is lost, doubled, hidden or blamed on a document."""

import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from services.shared.components.embedders.inference import BATCH_TEXTS
from services.shared.contracts.corpus import JobStatus
from tests.integration.ingest.corpora import chapters, expected_points, library
from tests.integration.ingest.stack import Stack
from tests.processes import stop_process, wait_until


def _killed(stack: Stack) -> None:
    stack.kill("ingest")


def _told_to_stop(stack: Stack) -> None:
    process = stack.processes.pop("ingest")
    stop_process(process)
    assert process.returncode in {-signal.SIGTERM, 0}


def _progress(stack: Stack, job: str, *, documents: int) -> None:
    wait_until(lambda: stack.job(job).done >= documents, deadline_s=60, what=f"{documents} documents of {job}")


@pytest.mark.parametrize("end", [_killed, _told_to_stop])
def test_a_job_goes_on_with_the_next_worker_and_ends_with_exactly_its_chunks(
    stack: Stack, end: Callable[[Stack], None]
) -> None:
    name = end.__name__.strip("_").replace("_", "-")
    stack.create(name)
    before, contents = len(stack.embedded_texts()), library(140)
    job = stack.start_job(name, contents)
    interruptions = (5, 70)  # in the first batch and in a later one, far from the end
    for documents in interruptions:
        _progress(stack, job, documents=documents)
        end(stack)
        assert stack.job(job).status is JobStatus.RUNNING
        stack.start("ingest")

    ended = stack.finished(job)

    assert (ended.status, ended.done, ended.failed) == (JobStatus.COMPLETED, 140, 0)
    expected = expected_points(stack, name, contents)
    assert set(stack.points(name)) == expected
    assert ended.chunks == len(expected)
    embedded = stack.embedded_texts()[before:]
    redone = len(embedded) - len(set(embedded))
    assert redone <= len(interruptions) * 2 * BATCH_TEXTS, "the batch being embedded and the one being stored"


def test_a_worker_killed_while_it_replaces_versions_leaves_one_version_of_each(stack: Stack) -> None:
    stack.create("replaced")
    stack.ingest("replaced", library(20))
    revised = {source: content.replace(b"many words", b"many new words") for source, content in library(20).items()}
    job = stack.start_job("replaced", revised)
    _progress(stack, job, documents=4)
    stack.kill("ingest")
    stack.start("ingest")

    assert stack.finished(job).done == 20
    assert set(stack.points("replaced")) == expected_points(stack, "replaced", revised)


@pytest.mark.parametrize("service", ["inference", "vectordb"])
def test_a_job_waits_for_a_service_that_died_and_blames_no_document(stack: Stack, service: str) -> None:
    name = f"without-{service}"
    stack.create(name)
    contents = library(40)
    job = stack.start_job(name, contents)
    _progress(stack, job, documents=3)
    stack.kill(service)
    wait_until(lambda: stack.job(job).error, deadline_s=60, what="the job to say what it waits for")
    stack.start(service)

    ended = stack.finished(job)

    assert (ended.status, ended.done, ended.failed, ended.error) == (JobStatus.COMPLETED, 40, 0, None)
    assert set(stack.points(name)) == expected_points(stack, name, contents)


def test_a_service_that_does_not_come_back_ends_the_job_with_its_stage_and_reason(stack: Stack) -> None:
    stack.create("given-up")
    stack.stop("ingest", "inference")
    stack.start("ingest", RAGWORKS_INGEST_RETRY_WINDOW_S="1")
    job = stack.start_job("given-up", library(2))

    ended = stack.finished(job)
    stack.stop("ingest")

    assert (ended.status, ended.failed) == (JobStatus.FAILED, 2)
    assert {(failure.reason.stage, failure.reason.code) for failure in ended.failures} == {("embed", "unavailable")}
    assert "inference" in (ended.error or "")
    assert stack.points("given-up") == {}


def _job_that_misses_the_queue(stack: Stack, collection: str, contents: dict[str, bytes]) -> str:
    """A job of the ledger only; afterwards the corpus service runs as usual and the ingest worker does not."""
    stack.stop("ingest", "corpus")
    stack.start("corpus", RAGWORKS_JOBS_URL=f"sqlite:///{stack.home}/another-queue.sqlite")
    job = stack.start_job(collection, contents)
    stack.stop("corpus")
    stack.start("corpus")
    return job


def test_a_job_that_never_reached_the_queue_is_found_in_the_ledger(stack: Stack) -> None:
    stack.create("unqueued")
    job = _job_that_misses_the_queue(stack, "unqueued", library(2))
    stack.start("ingest")

    assert stack.finished(job).done == 2


def test_a_job_begun_before_an_update_of_the_workflow_goes_on_after_it(stack: Stack) -> None:
    stack.create("updated")
    contents = library(100)
    job = stack.start_job("updated", contents)
    _progress(stack, job, documents=3)
    stack.kill("ingest")
    with closing(sqlite3.connect(stack.home / "db" / "jobs.sqlite")) as queue, queue:
        begun = queue.execute("UPDATE workflow_status SET application_version = 'older' WHERE status = 'PENDING'")
        assert begun.rowcount == 1
    stack.start("ingest")

    assert stack.finished(job).done == 100
    assert set(stack.points("updated")) == expected_points(stack, "updated", contents)


def test_jobs_run_in_the_order_in_which_they_were_made_whatever_the_queue_says(stack: Stack) -> None:
    stack.create("ordered")
    old, new = {"a.md": chapters("old")}, {"a.md": chapters("new", sections=5)}
    first = _job_that_misses_the_queue(stack, "ordered", old)
    second = stack.start_job("ordered", new)
    stack.start("ingest")

    ended = [stack.finished(job) for job in (first, second)]

    assert [job.done for job in ended] == [1, 1]
    assert set(stack.points("ordered")) == expected_points(stack, "ordered", new)
