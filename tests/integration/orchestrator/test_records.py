"""What is kept of answers: all of it, none of its words, or nothing; for whom; and what people say about it."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx2
import pytest

from services.shared.contracts.principals import OPERATOR
from tests.integration.orchestrator.conftest import COLLECTION
from tests.integration.orchestrator.engine import MODEL, ScriptedEngine
from tests.processes import eventually
from tests.search_stack import SearchStack

QUESTION = "When does the ferry to Nordsund leave?"
TRUE = "The ferry to Nordsund leaves at 07:40."
MADE_UP = "The ferry to Nordsund leaves at 09:15."


@pytest.fixture
async def operator(stack: SearchStack, http: httpx2.AsyncClient) -> AsyncGenerator[httpx2.AsyncClient]:
    """The operator's client."""
    async with stack.orchestrator(principal=OPERATOR) as client:
        yield client


@pytest.fixture
async def other(stack: SearchStack, http: httpx2.AsyncClient) -> AsyncGenerator[httpx2.AsyncClient]:
    """Somebody else's client."""
    async with stack.orchestrator(principal="key:other") as client:
        yield client


def _body(question: str = QUESTION, **more: object) -> dict[str, object]:
    return {"model": f"rag/{COLLECTION}", "messages": [{"role": "user", "content": question}], **more}


async def _ask(http: httpx2.AsyncClient, question: str = QUESTION, **more: object) -> dict[str, Any]:
    answer = await http.post("/v1/chat/completions", json=_body(question, **more))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _record(http: httpx2.AsyncClient, record_id: str) -> dict[str, Any]:
    answer = await http.get(f"/api/records/{record_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _listed(http: httpx2.AsyncClient, **query: str) -> list[str]:
    answer = await http.get("/api/records", params=query)
    assert answer.status_code == 200, answer.text
    return [record["id"] for record in answer.json()["data"]]


async def test_a_record_has_all_that_led_to_the_answer(http: httpx2.AsyncClient, model: ScriptedEngine) -> None:
    model.says = f"{TRUE} It costs 99 euros."
    completion = await _ask(http)
    message = completion["choices"][0]["message"]
    assert completion["ragworks"]["record_id"] == completion["id"]
    record = await _record(http, completion["id"])
    assert (record["question"], record["answer"]) == (QUESTION, message["content"])
    assert (record["model"], record["finish_reason"], record["collection"]) == (MODEL, "stop", COLLECTION)
    assert record["principal"] == "key:tester"
    assert record["messages"] == model.asked[-1]["messages"]
    assert record["claims"] == message["claims"]
    assert record["citations"] == message["citations"]
    assert record["unsupported_claims"] == 1
    assert record["usage"]["completion_tokens"] == 5
    assert record["timings_ms"] == completion["ragworks"]["timings_ms"]
    ferry, lighthouse = record["passages"]
    assert (ferry["document_id"], ferry["number"], ferry["in_prompt"]) == ("ferry", 1, True)
    assert ferry["text"].startswith("The ferry to Nordsund")
    assert ferry["scores"]["fused"] > lighthouse["scores"]["fused"]


async def test_a_streamed_answer_leaves_the_same_record_and_tells_its_id(
    http: httpx2.AsyncClient, model: ScriptedEngine
) -> None:
    model.says = TRUE
    answer = await http.post("/v1/chat/completions", json=_body(stream=True), headers={"x-request-id": "ours-1"})
    chunks = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: {")]
    assert chunks[-1]["ragworks"]["record_id"] == chunks[0]["id"]
    record = await _record(http, chunks[0]["id"])
    assert record["answer"] == f"{TRUE[:-1]} [1]."
    assert record["request_id"] == "ours-1"
    assert (await _record(http, "ours-1"))["id"] == record["id"]


async def test_an_answer_whose_client_left_is_kept_as_far_as_it_came(
    http: httpx2.AsyncClient, model: ScriptedEngine
) -> None:
    model.says = TRUE
    model.stops_after = 10
    identity = ""
    async with http.stream("POST", "/v1/chat/completions", json=_body(stream=True)) as answer:
        async for line in answer.aiter_lines():
            if '"content":"The f"' in line:
                identity = json.loads(line[6:])["id"]
                break

    async def is_kept() -> bool:
        return (await http.get(f"/api/records/{identity}")).status_code == 200

    await eventually(is_kept, deadline_s=10, what="the record of the cancelled answer")
    record = await _record(http, identity)
    assert record["finish_reason"] == "cancelled"
    assert TRUE.startswith(record["answer"])
    assert record["messages"] is not None


async def test_an_answer_that_failed_is_kept_with_its_error(http: httpx2.AsyncClient, model: ScriptedEngine) -> None:
    model.says = TRUE
    model.breaks_after = 10
    headers = {"x-request-id": "ours-failed"}
    answer = await http.post("/v1/chat/completions", json=_body(), headers=headers)
    assert answer.status_code == 502
    record = await _record(http, "ours-failed")
    assert (record["finish_reason"], record["error_code"]) == ("failed", "stream_interrupted")


@pytest.mark.parametrize("less", [{"store": False}, {"ragworks": {"record": "metadata"}}])
async def test_without_consent_no_word_is_kept(
    http: httpx2.AsyncClient, model: ScriptedEngine, less: dict[str, object]
) -> None:
    model.says = f"{TRUE} Captain Olaf Berg is in command."
    completion = await _ask(http, QUESTION, **less)
    record = await _record(http, completion["id"])
    assert record["level"] == "metadata"
    assert [claim["verdict"] for claim in record["claims"]] == ["supported", "unsupported"]
    assert [passage["document_id"] for passage in record["passages"]] == ["ferry", "lighthouse"]
    kept = json.dumps(record).lower()
    for word in ("nordsund", "07:40", "captain", "olaf", "granite", "leave"):
        assert word not in kept


async def test_a_request_can_ask_that_nothing_is_kept(http: httpx2.AsyncClient, model: ScriptedEngine) -> None:
    model.says = TRUE
    completion = await _ask(http, ragworks={"record": "off"})
    assert completion["ragworks"]["record_id"] is None
    assert (await http.get(f"/api/records/{completion['id']}")).status_code == 404


async def test_others_see_nothing_and_the_operator_sees_all(
    http: httpx2.AsyncClient, other: httpx2.AsyncClient, operator: httpx2.AsyncClient, model: ScriptedEngine
) -> None:
    model.says = TRUE
    mine = (await _ask(http))["id"]
    theirs = (await _ask(other))["id"]
    assert theirs not in await _listed(http, limit="1000")
    assert {mine, theirs} <= {*await _listed(operator, limit="1000")}
    assert mine not in await _listed(operator, limit="1000", principal="key:other")
    for refused in (
        await other.get(f"/api/records/{mine}"),
        await other.delete(f"/api/records/{mine}"),
        await other.post("/api/feedback", json={"record_id": mine, "rating": "up"}),
    ):
        assert refused.status_code == 404
        assert refused.json()["error"]["code"] == "record_not_found"
    assert mine not in (await other.get("/api/records/export")).text


async def test_records_are_found_by_what_they_are_about(http: httpx2.AsyncClient, model: ScriptedEngine) -> None:
    model.says = TRUE
    good = (await _ask(http, "When does the Nordsund ferry leave in the morning?"))["id"]
    model.says = MADE_UP
    bad = (await _ask(http, "At what hour does the ferry go, 100%_sure?"))["id"]
    none = (await _ask(http, "Which enzyme splits maltose?"))["id"]
    assert good in await _listed(http, unsupported="false", abstained="false")
    assert bad in await _listed(http, unsupported="true")
    assert none in await _listed(http, abstained="true")
    assert await _listed(http, q="ENZYME splits maltose") == [none]
    assert await _listed(http, q="100%_SURE") == [bad]
    assert await _listed(http, q="%enzyme") == []
    assert await _listed(http, collection="elsewhere") == []
    since = (await _record(http, bad))["created_at"]
    assert await _listed(http, since=since) == [none, bad]
    assert bad not in await _listed(http, until=since)
    assert (await http.get("/api/records", params={"since": "yesterday"})).status_code == 400


async def test_pages_and_the_export_hold_every_record_once(http: httpx2.AsyncClient, model: ScriptedEngine) -> None:
    model.says = TRUE
    made = [(await _ask(http, f"When does ferry number {number} leave?"))["id"] for number in range(5)]
    seen: list[str] = []
    query = {"q": "ferry number", "limit": "2"}
    while True:
        page = (await http.get("/api/records", params=query)).json()
        seen += [record["id"] for record in page["data"]]
        if not page["has_more"]:
            break
        query["after"] = page["last_id"]
    assert seen == made[::-1]
    exported = await http.get("/api/records/export", params={"q": "ferry number"})
    lines = [json.loads(line) for line in exported.text.splitlines()]
    assert [line["id"] for line in lines] == made
    assert lines[0] == await _record(http, made[0])


async def test_feedback_is_kept_and_changed_by_what_is_said_later(
    http: httpx2.AsyncClient, model: ScriptedEngine
) -> None:
    model.says = TRUE
    identity = (await _ask(http))["id"]
    assert identity in await _listed(http, feedback="none")
    first = {"record_id": identity, "rating": "down", "comment": "Too late.", "wrong_citations": [1]}
    assert (await http.post("/api/feedback", json=first)).status_code == 200
    answer = await http.post("/api/feedback", json={"record_id": identity, "rating": "up", "comment": None})
    said = answer.json()["feedback"]
    assert (said["rating"], said["comment"], said["wrong_citations"]) == ("up", None, [1])
    assert said["given_by"] == "key:tester"
    assert (await _record(http, identity))["feedback"] == said
    assert identity in await _listed(http, feedback="up")
    assert identity not in await _listed(http, feedback="down")


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"record_id": "chatcmpl-none", "rating": "up"}, 404, "record_not_found"),
        ({"rating": "up"}, 400, "invalid_request"),
        ({"record_id": "x"}, 400, "invalid_request"),
        ({"record_id": "x", "rating": "sideways"}, 400, "invalid_request"),
    ],
)
async def test_feedback_that_says_nothing_or_on_nothing_is_refused(
    http: httpx2.AsyncClient, said: dict[str, str], status: int, code: str
) -> None:
    answer = await http.post("/api/feedback", json=said)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_a_citation_that_the_answer_does_not_have_cannot_be_wrong(
    http: httpx2.AsyncClient, model: ScriptedEngine
) -> None:
    model.says = TRUE
    identity = (await _ask(http))["id"]
    answer = await http.post("/api/feedback", json={"record_id": identity, "wrong_citations": [2]})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "The answer has no citation [2]; it cites 1."


async def test_a_deleted_record_is_gone(http: httpx2.AsyncClient, model: ScriptedEngine) -> None:
    model.says = TRUE
    identity = (await _ask(http))["id"]
    assert (await http.delete(f"/api/records/{identity}")).json()["deleted"] is True
    assert (await http.get(f"/api/records/{identity}")).status_code == 404


async def test_many_answers_at_once_leave_a_record_each(http: httpx2.AsyncClient, model: ScriptedEngine) -> None:
    model.says = TRUE
    answers = await asyncio.gather(*(_ask(http, f"When does the launch {number} leave?") for number in range(20)))
    assert {answer["id"] for answer in answers} == {*await _listed(http, q="the launch", limit="100")}
