"""With the platform's own embedding model: what is ingested is found by its meaning."""

from collections.abc import Generator

import httpx2
import pytest

from tests.integration.ingest.corpora import expected_points
from tests.integration.ingest.stack import Stack, new_stack
from tests.signed import Signed

TEXTS = {
    "sea.md": b"# Harbours\n\nThe ship sailed across the ocean and anchored near the lighthouse.",
    "kitchen.md": b"# Bread\n\nKnead the dough, let it rise and bake it in a hot oven until the crust is brown.",
    "law.html": b"<html><body><h1>Contracts</h1><p>The lawyer argued before the judge.</p></body></html>",
}


@pytest.fixture(scope="module")
def real_stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stack]:
    """The stack with the real inference service and embedding server."""
    home = tmp_path_factory.mktemp("ingest-real") / "home"
    stack = new_stack(home, inference="services.inference", embedding="services.embedding")
    try:
        stack.start("vectordb", "embedding")
        for name in ("inference", "corpus", "ingest"):
            stack.start(name)
        yield stack
    finally:
        stack.stop()


@pytest.mark.parametrize(
    ("question", "source"), [("boats on water", "sea.md"), ("baking", "kitchen.md"), ("attorneys in court", "law.html")]
)
def test_a_document_is_nearest_to_a_question_about_it(real_stack: Stack, question: str, source: str) -> None:
    with real_stack.corpus() as http:
        if http.get("/api/collections/meaning").status_code == 404:
            real_stack.create("meaning")
            assert real_stack.ingest("meaning", TEXTS).done == len(TEXTS)
    with httpx2.Client(base_url=real_stack.url("inference"), auth=Signed("inference"), timeout=60) as http:
        answer = http.post("/v1/embeddings", json={"model": "all-MiniLM-L6-v2", "input": question}).json()
    vector = answer["data"][0]["embedding"]

    nearest = real_stack.index().query_points("meaning", query=vector, using="dense", limit=1).points[0]

    assert (nearest.payload or {})["source"] == source
    assert set(real_stack.points("meaning")) == expected_points(real_stack, "meaning", TEXTS)
