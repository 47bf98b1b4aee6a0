"""Deleting what is ingested, at rest and while a job runs on it."""

from services.shared.contracts.corpus import JobStatus
from tests.integration.ingest.corpora import chapters, expected_points, library
from tests.integration.ingest.stack import Stack
from tests.processes import wait_until


def test_deleting_a_document_removes_its_points_and_nothing_else(stack: Stack) -> None:
    stack.create("delete-document")
    stack.ingest("delete-document", {"a.md": chapters("a"), "b.md": chapters("b")})
    with stack.corpus() as http:
        listed = http.get("/api/documents", params={"collection": "delete-document"}).json()["data"]
        gone = next(document for document in listed if document["source"] == "a.md")
        assert http.delete(f"/api/documents/{gone['id']}").status_code == 200
        assert http.get(f"/api/documents/{gone['id']}").status_code == 404

    left = expected_points(stack, "delete-document", {"b.md": chapters("b")})
    assert set(stack.points("delete-document")) == left


def test_deleting_a_file_removes_the_documents_that_stand_on_it(stack: Stack) -> None:
    stack.create("delete-file")
    stack.ingest("delete-file", {"a.md": chapters("a")})
    with stack.corpus() as http:
        document = http.get("/api/documents", params={"collection": "delete-file"}).json()["data"][0]
        assert http.delete(f"/v1/files/{document['file_id']}").status_code == 200
        assert http.get("/api/documents", params={"collection": "delete-file"}).json()["data"] == []

    assert stack.points("delete-file") == {}


def test_deleting_a_collection_ends_its_running_job_and_its_name_starts_anew(stack: Stack) -> None:
    stack.create("doomed")
    job = stack.start_job("doomed", library(80))
    wait_until(lambda: stack.job(job).done >= 3, deadline_s=60, what="the job to be at work")
    with stack.corpus() as http:
        assert http.delete("/api/collections/doomed").status_code == 200
        assert http.get("/api/collections/doomed").status_code == 404

    ended = stack.finished(job)
    assert ended.status is JobStatus.FAILED
    assert "deleted" in (ended.error or "")
    assert ended.done + ended.failed == ended.total
    assert ended.failures[-1].reason.code == "collection_deleted"

    def created_again() -> bool:
        with stack.corpus() as http:
            return http.post("/api/collections", json={"name": "doomed"}).status_code == 201

    wait_until(created_again, deadline_s=30, what="the name to be free")
    assert stack.points("doomed") == {}


def test_a_worker_killed_on_a_deleted_collection_leaves_nothing_of_it(stack: Stack) -> None:
    stack.create("doomed-twice")
    job = stack.start_job("doomed-twice", library(80))
    wait_until(lambda: stack.job(job).done >= 3, deadline_s=60, what="the job to be at work")
    stack.kill("ingest")
    with stack.corpus() as http:
        assert http.delete("/api/collections/doomed-twice").status_code == 200
        assert http.post("/api/collections", json={"name": "doomed-twice"}).status_code == 409
    stack.start("ingest")

    assert stack.finished(job).status is JobStatus.FAILED
    wait_until(
        lambda: not stack.index().collection_exists("doomed-twice"), deadline_s=30, what="the index to forget it"
    )


def test_a_cancelled_job_keeps_what_was_done_and_says_so_of_the_rest(stack: Stack) -> None:
    stack.create("cancelled")
    contents = library(80)
    job = stack.start_job("cancelled", contents)
    wait_until(lambda: stack.job(job).done >= 3, deadline_s=60, what="the job to be at work")
    with stack.corpus() as http:
        assert http.post(f"/api/jobs/{job}/cancel").status_code == 200

    ended = stack.finished(job)

    assert ended.status is JobStatus.CANCELLED
    assert 3 <= ended.done < 80
    assert ended.done + ended.failed == 80
    with stack.corpus() as http:
        params = {"collection": "cancelled", "limit": "100"}
        searchable = {d["source"] for d in http.get("/api/documents", params=params).json()["data"]}
    kept = {source: content for source, content in contents.items() if source in searchable}
    expected = expected_points(stack, "cancelled", kept)
    wait_until(lambda: set(stack.points("cancelled")) == expected, deadline_s=30, what="the rest to be removed")


def test_a_document_deleted_while_its_job_is_queued_is_not_ingested(stack: Stack) -> None:
    stack.create("queued")
    stack.ingest("queued", {"a.md": chapters("a")})
    stack.stop("ingest")
    job = stack.start_job("queued", {"a.md": chapters("a, revised"), "b.md": chapters("b")})
    with stack.corpus() as http:
        document = http.get("/api/documents", params={"collection": "queued"}).json()["data"][0]
        assert http.delete(f"/api/documents/{document['id']}").status_code == 200
    stack.start("ingest")

    ended = stack.finished(job)

    assert [failure.reason.code for failure in ended.failures] == ["document_deleted"]
    assert set(stack.points("queued")) == expected_points(stack, "queued", {"b.md": chapters("b")})


def test_a_document_deleted_while_its_chunks_are_stored_is_reported_as_deleted(stack: Stack) -> None:
    stack.create("deleted-midway")
    job = stack.start_job("deleted-midway", {"a.md": chapters("a", sections=400)})
    wait_until(lambda: stack.points("deleted-midway"), deadline_s=60, what="the first chunks to be stored")
    with stack.corpus() as http:
        file_id = http.get(f"/api/jobs/{job}/documents").json()["data"][0]["file_id"]
        assert http.delete(f"/v1/vector_stores/deleted-midway/files/{file_id}").status_code == 200

    ended = stack.finished(job)

    assert [failure.reason.code for failure in ended.failures] == ["document_deleted"]
    wait_until(lambda: not stack.points("deleted-midway"), deadline_s=30, what="its chunks to go")
