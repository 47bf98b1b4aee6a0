"""The embedding service, asked as its callers ask it."""

import asyncio
import re

import httpx2
import pytest
from openai import AsyncOpenAI, BadRequestError, NotFoundError

from tests.processes import eventually

MODEL = "all-MiniLM-L6-v2"
LONG = "The quick brown fox jumps over the lazy dog while the supervisor watches. " * 30


async def test_the_openai_package_gets_the_same_vectors_in_both_encodings(openai_client: AsyncOpenAI) -> None:
    texts = ["How do I start the platform?", "Cats sleep."]
    as_base64 = await openai_client.embeddings.create(model=MODEL, input=texts)  # its default encoding
    as_floats = await openai_client.embeddings.create(model=MODEL, input=texts, encoding_format="float")
    assert [item.index for item in as_base64.data] == [0, 1]
    for left, right in zip(as_base64.data, as_floats.data, strict=True):
        assert left.embedding == pytest.approx(right.embedding, abs=1e-6)
        assert sum(x * x for x in left.embedding) == pytest.approx(1.0, abs=1e-3)
    assert as_base64.usage.prompt_tokens == as_base64.usage.total_tokens == 14


async def test_one_text_may_come_without_a_list(openai_client: AsyncOpenAI) -> None:
    answer = await openai_client.embeddings.create(model=MODEL, input="hello", dimensions=384)
    assert len(answer.data[0].embedding) == 384


async def test_a_text_beyond_the_window_is_cut_and_counted_as_cut(openai_client: AsyncOpenAI) -> None:
    answer = await openai_client.embeddings.create(model=MODEL, input="word " * 5000)
    assert answer.usage.prompt_tokens == 256


async def test_the_model_is_listed_with_its_window(openai_client: AsyncOpenAI) -> None:
    listed = (await openai_client.models.list()).data
    assert [(model.id, model.model_dump()["max_model_len"]) for model in listed] == [(MODEL, 256)]


async def test_an_unknown_model_is_named_with_what_there_is(openai_client: AsyncOpenAI) -> None:
    with pytest.raises(NotFoundError, match=f"'nothing' does not exist; available: {MODEL}"):
        await openai_client.embeddings.create(model="nothing", input="x")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"input": ""}, "the text is empty"),
        ({"input": ["a"] * 601}, "601 texts are more than the 600"),
        ({"input": [1, 2]}, "token numbers are not accepted"),
        ({"input": "x", "dimensions": 64}, "vectors of 384 numbers, not 64"),
        ({"input": "x", "encoding_format": "int8"}, "use float or base64"),
    ],
)
async def test_a_request_that_cannot_be_served_says_why(
    http: httpx2.AsyncClient, body: dict[str, object], message: str
) -> None:
    answer = await http.post("/v1/embeddings", json={"model": MODEL, **body})
    assert answer.status_code == 400
    assert message in answer.json()["error"]["message"]


async def test_broken_json_and_too_large_bodies_are_refused(http: httpx2.AsyncClient) -> None:
    broken = await http.post("/v1/embeddings", content=b'{"model": ')
    assert (broken.status_code, broken.json()["error"]["code"]) == (400, "invalid_json")
    large = await http.post("/v1/embeddings", json={"model": MODEL, "input": "x" * 2_000_001})
    assert large.status_code == 413


async def test_only_signed_requests_are_served(embedding_url: str) -> None:
    async with httpx2.AsyncClient(base_url=embedding_url) as stranger:
        assert (await stranger.post("/v1/embeddings", json={"model": MODEL, "input": "x"})).status_code == 401
        assert (await stranger.get("/v1/models")).status_code == 401
        assert (await stranger.get("/healthz")).status_code == 200


async def test_a_query_is_answered_while_bulk_work_waits(openai_client: AsyncOpenAI) -> None:
    bulk = asyncio.create_task(openai_client.embeddings.create(model=MODEL, input=[LONG] * 64))
    await _some_bulk_waits(openai_client)
    await openai_client.embeddings.create(model=MODEL, input="a query in between")
    assert not bulk.done()
    assert len((await bulk).data) == 64


async def test_the_work_of_a_client_that_left_is_dropped(openai_client: AsyncOpenAI, http: httpx2.AsyncClient) -> None:
    before = await _metric(http, "ragworks_embedding_texts_total")
    bulk = asyncio.create_task(openai_client.embeddings.create(model=MODEL, input=[LONG] * 600))
    await _some_bulk_waits(openai_client)
    bulk.cancel()

    async def nothing_waits() -> bool:
        return await _metric(http, "ragworks_embedding_waiting_texts") == 0

    await eventually(nothing_waits, deadline_s=30, what="the queue to be empty")
    assert await _metric(http, "ragworks_embedding_texts_total") - before < 600


async def test_an_invalid_request_through_the_package_is_its_own_error(openai_client: AsyncOpenAI) -> None:
    with pytest.raises(BadRequestError, match="the list is empty"):
        await openai_client.embeddings.create(model=MODEL, input=[])


async def _some_bulk_waits(client: AsyncOpenAI) -> None:
    async with httpx2.AsyncClient(base_url=str(client.base_url).removesuffix("/v1/")) as http:

        async def waits() -> bool:
            return await _metric(http, "ragworks_embedding_waiting_texts") > 0

        await eventually(waits, deadline_s=30, what="bulk work to wait")


async def _metric(http: httpx2.AsyncClient, name: str) -> float:
    """The value in the bulk lane; zero before its first use."""
    found = re.search(rf'^{name}{{lane="bulk"}} (\S+)$', (await http.get("/metrics")).text, re.MULTILINE)
    return float(found[1]) if found else 0.0
