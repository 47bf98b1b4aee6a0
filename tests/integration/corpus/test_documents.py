"""Documents from the inside: text, chunks and history."""

from services.shared.components.parsers.parse import parse_document
from tests.integration.ingest.corpora import chapters
from tests.integration.ingest.stack import Stack
from tests.processes import wait_until


def _only_document(stack: Stack, collection: str) -> str:
    with stack.corpus() as http:
        (document,) = http.get("/api/documents", params={"collection": collection}).json()["data"]
    return str(document["id"])


def test_text_and_chunks_are_what_was_parsed_at_its_place(stack: Stack) -> None:
    content = chapters("inside", sections=40)
    stack.create("inside", chunking={"chunker": "sentence", "max_tokens": 96, "overlap_tokens": 20})
    job = stack.ingest("inside", {"a.md": content})
    document = _only_document(stack, "inside")
    with stack.corpus() as http:
        text = http.get(f"/api/documents/{document}/text").text
        chunks: list[dict[str, object]] = []
        params: dict[str, str | int] = {"limit": 7}
        while True:
            page = http.get(f"/api/documents/{document}/chunks", params=params).json()
            chunks += page["data"]
            if not page["has_more"]:
                break
            params["after"] = page["last_id"]

    parsed = parse_document(content, filename="a.md").text
    assert [each if not each.isspace() else " " for each in text] == [
        each if not each.isspace() else " " for each in parsed[: len(text)]
    ]
    assert parsed[len(text) :].strip() == ""
    assert [chunk["index"] for chunk in chunks] == list(range(job.chunks))
    assert {chunk["id"] for chunk in chunks} == set(stack.points("inside"))
    assert all(parsed[int(str(c["char_start"])) : int(str(c["char_end"]))] == c["text"] for c in chunks)


def test_history_tells_of_every_job_and_which_version_is_searched(stack: Stack) -> None:
    stack.create("told")
    first = stack.ingest("told", {"a.md": chapters("first")})
    second = stack.ingest("told", {"a.md": chapters("second", sections=5)})
    same = stack.ingest("told", {"a.md": chapters("second", sections=5)})
    broken = stack.ingest("told", {"a.md": b"%PDF-1.7 cut off"})
    document = _only_document(stack, "told")
    with stack.corpus() as http:
        history = http.get(f"/api/documents/{document}/history").json()["data"]
        page = http.get(f"/api/documents/{document}/history", params={"limit": 2, "after": broken.id}).json()

    assert [(each["job_id"], each["status"], each["searchable"]) for each in history] == [
        (broken.id, "failed", False),
        (same.id, "unchanged", False),
        (second.id, "done", True),
        (first.id, "done", False),
    ]
    assert history[0]["reason"]["code"]
    assert (history[2]["bytes"], history[2]["chunks"]) == (len(chapters("second", sections=5)), second.chunks)
    assert all(each["started_at"] <= each["ended_at"] for each in history)
    assert [each["job_id"] for each in page["data"]] == [same.id, second.id]


def test_a_document_nobody_may_read_is_not_shown(stack: Stack) -> None:
    stack.create("private")
    file = stack.upload("a.md", chapters("a"))
    documents = [{"file_id": file, "source": "a.md"}]
    with stack.corpus(principal=None) as nobody:
        job = nobody.post("/api/jobs", json={"collection": "private", "documents": documents}).json()["id"]
    wait_until(lambda: stack.job(job).finished_at, deadline_s=60, what="the job to end")
    document = _only_document(stack, "private")
    with stack.corpus() as http:
        answers = [http.get(f"/api/documents/{document}/{part}") for part in ("text", "chunks")]
        unknown = [http.get(f"/api/documents/unknown/{part}") for part in ("text", "chunks", "history")]

    assert [answer.status_code for answer in (*answers, *unknown)] == [404] * 5


def test_equal_documents_show_the_chunks_they_share(stack: Stack) -> None:
    stack.create("shared")
    stack.ingest("shared", {"a.md": chapters("a"), "copy/a.md": chapters("a")})
    with stack.corpus() as http:
        listed = http.get("/api/documents", params={"collection": "shared"}).json()["data"]
        texts = {http.get(f"/api/documents/{document['id']}/text").text for document in listed}
        (history,) = http.get(f"/api/documents/{listed[0]['id']}/history").json()["data"]

    assert len(listed) == 2
    assert len(texts) == 1
    assert history["searchable"]
