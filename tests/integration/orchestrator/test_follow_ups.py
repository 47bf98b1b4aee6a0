"""What a search finds for follow-up questions as they are asked, and as they are rewritten; on the project's pages."""

import re
from pathlib import Path
from statistics import fmean

import httpx2

from services.orchestrator.domain.rewriting import standalone
from services.shared.components.embedders.bm25 import Bm25Embedder
from services.shared.components.indexes.points import IndexedChunk
from services.shared.contracts.chunks import chunk_id
from tests.evals.stored import payload
from tests.integration.orchestrator.engine import ScriptedEngine
from tests.integration.orchestrator.follow_ups import FOLLOW_UPS
from tests.processes import REPOSITORY, free_port, running
from tests.search_stack import SearchStack, environment_of
from tests.signed import Signed

COLLECTION = "pages"
_HEADING = re.compile(r"^#+ ", flags=re.MULTILINE)
_LARGEST = 1_000


async def test_rewritten_follow_ups_find_their_page_more_often(
    stack: SearchStack, http: httpx2.AsyncClient, model: ScriptedEngine
) -> None:
    await _store_pages(stack)
    async with stack.retrieval() as retrieval:
        asked = [await _rank(retrieval, question, page) for _, question, page in FOLLOW_UPS]
        rewritten = [await _rank(retrieval, standalone(q, before), page) for before, q, page in FOLLOW_UPS]
    figures = f"reciprocal rank of the page: as asked {fmean(asked):.3f}, rewritten {fmean(rewritten):.3f}; "
    figures += f"first: {asked.count(1.0)} and {rewritten.count(1.0)} of {len(FOLLOW_UPS)}"
    assert fmean(rewritten) > fmean(asked) + 0.1, figures


async def test_a_follow_up_is_searched_for_with_what_it_is_about(
    http: httpx2.AsyncClient, model: ScriptedEngine
) -> None:
    model.says = "A ticket costs 14 euros."
    messages = [
        {"role": "user", "content": "When does the ferry to Nordsund leave?"},
        {"role": "assistant", "content": "At 07:40."},
        {"role": "user", "content": "And what does it cost?"},
    ]
    answer = await http.post("/v1/chat/completions", json={"model": "rag/harbour", "messages": messages})
    completion = answer.json()
    record = (await http.get(f"/api/records/{completion['id']}")).json()
    assert record["query"] == "And what does it cost? ferry Nordsund leave"
    assert record["question"] == "And what does it cost?"
    assert "rewrite" in completion["ragworks"]["timings_ms"]
    assert record["messages"][-1]["content"].endswith("Question: And what does it cost?\nAnswer:")


async def test_a_first_question_is_searched_for_as_it_is(http: httpx2.AsyncClient, model: ScriptedEngine) -> None:
    model.says = "A ticket costs 14 euros."
    messages = [{"role": "user", "content": "What does it cost to take the ferry?"}]
    answer = await http.post("/v1/chat/completions", json={"model": "rag/harbour", "messages": messages})
    completion = answer.json()
    assert (await http.get(f"/api/records/{completion['id']}")).json()["query"] is None
    assert "rewrite" not in completion["ragworks"]["timings_ms"]


async def test_a_model_can_write_what_is_searched_for(
    stack: SearchStack, http: httpx2.AsyncClient, model: ScriptedEngine, tmp_path: Path
) -> None:
    model.says = "What does the ferry to Nordsund cost?"
    settings = stack.settings.model_copy(
        update={"orchestrator_url": f"http://127.0.0.1:{free_port()}", "home": tmp_path}
    )
    env = environment_of(settings) | {"RAGWORKS_ORCHESTRATOR_REWRITE": "model"}
    messages = [{"role": "user", "content": text} for text in ("When does the ferry leave?", "And what does it cost?")]
    with running("services.orchestrator", env, ready=f"{settings.orchestrator_url}/readyz") as address:
        async with httpx2.AsyncClient(base_url=address, auth=Signed("orchestrator"), timeout=60) as client:
            answer = await client.post("/v1/chat/completions", json={"model": "rag/harbour", "messages": messages})
            record = (await client.get(f"/api/records/{answer.json()['id']}")).json()
    assert record["query"] == model.says
    assert len(model.asked) == 2


async def _rank(retrieval: httpx2.AsyncClient, query: str, page: str) -> float:
    body = {"collection": COLLECTION, "query": query, "limit": 20}
    found = (await retrieval.post("/internal/search", json=body)).json()["passages"]
    pages = list(dict.fromkeys(passage["chunk"]["document_id"] for passage in found))
    return 1 / (pages.index(page) + 1) if page in pages else 0.0


async def _store_pages(stack: SearchStack) -> None:
    async with stack.corpus() as corpus:
        await corpus.post("/api/collections", json={"name": COLLECTION})
    pages = {path.name: path.read_text(encoding="utf-8") for path in (REPOSITORY / "docs").glob("*.md")}
    texts = [(name, part) for name, text in sorted(pages.items()) for part in _parts(text)]
    bm25 = Bm25Embedder()
    async with stack.embedder() as embedder, stack.index() as index:
        vectors = await embedder.embed_documents([text for _, text in texts])
        chunks = [
            IndexedChunk(chunk_id(name, "v", n), payload(COLLECTION, name, text), vector, bm25.embed_document(text))
            for n, ((name, text), vector) in enumerate(zip(texts, vectors, strict=True))
        ]
        await index.upsert(COLLECTION, chunks)


def _parts(text: str) -> list[str]:
    """Sections, cut into pieces."""
    sections = [part.strip() for part in _HEADING.split(text) if part.strip()]
    return [each[start : start + _LARGEST] for each in sections for start in range(0, len(each), _LARGEST)]
