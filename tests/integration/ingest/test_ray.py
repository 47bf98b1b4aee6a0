"""The same ingest on a Ray cluster: one that is not there, loses a worker, and is lost and made anew."""

from services.shared.contracts.corpus import JobStatus
from tests.integration.ingest.corpora import chapters, expected_points, library
from tests.integration.ingest.ray_cluster import ACCESS, ray_cluster
from tests.integration.ingest.stack import Stack
from tests.processes import free_port, wait_until

DOCUMENTS = 120


def _done(stack: Stack, job: str, documents: int) -> None:
    wait_until(lambda: stack.job(job).done >= documents, deadline_s=240, what=f"{documents} documents of {job}")


def _waits_for_the_cluster(stack: Stack, job: str) -> None:
    wait_until(
        lambda: "Ray cluster" in (stack.job(job).error or ""), deadline_s=120, what="the job to name the cluster"
    )


def test_a_lost_worker_and_a_lost_cluster_lose_double_and_hide_nothing(stack: Stack) -> None:
    port = free_port()
    stack.create("on-ray")
    changed = {"library/book-3.md": chapters("book 3, first edition")}
    assert stack.ingest("on-ray", changed).done == 1
    contents = library(DOCUMENTS)
    copies = {"copy.md": contents["library/book-0.md"]}
    stack.stop("ingest")
    stack.start("ingest", RAGWORKS_RAY_ADDRESS=f"127.0.0.1:{port}", **ACCESS)
    job = stack.start_job("on-ray", {**contents, "empty.md": b"", **copies})
    _waits_for_the_cluster(stack, job)

    with ray_cluster(port) as ray:
        _done(stack, job, 5)
        ray.kill_a_worker()
        _done(stack, job, 40)
        ray.kill()
        _waits_for_the_cluster(stack, job)
    with ray_cluster(port):
        ended = stack.finished(job)

    assert (ended.status, ended.done, ended.failed) == (JobStatus.COMPLETED, DOCUMENTS + 1, 1)
    assert [(failure.source, failure.reason.code) for failure in ended.failures] == [("empty.md", "empty_file")]
    points = stack.points("on-ray")
    assert set(points) == expected_points(stack, "on-ray", contents)
    assert not any(point["hidden"] for point in points.values())
