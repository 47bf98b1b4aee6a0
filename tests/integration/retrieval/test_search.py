"""Search through the platform's own door, with real parts."""

import httpx2
import pytest

from services.shared.contracts.search import SearchResponse
from tests.integration.retrieval.conftest import EMPTY, LIBRARY, TEXTS
from tests.search_stack import SearchStack


async def _search(http: httpx2.AsyncClient, query: str, **more: object) -> SearchResponse:
    answer = await http.post("/internal/search", json={"collection": LIBRARY, "query": query, **more})
    assert answer.status_code == 200, answer.text
    return SearchResponse.model_validate(answer.json())


def _documents(found: SearchResponse) -> list[str]:
    return [passage.chunk.document_id for passage in found.passages]


async def _refusal(http: httpx2.AsyncClient, **body: object) -> tuple[int, str, str]:
    answer = await http.post("/internal/search", json={"collection": LIBRARY, "query": "tide", **body})
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["message"]


async def test_one_ranking_alone_can_be_asked_for(http: httpx2.AsyncClient) -> None:
    question = "XK-4471 in the harbour"
    by_words = await _search(http, question, fusion="sparse")
    assert set(_documents(by_words)) == {"pump", "harbour"}
    assert all(passage.scores.dense is None for passage in by_words.passages)
    assert by_words.timings.embed_ms < by_words.timings.total_ms
    by_meaning = await _search(http, question, fusion="dense")
    assert len(by_meaning.passages) == 4
    assert all(passage.scores.sparse is None for passage in by_meaning.passages)
    assert [passage.scores.dense for passage in by_meaning.passages] == sorted(
        (passage.scores.dense or 0 for passage in by_meaning.passages), reverse=True
    )


@pytest.mark.parametrize("fusion", ["weighted", "rrf"])
@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("When can vessels depart from port?", "harbour"),  # no word in common: meaning finds it
        ("XK-4471", "pump"),  # a code has no meaning: words find it
        ("When was the lighthouse built?", "lighthouse"),
    ],
)
async def test_a_question_finds_its_passage(http: httpx2.AsyncClient, query: str, best: str, fusion: str) -> None:
    found = await _search(http, query, fusion=fusion)
    assert _documents(found)[0] == best


async def test_scores_and_timings_explain_the_result(http: httpx2.AsyncClient) -> None:
    found = await _search(http, "How long does the dough rise?", limit=4)
    first, last = found.passages[0], found.passages[-1]
    assert first.scores.fused == pytest.approx(1.0)
    assert first.scores.dense is not None
    assert 0.3 < first.scores.dense < 1
    assert first.scores.sparse is not None
    assert last.scores.sparse is None
    assert 0 < found.timings.embed_ms < found.timings.total_ms
    assert 0 < found.timings.query_ms < found.timings.total_ms


async def test_equal_questions_get_equal_answers(http: httpx2.AsyncClient) -> None:
    first, second = [await _search(http, "lighthouse keeper") for _ in range(2)]
    assert first.passages == second.passages


async def test_a_passage_is_hidden_from_those_who_may_not_read_it(http: httpx2.AsyncClient, stack: SearchStack) -> None:
    query = "What does the lighthouse keeper earn?"
    assert "salary" not in _documents(await _search(http, query))
    async with stack.retrieval(principal=None) as nobody:
        assert "salary" not in _documents(await _search(nobody, query))
    async with stack.retrieval(principal="key:boss") as boss:
        assert _documents(await _search(boss, query))[0] == "salary"


async def test_the_limit_and_filters_hold(http: httpx2.AsyncClient) -> None:
    assert len(_documents(await _search(http, "lighthouse", limit=2))) == 2
    only = {"type": "eq", "key": "topic", "value": "bread"}
    assert _documents(await _search(http, "lighthouse", filters=only)) == ["bread"]


async def test_a_collection_is_found_by_its_id_too(http: httpx2.AsyncClient, stack: SearchStack) -> None:
    async with stack.corpus() as corpus:
        identity = (await corpus.get(f"/internal/collections/{LIBRARY}")).json()["id"]
    assert _documents(await _search(http, "tide", collection=identity))[0] == "harbour"


async def test_an_empty_collection_answers_with_nothing(http: httpx2.AsyncClient) -> None:
    assert _documents(await _search(http, "tide", collection=EMPTY)) == []


async def test_a_question_without_any_known_word_is_answered_by_meaning(http: httpx2.AsyncClient) -> None:
    assert len(_documents(await _search(http, "of the and"))) == len(TEXTS) - 1


async def test_a_very_long_question_is_answered(http: httpx2.AsyncClient) -> None:
    found = await _search(http, "When is the tide high enough for ships to leave? " * 2_000)
    assert _documents(found)[0] == "harbour"


async def test_a_collection_that_was_searched_is_found_as_it_is_now(
    http: httpx2.AsyncClient, stack: SearchStack
) -> None:
    async with stack.corpus() as corpus:
        assert (await corpus.post("/api/collections", json={"name": "brief"})).status_code == 201
        assert _documents(await _search(http, "tide", collection="brief")) == []
        assert (await corpus.delete("/api/collections/brief")).status_code == 200
        assert (await _refusal(http, collection="brief"))[:2] == (404, "collection_not_found")
        assert (await corpus.post("/api/collections", json={"name": "brief"})).status_code == 201
        assert _documents(await _search(http, "tide", collection="brief")) == []


@pytest.mark.parametrize("name", ["nowhere", "../secrets", "Library with spaces", "x" * 500])
async def test_an_unknown_collection_is_named_beside_those_that_exist(http: httpx2.AsyncClient, name: str) -> None:
    status, code, message = await _refusal(http, collection=name)
    assert (status, code) == (404, "collection_not_found")
    assert name in message
    assert LIBRARY in message


@pytest.mark.parametrize(
    "body",
    [
        {"query": ""},
        {"query": " \n "},
        {"limit": 101},
        {"limit": 0},
        {"dense_weight": 2},
        {"fusion": "magic"},
        {"surprise": 1},
        {"filters": {"type": "near", "key": "a", "value": 1}},
        {"filters": {"type": "gt", "key": "length", "value": "long"}},
    ],
)
async def test_a_request_that_makes_no_sense_is_refused(http: httpx2.AsyncClient, body: dict[str, object]) -> None:
    status, _, message = await _refusal(http, **body)
    assert status == 400
    assert next(iter(body)) in message


async def test_a_request_without_a_token_is_refused(stack: SearchStack) -> None:
    async with httpx2.AsyncClient(base_url=stack.settings.retrieval_url) as stranger:
        answer = await stranger.post("/internal/search", json={"collection": LIBRARY, "query": "tide"})
    assert answer.status_code == 401
