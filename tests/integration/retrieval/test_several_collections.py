"""Several collections searched as one, each with its own readers and filters."""

import httpx2
import pytest
from sqlalchemy import update

from services.shared.components.catalogue.catalogue import open_catalogue
from services.shared.components.catalogue.schema import collections
from services.shared.components.catalogue.settings import CatalogueSettings
from services.shared.contracts.search import SearchResponse
from tests.integration.retrieval.conftest import EMPTY, LIBRARY
from tests.integration.retrieval.shelf import Paper, put
from tests.search_stack import SearchStack

_ANNEX = "annex"
_PAPERS = [
    Paper("tides", "The tide table of the harbour says when ships can leave.", attributes={"topic": "harbour"}),
    Paper("diary", "The keeper's diary: the lighthouse lamp was lit in 1871.", access=("key:boss",)),
    Paper("yeast", "Yeast makes the dough rise; ten minutes of kneading are enough."),
]


@pytest.fixture
async def both(stack: SearchStack, http: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """Retrieval with a second collection beside the library; made once."""
    async with stack.corpus() as corpus:
        if (await corpus.post("/api/collections", json={"name": _ANNEX})).status_code == 201:
            await put(stack, _ANNEX, _PAPERS)
    return http


async def _search(http: httpx2.AsyncClient, collection: str, query: str, **more: object) -> SearchResponse:
    answer = await http.post("/internal/search", json={"collection": collection, "query": query, "limit": 20, **more})
    assert answer.status_code == 200, answer.text
    return SearchResponse.model_validate(answer.json())


def _documents(found: SearchResponse) -> list[str]:
    return [passage.chunk.document_id for passage in found.passages]


@pytest.mark.parametrize("fusion", ["weighted", "rrf", "dense", "sparse"])
async def test_what_both_have_stands_in_one_ranking(both: httpx2.AsyncClient, fusion: str) -> None:
    found = await _search(both, f"{LIBRARY}+{_ANNEX}", "When can ships leave the harbour?", fusion=fusion)
    assert set(_documents(found)[:2]) == {"harbour", "tides"}
    assert {passage.chunk.collection for passage in found.passages[:2]} == {LIBRARY, _ANNEX}
    scores = [passage.scores.fused for passage in found.passages]
    assert scores == sorted(scores, reverse=True)


async def test_the_order_of_names_and_empty_collections_change_nothing(both: httpx2.AsyncClient) -> None:
    query = "How long to knead dough?"
    one, other = [
        await _search(both, names, query) for names in (f"{LIBRARY}+{_ANNEX}", f"{_ANNEX},{EMPTY},{LIBRARY},{_ANNEX}")
    ]
    assert one.passages == other.passages
    assert len(_documents(one)) == len(set(_documents(one))) == 6


async def test_permissions_and_filters_hold_in_each(both: httpx2.AsyncClient, stack: SearchStack) -> None:
    names = f"{LIBRARY}+{_ANNEX}"
    assert not {"salary", "diary"} & set(_documents(await _search(both, names, "lighthouse keeper")))
    async with stack.retrieval(principal="key:boss") as boss:
        assert {"salary", "diary"} <= set(_documents(await _search(boss, names, "lighthouse keeper")))
    only = {"type": "eq", "key": "topic", "value": "harbour"}
    assert set(_documents(await _search(both, names, "tide", filters=only))) == {"harbour", "tides"}


async def test_an_unknown_one_is_named(both: httpx2.AsyncClient) -> None:
    body = {"collection": f"{LIBRARY}+nowhere", "query": "tide"}
    answer = await both.post("/internal/search", json=body)
    assert answer.status_code == 404
    assert "'nowhere' does not exist" in answer.json()["error"]["message"]


async def test_collections_of_different_models_are_not_mixed(both: httpx2.AsyncClient, stack: SearchStack) -> None:
    async with stack.corpus() as corpus:
        await corpus.post("/api/collections", json={"name": "foreign"})
    catalogue = open_catalogue(CatalogueSettings(home=stack.settings.home).catalogue_database)
    try:
        with catalogue.write() as connection:
            foreign = collections.c.name == "foreign"
            connection.execute(update(collections).where(foreign).values(embedding_model="another-model"))
    finally:
        catalogue.close()
    answer = await both.post("/internal/search", json={"collection": f"{LIBRARY}+foreign", "query": "tide"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "embedding_models_differ")
    assert "another-model" in answer.json()["error"]["message"]


async def test_the_reranker_reads_the_best_of_both(both: httpx2.AsyncClient) -> None:
    found = await _search(both, f"{LIBRARY}+{_ANNEX}", "dough", rerank=True)
    assert len(_documents(found)) == 6
