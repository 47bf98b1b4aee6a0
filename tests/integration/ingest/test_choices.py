"""What a collection chooses for its documents: parsers, passages, attributes, what results leave out."""

from collections.abc import Generator

import httpx2
import pytest

from tests.integration.ingest.stack import Stack
from tests.processes import free_port, running, wait_until
from tests.signed import Signed
from tests.unit.components.parsers.documents import zipped

_SENTENCE = "The keeper of the {} lighthouse writes down wind and weather every hour of the night. "


@pytest.fixture
def search(stack: Stack) -> Generator[httpx2.Client]:
    """A client of the retrieval service, which runs beside the stack."""
    url = f"http://127.0.0.1:{free_port()}"
    env = {**stack.env, "RAGWORKS_RETRIEVAL_URL": url}
    auth = Signed("retrieval", principal="key:tester")
    with (
        running("services.retrieval", env, ready=f"{url}/readyz"),
        httpx2.Client(base_url=url, auth=auth, timeout=60) as http,
    ):
        yield http


def _found(search: httpx2.Client, collection: str, query: str, **fields: object) -> list[dict[str, object]]:
    answer = search.post("/internal/search", json={"collection": collection, "query": query, **fields})
    assert answer.status_code == 200, answer.text
    return [dict(passage) for passage in answer.json()["passages"]]


def _sources(found: list[dict[str, object]]) -> list[object]:
    return [chunk["source"] for each in found if isinstance(chunk := each["chunk"], dict)]


def test_search_shows_passages_attributes_and_no_repeats_as_chosen(stack: Stack, search: httpx2.Client) -> None:
    _passages(stack, search)
    _repeats(stack, search)
    _attributes(stack, search)


def _passages(stack: Stack, search: httpx2.Client) -> None:
    stack.create("in-passages", chunking={"chunker": "parent-child", "max_tokens": 96, "parent_tokens": 300})
    text = "".join(_SENTENCE.format(f"{number}th") for number in range(60))
    stack.ingest("in-passages", {"keepers.md": f"# Keepers\n\n{text}".encode()})

    best, *others = _found(search, "in-passages", "keeper of the 31th lighthouse")
    chunk, found = best["chunk"], best["found"]
    assert isinstance(chunk, dict)
    assert isinstance(found, dict)
    points = sorted(stack.points("in-passages").values(), key=lambda point: int(str(point["index"])))
    first, last = chunk["parent"]
    assert chunk["char_start"] == points[first]["char_start"] <= found["char_start"]
    assert chunk["char_end"] == points[last]["char_end"] >= found["char_end"]
    assert "31th" in str(points[found["index"]]["text"])
    assert len(chunk["text"]) == chunk["char_end"] - chunk["char_start"]
    assert all(str(points[index]["text"]) in chunk["text"] for index in range(first, last + 1))
    passages = [dict(each["chunk"])["parent"] for each in (best, *others) if isinstance(each["chunk"], dict)]
    assert len(passages) == len({tuple(parent) for parent in passages}) > 1


def _repeats(stack: Stack, search: httpx2.Client) -> None:
    edited = {
        f"copy-{number}.md": f"{_SENTENCE.format('northern') * 3} Edition {number}.".encode() for number in range(4)
    }
    for name, near in (("with-repeats", None), ("without-repeats", 0.7)):
        stack.create(name, deduplication={"near": near})
        stack.ingest(name, {**edited, "other.md": b"The northern harbour has a crane."})

    assert len(_found(search, "with-repeats", "northern lighthouse keeper")) == 5
    condensed = _sources(_found(search, "without-repeats", "northern lighthouse keeper"))
    assert len(condensed) == 2
    assert "other.md" in condensed


def _attributes(stack: Stack, search: httpx2.Client) -> None:
    fields = {"team": {"type": "string", "required": True}, "held": {"type": "date"}}
    stack.create("with-schema", metadata_schema={"fields": fields})
    minutes = {
        "a.md": ("law", "2026-01-31"),
        "b.md": ("law", "2026-03-01T10:00:00+01:00"),
        "c.md": ("sales", "2025-12-31"),
    }
    documents = [
        {
            "file_id": stack.upload(name, f"Minutes of {team}, {held}.".encode()),
            "source": name,
            "attributes": {"team": team, "held": held},
        }
        for name, (team, held) in minutes.items()
    ]
    with stack.corpus() as http:
        wrong = http.post(
            "/api/jobs", json={"collection": "with-schema", "documents": [{**documents[0], "attributes": {}}]}
        )
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "invalid_attributes")
        assert http.get("/api/jobs", params={"collection": "with-schema"}).json()["data"] == []
        source = {"name": "bare", "collection": "with-schema", "config": {"kind": "files", "file_ids": ["file-1"]}}
        assert http.post("/api/sources", json=source).json()["error"]["code"] == "invalid_attributes"
        started = http.post("/api/jobs", json={"collection": "with-schema", "documents": documents})
    assert stack.finished(started.json()["id"]).done == 3

    late = {"type": "gte", "key": "held", "value": "2026-01-01"}
    assert sorted(map(str, _sources(_found(search, "with-schema", "minutes", filters=late)))) == ["a.md", "b.md"]
    exact = {"type": "eq", "key": "held", "value": "2026-03-01T09:00:00Z"}
    assert _sources(_found(search, "with-schema", "minutes", filters=exact)) == ["b.md"]
    both = {"type": "and", "filters": [late, {"type": "ne", "key": "held", "value": "2026-01-31"}]}
    assert _sources(_found(search, "with-schema", "minutes", filters=both)) == ["b.md"]
    mistaken = {"type": "eq", "key": "tema", "value": "law"}
    refused = search.post(
        "/internal/search", json={"collection": "with-schema", "query": "minutes", "filters": mistaken}
    )
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_filter")
    schema = stack.index().get_collection("with-schema").payload_schema
    assert {"attributes.team", "attributes.held"} <= schema.keys()


def test_parsers_are_chosen_tried_out_and_changed_by_a_rebuild(stack: Stack) -> None:
    page = (
        b"<html><body><nav>Harbour news</nav><main><p>The crane lifts forty tons at high tide.</p></main></body></html>"
    )
    stack.create("pages", parsers={"text/html": "text"})
    stack.ingest("pages", {"crane.html": page})
    assert any("<nav>" in str(point["text"]) for point in stack.points("pages").values())

    with stack.corpus() as http:
        names = {parser["name"] for parser in http.get("/api/parsers").json()}
        assert {"html-page", "text"} <= names
        body = {
            "file_id": stack.upload("crane.html", page),
            "collection": "pages",
            "parsers": {"text/html": "html-page"},
        }
        preview = http.post("/api/chunks/preview", json=body).json()
        assert preview["chunks"][0]["text"].startswith("Harbour news")
        refused = http.post("/api/collections", json={"name": "x", "parsers": {"text/html": "nonsense"}})
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_parsers")
        version = http.post("/api/collections/pages/versions", json={"parsers": {}}).json()
    stack.becomes_active("pages", version["number"])

    def raw() -> bool:
        return any("<nav>" in str(point["text"]) for point in stack.points("pages").values())

    wait_until(lambda: not raw(), deadline_s=30, what="the alias to follow")


def test_an_archive_is_read_and_what_of_it_was_not_is_kept_with_the_document(stack: Stack) -> None:
    stack.create("packed")
    content = zipped({"crane.md": "The crane lifts forty tons.", "broken.pdf": "%PDF-1.7 cut"})
    job = stack.ingest("packed", {"files.zip": content, "again.zip": content})
    assert (job.done, job.counts_by_stage) == (2, {"parse": 1, "chunk": 1, "embed": 1, "index": 1})

    with stack.corpus() as http:
        documents = http.get("/api/documents", params={"collection": "packed"}).json()["data"]
    assert {document["media_type"] for document in documents} == {"application/zip"}
    assert [len(document["warnings"]) for document in documents] == [1, 1]
    assert documents[0]["warnings"][0].startswith("The file 'broken.pdf' was not read.")
