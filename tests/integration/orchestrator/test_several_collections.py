"""Answers from several collections."""

import httpx2

from tests.integration.orchestrator.conftest import COLLECTION
from tests.integration.orchestrator.engine import ScriptedEngine
from tests.search_stack import SearchStack


async def test_an_answer_cites_whichever_has_it(
    http: httpx2.AsyncClient, stack: SearchStack, model: ScriptedEngine
) -> None:
    async with stack.corpus() as corpus:
        await corpus.post("/api/collections", json={"name": "attic"})
    model.says = "The ferry to Nordsund leaves at 07:40."
    question = {"role": "user", "content": "When does the ferry to Nordsund leave?"}
    body = {"model": f"rag/attic+{COLLECTION}", "messages": [question]}
    answer = (await http.post("/v1/chat/completions", json=body)).json()
    assert [each["document_id"] for each in answer["choices"][0]["message"]["citations"]] == ["ferry"]
    missing = await http.post("/v1/chat/completions", json={**body, "model": f"rag/{COLLECTION}+nowhere"})
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "collection_not_found")
