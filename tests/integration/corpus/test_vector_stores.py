"""Collections through OpenAI's API, with the official client."""

import io

import openai
import pytest

from tests.integration.ingest.corpora import chapters
from tests.integration.ingest.stack import Stack


def test_a_file_is_uploaded_and_awaited_into_a_vector_store(stack: Stack) -> None:
    with stack.openai() as client:
        store = client.vector_stores.create(name="polled", metadata={"owner": "tests"})
        done = client.vector_stores.files.upload_and_poll(
            vector_store_id=store.id, file=("a.md", chapters("a")), attributes={"year": 1999}, poll_interval_ms=50
        )
        other = client.files.create(file=("b.md", chapters("b")), purpose="assistants")
        again = client.vector_stores.files.create_and_poll(other.id, vector_store_id=store.id, poll_interval_ms=50)
        current = client.vector_stores.retrieve(store.id)

        assert (done.status, again.status, done.last_error) == ("completed", "completed", None)
        assert done.attributes == {"year": 1999}
        assert {file.id for file in client.vector_stores.files.list(store.id)} == {done.id, other.id}
        assert (current.file_counts.completed, current.file_counts.total, current.status) == (2, 2, "completed")
        assert current.metadata == {"owner": "tests"}
        assert current.usage_bytes == len(chapters("a")) + len(chapters("b"))
    assert {point["title"] for point in stack.points("polled").values()} == {"a, part 0", "b, part 0"}


def test_a_file_that_cannot_be_read_fails_with_its_reason(stack: Stack) -> None:
    with stack.openai() as client:
        store = client.vector_stores.create(name="failing")
        failed = client.vector_stores.files.upload_and_poll(
            vector_store_id=store.id, file=("a.pdf", b"%PDF-1.7 cut off"), poll_interval_ms=50
        )

        assert failed.status == "failed"
        assert failed.last_error is not None
        assert failed.last_error.code == "invalid_file"
        assert client.vector_stores.retrieve(store.id).file_counts.failed == 1
        assert [file.id for file in client.vector_stores.files.list(store.id, filter="failed")] == [failed.id]


def test_a_vector_store_made_with_files_ingests_them(stack: Stack) -> None:
    with stack.openai() as client:
        files = [client.files.create(file=(f"{n}.md", chapters(str(n))), purpose="assistants").id for n in range(2)]
        store = client.vector_stores.create(name="with-files", file_ids=files)
        assert store.file_counts.total == 2
        for file in files:
            assert client.vector_stores.files.poll(file, vector_store_id=store.id).status == "completed"
        with pytest.raises(openai.NotFoundError, match="file-unknown"):
            client.vector_stores.create(name="never", file_ids=["file-unknown"])
        with pytest.raises(openai.NotFoundError):
            client.vector_stores.retrieve("never")


def test_removing_a_file_from_a_store_keeps_the_file(stack: Stack) -> None:
    with stack.openai() as client:
        store = client.vector_stores.create(name="removing")
        file = client.vector_stores.files.upload_and_poll(
            vector_store_id=store.id, file=("a.md", chapters("a")), poll_interval_ms=50
        )
        client.vector_stores.files.delete(file.id, vector_store_id=store.id)

        with pytest.raises(openai.NotFoundError, match="not in this vector store"):
            client.vector_stores.files.retrieve(file.id, vector_store_id=store.id)
        assert client.files.retrieve(file.id).filename == "a.md"
    assert stack.points("removing") == {}


def test_a_store_is_found_by_id_and_by_name_until_it_is_deleted(stack: Stack) -> None:
    with stack.openai() as client:
        store = client.vector_stores.create(name="found")
        assert client.vector_stores.retrieve("found") == client.vector_stores.retrieve(store.id)
        assert store.id in {each.id for each in client.vector_stores.list(limit=1)}
        with stack.corpus() as http:
            internal = http.get("/internal/collections/found").json()
        assert (internal["id"], internal["dimensions"], internal["embedding_model"]) == (
            store.id, 64, "all-MiniLM-L6-v2",
        )  # fmt: skip

        assert client.vector_stores.delete("found").id == store.id

        with pytest.raises(openai.NotFoundError, match="no collection 'found'"):
            client.vector_stores.retrieve("found")


def test_names_become_collection_names_and_stay(stack: Stack) -> None:
    with stack.openai() as client:
        store = client.vector_stores.create(name="Straße & Söhne, 2nd ed.")
        unnamed = client.vector_stores.create()

        assert store.name == "strae-sohne-2nd-ed"
        assert unnamed.name.startswith("store-")
        with pytest.raises(openai.ConflictError, match="already"):
            client.vector_stores.create(name=store.name)
        with pytest.raises(openai.BadRequestError, match="cannot be renamed"):
            client.vector_stores.update(store.id, name="another")
        with pytest.raises(openai.BadRequestError, match="do not expire"):
            client.vector_stores.update(store.id, expires_after={"anchor": "last_active_at", "days": 1})
        assert client.vector_stores.update(store.id, metadata={"a": "b"}).metadata == {"a": "b"}


def test_unknown_things_are_refused_with_what_to_do(stack: Stack) -> None:
    with stack.openai() as client:
        with pytest.raises(openai.NotFoundError, match="create it"):
            client.vector_stores.files.create("nowhere", file_id="file-unknown")
        store = client.vector_stores.create(name="known")
        with pytest.raises(openai.NotFoundError, match="upload it"):
            client.vector_stores.files.create(store.id, file_id="file-unknown")


def _named(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def test_a_batch_is_uploaded_awaited_and_listed(stack: Stack) -> None:
    with stack.openai() as client:
        store = client.vector_stores.create(name="batched")
        batch = client.vector_stores.file_batches.upload_and_poll(
            store.id,
            files=[_named(f"{number}.md", chapters(str(number))) for number in range(3)],
            poll_interval_ms=50,
        )
        listed = list(client.vector_stores.file_batches.list_files(batch.id, vector_store_id=store.id, limit=2))

        assert (batch.status, batch.object, batch.vector_store_id) == (
            "completed",
            "vector_store.files_batch",
            store.id,
        )
        assert (batch.file_counts.completed, batch.file_counts.total) == (3, 3)
        assert {file.id for file in listed} == {file.id for file in client.vector_stores.files.list(store.id)}
        assert {(file.status, file.usage_bytes) for file in listed} == {("completed", len(chapters("0")))}
        assert client.vector_stores.file_batches.retrieve(batch.id, vector_store_id="batched") == batch
    assert {point["title"] for point in stack.points("batched").values()} == {f"{n}, part 0" for n in range(3)}


def test_a_batch_with_attributes_of_each_file_reports_the_one_that_fails(stack: Stack) -> None:
    with stack.openai() as client:
        store = client.vector_stores.create(name="batched-attributes")
        good = client.files.create(file=("a.md", chapters("a")), purpose="assistants")
        bad = client.files.create(file=("a.pdf", b"%PDF-1.7 cut off"), purpose="assistants")
        batch = client.vector_stores.file_batches.create_and_poll(
            store.id,
            files=[{"file_id": good.id, "attributes": {"year": 1999}}, {"file_id": bad.id}],
            poll_interval_ms=50,
        )
        files = client.vector_stores.file_batches.list_files(batch.id, vector_store_id=store.id, order="asc").data
        failed = client.vector_stores.file_batches.list_files(batch.id, vector_store_id=store.id, filter="failed").data

        assert (batch.status, batch.file_counts.completed, batch.file_counts.failed) == ("completed", 1, 1)
        assert [(file.id, file.status, file.attributes) for file in files] == [
            (good.id, "completed", {"year": 1999}),
            (bad.id, "failed", {}),
        ]
        assert [file.last_error and file.last_error.code for file in failed] == ["invalid_file"]


def test_a_cancelled_batch_counts_what_was_left_as_cancelled(stack: Stack) -> None:
    with stack.openai() as client:
        store = client.vector_stores.create(name="batched-cancelled")
        stack.stop("ingest")
        files = [client.files.create(file=(f"{n}.md", chapters(str(n))), purpose="assistants").id for n in range(3)]
        batch = client.vector_stores.file_batches.create(store.id, file_ids=files, attributes={"a": True})
        assert (batch.status, batch.file_counts.in_progress) == ("in_progress", 3)
        cancelled = client.vector_stores.file_batches.cancel(batch.id, vector_store_id=store.id)
        listed = client.vector_stores.file_batches.list_files(batch.id, vector_store_id=store.id, filter="cancelled")

        assert (cancelled.status, cancelled.file_counts.cancelled, cancelled.file_counts.failed) == ("cancelled", 3, 0)
        assert {(file.status, file.last_error) for file in listed.data} == {("cancelled", None)}
    stack.start("ingest")


def test_requests_for_batches_that_make_no_sense_are_refused(stack: Stack) -> None:
    with stack.openai() as client:
        store = client.vector_stores.create(name="batched-refused")
        other = client.vector_stores.create(name="batched-other")
        file = client.files.create(file=("a.md", chapters("a")), purpose="assistants").id
        batch = client.vector_stores.file_batches.create_and_poll(store.id, file_ids=[file, file], poll_interval_ms=50)
        assert batch.file_counts.total == 1
        with pytest.raises(openai.NotFoundError, match="file-unknown"):
            client.vector_stores.file_batches.create(store.id, file_ids=["file-unknown"])
        with pytest.raises(openai.NotFoundError, match="no file batch"):
            client.vector_stores.file_batches.retrieve(batch.id, vector_store_id=other.id)
        with pytest.raises(openai.BadRequestError, match="either 'file_ids' or 'files'"):
            client.vector_stores.file_batches.create(store.id)
        with pytest.raises(openai.BadRequestError, match="cuts all its documents in one way"):
            client.vector_stores.file_batches.create(
                store.id,
                file_ids=[file],
                chunking_strategy={
                    "type": "static",
                    "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 0},
                },
            )
