"""Index builds: reads and writes go on, nothing is lost, and a kill in the middle heals."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
from qdrant_client import AsyncQdrantClient, models

from tests.contract.vectordb.server import Server
from tests.integration.vectordb import points

_THRESHOLD = 1_500
_POINTS = 2_000
_DEADLINE_S = 60


@pytest.fixture
def server(server: Server) -> Server:
    """With a threshold that the test's points pass, and no wait before a build."""
    server.settings = {
        "RAGWORKS_VECTORDB_INDEXING_THRESHOLD": str(_THRESHOLD),
        "RAGWORKS_VECTORDB_INDEX_CHECK": "PT0.05S",
    }
    return server


async def test_reads_and_writes_go_on_while_an_index_is_built_and_nothing_is_lost(server: Server) -> None:
    server.start()
    client = server.endpoint.client()
    await points.create(client, "c")
    await client.create_payload_index("c", "number", models.PayloadSchemaType.INTEGER, wait=True)
    await points.fill(client, "c", _POINTS)
    await _until(lambda: _status(client, models.CollectionStatus.YELLOW))

    reads, number = 0, _POINTS
    while not await _status(client, models.CollectionStatus.GREEN):
        await client.upsert("c", points.batch([number], text="written during the build"), wait=True)
        await client.delete("c", [number - _POINTS], wait=True)
        hits = (await client.query_points("c", query=points.vector(number), limit=1)).points
        assert [hit.id for hit in hits] == [number]
        number += 1
        reads += 1
    assert reads > 0

    stored = await points.all_ids(client, "c")
    assert stored == set(range(reads, number))
    info = await client.get_collection("c")
    assert info.points_count == _POINTS
    assert (info.indexed_vectors_count or 0) > _THRESHOLD
    assert info.optimizer_status == "ok"
    assert info.payload_schema["number"].points == _POINTS
    assert await _recall(client, first=reads) > 0.9
    assert len(list((server.home / "vectordb" / "shards").iterdir())) == 1

    server.kill()
    server.start()
    assert await points.all_ids(server.endpoint.client(), "c") == stored


async def test_a_kill_during_an_index_build_heals(server: Server) -> None:
    server.start()
    client = server.endpoint.client()
    await points.create(client, "c")
    await points.fill(client, "c", _POINTS)
    await _until(lambda: _status(client, models.CollectionStatus.YELLOW))
    await client.upsert("c", points.batch([_POINTS]), wait=True)
    server.kill()
    server.start()
    client = server.endpoint.client()

    assert await points.all_ids(client, "c") == set(range(_POINTS + 1))
    await _until(lambda: _indexed(client))
    assert await points.all_ids(client, "c") == set(range(_POINTS + 1))
    await _until(lambda: _status(client, models.CollectionStatus.GREEN))
    shards = server.home / "vectordb" / "shards"
    await _until(lambda: _as_awaitable(len(list(shards.iterdir())) == 1))


async def test_a_collection_deleted_during_its_build_is_gone(server: Server) -> None:
    server.start()
    client = server.endpoint.client()
    await points.create(client, "c")
    await points.fill(client, "c", _POINTS)
    await _until(lambda: _status(client, models.CollectionStatus.YELLOW))

    await client.delete_collection("c")
    await points.create(client, "c")
    await points.fill(client, "c", 10)

    shards = server.home / "vectordb" / "shards"
    await _until(lambda: _as_awaitable(len(list(shards.iterdir())) == 1))
    assert (await client.count("c")).count == 10


async def _status(client: AsyncQdrantClient, status: models.CollectionStatus) -> bool:
    return (await client.get_collection("c")).status == status


async def _indexed(client: AsyncQdrantClient) -> bool:
    return ((await client.get_collection("c")).indexed_vectors_count or 0) >= _POINTS


async def _as_awaitable(value: bool) -> bool:
    return value


async def _recall(client: AsyncQdrantClient, *, first: int) -> float:
    found = 0
    for number in range(first, first + 30):
        exact = models.SearchParams(exact=True)
        truth = (await client.query_points("c", query=points.vector(-number), limit=10, search_params=exact)).points
        hits = (await client.query_points("c", query=points.vector(-number), limit=10)).points
        found += len({hit.id for hit in truth} & {hit.id for hit in hits})
    return found / 300


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + _DEADLINE_S
    while not await condition():
        assert time.monotonic() < deadline, "waited too long"
        await asyncio.sleep(0.02)
