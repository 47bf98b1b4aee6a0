"""The index is damaged behind the platform's back: a reconciliation finds each damage and puts it right."""

from typing import cast
from uuid import uuid4

import pytest
from qdrant_client import QdrantClient, models

from services.shared.contracts.reconciliation import Problem, Reconciliation
from tests.integration.ingest.corpora import chapters, expected_points
from tests.integration.ingest.stack import Stack
from tests.processes import wait_until

_CONTENTS = {f"{letter}.md": chapters(letter, sections=4) for letter in "abcde"}


def _reconcile(stack: Stack, collection: str, *, repair: bool = False) -> Reconciliation:
    with stack.corpus() as http:
        answer = http.post(f"/api/collections/{collection}/reconcile", params={"repair": repair})
        assert answer.status_code == 200, answer.text
        return Reconciliation.model_validate(answer.json())


def _of(source: str) -> models.Filter:
    return models.Filter(must=[models.FieldCondition(key="source", match=models.MatchValue(value=source))])


def _copy(index: QdrantClient, collection: str, source: str, **changed: str) -> None:
    """One more point like the first of a document."""
    (point, *_), _ = index.scroll(collection, scroll_filter=_of(source), with_vectors=True, with_payload=True)
    vector = cast("dict[str, models.Vector]", point.vector)
    copy = models.PointStruct(id=str(uuid4()), vector=vector, payload={**(point.payload or {}), **changed})
    index.upsert(collection, [copy], wait=True)


def _damage(stack: Stack, collection: str) -> None:
    index = stack.index()
    lost = index.scroll(collection, scroll_filter=_of("a.md"), limit=1)[0][0]
    index.delete(collection, models.PointIdsList(points=[lost.id]), wait=True)
    _copy(index, collection, "b.md", document_version="0" * 64)
    _copy(index, collection, "c.md", document_id="nobody")
    index.set_payload(collection, {"hidden": True}, points=_of("d.md"), wait=True)


def test_a_collection_as_recorded_has_no_discrepancy(stack: Stack) -> None:
    stack.create("mended-in-order")
    job = stack.ingest("mended-in-order", _CONTENTS)

    outcome = _reconcile(stack, "mended-in-order", repair=True)

    assert (outcome.documents, outcome.chunks, outcome.discrepancies) == (5, job.chunks, [])
    assert outcome.jobs == []


def test_damage_of_every_kind_is_found_and_repaired(stack: Stack) -> None:
    stack.create("damaged")
    stack.ingest("damaged", _CONTENTS)
    _damage(stack, "damaged")

    found = _reconcile(stack, "damaged")

    assert {(each.source, each.problem) for each in found.discrepancies} == {
        ("a.md", Problem.INCOMPLETE),
        ("b.md", Problem.LEFTOVER),
        (None, Problem.UNKNOWN),
        ("d.md", Problem.HIDDEN),
    }
    assert set(stack.points("damaged")) != expected_points(stack, "damaged", _CONTENTS), "looking changed something"

    (job,) = _reconcile(stack, "damaged", repair=True).jobs

    assert stack.finished(job).done == 1
    wait_until(lambda: not _reconcile(stack, "damaged").discrepancies, deadline_s=30, what="the worker to clean up")
    points = stack.points("damaged")
    assert set(points) == expected_points(stack, "damaged", _CONTENTS)
    assert not any(point["hidden"] for point in points.values())


def test_a_collection_at_work_is_left_alone(stack: Stack) -> None:
    stack.create("busy")
    stack.stop("ingest")
    job = stack.start_job("busy", {"a.md": _CONTENTS["a.md"]})

    with stack.corpus() as http:
        answer = http.post("/api/collections/busy/reconcile")
    stack.start("ingest")

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "collection_busy")
    assert job in answer.json()["error"]["message"]
    assert stack.finished(job).done == 1


@pytest.mark.parametrize("repair", [False, True])
def test_an_unknown_collection_is_named(stack: Stack, repair: bool) -> None:
    with stack.corpus() as http:
        answer = http.post("/api/collections/nowhere/reconcile", params={"repair": repair})
    assert answer.status_code == 404
    assert "nowhere" in answer.json()["error"]["message"]
