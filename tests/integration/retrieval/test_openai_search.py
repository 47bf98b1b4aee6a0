"""Search through OpenAI's API, with the official client."""

from collections.abc import AsyncGenerator

import httpx2
import pytest
from openai import AsyncOpenAI, BadRequestError, NotFoundError

from tests.integration.retrieval.conftest import LIBRARY
from tests.search_stack import SearchStack
from tests.signed import Signed


@pytest.fixture
async def client(stack: SearchStack, library: str) -> AsyncGenerator[AsyncOpenAI]:
    url = f"{stack.settings.retrieval_url}/v1"
    async with (
        httpx2.AsyncClient(auth=Signed("retrieval"), timeout=60) as http,
        AsyncOpenAI(base_url=url, api_key="unused", http_client=http, max_retries=0) as client,
    ):
        yield client


async def test_passages_come_in_openais_shape(client: AsyncOpenAI) -> None:
    page = await client.vector_stores.search(LIBRARY, query="When was the lighthouse built?", max_num_results=2)
    first = page.data[0]
    assert (first.file_id, first.filename) == ("file-1", "lighthouse.md")
    assert first.content[0].text.startswith("The lighthouse on the northern cape")
    assert first.attributes is not None
    assert first.attributes["topic"] == "lighthouse"
    assert 0 < first.score <= 1
    assert len(page.data) == 2


async def test_all_pages_are_one_page(client: AsyncOpenAI) -> None:
    results = [result async for result in client.vector_stores.search(LIBRARY, query="tide", max_num_results=50)]
    assert len({result.filename for result in results}) == len(results) == 4


async def test_several_queries_share_one_ranking(client: AsyncOpenAI) -> None:
    page = await client.vector_stores.search(LIBRARY, query=["kneading dough", "coolant pump"], max_num_results=2)
    assert {result.filename for result in page.data} == {"bread.md", "pump.md"}


async def test_filters_and_a_threshold_narrow_the_results(client: AsyncOpenAI) -> None:
    page = await client.vector_stores.search(
        LIBRARY, query="tide", filters={"type": "in", "key": "topic", "value": ["bread", "pump"]}
    )
    assert {result.filename for result in page.data} == {"bread.md", "pump.md"}
    page = await client.vector_stores.search(
        LIBRARY, query="tide and ships in the harbour", ranking_options={"score_threshold": 0.9}, rewrite_query=True
    )
    assert [result.filename for result in page.data] == ["harbour.md"]


async def test_an_unknown_store_is_not_found(client: AsyncOpenAI) -> None:
    with pytest.raises(NotFoundError) as caught:
        await client.vector_stores.search("vs_unknown", query="tide")
    assert caught.value.code == "collection_not_found"


@pytest.mark.parametrize("count", [0, 51])
async def test_the_number_of_results_has_limits(client: AsyncOpenAI, count: int) -> None:
    with pytest.raises(BadRequestError, match="max_num_results"):
        await client.vector_stores.search(LIBRARY, query="tide", max_num_results=count)
