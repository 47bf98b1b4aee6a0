"""How documents are cut: chosen for a collection, and looked at before anything is embedded."""

import httpx2
import pytest

from services.shared.components.chunkers.sentence import SentenceChunker
from services.shared.components.chunkers.tokens import TokenCounter
from services.shared.components.parsers.parse import parse_document
from tests.integration.ingest.corpora import chapters
from tests.integration.ingest.stack import Stack
from tests.unit.components.parsers.documents import SAMPLES

_CHUNK = ("index", "text", "char_start", "char_end", "page", "headings")


def _preview(stack: Stack, file_id: str, **fields: object) -> httpx2.Response:
    with stack.corpus() as http:
        return http.post("/api/chunks/preview", json={"file_id": file_id, **fields})


def _stored(stack: Stack, collection: str) -> list[dict[str, object]]:
    points = [{field: point[field] for field in _CHUNK} for point in stack.points(collection).values()]
    return sorted(points, key=lambda point: int(str(point["index"])))


def test_a_collection_is_cut_as_it_was_made(stack: Stack) -> None:
    chosen = {"chunker": "sentence", "max_tokens": 96, "overlap_tokens": 8}
    stack.create("by-sentence", chunking=chosen)
    stack.create("by-default")
    stack.ingest("by-sentence", {"a.md": chapters("a")})

    counter = TokenCounter(stack.home / "models" / "all-MiniLM-L6-v2" / "tokenizer.json")
    chunker = SentenceChunker(counter, max_tokens=96, overlap_tokens=8)
    expected = chunker.chunk(parse_document(chapters("a"), filename="a.md"))
    assert [point["text"] for point in _stored(stack, "by-sentence")] == [chunk.text for chunk in expected]
    with stack.corpus() as http:
        assert http.get("/api/collections/by-sentence").json()["chunking"] == chosen | {"parent_tokens": None}
        assert http.get("/api/collections/by-default").json()["chunking"] is None


@pytest.mark.parametrize("chunking", [None, {"chunker": "fixed", "max_tokens": 100}], ids=["default", "fixed"])
def test_a_preview_is_what_an_ingest_then_stores(stack: Stack, chunking: dict[str, object] | None) -> None:
    name, content = f"seen-{bool(chunking)}".lower(), (SAMPLES / "aurora-handbook.pdf").read_bytes()
    stack.create(name, chunking=chunking)
    file_id, embedded = stack.upload("aurora-handbook.pdf", content), stack.texts_embedded()

    preview = _preview(stack, file_id, collection=name).json()

    assert stack.texts_embedded() == embedded
    stack.ingest(name, {"aurora-handbook.pdf": content})
    assert [{field: chunk[field] for field in _CHUNK} for chunk in preview["chunks"]] == _stored(stack, name)
    assert {str(point["title"]) for point in stack.points(name).values()} == {preview["title"]}
    sizes = sorted(chunk["tokens"] for chunk in preview["chunks"])
    assert preview["tokens"]["max"] == sizes[-1] <= preview["chunking"]["max_tokens"]
    assert (preview["media_type"], preview["pages"]) == ("application/pdf", 3)


def test_a_preview_can_try_out_changes_and_shows_a_part(stack: Stack) -> None:
    file_id = stack.upload("a.md", chapters("a", sections=8))

    whole = _preview(stack, file_id, chunking={"chunker": "sentence", "max_tokens": 96}).json()
    part = _preview(stack, file_id, chunking={"chunker": "sentence", "max_tokens": 96}, offset=1, limit=2).json()

    assert whole["chunking"] == {
        "chunker": "sentence",
        "max_tokens": 96,
        "overlap_tokens": 32,
        "parent_tokens": None,
    }
    assert part["chunks"] == whole["chunks"][1:3]
    assert part["total"] == whole["total"] > 3


@pytest.mark.parametrize(
    ("name", "content"), [("broken.pdf", b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog"), ("empty.txt", b"")]
)
def test_a_file_that_cannot_be_read_is_told_with_its_stage_and_reason(stack: Stack, name: str, content: bytes) -> None:
    stack.create(f"unread-{name}")
    failed = stack.ingest(f"unread-{name}", {name: content}).failures[0].reason

    answer = _preview(stack, stack.upload(name, content))

    error = answer.json()["error"]
    assert answer.status_code == 422
    assert (error["stage"], error["code"], error["message"]) == (failed.stage, failed.code, failed.message)


@pytest.mark.parametrize(
    ("chunking", "param"),
    [
        ({"chunker": "magic"}, "chunking.chunker"),
        ({"max_tokens": 257}, "chunking.max_tokens"),
        ({"overlap_tokens": 128}, "chunking.overlap_tokens"),
    ],
)
def test_a_cut_that_cannot_be_is_refused(stack: Stack, chunking: dict[str, object], param: str) -> None:
    file_id = stack.upload("a.md", b"Some text.")
    with stack.corpus() as http:
        answers = [
            http.post("/api/collections", json={"name": "never", "chunking": chunking}),
            _preview(stack, file_id, chunking=chunking),
        ]

        assert [(answer.status_code, answer.json()["error"]["param"]) for answer in answers] == [(400, param)] * 2
        assert http.get("/api/collections/never").status_code == 404


def test_a_preview_of_what_is_not_there_is_refused(stack: Stack) -> None:
    file_id = stack.upload("a.md", b"Some text.")

    assert _preview(stack, "file-unknown").status_code == 404
    assert _preview(stack, file_id, collection="nowhere").status_code == 404


def test_without_the_worker_a_preview_can_be_asked_for_later(stack: Stack) -> None:
    file_id = stack.upload("a.md", b"Some text.")
    stack.stop("ingest")

    refused = _preview(stack, file_id)
    stack.start("ingest")

    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert _preview(stack, file_id).json()["total"] == 1


def test_the_worker_answers_no_request_that_no_service_signed(stack: Stack) -> None:
    assert httpx2.post(f"{stack.url('ingest')}/internal/chunks/preview", json={}).status_code == 401
