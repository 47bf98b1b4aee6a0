"""Versions of a collection: built beside it, kept up, switched to and back, whatever is killed meanwhile."""

import shutil
from pathlib import Path

import httpx2
import pytest

from services.shared.contracts.corpus import JobStatus
from services.shared.contracts.versions import CollectionVersion
from tests.integration.ingest.corpora import chapters, library
from tests.integration.ingest.stack import Stack
from tests.processes import wait_until

_SENTENCES = {"chunker": "sentence", "max_tokens": 96, "overlap_tokens": 0}


def _post(stack: Stack, path: str, body: dict[str, object] | None = None) -> httpx2.Response:
    with stack.corpus() as http:
        return http.post(f"/api/collections/{path}", json=body or {})


def _build(stack: Stack, collection: str, **order: object) -> CollectionVersion:
    answer = _post(stack, f"{collection}/versions", order)
    assert answer.status_code == 201, answer.text
    return CollectionVersion.model_validate(answer.json())


def _texts(stack: Stack, index: str) -> dict[str, set[str]]:
    """The texts of an index's chunks by source: what a search could find."""
    found: dict[str, set[str]] = {}
    for point in stack.points(index).values():
        found.setdefault(str(point["source"]), set()).add(str(point["text"]))
    return found


def _another_model(stack: Stack) -> str:
    """A model of its own id: the stub of the inference service embeds with any, but each needs a tokenizer."""
    folder = stack.home / "another-model"
    if not folder.is_dir():
        folder.mkdir()
        shutil.copy(Path(stack.home, "models", "all-MiniLM-L6-v2", "tokenizer.json"), folder)
    return str(folder)


def test_a_version_for_another_model_and_chunker_replaces_the_active_one_and_back(stack: Stack) -> None:
    contents = {f"{letter}.md": chapters(letter, sections=4) for letter in "abc"}
    stack.create("rebuilt")
    stack.ingest("rebuilt", contents)
    before = _texts(stack, "rebuilt")
    with stack.corpus() as http:
        collection = http.get("/api/collections/rebuilt").json()

    built = _build(stack, "rebuilt", embedding_model=_another_model(stack), chunking=_SENTENCES)
    assert (built.number, built.active, built.switching, built.missing) == (2, False, True, 3)
    assert built.job_id is not None
    assert stack.finished(built.job_id).done == 3
    stack.becomes_active("rebuilt", 2)

    wait_until(lambda: _texts(stack, "rebuilt") != before, deadline_s=30, what="the alias to follow")
    with stack.corpus() as http:
        current = http.get("/api/collections/rebuilt").json()
        assert http.post("/api/collections/rebuilt/reconcile").json()["discrepancies"] == []
        listed = [each["name"] for each in http.get("/api/collections", params={"limit": 1000}).json()["data"]]
    assert (current["id"], current["documents"]) == (collection["id"], 3)
    assert (current["embedding_model"], current["version"]) == (_another_model(stack), 2)
    assert current["index"] != collection["index"]
    assert {point["embedding_model"] for point in stack.points("rebuilt").values()} == {_another_model(stack)}
    assert {point["collection"] for point in stack.points("rebuilt").values()} == {"rebuilt"}
    assert not any(name.startswith("rebuilt.") for name in listed), "versions are listed as collections"

    stack.ingest("rebuilt", {"a.md": chapters("changed"), "d.md": chapters("new")})
    with stack.corpus() as http:
        documents = http.get("/api/documents", params={"collection": "rebuilt"}).json()["data"]
        gone = next(document["id"] for document in documents if document["source"] == "b.md")
        assert http.delete(f"/api/documents/{gone}").status_code == 200
    assert _post(stack, "rebuilt/rollback").status_code == 200
    stack.becomes_active("rebuilt", 1)

    wait_until(lambda: set(_texts(stack, "rebuilt")) == {"a.md", "c.md", "d.md"}, deadline_s=30, what="the alias")
    after = _texts(stack, "rebuilt")
    assert after["c.md"] == before["c.md"]
    assert after["a.md"] != before["a.md"], "a change made meanwhile did not reach the earlier version"
    with stack.corpus() as http:
        assert http.delete("/api/collections/rebuilt/versions/1").json()["error"]["code"] == "version_active"
        assert http.delete("/api/collections/rebuilt/versions/2").status_code == 200
    wait_until(lambda: set(stack.versions("rebuilt")) == {1}, deadline_s=30, what="the version to be dropped")
    assert _post(stack, "rebuilt/rollback").json()["error"]["code"] == "no_earlier_version"
    assert not stack.index().collection_exists(str(current["index"]))


def test_a_build_survives_kills_while_documents_come_change_and_go(stack: Stack) -> None:
    contents = library(60)
    stack.create("killed-build")
    stack.ingest("killed-build", contents)
    built = _build(stack, "killed-build", chunking=_SENTENCES)
    wait_until(lambda: stack.job(str(built.job_id)).done >= 5, deadline_s=60, what="the build to be at work")
    stack.kill("ingest")
    changed = {"library/book-3.md": chapters("changed"), "library/new.md": chapters("new")}
    job = stack.start_job("killed-build", changed)
    with stack.corpus() as http:
        listed = http.get("/api/documents", params={"collection": "killed-build", "limit": 100}).json()["data"]
        gone = next(each for each in listed if each["source"] == "library/book-50.md")
        assert http.delete(f"/api/documents/{gone['id']}").status_code == 200
    stack.kill("corpus")
    stack.start("corpus", "ingest")
    wait_until(lambda: stack.job(str(built.job_id)).done >= 20, deadline_s=60, what="the build to go on")
    stack.kill("ingest")
    stack.start("ingest")

    assert stack.finished(job).status is JobStatus.COMPLETED
    stack.becomes_active("killed-build", 2)
    wait_until(lambda: len(_texts(stack, "killed-build")) == 60, deadline_s=30, what="the alias to follow")
    with stack.corpus() as http:
        assert http.post("/api/collections/killed-build/reconcile").json()["discrepancies"] == []
        assert http.post("/api/collections/killed-build.v1/reconcile").json()["discrepancies"] == []
    expected = {*contents, "library/new.md"} - {"library/book-50.md"}
    assert set(_texts(stack, "killed-build")) == set(_texts(stack, "killed-build.v1")) == expected
    assert any("changed" in text for text in _texts(stack, "killed-build")["library/book-3.md"])


def test_a_version_that_lacks_documents_is_switched_to_by_force_only(stack: Stack) -> None:
    stack.create("lacking")
    stack.ingest("lacking", {"a.md": chapters("a"), "b.md": chapters("b")})
    with stack.corpus() as http:
        refused = http.post("/api/collections/lacking/versions", json={"chunking": {"max_tokens": 10}})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_chunking")

    built = _build(stack, "lacking", embedding_model="/nowhere/model", switch=False)
    second = _build(stack, "lacking", chunking=_SENTENCES)
    assert stack.finished(str(built.job_id)).failures[0].reason.code == "tokenizer_missing"
    assert stack.versions("lacking")[2].failed == 2
    stack.becomes_active("lacking", second.number)

    assert _post(stack, "lacking/versions/2/switch").json()["error"]["code"] == "version_incomplete"
    assert _post(stack, "lacking/versions/9/switch").json()["error"]["code"] == "version_not_found"
    retried = CollectionVersion.model_validate(_post(stack, "lacking/versions/2/retry").json())
    assert retried.job_id is not None
    assert stack.finished(retried.job_id).failed == 2
    with stack.corpus() as http:
        assert http.delete("/api/collections/lacking").status_code == 200
    for name in ("lacking", "lacking.v1", "lacking.v2"):
        wait_until(lambda name=name: not stack.index().collection_exists(name), deadline_s=30, what=f"{name} to go")


@pytest.mark.parametrize("path", ["nowhere/versions", "nowhere/rollback", "nowhere/versions/1/switch"])
def test_versions_of_unknown_collections_are_refused(stack: Stack, path: str) -> None:
    assert _post(stack, path).status_code == 404


def test_a_document_seen_before_a_switch_is_deleted_from_every_version(stack: Stack) -> None:
    stack.create("seen-before")
    stack.ingest("seen-before", {"a.md": chapters("a"), "b.md": chapters("b")})
    with stack.corpus() as http:
        listed = http.get("/api/documents", params={"collection": "seen-before"}).json()["data"]
    seen = next(each["id"] for each in listed if each["source"] == "a.md")
    _build(stack, "seen-before", chunking=_SENTENCES)
    stack.becomes_active("seen-before", 2)
    with stack.corpus() as http:
        assert http.delete(f"/api/documents/{seen}").status_code == 200
        for name in ("seen-before", "seen-before.v1"):
            left = http.get("/api/documents", params={"collection": name}).json()["data"]
            assert [each["source"] for each in left] == ["b.md"]
