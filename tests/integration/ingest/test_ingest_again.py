"""The same documents again, and newer versions of them."""

from collections import Counter
from typing import cast

import pytest

from services.shared.components.indexes.filters import within_reach
from tests.integration.ingest.corpora import chapters, expected_points, library
from tests.integration.ingest.stack import Stack


def test_ingesting_twice_changes_nothing_and_embeds_nothing(stack: Stack) -> None:
    stack.create("twice")
    contents = library(3)
    first = stack.ingest("twice", contents)
    points, embedded = stack.points("twice"), stack.texts_embedded()

    second = stack.ingest("twice", contents)

    assert (first.done, second.done, second.unchanged) == (3, 0, 3)
    assert stack.points("twice") == points
    assert stack.texts_embedded() == embedded
    assert set(points) == expected_points(stack, "twice", contents)


def test_a_new_version_replaces_the_old_one_and_leaves_other_documents_alone(stack: Stack) -> None:
    stack.create("versions")
    old = {"a.md": chapters("a", sections=6), "b.md": chapters("b")}
    new = {"a.md": chapters("a, revised", sections=2)}
    stack.ingest("versions", old)
    others = stack.points_of("versions", "b.md")

    job = stack.ingest("versions", new)

    assert (job.done, job.failed) == (1, 0)
    assert set(stack.points_of("versions", "a.md")) == expected_points(stack, "versions", new)
    assert stack.points_of("versions", "b.md") == others


def test_a_reader_finds_one_whole_version_of_each_document_while_all_are_replaced(stack: Stack) -> None:
    stack.create("replacing")
    old = {f"{n}.md": chapters(f"old {n}", sections=4) for n in range(30)}
    new = {f"{n}.md": chapters(f"new {n}", sections=4) for n in range(30)}
    stack.ingest("replacing", old)
    chunks = len(stack.points("replacing")) // 30
    seen = set[str]()

    job = stack.start_job("replacing", new)
    while stack.job(job).finished_at is None:
        found = stack.index().scroll("replacing", scroll_filter=within_reach("key:tester"), limit=10_000)[0]
        payloads = [point.payload or {} for point in found]
        versions = Counter((payload["source"], payload["document_version"]) for payload in payloads)
        assert len(versions) == 30
        assert set(versions.values()) == {chunks}
        seen.update(str(version) for _, version in versions)

    assert len(seen) > 30, "no search fell into the job: the test saw nothing"
    assert stack.job(job).done == 30


def test_a_change_embeds_the_changed_chunks_only(stack: Stack) -> None:
    stack.create("edited")
    before = {"a.md": b"\n\n".join(chapters(name) for name in ("one", "two", "three"))}
    after = {"a.md": before["a.md"].replace(b"tells about two", b"speaks about two")}
    stack.ingest("edited", before)
    embedded, old = stack.texts_embedded(), _vectors(stack, "edited")

    stack.ingest("edited", after)

    new = _vectors(stack, "edited")
    kept = old.keys() & new.keys()
    assert 0 < len(kept) < len(new)
    assert stack.texts_embedded() - embedded == len(new) - len(kept)
    assert all(new[content] == pytest.approx(old[content]) for content in kept)
    assert set(stack.points("edited")) == expected_points(stack, "edited", after)


def _vectors(stack: Stack, collection: str) -> dict[str, list[float]]:
    """Dense vectors by content hash."""
    found: dict[str, list[float]] = {}
    for point in stack.index().scroll(collection, limit=100, with_vectors=True)[0]:
        assert isinstance(point.vector, dict)
        found[str((point.payload or {})["content_hash"])] = cast("list[float]", point.vector["dense"])
    return found


def test_an_old_version_that_comes_back_is_ingested_again(stack: Stack) -> None:
    stack.create("back")
    for content in (chapters("one"), chapters("two", sections=5), chapters("one")):
        stack.ingest("back", {"a.md": content})

    assert set(stack.points("back")) == expected_points(stack, "back", {"a.md": chapters("one")})


def test_a_document_named_twice_in_a_job_is_not_doubled(stack: Stack) -> None:
    stack.create("named-twice")
    files = [stack.upload("a.md", chapters(name)) for name in ("first", "second")]
    documents = [{"file_id": file, "source": "a.md"} for file in (*files, files[1])]
    with stack.corpus() as http:
        job = http.post("/api/jobs", json={"collection": "named-twice", "documents": documents}).json()

    ended = stack.finished(job["id"])

    assert (ended.done, ended.unchanged) == (2, 1)
    assert set(stack.points("named-twice")) == expected_points(stack, "named-twice", {"a.md": chapters("second")})


def test_two_jobs_over_the_same_documents_double_nothing(stack: Stack) -> None:
    stack.create("two-jobs")
    contents = library(4)

    jobs = [stack.start_job("two-jobs", contents) for _ in range(2)]
    ended = [stack.finished(job) for job in jobs]

    assert [job.done for job in ended] == [4, 0]
    assert set(stack.points("two-jobs")) == expected_points(stack, "two-jobs", contents)


def test_other_attributes_for_the_same_bytes_are_taken_over(stack: Stack) -> None:
    stack.create("attributes")
    file = stack.upload("a.md", chapters("a"))
    for shelf in ("left", "right"):
        document = {"file_id": file, "source": "a.md", "attributes": {"shelf": shelf}}
        with stack.corpus() as http:
            job = http.post("/api/jobs", json={"collection": "attributes", "documents": [document]}).json()
        stack.finished(job["id"])

    assert {str(point["attributes"]) for point in stack.points("attributes").values()} == {"{'shelf': 'right'}"}


@pytest.mark.parametrize(("principal", "access"), [("key:someone", ["everyone"]), (None, [])])
def test_what_nobody_signed_in_ingests_nobody_may_read(stack: Stack, principal: str | None, access: list[str]) -> None:
    name = f"access-{len(access)}"
    stack.create(name)
    file = stack.upload("a.md", chapters("a"))
    with stack.corpus(principal=principal) as http:
        body = {"collection": name, "documents": [{"file_id": file, "source": "a.md"}]}
        job = http.post("/api/jobs", json=body).json()
    stack.finished(job["id"])

    assert all(point["access"] == access for point in stack.points(name).values())
