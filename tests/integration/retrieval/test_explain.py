"""Why and why not, with real parts: a document falls out at each stage, and a hidden one leaves no trace."""

from datetime import UTC, datetime

import httpx2
import pytest
from sqlalchemy import insert

from services.shared.components.catalogue.catalogue import open_catalogue
from services.shared.components.catalogue.schema import documents
from services.shared.components.catalogue.settings import CatalogueSettings
from services.shared.contracts.explain import Explanation, Outcome, Stage, StageName
from services.shared.contracts.search import SearchResponse
from tests.integration.retrieval.conftest import EMPTY
from tests.integration.retrieval.shelf import Paper, put
from tests.search_stack import SearchStack

SHELF = "shelf"
QUESTION = "When does the ferry to Nordsund leave?"
_TIMETABLE = "The ferry to Nordsund leaves at 07:40 from the old pier in the harbour, on weekdays only."
_FILLER = [
    Paper(f"sailing-{number:02}", f"Ferry number {number} sails to island {number} and comes back at dusk.")
    for number in range(60)
]
_PAPERS = [
    Paper("timetable", _TIMETABLE, attributes={"team": "harbour", "year": 2024.0}),
    Paper("copy", f"{_TIMETABLE} Bread dough needs yeast and salt."),
    Paper("tariff", "A ferry ticket to Nordsund costs 12 for adults and 6 for children."),
    Paper("dough", "Knead the dough for ten minutes, then let it rise until it has doubled."),
    Paper("payroll", "The ferry to Nordsund leaves with the payroll on board.", access=("key:boss",)),
    Paper("draft", "The ferry to Nordsund will leave at 09:00 from next year on.", hidden=True),
    *_FILLER,
]


@pytest.fixture
async def shelf(stack: SearchStack, http: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """Retrieval with the collection; made once."""
    async with stack.corpus() as corpus:
        made = await corpus.post("/api/collections", json={"name": SHELF, "deduplication": {"near": 0.6}})
    if made.status_code == 201:
        await put(stack, SHELF, _PAPERS)
    return http


async def _explain(http: httpx2.AsyncClient, document: str, **more: object) -> Explanation:
    request = {"collection": SHELF, "query": QUESTION, "document": document, **more}
    answer = await http.post("/internal/explain", json=request)
    assert answer.status_code == 200, answer.text
    return Explanation.model_validate(answer.json())


def _stage(found: Explanation, name: StageName) -> Stage:
    return next(stage for stage in found.stages if stage.name is name)


async def test_a_document_that_is_found_is_kept_at_every_stage(shelf: httpx2.AsyncClient) -> None:
    found = await _explain(shelf, "timetable.md")
    assert (found.shown, found.answers, found.fell_out) == (True, True, None)
    assert "place 1" in found.verdict
    assert {stage.outcome for stage in found.stages} == {Outcome.KEPT, Outcome.UNUSED}
    assert found.words is not None
    assert set(found.words.found) == {"ferry", "nordsund", "leave"}
    assert [stage.name for stage in found.stages] == list(StageName)


@pytest.mark.parametrize("document", ["timetable", "tariff", "sailing-07", "sailing-31"])
@pytest.mark.parametrize("more", [{}, {"fusion": "rrf"}, {"fusion": "dense"}, {"limit": 50}])
async def test_places_and_scores_are_those_of_the_search(
    shelf: httpx2.AsyncClient, document: str, more: dict[str, object]
) -> None:
    answer = await shelf.post("/internal/search", json={"collection": SHELF, "query": QUESTION, **more})
    passages = SearchResponse.model_validate(answer.json()).passages
    found = await _explain(shelf, document, **more)
    place = next((n for n, each in enumerate(passages, start=1) if each.chunk.document_id == document), None)
    assert found.shown is (place is not None)
    if place is not None:
        limit = _stage(found, StageName.LIMIT)
        assert (limit.rank, limit.score) == (place, pytest.approx(passages[place - 1].scores.fused))
        dense = _stage(found, StageName.DENSE)
        assert dense.score == pytest.approx(passages[place - 1].scores.dense)


async def test_filters_leave_it_out(shelf: httpx2.AsyncClient) -> None:
    filters = {"type": "and", "filters": [{"type": "eq", "key": "team", "value": "kitchen"}]}
    found = await _explain(shelf, "timetable", filters=filters)
    assert (found.shown, found.fell_out) == (False, StageName.FILTERS)
    assert "team is 'harbour'" in found.verdict
    assert _stage(found, StageName.DENSE).outcome is Outcome.NOT_REACHED
    without = await _explain(shelf, "tariff", filters=filters)
    assert "it has no team" in without.verdict


async def test_it_is_no_candidate_of_either_ranking(shelf: httpx2.AsyncClient) -> None:
    found = await _explain(shelf, "dough")
    assert (found.shown, found.fell_out) == (False, StageName.CANDIDATES)
    dense, sparse = _stage(found, StageName.DENSE), _stage(found, StageName.SPARSE)
    assert dense.outcome is sparse.outcome is Outcome.MISSED
    assert dense.rank is not None
    assert dense.rank > 50
    assert dense.score is not None
    assert dense.needed is not None
    assert dense.score < dense.needed
    assert sparse.score is None
    assert found.verdict.startswith("None of the question's words occurs in it")
    assert "RAGWORKS_RETRIEVAL_CANDIDATES" in found.advice
    fusion = _stage(found, StageName.FUSION)
    assert (fusion.outcome, fusion.rank) == (Outcome.NOT_REACHED, None)
    assert fusion.score is not None
    assert fusion.needed is not None
    assert fusion.score < fusion.needed


@pytest.mark.parametrize(("fusion", "stage"), [("dense", StageName.DENSE), ("sparse", StageName.SPARSE)])
async def test_a_ranking_that_is_used_alone_misses_it(shelf: httpx2.AsyncClient, fusion: str, stage: StageName) -> None:
    found = await _explain(shelf, "dough", fusion=fusion)
    assert found.fell_out is StageName.CANDIDATES
    assert _stage(found, stage).outcome is Outcome.MISSED
    other = StageName.SPARSE if stage is StageName.DENSE else StageName.DENSE
    assert _stage(found, other).outcome is Outcome.UNUSED


async def test_fusion_puts_it_too_low_to_be_read(stack: SearchStack, shelf: httpx2.AsyncClient) -> None:
    async with stack.corpus() as corpus:
        if (await corpus.post("/api/collections", json={"name": "plain"})).status_code == 201:
            await put(stack, "plain", _PAPERS)
    ranked = await shelf.post("/internal/search", json={"collection": "plain", "query": QUESTION, "limit": 100})
    last = SearchResponse.model_validate(ranked.json()).passages[40].chunk.document_id
    found = await _explain(shelf, last, collection="plain")
    assert (found.shown, found.fell_out) == (False, StageName.FUSION)
    fusion = _stage(found, StageName.FUSION)
    assert fusion.outcome is Outcome.OUT
    assert fusion.rank is not None
    assert fusion.kept is not None
    assert fusion.rank > fusion.kept
    assert f"place {fusion.rank}" in found.verdict


async def test_it_repeats_a_better_one(shelf: httpx2.AsyncClient) -> None:
    found = await _explain(shelf, "copy")
    assert (found.shown, found.answers, found.fell_out) == (False, False, StageName.REPEATS)
    assert "timetable.md" in found.verdict


async def test_the_limit_cuts_it_off(shelf: httpx2.AsyncClient) -> None:
    found = await _explain(shelf, "tariff", limit=1)
    assert (found.shown, found.fell_out) == (False, StageName.LIMIT)
    limit = _stage(found, StageName.LIMIT)
    assert (limit.outcome, limit.kept, limit.rank) == (Outcome.OUT, 1, 2)
    assert limit.score is not None
    assert limit.needed is not None
    assert limit.score < limit.needed
    assert found.answers  # an answer reads four passages


async def test_an_answer_reads_fewer_passages(shelf: httpx2.AsyncClient) -> None:
    found = await _explain(shelf, "tariff", answer_passages=1)
    assert (found.shown, found.answers, found.fell_out) == (True, False, StageName.ANSWER)
    assert "RAGWORKS_ORCHESTRATOR_PASSAGES" in found.advice


async def test_nothing_is_near_enough_for_an_answer(shelf: httpx2.AsyncClient) -> None:
    found = await _explain(shelf, "timetable", min_similarity=0.99, query=f"{QUESTION} Please be exact.")
    assert (found.shown, found.answers, found.fell_out) == (True, False, StageName.ANSWER)
    assert "0.99 is needed" in found.verdict


async def test_a_passage_with_all_words_is_near_enough(shelf: httpx2.AsyncClient) -> None:
    for document in ("timetable", "tariff"):
        assert (await _explain(shelf, document, min_similarity=0.99)).answers


@pytest.mark.parametrize("document", ["payroll", "payroll.md", "draft"])
async def test_what_one_may_not_read_is_told_as_what_does_not_exist(
    stack: SearchStack, shelf: httpx2.AsyncClient, document: str
) -> None:
    more = {"collection": SHELF, "query": QUESTION}
    hidden = await shelf.post("/internal/explain", json={**more, "document": document})
    async with stack.index() as index:
        name = document.removesuffix(".md")
        paper = next(paper for paper in _PAPERS if paper.name == name)
        await index.delete_document(SHELF, name)
        gone = await shelf.post("/internal/explain", json={**more, "document": document})
        await put(stack, SHELF, [paper])
    assert (hidden.status_code, hidden.content) == (gone.status_code, gone.content)
    assert set(hidden.headers) == set(gone.headers)
    assert Explanation.model_validate(hidden.json()).fell_out is StageName.ACCESS


async def test_who_may_read_it_is_told_why(stack: SearchStack, shelf: httpx2.AsyncClient) -> None:
    async with stack.retrieval(principal="key:boss") as boss:
        assert (await _explain(boss, "payroll")).shown


async def test_filters_do_not_tell_of_a_hidden_document(shelf: httpx2.AsyncClient) -> None:
    filters = {"type": "eq", "key": "team", "value": "kitchen"}
    hidden, nowhere = [await _explain(shelf, name, filters=filters) for name in ("payroll", "nowhere")]
    assert hidden.model_dump_json() == nowhere.model_dump_json().replace("nowhere", "payroll")


async def test_a_question_without_words_to_look_up_is_explained(shelf: httpx2.AsyncClient) -> None:
    found = await _explain(shelf, "timetable", query="of the and")
    assert _stage(found, StageName.SPARSE).outcome is Outcome.UNUSED
    assert _stage(found, StageName.DENSE).score is not None


async def test_an_empty_collection_has_no_documents(shelf: httpx2.AsyncClient) -> None:
    assert (await _explain(shelf, "timetable", collection=EMPTY)).fell_out is StageName.ACCESS


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"collection": "nowhere"}, 404, "nowhere"),
        ({"query": " "}, 400, "query"),
        ({"document": ""}, 400, "document"),
        ({"filters": {"type": "gt", "key": "team", "value": "x"}}, 400, "filters"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    shelf: httpx2.AsyncClient, body: dict[str, object], status: int, said: str
) -> None:
    request = {"collection": SHELF, "query": QUESTION, "document": "payroll", **body}
    answer = await shelf.post("/internal/explain", json=request)
    assert (answer.status_code, said in answer.json()["error"]["message"]) == (status, True)


async def test_a_document_whose_chunks_are_another_s_is_followed_by_its_own_id(
    stack: SearchStack, shelf: httpx2.AsyncClient
) -> None:
    async with stack.corpus() as corpus:
        collection = (await corpus.get(f"/internal/collections/{SHELF}")).json()["id"]
    _refer(stack, collection, "twin", owner="timetable")
    found = await _explain(shelf, "twin")
    assert found.shown
    assert found.chunk is not None
    assert found.chunk.document_id == "timetable"
    _refer(stack, collection, "hidden-twin", owner="payroll")
    hidden, nowhere = [await _explain(shelf, name) for name in ("hidden-twin", "nowhere-twin")]
    assert hidden.model_dump_json() == nowhere.model_dump_json().replace("nowhere-twin", "hidden-twin")


def _refer(stack: SearchStack, collection: str, document: str, *, owner: str) -> None:
    """A ledger row as ingest writes it for a document that equals another."""
    settings = CatalogueSettings(home=stack.settings.home)
    catalogue = open_catalogue(settings.catalogue_database)
    now, file_id = datetime.now(UTC), "file-twin"
    row = {"id": document, "collection_id": collection, "source": f"{document}.md", "copy_of": owner, "version": "v"}
    read = {"title": "Twin", "media_type": "text/plain", "bytes": 1, "chunks": 1, "file_id": file_id, "access": []}
    attempt = {"attempt_job_id": "job", "attempt_file_id": file_id, "attempt_status": "done", "attempted_at": now}
    try:
        with catalogue.write() as connection:
            connection.execute(insert(documents), [{**row, **read, **attempt, "attributes": {}, "ingested_at": now}])
    finally:
        catalogue.close()
