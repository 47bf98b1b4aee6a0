"""Collections, plans and jobs in the platform's own API."""

from hashlib import sha256

import httpx2

from tests.integration.ingest.corpora import chapters
from tests.integration.ingest.stack import Stack


def test_a_plan_names_what_is_new_changed_and_known(stack: Stack) -> None:
    stack.create("planned")
    stack.ingest("planned", {"same.md": chapters("same"), "other.md": chapters("other")})
    held = {"same.md": chapters("same"), "other.md": chapters("newer"), "new.md": chapters("new")}
    documents = [
        {"source": source, "sha256": sha256(content).hexdigest(), "bytes": len(content)}
        for source, content in held.items()
    ]
    with stack.corpus() as http:
        plan = http.post("/api/ingest/plan", json={"collection": "planned", "documents": documents}).json()

    assert plan == {"added": ["new.md"], "changed": ["other.md"], "unchanged": ["same.md"]}


def test_documents_and_jobs_page(stack: Stack) -> None:
    stack.create("paged")
    for number in range(3):
        stack.ingest("paged", {f"{number}.md": chapters(str(number))})
    with stack.corpus() as http:
        for path in ("/api/documents", "/api/jobs"):
            seen: list[str] = []
            params = {"collection": "paged", "limit": "2"}
            while True:
                page = http.get(path, params=params).json()
                seen += [item["id"] for item in page["data"]]
                if not page["has_more"]:
                    break
                params["after"] = page["last_id"]
            assert len(seen) == len(set(seen)) == 3


def test_unknown_collections_jobs_and_documents_are_refused_with_what_to_do(stack: Stack) -> None:
    with stack.corpus() as http:
        answers = [
            http.get("/api/collections/nowhere"),
            http.delete("/api/collections/nowhere"),
            http.get("/api/jobs/job-unknown"),
            http.get("/api/documents/unknown"),
            http.get("/api/documents", params={"collection": "nowhere"}),
            http.post("/api/ingest/plan", json={"collection": "nowhere", "documents": []}),
        ]

    for answer in answers:
        assert answer.status_code == 404
        assert "see which there are" in answer.json()["error"]["message"]


def test_a_collection_cannot_have_a_name_that_is_no_address(stack: Stack) -> None:
    with stack.corpus() as http:
        answer = http.post("/api/collections", json={"name": "No Such/Name"})

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "name"


def test_a_collection_is_made_once_the_model_is_up(stack: Stack) -> None:
    stack.stop("inference")
    with stack.corpus() as http:
        refused = http.post("/api/collections", json={"name": "later"})
        stack.start("inference")
        created = http.post("/api/collections", json={"name": "later"})

    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert created.status_code == 201


def test_requests_that_no_service_signed_are_refused(stack: Stack) -> None:
    answer = httpx2.get(f"{stack.url('corpus')}/api/collections")

    assert answer.status_code == 401
