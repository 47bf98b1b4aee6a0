"""The same content under several sources: one copy in the index, however its references come and go."""

from collections.abc import Mapping

import pytest

from services.shared.contracts.corpus import Document, JobStatus
from services.shared.contracts.reconciliation import Problem, Reconciliation
from tests.integration.ingest.corpora import chapters, expected_points
from tests.integration.ingest.stack import Stack
from tests.processes import wait_until

_TEXT = chapters("shared")
_SECONDS = 30


def _documents(stack: Stack, collection: str) -> dict[str, Document]:
    with stack.corpus() as http:
        listed = http.get("/api/documents", params={"collection": collection, "limit": 1000}).json()["data"]
    return {document["source"]: Document.model_validate(document) for document in listed}


def _delete(stack: Stack, document: Document) -> None:
    with stack.corpus() as http:
        assert http.delete(f"/api/documents/{document.id}").status_code == 200
        assert http.get(f"/api/documents/{document.id}").status_code == 404


def _discrepancies(stack: Stack, collection: str) -> list[tuple[str | None, Problem]]:
    with stack.corpus() as http:
        answer = http.post(f"/api/collections/{collection}/reconcile")
    assert answer.status_code == 200, answer.text
    return [(each.source, each.problem) for each in Reconciliation.model_validate(answer.json()).discrepancies]


def _settles(stack: Stack, collection: str, contents: Mapping[str, bytes]) -> None:
    """Wait until the index has exactly these documents' chunks, all to be found, and the ledger says the same."""
    expected = expected_points(stack, collection, dict(contents))

    def in_order() -> bool:
        points = stack.points(collection)
        hidden = any(point["hidden"] for point in points.values())
        return set(points) == expected and not hidden and not _discrepancies(stack, collection)

    wait_until(in_order, deadline_s=_SECONDS, what=f"the index to hold {sorted(contents)}")


def test_equal_files_are_embedded_and_stored_once_and_each_source_is_listed(stack: Stack) -> None:
    stack.create("equal")
    before = stack.texts_embedded()

    job = stack.ingest("equal", {"a.md": _TEXT, "b.md": _TEXT, "c.md": _TEXT})
    later = stack.ingest("equal", {"d.md": _TEXT})

    assert (job.status, job.done, later.done) == (JobStatus.COMPLETED, 3, 1)
    assert stack.texts_embedded() - before == job.chunks == len(stack.points("equal"))
    documents = _documents(stack, "equal")
    assert [documents[name].copy_of for name in ("a.md", "b.md", "c.md", "d.md")] == [None] + 3 * [documents["a.md"].id]
    assert {document.chunks for document in documents.values()} == {job.chunks}
    _settles(stack, "equal", {"a.md": _TEXT})
    with stack.corpus() as http:
        collection = http.get("/api/collections/equal").json()
    assert (collection["documents"], collection["chunks"], collection["bytes"]) == (4, job.chunks, len(_TEXT))


def test_what_readers_could_tell_apart_is_kept_apart(stack: Stack) -> None:
    stack.create("apart")
    stack.create("off", deduplication={"exact": False})
    files = {name: stack.upload(name, b"# One\n\nAbout rivers.") for name in ("a.md", "b.md", "c.txt")}
    entries = [{"file_id": file_id, "source": name} for name, file_id in files.items()]
    tagged = [{**entry, "attributes": {"year": number}} for number, entry in enumerate(entries)]
    with stack.corpus() as http:
        jobs = [http.post("/api/jobs", json={"collection": "apart", "documents": tagged}).json()["id"]]
        jobs.append(http.post("/api/jobs", json={"collection": "off", "documents": entries[:2]}).json()["id"])
    with stack.corpus(principal=None) as http:
        jobs.append(http.post("/api/jobs", json={"collection": "off", "documents": entries[2:]}).json()["id"])

    assert all(stack.finished(job).status is JobStatus.COMPLETED for job in jobs)

    copies = [document.copy_of for name in ("apart", "off") for document in _documents(stack, name).values()]
    assert copies == 6 * [None]


def test_a_file_under_another_kind_of_name_or_for_other_readers_is_no_copy(stack: Stack) -> None:
    stack.create("kinds")
    stack.ingest("kinds", {"a.md": _TEXT, "a.txt": _TEXT})
    entry = {"file_id": stack.upload("b.md", _TEXT), "source": "b.md"}
    with stack.corpus(principal=None) as http:
        job = http.post("/api/jobs", json={"collection": "kinds", "documents": [entry]}).json()["id"]

    assert stack.finished(job).done == 1
    assert [document.copy_of for document in _documents(stack, "kinds").values()] == 3 * [None]


def test_the_copy_stays_while_anything_refers_to_it(stack: Stack) -> None:
    stack.create("leaving")
    stack.ingest("leaving", {"a.md": _TEXT, "b.md": _TEXT, "c.md": _TEXT})
    embedded = stack.texts_embedded()

    for gone, heir in (("a.md", "b.md"), ("b.md", "c.md")):
        _delete(stack, _documents(stack, "leaving")[gone])
        assert stack.points("leaving"), "the content was gone for a moment"
        _settles(stack, "leaving", {heir: _TEXT})

    assert stack.texts_embedded() == embedded
    last = _documents(stack, "leaving")["c.md"]
    assert last.copy_of is None
    _delete(stack, last)
    assert stack.points("leaving") == {}


def test_deleting_a_reference_leaves_the_copy_as_it_is(stack: Stack) -> None:
    stack.create("unreferred")
    stack.ingest("unreferred", {"a.md": _TEXT, "b.md": _TEXT})
    _delete(stack, _documents(stack, "unreferred")["b.md"])
    _settles(stack, "unreferred", {"a.md": _TEXT})
    assert list(_documents(stack, "unreferred")) == ["a.md"]


@pytest.mark.parametrize("changed", ["a.md", "b.md"])
def test_a_document_that_changes_becomes_independent(stack: Stack, changed: str) -> None:
    name = f"changing-{changed[0]}"
    stack.create(name)
    stack.ingest(name, {"a.md": _TEXT, "b.md": _TEXT})
    new = chapters("shared no more")

    stack.ingest(name, {changed: new})

    expected = {"a.md": _TEXT, "b.md": _TEXT, changed: new}
    _settles(stack, name, expected)
    assert {document.copy_of for document in _documents(stack, name).values()} == {None}


def test_new_attributes_of_one_do_not_become_those_of_the_other(stack: Stack) -> None:
    stack.create("tagged")
    stack.ingest("tagged", {"a.md": _TEXT, "b.md": _TEXT})
    entry = {"file_id": stack.upload("a.md", _TEXT), "source": "a.md", "attributes": {"secret": True}}
    with stack.corpus() as http:
        job = http.post("/api/jobs", json={"collection": "tagged", "documents": [entry]}).json()["id"]
    assert stack.finished(job).done == 1

    _settles(stack, "tagged", {"a.md": _TEXT, "b.md": _TEXT})
    assert {str(point["attributes"]) for point in stack.points_of("tagged", "b.md").values()} == {"{}"}
    assert {str(point["attributes"]) for point in stack.points_of("tagged", "a.md").values()} == {"{'secret': True}"}


def test_a_document_that_becomes_equal_to_another_gives_its_own_chunks_up(stack: Stack) -> None:
    stack.create("becoming")
    stack.ingest("becoming", {"a.md": _TEXT, "b.md": chapters("different")})

    stack.ingest("becoming", {"b.md": _TEXT})

    _settles(stack, "becoming", {"a.md": _TEXT})
    assert _documents(stack, "becoming")["b.md"].copy_of == _documents(stack, "becoming")["a.md"].id


def test_a_damaged_copy_is_repaired_for_all_who_refer_to_it(stack: Stack) -> None:
    stack.create("damaged-copy")
    stack.ingest("damaged-copy", {"a.md": _TEXT, "b.md": _TEXT})
    stack.index().delete("damaged-copy", [next(iter(stack.points("damaged-copy")))], wait=True)
    assert _discrepancies(stack, "damaged-copy") == [("a.md", Problem.INCOMPLETE)]

    with stack.corpus() as http:
        repaired = http.post("/api/collections/damaged-copy/reconcile", params={"repair": True}).json()

    assert stack.finished(repaired["jobs"][0]).done == 2
    _settles(stack, "damaged-copy", {"a.md": _TEXT})
    assert len(_documents(stack, "damaged-copy")) == 2


def test_almost_equal_documents_are_reported_and_the_collection_is_counted(stack: Stack) -> None:
    stack.create("reported")
    words = " ".join(f"Sentence {number} of the report tells about the weather." for number in range(80))
    german = "Das Handbuch beschreibt die Regeln für Urlaub und Reisen in unserem Unternehmen. " * 3
    stack.ingest(
        "reported",
        {
            "a.md": words.encode(),
            "again.md": words.encode(),
            "edited.md": words.replace("Sentence 40 of", "The fortieth sentence of").encode(),
            "german.md": german.encode(),
            "empty.md": b"",
        },
    )

    with stack.corpus() as http:
        report = http.get("/api/collections/reported/duplicates").json()
        counted = http.get("/api/collections/reported/statistics").json()
        refused = http.get("/api/collections/reported/duplicates", params={"threshold": 0.2})

    (equal,), (near,) = report["equal"], report["near"]
    assert (equal["document"]["source"], [copy["source"] for copy in equal["copies"]]) == ("a.md", ["again.md"])
    assert (near["document"]["source"], near["like"]["source"]) == ("edited.md", "a.md")
    assert 0.9 < near["similarity"] < 1
    assert (report["compared"], report["not_compared"], report["equal_total"], report["near_total"]) == (3, 0, 1, 1)
    assert (counted["documents"], counted["copies"], counted["pending"]) == (4, 1, 0)
    assert counted["languages"] == {"en": 3, "de": 1}
    assert (counted["media_types"], counted["failures"]) == ({"text/markdown": 4}, {"empty_file": 1})
    assert counted["oldest"] <= counted["newest"]
    assert counted["chunks"] == len(stack.points("reported"))
    assert {document.language for document in _documents(stack, "reported").values()} == {"en", "de"}
    assert {point["language"] for point in stack.points_of("reported", "german.md").values()} == {"de"}
    assert refused.status_code == 400
