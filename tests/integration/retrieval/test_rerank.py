"""The reranker as a stage of search: a real cross-encoder, which prefers texts with the word granite."""

from collections.abc import AsyncGenerator

import httpx2
import pytest

from services.shared.contracts.explain import Explanation, Outcome, StageName
from services.shared.contracts.search import SearchResponse
from services.shared.kit.settings import PlatformSettings
from tests.integration.retrieval.conftest import LIBRARY
from tests.processes import eventually, free_port, running
from tests.search_stack import SearchStack, environment_of
from tests.signed import Signed

_QUESTION = "How long does the dough rise?"


@pytest.fixture
async def reranked(stack: SearchStack, http: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """Retrieval when the reranker is loaded."""
    async with httpx2.AsyncClient(base_url=stack.settings.inference_url, auth=Signed("inference")) as inference:

        async def is_loaded() -> bool:
            body = {"model": stack.settings.reranker_model, "query": "a", "documents": ["b"]}
            return (await inference.post("/v1/rerank", json=body)).status_code == 200

        await eventually(is_loaded, deadline_s=60, what="the reranker")
    return http


@pytest.fixture
async def without(stack: SearchStack, library: str) -> AsyncGenerator[httpx2.AsyncClient]:
    """Retrieval of which the reranker is not there."""
    url = f"http://127.0.0.1:{free_port()}"
    settings = stack.settings.model_copy(update={"retrieval_url": url, "reranker_model": "gone"})
    environment = environment_of(PlatformSettings.model_validate(settings.model_dump()))
    with running("services.retrieval", environment, ready=f"{url}/readyz"):
        async with httpx2.AsyncClient(base_url=url, auth=Signed("retrieval"), timeout=60) as client:
            yield client


async def _search(http: httpx2.AsyncClient, **more: object) -> SearchResponse:
    answer = await http.post("/internal/search", json={"collection": LIBRARY, "query": _QUESTION, **more})
    assert answer.status_code == 200, answer.text
    return SearchResponse.model_validate(answer.json())


def _documents(found: SearchResponse) -> list[str]:
    return [passage.chunk.document_id for passage in found.passages]


async def test_the_reranker_has_the_last_word(reranked: httpx2.AsyncClient) -> None:
    plain, found = await _search(reranked), await _search(reranked, rerank=True)
    assert _documents(plain)[0] == "bread"
    assert _documents(found)[0] == "lighthouse"  # the text with the word that the model prefers
    assert found.degraded == []
    assert found.timings.rerank_ms is not None
    scores = [passage.scores.rerank or 0.0 for passage in found.passages]
    assert scores == sorted(scores, reverse=True)
    assert all(passage.scores.rerank is None for passage in plain.passages)
    assert plain.timings.rerank_ms is None


async def test_it_reads_only_the_best_and_the_others_follow(reranked: httpx2.AsyncClient) -> None:
    plain = _documents(await _search(reranked))
    found = await _search(reranked, rerank=True, rerank_candidates=1)
    assert _documents(found) == plain
    assert [passage.scores.rerank is not None for passage in found.passages] == [True, False, False, False]


async def test_it_reads_more_than_is_shown(reranked: httpx2.AsyncClient) -> None:
    assert _documents(await _search(reranked, rerank=True, limit=1)) == ["lighthouse"]


async def test_explain_tells_what_the_reranker_did(reranked: httpx2.AsyncClient) -> None:
    request = {"collection": LIBRARY, "query": _QUESTION, "document": "bread", "rerank": True, "limit": 1}
    found = Explanation.model_validate((await reranked.post("/internal/explain", json=request)).json())
    stages = {stage.name: stage for stage in found.stages}
    assert found.fell_out is StageName.LIMIT
    assert stages[StageName.FUSION].rank == 1
    place = _documents(await _search(reranked, rerank=True)).index("bread") + 1
    assert (stages[StageName.RERANK].outcome, stages[StageName.RERANK].rank) == (Outcome.KEPT, place)
    assert place > 1
    assert "reranker" in found.verdict
    below = {**request, "rerank_candidates": 1, "document": "pump"}
    found = Explanation.model_validate((await reranked.post("/internal/explain", json=below)).json())
    stages = {stage.name: stage for stage in found.stages}
    assert stages[StageName.RERANK].outcome is Outcome.MISSED


async def test_a_search_goes_on_without_a_reranker_that_is_not_there(without: httpx2.AsyncClient) -> None:
    found = await _search(without, rerank=True)
    assert _documents(found)[0] == "bread"
    assert found.degraded == ["rerank"]
    request = {"collection": LIBRARY, "query": _QUESTION, "document": "bread", "rerank": True}
    explained = Explanation.model_validate((await without.post("/internal/explain", json=request)).json())
    assert explained.shown
    assert any("down" in stage.note for stage in explained.stages)


async def test_openais_search_keeps_the_order_and_shows_the_score(reranked: httpx2.AsyncClient) -> None:
    page = (await reranked.post(f"/v1/vector_stores/{LIBRARY}/search", json={"query": _QUESTION})).json()
    assert page["data"][0]["filename"] == "bread.md"


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"model": "nothing"}, 404, "'nothing' does not exist"),
        ({"documents": []}, 400, "documents"),
        ({"documents": ["a"] * 1001}, 400, "documents"),
        ({"query": ""}, 400, "query"),
        ({"top_n": 0}, 400, "top_n"),
    ],
)
async def test_a_rerank_that_makes_no_sense_is_refused(
    stack: SearchStack, reranked: httpx2.AsyncClient, body: dict[str, object], status: int, said: str
) -> None:
    request = {"model": stack.settings.reranker_model, "query": "a", "documents": ["b"], **body}
    async with httpx2.AsyncClient(base_url=stack.settings.inference_url, auth=Signed("inference")) as inference:
        answer = await inference.post("/v1/rerank", json=request)
    assert (answer.status_code, said in answer.json()["error"]["message"]) == (status, True)


async def test_texts_are_ranked_as_cohere_and_jina_do(stack: SearchStack, reranked: httpx2.AsyncClient) -> None:
    documents = ["the boat", {"text": "the granite pier"}, "tide"]
    request = {"model": stack.settings.reranker_model, "query": "boat", "documents": documents}
    async with httpx2.AsyncClient(base_url=stack.settings.inference_url, auth=Signed("inference")) as inference:
        answer = (await inference.post("/v1/rerank", json={**request, "top_n": 2, "return_documents": True})).json()
        models = (await inference.get("/v1/models")).json()["data"]
    assert answer["results"][0]["index"] == 1
    assert answer["results"][0]["document"] == {"text": "the granite pier"}
    assert len(answer["results"]) == 2
    assert stack.settings.reranker_model in [model["id"] for model in models]
