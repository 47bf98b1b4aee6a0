"""What the API of jobs refuses, and why."""

from collections.abc import Generator

import pytest

from tests.integration.ingest.corpora import chapters
from tests.integration.ingest.stack import Stack


@pytest.fixture
def waiting(stack: Stack, request: pytest.FixtureRequest) -> Generator[str]:
    """A job that no worker takes."""
    stack.stop("ingest")
    name = f"waits-{abs(hash(request.node.name)) % 10**9}"
    stack.create(name)
    job = stack.start_job(name, {"a.md": chapters("a")})
    yield job
    with stack.corpus() as http:
        http.post(f"/api/jobs/{job}/cancel")


@pytest.mark.parametrize(
    ("method", "what"),
    [("GET", "documents"), ("GET", "events"), ("POST", "retry"), ("POST", "pause"), ("POST", "resume")],
)
def test_an_unknown_job_is_not_found(stack: Stack, method: str, what: str) -> None:
    with stack.corpus() as http:
        answer = http.request(method, f"/api/jobs/job-unknown/{what}")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "job_not_found"


def test_a_job_that_has_not_ended_is_not_retried(stack: Stack, waiting: str) -> None:
    with stack.corpus() as http:
        answer = http.post(f"/api/jobs/{waiting}/retry")

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "job_not_ended")
    assert "cancel it" in answer.json()["error"]["message"]


def test_a_job_that_has_ended_is_neither_paused_nor_resumed_nor_retried_without_failures(stack: Stack) -> None:
    stack.create("ended")
    job = stack.ingest("ended", {"a.md": chapters("a")}).id
    with stack.corpus() as http:
        answers = {what: http.post(f"/api/jobs/{job}/{what}") for what in ("pause", "resume", "retry")}

    assert {what: (answer.status_code, answer.json()["error"]["code"]) for what, answer in answers.items()} == {
        "pause": (409, "job_ended"),
        "resume": (409, "job_ended"),
        "retry": (409, "nothing_failed"),
    }


def test_a_job_whose_files_are_gone_is_not_retried(stack: Stack) -> None:
    stack.create("gone")
    stack.ingest("gone", {"a.md": chapters("a")})
    job = stack.ingest("gone", {"a.md": b""}).id
    with stack.corpus() as http:
        file = http.get(f"/api/jobs/{job}/documents").json()["data"][0]["file_id"]
        assert http.delete(f"/v1/files/{file}").status_code == 200
        answer = http.post(f"/api/jobs/{job}/retry")

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "nothing_to_retry")
    assert "files were deleted" in answer.json()["error"]["message"]


def test_a_queued_job_is_paused_and_found_by_its_status(stack: Stack, waiting: str) -> None:
    with stack.corpus() as http:
        paused = http.post(f"/api/jobs/{waiting}/pause")
        listed = http.get("/api/jobs", params={"status": "paused"}).json()["data"]
        resumed = http.post(f"/api/jobs/{waiting}/resume")
        unlisted = http.get("/api/jobs", params={"status": "paused"}).json()["data"]

    assert (paused.status_code, paused.json()["status"]) == (200, "paused")
    assert [job["id"] for job in listed] == [waiting]
    assert (resumed.status_code, resumed.json()["status"], unlisted) == (200, "queued", [])


@pytest.mark.parametrize("path", ["/api/jobs", "/api/jobs/{job}/documents"])
def test_a_status_that_there_is_not_is_refused(stack: Stack, waiting: str, path: str) -> None:
    with stack.corpus() as http:
        answer = http.get(path.format(job=waiting), params={"status": "odd"})

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "status"


def test_the_documents_of_a_job_page_in_its_order(stack: Stack) -> None:
    stack.create("pages")
    sources = {f"{number}.md": chapters(str(number)) if number % 2 else b"" for number in range(5)}
    job = stack.ingest("pages", sources).id
    seen: list[str] = []
    params = {"status": "failed", "limit": "2"}
    with stack.corpus() as http:
        while True:
            page = http.get(f"/api/jobs/{job}/documents", params=params).json()
            seen += [document["source"] for document in page["data"]]
            if not page["has_more"]:
                break
            params["after"] = page["last_id"]

    assert seen == ["0.md", "2.md", "4.md"]
