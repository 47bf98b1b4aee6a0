"""Deletion with a receipt: what it names is gone, everything else is there, and a changed receipt is found out."""

from typing import cast

from qdrant_client import models

from services.shared.contracts.receipts import Receipt, Verification
from tests.integration.ingest.corpora import chapters
from tests.integration.ingest.stack import Stack
from tests.processes import free_port, wait_until


def _documents(stack: Stack, collection: str) -> dict[str, str]:
    with stack.corpus() as http:
        listed = http.get("/api/documents", params={"collection": collection, "limit": 100}).json()["data"]
    return {each["source"]: each["id"] for each in listed}


def _delete(stack: Stack, path: str) -> str:
    with stack.corpus() as http:
        answer = http.delete(path)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["receipt_id"])


def _ingest_for(stack: Stack, collection: str, contents: dict[str, bytes], access: list[str]) -> str:
    documents = [{"file_id": stack.upload(name, content), "source": name} for name, content in contents.items()]
    with stack.corpus() as http:
        answer = http.post("/api/jobs", json={"collection": collection, "documents": documents, "access": access})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


def _issued(stack: Stack, receipt_id: str) -> Receipt:
    def read() -> Receipt | None:
        with stack.corpus() as http:
            receipt = Receipt.model_validate(http.get(f"/api/receipts/{receipt_id}").json())
        return receipt if receipt.issued_at else None

    return wait_until(read, deadline_s=60, what="the receipt to be issued") or _issued(stack, receipt_id)


def _verify(stack: Stack, receipt: Receipt) -> Verification:
    with stack.corpus() as http:
        answer = http.post(f"/api/receipts/{receipt.id}/verify", json=receipt.model_dump(mode="json"))
        assert answer.status_code == 200, answer.text
        return Verification.model_validate(answer.json())


def _blobs(stack: Stack) -> set[str]:
    return {path.name for path in (stack.home / "files").glob("??/*")}


def test_a_deleted_document_leaves_a_receipt_and_nothing_else(stack: Stack) -> None:
    stack.create("receipted")
    first, second = chapters("receipt, first"), chapters("receipt, second", sections=5)
    stack.ingest("receipted", {"a.md": first, "b.md": chapters("second's neighbour")})
    job = stack.ingest("receipted", {"a.md": second})
    stack.create("other")
    stack.ingest("other", {"same.md": first})
    document = _documents(stack, "receipted")["a.md"]
    before = _blobs(stack)

    receipt = _issued(stack, _delete(stack, f"/api/documents/{document}"))

    assert (receipt.subject, receipt.collection, receipt.requested_by) == ("document", "receipted", "key:tester")
    assert [(each.document_id, each.source, each.chunks) for each in receipt.documents] == [
        (document, "a.md", job.chunks)
    ]
    assert sorted(each.outcome for each in receipt.files) == ["bytes_shared", "removed"]
    removed = {each.sha256 for each in receipt.files if each.outcome == "removed"}
    assert before - _blobs(stack) == removed == {receipt.documents[0].sha256}
    assert {str(point["source"]) for point in stack.points("receipted").values()} == {"b.md"}
    with stack.corpus() as http:
        entries = http.get(f"/api/jobs/{job.id}/documents").json()["data"]
        assert [entry["source"] for entry in entries] == ["(deleted)"]
        assert http.post(f"/api/receipts/{receipt.id}/verify").json()["remains"] == []
        assert receipt.id in {each["id"] for each in http.get("/api/receipts").json()["data"]}
    assert _verify(stack, receipt).ok

    forged = _verify(stack, receipt.model_copy(update={"vectors": 0}))
    assert (forged.signature_valid, forged.ok) == (False, False)
    stack.ingest("receipted", {"a.md": second})
    again = _verify(stack, receipt)
    assert again.ok
    assert [note for note in again.notes if document in note]


def test_a_job_is_still_shown_when_a_document_that_failed_in_it_is_deleted(stack: Stack) -> None:
    stack.create("failed-then-deleted")
    stack.ingest("failed-then-deleted", {"a.md": chapters("a")})
    job = stack.ingest("failed-then-deleted", {"a.md": b"", "b.md": chapters("b")})
    assert (job.failed, job.done) == (1, 1)
    document = _documents(stack, "failed-then-deleted")["a.md"]
    _issued(stack, _delete(stack, f"/api/documents/{document}"))

    shown = stack.job(job.id)

    assert [(each.source, each.reason.code) for each in shown.failures] == [("(deleted)", "empty_file")]
    assert job.failures[0].reason.message != shown.failures[0].reason.message
    stack.ingest("failed-then-deleted", {"a.md": chapters("again")})
    with stack.corpus() as http:
        listed = http.get(f"/api/jobs/{job.id}/documents").json()["data"]
        assert [each["status"] for each in listed] == ["failed", "done"]
        attempts = http.get(f"/api/documents/{document}/history").json()["data"]
    assert [each["status"] for each in attempts] == ["done", "failed", "done"]


def test_openai_deletes_leave_receipts_and_the_uploads_that_nobody_asked_to_delete(stack: Stack) -> None:
    stack.create("receipted-openai")
    stack.ingest(
        "receipted-openai", {"a.md": chapters("openai a"), "b.md": chapters("openai b"), "c.md": chapters("c c")}
    )
    openai = stack.openai()
    with stack.corpus() as http:
        store = http.get("/api/collections/receipted-openai").json()["id"]
        listed = http.get("/api/documents", params={"collection": store}).json()["data"]
        by_source = {each["source"]: each["file_id"] for each in listed}
    assert openai.vector_stores.files.delete(by_source["a.md"], vector_store_id=store).deleted

    member = _issued(stack, _delete(stack, f"/v1/vector_stores/{store}/files/{by_source['b.md']}"))
    file = _issued(stack, _delete(stack, f"/v1/files/{by_source['c.md']}"))
    whole = _issued(stack, _delete(stack, f"/v1/vector_stores/{store}"))

    assert [(each.file_id, each.outcome) for each in member.files] == [(by_source["b.md"], "left")]
    assert (file.subject, file.subject_name, [each.source for each in file.documents]) == (
        "file",
        by_source["c.md"],
        ["c.md"],
    )
    assert [(each.file_id, each.outcome) for each in file.files] == [(by_source["c.md"], "removed")]
    assert (whole.subject, whole.documents) == ("collection", [])
    assert all(_verify(stack, each).ok for each in (member, file, whole))
    assert {each.id for each in openai.files.list()} >= {by_source["a.md"], by_source["b.md"]}
    assert by_source["c.md"] not in {each.id for each in openai.files.list()}


def test_a_principals_data_goes_and_what_others_may_read_stays_for_them(stack: Stack) -> None:
    stack.create("shelves")
    own, shared, anyones = (chapters(f"receipt, {name}") for name in ("own", "shared", "anyones"))
    stack.finished(_ingest_for(stack, "shelves", {"own.md": own}, ["key:anna"]))
    stack.finished(_ingest_for(stack, "shelves", {"shared.md": shared}, ["key:anna", "key:ben"]))
    stack.ingest("shelves", {"anyones.md": anyones})
    running = _ingest_for(stack, "shelves", {f"{n}.md": chapters(f"anna's {n}") for n in range(40)}, ["key:anna"])
    late = _ingest_for(stack, "shelves", {"late.md": chapters("late")}, ["key:anna", "key:ben"])
    wait_until(lambda: stack.job(running).done >= 2, deadline_s=60, what="the job to be at work")
    with stack.corpus() as http:
        found = http.get("/api/principals/key:anna").json()
        assert (found["shared_documents"], found["documents"] > 40) == (1, True)
        assert http.delete("/api/principals/everyone").json()["error"]["code"] == "not_a_principal"
    receipt_id = _delete(stack, "/api/principals/key:anna")
    stack.kill("ingest")
    stack.start("ingest")

    receipt = _issued(stack, receipt_id)

    assert (receipt.subject, receipt.subject_name, len(receipt.documents)) == ("principal", "key:anna", 41)
    assert "shared.md" in {each.source for each in receipt.narrowed}
    assert {each.outcome for each in receipt.files} == {"removed"}
    assert stack.finished(late).done == 1
    readers = {str(point["source"]): point["access"] for point in stack.points("shelves").values()}
    assert readers == {"shared.md": ["key:ben"], "anyones.md": ["everyone"], "late.md": ["key:ben"]}
    assert _verify(stack, receipt).ok
    with stack.corpus() as http:
        left = http.get("/api/principals/key:anna").json()
    assert {name: left[name] for name in left if left[name] and name != "principal"} == {}


def test_what_is_put_back_behind_the_platforms_back_is_found(stack: Stack) -> None:
    stack.create("put-back")
    stack.ingest("put-back", {"a.md": chapters("put back")})
    index = stack.index()
    points, _ = index.scroll("put-back", with_vectors=True, with_payload=True)
    document = _documents(stack, "put-back")["a.md"]
    receipt = _issued(stack, _delete(stack, f"/api/documents/{document}"))
    (stack.home / "files" / receipt.files[0].sha256[:2] / receipt.files[0].sha256).write_bytes(b"back")
    vector = cast("dict[str, models.Vector]", points[0].vector)
    lost = models.PointStruct(id=points[0].id, vector=vector, payload=points[0].payload)
    index.upsert("put-back", [lost], wait=True)

    found = _verify(stack, receipt)

    assert found.signature_valid
    assert not found.ok
    assert len(found.remains) == 2


def test_a_deleted_collection_leaves_a_receipt_whatever_is_killed(stack: Stack) -> None:
    stack.create("receipted-whole")
    stack.ingest("receipted-whole", {f"some/{n}.md": chapters(f"some {n}") for n in range(5)})
    running = stack.start_job("receipted-whole", {f"more/{n}.md": chapters(f"more {n}") for n in range(40)})
    wait_until(lambda: stack.job(running).done >= 2, deadline_s=60, what="the job to be at work")
    stack.kill("ingest")
    receipt_id = _delete(stack, "/api/collections/receipted-whole")
    stack.kill("corpus")
    stack.start("corpus", "ingest")

    receipt = _issued(stack, receipt_id)

    assert len(receipt.documents) == 45
    assert {each.outcome for each in receipt.files} == {"removed"}
    assert len(receipt.files) == 45
    assert _verify(stack, receipt).ok
    assert not stack.index().collection_exists("receipted-whole")
    with stack.corpus() as http:
        assert http.get("/api/receipts/receipt-unknown").status_code == 404


def test_a_receipt_waits_for_the_orchestrator_which_keeps_the_answers(stack: Stack) -> None:
    stack.create("answered")
    stack.ingest("answered", {"a.md": chapters("answered from")})
    document = _documents(stack, "answered")["a.md"]
    stack.stop("corpus", "ingest")
    stack.env["RAGWORKS_ORCHESTRATOR_URL"] = f"http://127.0.0.1:{free_port()}"
    stack.start("corpus", "ingest", RAGWORKS_RECEIPTS_COVER_ANSWERS="true")

    receipt_id = _delete(stack, f"/api/documents/{document}")

    wait_until(lambda: not stack.points("answered"), deadline_s=60, what="the points to go")
    with stack.corpus() as http:
        waiting = Receipt.model_validate(http.get(f"/api/receipts/{receipt_id}").json())
        remains = http.post(f"/api/receipts/{receipt_id}/verify").json()["remains"]
    assert waiting.issued_at is None
    assert any("orchestrator could not be asked" in each for each in remains)
    stack.launch("orchestrator", module="services.orchestrator")
    try:
        receipt = _issued(stack, receipt_id)
        assert (receipt.records, receipt.turns) == (0, 0)
        assert _verify(stack, receipt).ok
    finally:
        stack.stop("orchestrator")
