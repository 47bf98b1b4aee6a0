"""Questions that need a live row of a database beside a document, through the whole platform."""

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import OpenAI

from tests.e2e.clients import Uploaded, openai_client, upload
from tests.e2e.documents import HARBOUR, LIGHTHOUSE
from tests.platforms import Platform

QUESTION = "In which city is order A-17, and what does a ticket for the ferry cost?"
CALL = {"name": "shop.order_status", "arguments": {"order": "A-17"}}


@pytest.fixture(scope="module")
def client(platform: Platform) -> OpenAI:
    return openai_client(platform)


@pytest.fixture(scope="module")
def harbour(client: OpenAI) -> Iterator[Uploaded]:
    store = upload(client, "harbour-shop", {"lighthouse.md": LIGHTHOUSE, "harbour.md": HARBOUR})
    yield store
    client.vector_stores.delete(store.id)


def _ask(client: OpenAI, collection: str, question: str, **extra: Any) -> dict[str, Any]:
    answer = client.chat.completions.create(
        model=f"rag/{collection}", messages=[{"role": "user", "content": question}], max_tokens=60, extra_body=extra
    )
    return answer.model_dump()["choices"][0]["message"]


@pytest.mark.parametrize(
    "asked",
    [{"ragworks": {"tools": [CALL]}}, {"tools": [{"type": "mcp", "server_label": "shop"}]}],
    ids=["a named call", "a pattern of the connector"],
)
def test_a_live_row_and_a_passage_of_a_document_are_both_cited(
    client: OpenAI, harbour: Uploaded, asked: dict[str, Any]
) -> None:
    message = _ask(client, harbour.name, QUESTION, **asked)

    cited = {(each["title"], each["quote"]): each["number"] for each in message["citations"]}
    row = cited["shop.order_status", "order is A-17, status is shipped, city is Bergen."]
    price = cited["The harbour", "A ticket for the ferry costs 12 crowns."]
    assert f"[{row}]" in message["content"]
    assert f"[{price}]" in message["content"]


def test_the_responses_api_takes_a_connector_beside_its_search(client: OpenAI, harbour: Uploaded) -> None:
    tools: Any = [
        {"type": "file_search", "vector_store_ids": [harbour.id]},
        {"type": "mcp", "server_label": "shop"},
    ]
    model = next(each.id for each in client.models.list() if each.owned_by != "ragworks")

    answer = client.responses.create(model=model, input=QUESTION, tools=tools, max_output_tokens=60)

    cited = {(each["title"], each["source"]) for each in (answer.model_extra or {})["ragworks"]["citations"]}
    assert ("shop.order_status", "tool:shop.order_status") in cited
    assert "The harbour" in {title for title, _ in cited}


def test_without_being_asked_for_no_tool_is_called(client: OpenAI, harbour: Uploaded) -> None:
    message = _ask(client, harbour.name, QUESTION)

    assert not [each for each in message["citations"] if each["source"].startswith("tool:")]
    assert "Bergen" not in message["content"]


def test_a_call_that_is_refused_fails_the_question_and_says_why(client: OpenAI, harbour: Uploaded) -> None:
    unknown = {"ragworks": {"tools": [{"name": "shop.refund", "arguments": {}}]}}
    with pytest.raises(openai.NotFoundError, match=r"There is no tool 'shop\.refund'"):
        _ask(client, harbour.name, QUESTION, **unknown)


def test_the_platform_goes_to_no_server_that_a_request_names(client: OpenAI, harbour: Uploaded) -> None:
    server = {"type": "mcp", "server_label": "evil", "server_url": "http://127.0.0.1:1/mcp"}
    with pytest.raises(openai.BadRequestError, match="'tools' is not available"):
        _ask(client, harbour.name, QUESTION, tools=[server])
