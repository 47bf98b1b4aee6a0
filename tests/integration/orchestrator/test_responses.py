"""The Responses API through the official `openai` package, and the conversations that it leaves on the server."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx2
import openai
import pytest
from openai import AsyncOpenAI
from openai.types.responses import Response, ResponseFileSearchToolCall, ResponseOutputMessage, ResponseOutputText
from openai.types.responses.response_output_text import AnnotationFileCitation

from services.shared.contracts.principals import OPERATOR
from tests.integration.orchestrator.conftest import COLLECTION, DOCUMENTS
from tests.integration.orchestrator.engine import MODEL, ScriptedEngine
from tests.search_stack import SearchStack
from tests.signed import Signed

RAG = f"rag/{COLLECTION}"
QUESTION = "When does the ferry to Nordsund leave?"
TRUE = "The ferry to Nordsund leaves at 07:40."
SEARCH = {"type": "file_search", "vector_store_ids": [COLLECTION]}


def _client(stack: SearchStack, principal: str) -> AsyncOpenAI:
    http = httpx2.AsyncClient(auth=Signed("orchestrator", principal=principal), timeout=60)
    return AsyncOpenAI(
        base_url=f"{stack.settings.orchestrator_url}/v1",
        api_key="x",
        http_client=http,
        max_retries=0,  # type: ignore[arg-type]  # httpx's successor
    )


@pytest.fixture
async def client(stack: SearchStack, http: httpx2.AsyncClient) -> AsyncGenerator[AsyncOpenAI]:
    """The official client."""
    async with _client(stack, "key:tester") as made:
        yield made


@pytest.fixture
async def other(stack: SearchStack, http: httpx2.AsyncClient) -> AsyncGenerator[AsyncOpenAI]:
    """Somebody else's."""
    async with _client(stack, "key:other") as made:
        yield made


def _parts(response: Response) -> tuple[ResponseFileSearchToolCall, ResponseOutputMessage, ResponseOutputText]:
    search, message = response.output
    assert isinstance(search, ResponseFileSearchToolCall)
    assert isinstance(message, ResponseOutputMessage)
    (text,) = message.content
    assert isinstance(text, ResponseOutputText)
    return search, message, text


async def test_a_response_has_its_search_its_text_and_its_citations(client: AsyncOpenAI, model: ScriptedEngine) -> None:
    model.says = TRUE
    response = await client.responses.create(
        model=RAG, input=QUESTION, instructions="Be brief.", include=["file_search_call.results"]
    )
    search, message, text = _parts(response)
    assert (response.status, message.status, search.status) == ("completed",) * 3
    assert response.output_text == f"{TRUE[:-1]} [1]."
    assert search.queries == [QUESTION]
    assert search.results is not None
    assert [result.text in DOCUMENTS["ferry"] for result in search.results if result.text] == [True, False]
    (cited,) = text.annotations
    assert isinstance(cited, AnnotationFileCitation)
    assert (cited.file_id, cited.filename) == ("ferry", "ferry")
    assert response.output_text[cited.index :].startswith("[1]")
    assert response.usage is not None
    assert (response.usage.input_tokens, response.usage.output_tokens, response.usage.total_tokens) == (9, 5, 14)
    messages = model.asked[-1]["messages"]
    assert isinstance(messages, list)
    assert messages[0]["content"].startswith("Be brief.")


async def test_a_stream_has_the_semantic_events_in_order(client: AsyncOpenAI, model: ScriptedEngine) -> None:
    model.says = TRUE
    events = [event async for event in await client.responses.create(model=RAG, input=QUESTION, stream=True)]
    kinds = [event.type for event in events]
    deltas = kinds.count("response.output_text.delta")
    assert deltas > 2
    assert kinds == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.file_search_call.in_progress",
        "response.file_search_call.searching",
        "response.in_progress",  # retrieve
        "response.file_search_call.completed",
        "response.output_item.done",
        *["response.in_progress"] * 2,  # prompt, generate
        "response.output_item.added",
        "response.content_part.added",
        *["response.output_text.delta"] * deltas,
        "response.in_progress",  # cite
        "response.output_text.annotation.added",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    stages = [extra["ragworks"]["stage"] for event in events if "ragworks" in (extra := event.model_extra or {})]
    assert stages == ["retrieve", "prompt", "generate", "cite"]
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    last = events[-1]
    assert last.type == "response.completed"
    assert last.response.output_text == text == f"{TRUE[:-1]} [1]."
    assert (await client.responses.retrieve(last.response.id)).output_text == text


async def test_the_clients_own_stream_helper_accepts_it(client: AsyncOpenAI, model: ScriptedEngine) -> None:
    model.says = TRUE
    async with client.responses.stream(model=RAG, input=QUESTION) as stream:
        async for _ in stream:
            pass
        final = await stream.get_final_response()
    assert final.output_text == f"{TRUE[:-1]} [1]."


async def test_a_plain_model_searches_with_the_file_search_tool(client: AsyncOpenAI, model: ScriptedEngine) -> None:
    model.says = TRUE
    only = {"type": "eq", "key": "document_id", "value": "lighthouse"}
    tools: Any = [{**SEARCH, "max_num_results": 1, "filters": only}]
    response = await client.responses.create(
        model=MODEL,
        input=[
            {"role": "user", "content": [{"type": "input_text", "text": "How far does the lighthouse's light reach?"}]}
        ],
        tools=tools,
        include=["file_search_call.results"],
    )
    search, _, _ = _parts(response)
    assert [result.filename for result in search.results or []] == ["lighthouse"]
    assert model.asked[-1]["model"] == MODEL


async def test_a_conversation_goes_on_from_the_previous_response(
    client: AsyncOpenAI, http: httpx2.AsyncClient, model: ScriptedEngine
) -> None:
    model.says = TRUE
    first = await client.responses.create(model=RAG, input=QUESTION)
    second = await client.responses.create(
        model=RAG, input="What does a ticket for it cost?", previous_response_id=first.id
    )
    said = model.asked[-1]["messages"]
    assert isinstance(said, list)
    assert [message["role"] for message in said] == ["system", "user", "assistant", "user"]
    assert [message["content"] for message in said[1:3]] == [QUESTION, first.output_text]
    assert second.conversation is not None
    assert first.conversation == second.conversation
    third = await client.responses.create(
        model=RAG, input="How many cars does the ferry carry?", conversation=second.conversation.id
    )
    assert third.previous_response_id == second.id
    found = (await http.get(f"/api/conversations/{second.conversation.id}")).json()
    assert (found["title"], found["collection"], found["turns"]) == (QUESTION, COLLECTION, 3)
    assert [turn["response_id"] for turn in found["said"]] == [first.id, second.id, third.id]
    records = await http.get("/api/records", params={"conversation": second.conversation.id})
    assert [record["id"] for record in records.json()["data"]] == [third.id, second.id, first.id]


async def test_regenerating_branches_from_the_same_response(client: AsyncOpenAI, model: ScriptedEngine) -> None:
    model.says = TRUE
    first = await client.responses.create(model=RAG, input=QUESTION)
    for _ in range(2):
        await client.responses.create(model=RAG, input="How many cars does it carry?", previous_response_id=first.id)
        said = model.asked[-1]["messages"]
        assert isinstance(said, list)
        assert len(said) == 4


async def test_what_is_not_stored_cannot_be_retrieved_or_followed(
    client: AsyncOpenAI, http: httpx2.AsyncClient, model: ScriptedEngine
) -> None:
    model.says = TRUE
    response = await client.responses.create(model=RAG, input=QUESTION, store=False)
    assert response.conversation is None
    with pytest.raises(openai.NotFoundError):
        await client.responses.retrieve(response.id)
    with pytest.raises(openai.NotFoundError):
        await client.responses.create(model=RAG, input=QUESTION, previous_response_id=response.id)
    assert (await http.get(f"/api/records/{response.id}")).json()["level"] == "metadata"


async def test_a_deleted_response_leaves_its_place_and_no_word(
    client: AsyncOpenAI, http: httpx2.AsyncClient, model: ScriptedEngine
) -> None:
    model.says = TRUE
    first = await client.responses.create(model=RAG, input=QUESTION)
    second = await client.responses.create(model=RAG, input="And the cars?", previous_response_id=first.id)
    assert first.conversation is not None
    address = f"/api/conversations/{first.conversation.id}"
    await client.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError):
        await client.responses.retrieve(first.id)
    told = (await http.get(address)).json()["said"]
    assert [turn["deleted"] for turn in told] == [True, False]
    assert told[0]["messages"] == []
    await client.responses.create(
        model=RAG, input="What does a ticket for the ferry cost?", previous_response_id=second.id
    )
    said = model.asked[-1]["messages"]
    assert isinstance(said, list)
    assert QUESTION not in json.dumps(said)


async def test_a_conversation_can_be_begun_again(
    client: AsyncOpenAI, model: ScriptedEngine, http: httpx2.AsyncClient
) -> None:
    model.says = TRUE
    first = await client.responses.create(model=RAG, input=QUESTION)
    assert first.conversation is not None
    again: Any = {"id": first.conversation.id, "from_start": True}
    other = await client.responses.create(model=RAG, input=QUESTION, conversation=again)
    assert other.previous_response_id is None
    said = model.asked[-1]["messages"]
    assert isinstance(said, list)
    assert [message["role"] for message in said] == ["system", "user"]
    found = (await http.get(f"/api/conversations/{first.conversation.id}")).json()
    assert [(turn["response_id"], turn["previous_response_id"]) for turn in found["said"]] == [
        (first.id, None),
        (other.id, None),
    ]


async def test_conversations_are_listed_exported_renamed_and_deleted(
    client: AsyncOpenAI, http: httpx2.AsyncClient, model: ScriptedEngine
) -> None:
    model.says = TRUE
    response = await client.responses.create(model=RAG, input=QUESTION)
    assert response.conversation is not None
    identity = response.conversation.id
    address = f"/api/conversations/{identity}"
    listed = (await http.get("/api/conversations", params={"limit": 1})).json()
    assert [each["id"] for each in listed["data"]] == [identity]
    markdown = await http.get(f"{address}/export", params={"form": "markdown"})
    assert f"**Question**: {QUESTION}\n\n**Answer**: {response.output_text}" in markdown.text
    assert (await http.get(f"{address}/export")).json() == (await http.get(address)).json()
    renamed = await http.patch(address, json={"title": " The  ferry "})
    assert (renamed.json()["title"], renamed.json()["said"]) == ("The ferry", (await http.get(address)).json()["said"])
    assert (await http.get("/api/conversations", params={"limit": 1})).json()["data"][0]["title"] == "The ferry"
    assert (await http.delete(address)).json()["deleted"] is True
    assert (await http.get(address)).status_code == 404
    with pytest.raises(openai.NotFoundError):
        await client.responses.retrieve(response.id)


async def test_another_principals_conversation_does_not_exist(
    client: AsyncOpenAI, other: AsyncOpenAI, stack: SearchStack, model: ScriptedEngine
) -> None:
    model.says = TRUE
    response = await client.responses.create(model=RAG, input=QUESTION)
    assert response.conversation is not None
    address = f"/api/conversations/{response.conversation.id}"
    with pytest.raises(openai.NotFoundError):
        await other.responses.retrieve(response.id)
    with pytest.raises(openai.NotFoundError):
        await other.responses.delete(response.id)
    with pytest.raises(openai.NotFoundError):
        await other.responses.create(model=RAG, input="And?", previous_response_id=response.id)
    with pytest.raises(openai.NotFoundError):
        await other.responses.create(model=RAG, input="And?", conversation=response.conversation.id)
    async with stack.orchestrator(principal="key:other") as asking:
        assert (await asking.get(address)).status_code == 404
        assert (await asking.get(f"{address}/export")).status_code == 404
        assert (await asking.patch(address, json={"title": "Mine"})).status_code == 404
        assert (await asking.delete(address)).status_code == 404
        assert (await asking.get("/api/conversations")).json()["data"] == []
    async with stack.orchestrator(principal=OPERATOR) as asking:
        assert (await asking.get(address)).status_code == 200


async def test_a_conversation_of_200_turns_goes_on(client: AsyncOpenAI, model: ScriptedEngine) -> None:
    model.says = TRUE
    model.counts_words = True
    history = [
        {"role": role, "content": f"Turn {turn}: {text} " + "It is as it was before. " * 8}
        for turn in range(200)
        for role, text in (("user", QUESTION), ("assistant", TRUE))
    ]
    long = await client.responses.create(model=RAG, input=[*history, {"role": "user", "content": QUESTION}])  # type: ignore[arg-type]  # as JSON
    again = await client.responses.create(model=RAG, input=QUESTION, previous_response_id=long.id)
    assert again.status == "completed"
    said = model.asked[-1]["messages"]
    assert isinstance(said, list)
    assert 10 < len(said) < 200
    assert said[-2]["content"] == long.output_text
    assert "Turn 199" in said[-4]["content"]


async def test_an_answer_that_breaks_off_ends_as_failed_and_is_not_kept(
    client: AsyncOpenAI, model: ScriptedEngine
) -> None:
    model.says = TRUE
    model.breaks_after = 10
    events = [event async for event in await client.responses.create(model=RAG, input=QUESTION, stream=True)]
    last = events[-1]
    assert last.type == "response.failed"
    assert last.response.error is not None
    assert last.response.error.code == "server_error"
    with pytest.raises(openai.NotFoundError):
        await client.responses.retrieve(last.response.id)


async def test_an_answer_cut_by_its_limit_is_incomplete(client: AsyncOpenAI, model: ScriptedEngine) -> None:
    model.says = TRUE
    model.ends = "length"
    response = await client.responses.create(model=RAG, input=QUESTION, max_output_tokens=7)
    assert model.asked[-1]["max_tokens"] == 7
    assert response.status == "incomplete"
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"model": MODEL}, 400, "no_collection"),
        ({"model": RAG, "tools": [SEARCH]}, 400, "one_collection_only"),
        ({"model": MODEL, "tools": [{**SEARCH, "vector_store_ids": ["a", "b"]}]}, 400, "one_collection_only"),
        ({"model": MODEL, "tools": [{"type": "web_search"}]}, 400, "invalid_request"),
        ({"model": MODEL, "tools": [{"type": "mcp", "server_label": "shop"}]}, 400, "no_collection"),
        (
            {"model": RAG, "tools": [{"type": "mcp", "server_label": "shop", "server_url": "http://127.0.0.1:1"}]},
            400,
            "unsupported_parameter",
        ),
        ({"model": MODEL, "tools": [{**SEARCH, "vector_store_ids": ["nowhere"]}]}, 404, "not_found"),
        ({"model": "nobody", "tools": [SEARCH]}, 404, "model_not_found"),
        ({"model": "rag/nowhere"}, 404, "collection_not_found"),
        ({"model": RAG, "input": []}, 400, "empty_question"),
        ({"model": RAG, "input": [{"type": "image", "role": "user"}]}, 400, "invalid_request"),
        ({"model": RAG, "background": True}, 400, "unsupported_parameter"),
        ({"model": RAG, "text": {"format": {"type": "json_object"}}}, 400, "unsupported_parameter"),
        ({"model": RAG, "previous_response_id": "resp_none"}, 404, "response_not_found"),
        ({"model": RAG, "conversation": "conv_none"}, 404, "conversation_not_found"),
        ({"model": RAG, "conversation": "c", "previous_response_id": "r"}, 400, "invalid_request"),
    ],
)
async def test_what_cannot_be_answered_is_refused_with_its_reason(
    http: httpx2.AsyncClient, asked: dict[str, object], status: int, code: str
) -> None:
    answer = await http.post("/v1/responses", json={"input": QUESTION, **asked})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
