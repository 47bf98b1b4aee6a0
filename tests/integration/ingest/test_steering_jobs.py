"""Jobs that are watched, paused, resumed and retried while processes come and go."""

import httpx2

from services.frontend.cli.sse import ServerEvent, parse_events
from services.shared.contracts.corpus import Job, JobStatus
from tests.integration.ingest.corpora import chapters, expected_points, library
from tests.integration.ingest.stack import Stack
from tests.processes import wait_until


def _steer(stack: Stack, job: str, what: str) -> Job:
    with stack.corpus() as http:
        answer = http.post(f"/api/jobs/{job}/{what}")
        assert answer.status_code in {200, 201}, answer.text
        return Job.model_validate(answer.json())


def _refusal(stack: Stack, job: str, what: str) -> str:
    with stack.corpus() as http:
        answer = http.post(f"/api/jobs/{job}/{what}")
    assert answer.status_code == 409, answer.text
    return str(answer.json()["error"]["message"])


def _at_work(stack: Stack, job: str) -> None:
    wait_until(lambda: stack.job(job).done >= 3, deadline_s=60, what=f"{job} to be at work")


def _paused(stack: Stack, job: str) -> Job:
    wait_until(lambda: stack.job(job).status is JobStatus.PAUSED, deadline_s=60, what=f"{job} to be paused")
    return stack.job(job)


def _worker_looked_around(stack: Stack, name: str) -> None:
    """A job that was made now has ended: the worker is up, and takes what it may from the queue."""
    stack.create(name)
    stack.ingest(name, {"other.md": chapters("other")})


def test_a_paused_job_keeps_the_rest_through_a_killed_worker_and_goes_on_when_resumed(stack: Stack) -> None:
    stack.create("paused")
    contents = library(160)
    job = stack.start_job("paused", contents)
    _at_work(stack, job)
    _steer(stack, job, "pause")
    kept = _paused(stack, job)
    stack.kill("ingest")
    stack.start("ingest")
    _worker_looked_around(stack, "beside-paused")

    assert stack.job(job) == kept
    assert (kept.failed, kept.done < 160) == (0, True)
    _steer(stack, job, "resume")
    ended = stack.finished(job)
    assert (ended.status, ended.done, ended.failed, ended.error) == (JobStatus.COMPLETED, 160, 0, None)
    assert set(stack.points("paused")) == expected_points(stack, "paused", contents)


def test_a_job_paused_while_its_worker_is_dead_is_paused_by_the_next_one(stack: Stack) -> None:
    stack.create("orphaned")
    contents = library(80)
    job = stack.start_job("orphaned", contents)
    _at_work(stack, job)
    stack.kill("ingest")
    done = stack.job(job).done
    assert _steer(stack, job, "pause").status is JobStatus.RUNNING
    stack.start("ingest")

    assert _paused(stack, job).done == done
    _steer(stack, job, "resume")
    assert stack.finished(job).done == 80
    assert set(stack.points("orphaned")) == expected_points(stack, "orphaned", contents)


def test_a_job_resumed_at_once_leaves_no_document_out(stack: Stack) -> None:
    stack.create("hesitant")
    contents = library(80)
    job = stack.start_job("hesitant", contents)
    _at_work(stack, job)
    for _ in range(3):
        _steer(stack, job, "pause")
        _steer(stack, job, "resume")

    ended = stack.finished(job)

    assert (ended.status, ended.done) == (JobStatus.COMPLETED, 80)
    assert set(stack.points("hesitant")) == expected_points(stack, "hesitant", contents)


def test_later_jobs_of_the_collection_wait_for_a_paused_one_and_say_so(stack: Stack) -> None:
    stack.create("in-order")
    stack.stop("ingest")
    old, new = {"a.md": chapters("old")}, {"a.md": chapters("new", sections=5)}
    first = stack.start_job("in-order", old)
    _steer(stack, first, "pause")
    second = stack.start_job("in-order", new)
    stack.start("ingest")
    _worker_looked_around(stack, "beside-in-order")

    waiting = stack.job(second)
    assert waiting.status is JobStatus.QUEUED
    assert first in (waiting.error or "")
    _steer(stack, first, "resume")
    ended = [stack.finished(job) for job in (first, second)]
    assert [(job.done, job.error) for job in ended] == [(1, None), (1, None)]
    assert set(stack.points("in-order")) == expected_points(stack, "in-order", new)


def test_a_paused_job_that_is_cancelled_ends_at_once_and_frees_the_later_ones(stack: Stack) -> None:
    stack.create("freed")
    first = stack.start_job("freed", library(80))
    _at_work(stack, first)
    _steer(stack, first, "pause")
    kept = _paused(stack, first)
    second = stack.start_job("freed", {"a.md": chapters("a")})

    cancelled = _steer(stack, first, "cancel")

    assert (cancelled.status, cancelled.done, cancelled.failed) == (JobStatus.CANCELLED, kept.done, 80 - kept.done)
    assert stack.finished(second).done == 1


def test_a_job_that_is_cancelled_while_it_pauses_ends(stack: Stack) -> None:
    stack.create("pause-then-cancel")
    job = stack.start_job("pause-then-cancel", library(80))
    _at_work(stack, job)
    _steer(stack, job, "pause")
    _steer(stack, job, "cancel")

    ended = stack.finished(job)

    assert (ended.status, ended.done + ended.failed) == (JobStatus.CANCELLED, 80)


def test_a_job_paused_while_a_service_is_down_is_not_failed_for_it(stack: Stack) -> None:
    stack.create("outage")
    contents = library(70)
    stack.stop("ingest")
    stack.start("ingest", RAGWORKS_INGEST_RETRY_WINDOW_S="6")
    job = stack.start_job("outage", contents)
    _at_work(stack, job)
    stack.kill("inference")
    wait_until(lambda: "inference" in (stack.job(job).error or ""), deadline_s=60, what="the job to wait for inference")
    _steer(stack, job, "pause")

    kept = _paused(stack, job)

    assert kept.failed == 0
    stack.start("inference")
    _steer(stack, job, "resume")
    ended = stack.finished(job)
    stack.stop("ingest")
    assert (ended.status, ended.done) == (JobStatus.COMPLETED, 70)
    assert set(stack.points("outage")) == expected_points(stack, "outage", contents)


def test_what_failed_as_a_service_gave_up_is_retried_when_it_is_back(stack: Stack) -> None:
    stack.create("retried")
    contents = library(2)
    stack.stop("ingest", "inference")
    stack.start("ingest", RAGWORKS_INGEST_RETRY_WINDOW_S="1")
    job = stack.start_job("retried", contents)
    assert stack.finished(job).status is JobStatus.FAILED
    with stack.corpus() as http:
        dead = http.get(f"/api/jobs/{job}/documents", params={"status": "failed"}).json()["data"]
    assert {(each["source"], each["reason"]["stage"]) for each in dead} == {(name, "embed") for name in contents}
    stack.start("inference")

    again = stack.finished(_steer(stack, job, "retry").id)
    stack.stop("ingest")

    assert (again.status, again.done) == (JobStatus.COMPLETED, 2)
    assert set(stack.points("retried")) == expected_points(stack, "retried", contents)
    assert "a later job took them over" in _refusal(stack, job, "retry")


def test_a_retry_does_not_bring_an_old_version_back_over_a_mended_one(stack: Stack) -> None:
    stack.create("mended")
    bad = stack.ingest("mended", {"a.md": b"", "b.md": b" \n"})
    mended = {"a.md": chapters("a")}
    stack.ingest("mended", mended)

    again = stack.finished(_steer(stack, bad.id, "retry").id)

    assert [failure.source for failure in again.failures] == ["b.md"]
    assert set(stack.points("mended")) == expected_points(stack, "mended", mended)


def _events(response: httpx2.Response) -> list[ServerEvent]:
    return list(parse_events(line.encode() for line in response.iter_lines()))


def test_the_events_of_a_job_follow_it_to_its_end(stack: Stack) -> None:
    stack.create("watched")
    job = stack.start_job("watched", library(40))
    with stack.corpus() as http, http.stream("GET", f"/api/jobs/{job}/events") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        events = _events(response)

    states = [Job.model_validate_json(event.data) for event in events]
    assert [event.name for event in events] == ["progress"] * (len(events) - 1) + ["done"]
    assert len(states) > 2
    assert [state.done for state in states] == sorted(state.done for state in states)
    assert states[-1] == stack.job(job)


def test_watching_ends_when_the_client_leaves(stack: Stack) -> None:
    stack.create("left")
    stack.stop("ingest")
    job = stack.start_job("left", {"a.md": chapters("a")})
    ended = 'http_server_request_duration_seconds_count{method="GET",route="/api/jobs/{job_id}/events",status="200"}'

    def streams_ended() -> float:
        lines = httpx2.get(f"{stack.url('corpus')}/metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(ended))

    before = streams_ended()
    with stack.corpus() as http, http.stream("GET", f"/api/jobs/{job}/events") as response:
        next(response.iter_lines())
    wait_until(lambda: streams_ended() == before + 1, deadline_s=10, what="the stream to end with its client")
