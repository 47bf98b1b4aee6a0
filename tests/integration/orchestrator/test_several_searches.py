"""Answers that take more than one search: two documents, of which the question names one."""

from typing import Any

import httpx2
import pytest

from services.shared.components.embedders.bm25 import Bm25Embedder
from services.shared.components.indexes.points import IndexedChunk
from services.shared.contracts.chunks import chunk_id
from tests.evals.stored import payload
from tests.integration.orchestrator.engine import ScriptedEngine
from tests.search_stack import SearchStack

_COLLECTION = "museums"
_QUESTION = "In which city was the designer of the Kestrel lighthouse born?"
_DOCUMENTS = {
    "kestrel": "The Kestrel lighthouse was designed by Ingrid Solvang, and lit in 1871.",
    "solvang": "Ingrid Solvang came into the world in Trondheim, as the daughter of a clockmaker.",
} | {f"city-{n}": f"City {n} has a lighthouse, whose designer was born in the city of {n} towers." for n in range(6)}


@pytest.fixture
async def collection(http: httpx2.AsyncClient, stack: SearchStack) -> str:
    """Two documents that answer together, among others that sound more like the question."""
    async with stack.corpus() as corpus:
        made = await corpus.post("/api/collections", json={"name": _COLLECTION})
    if made.status_code == 201:
        async with stack.embedder() as embedder, stack.index() as index:
            vectors = await embedder.embed_documents(list(_DOCUMENTS.values()))
            bm25 = Bm25Embedder()
            chunks = [
                IndexedChunk(
                    chunk_id(name, "v", 0), payload(_COLLECTION, name, text), vector, bm25.embed_document(text)
                )
                for (name, text), vector in zip(_DOCUMENTS.items(), vectors, strict=True)
            ]
            await index.upsert(_COLLECTION, chunks)
    return _COLLECTION


async def _answer(http: httpx2.AsyncClient, collection: str, **options: object) -> dict[str, Any]:
    question = {"role": "user", "content": _QUESTION}
    body = {"model": f"rag/{collection}", "messages": [question], "ragworks": options}
    return (await http.post("/v1/chat/completions", json=body)).json()


async def test_a_second_search_finds_what_the_first_passage_names(
    http: httpx2.AsyncClient, collection: str, model: ScriptedEngine
) -> None:
    model.says = "Ingrid Solvang came into the world in Trondheim."

    once = await _answer(http, collection)
    twice = await _answer(http, collection, searches=2)

    assert once["ragworks"]["searched"]["queries"] == [_QUESTION]
    assert "solvang" not in _cited(once)
    assert len(twice["ragworks"]["searched"]["queries"]) == 2
    assert "Ingrid Solvang" in twice["ragworks"]["searched"]["queries"][1]
    assert _cited(twice) == ["solvang"]
    assert twice["ragworks"]["searched"]["passages"] == once["ragworks"]["searched"]["passages"]


async def test_the_record_tells_every_search(http: httpx2.AsyncClient, collection: str, model: ScriptedEngine) -> None:
    model.says = "Trondheim."

    answer = await _answer(http, collection, searches=2)
    record = (await http.get(f"/api/records/{answer['ragworks']['record_id']}")).json()

    assert record["query"].splitlines() == answer["ragworks"]["searched"]["queries"]


@pytest.mark.parametrize("searches", [0, 6, "many"])
async def test_a_number_of_searches_that_cannot_be_is_refused(
    http: httpx2.AsyncClient, collection: str, searches: object
) -> None:
    answer = await _answer(http, collection, searches=searches)

    assert "searches" in answer["error"]["message"]


def _cited(answer: dict[str, Any]) -> list[str]:
    return [each["document_id"] for each in answer["choices"][0]["message"]["citations"]]
