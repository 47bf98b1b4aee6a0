"""Health, version and snapshots."""

from importlib import metadata

import pytest
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.common.version_check import is_compatible

from tests.contract.vectordb import data
from tests.contract.vectordb.server import Endpoint


async def test_health_version_and_metrics_answer(endpoint: Endpoint) -> None:
    async with Endpoint(endpoint.url, None).http() as http:
        states = [(await http.get(path)).status_code for path in ("/healthz", "/readyz", "/livez")]
        version = (await http.get("/")).json()["version"]
        metrics = await http.get("/metrics", headers=endpoint.headers)

    assert states == [200, 200, 200]
    assert is_compatible(client_version=metadata.version("qdrant-client"), server_version=version)
    assert metrics.status_code == 200


async def test_a_snapshot_restores_what_was_there_when_it_was_made(
    endpoint: Endpoint, client: AsyncQdrantClient, name: str
) -> None:
    await data.fill(client, name)
    await client.create_payload_index(name, "city", models.PayloadSchemaType.KEYWORD, wait=True)
    snapshot = await client.create_snapshot(name)
    assert snapshot is not None
    await client.delete(name, [0, 1, 2], wait=True)
    other = f"{name}-restored"

    async with endpoint.http() as http:
        content = (await http.get(f"/collections/{name}/snapshots/{snapshot.name}")).content
        for target in (name, other):
            answer = await http.post(
                f"/collections/{target}/snapshots/upload?priority=snapshot",
                files={"snapshot": (snapshot.name, content)},
            )
            assert answer.status_code == 200, answer.text

    assert await data.ids(client, name) == list(range(10))
    assert await data.ids(client, other) == list(range(10))
    assert (await client.facet(other, "city", exact=True)).hits
    assert "city" in (await client.get_collection(other)).payload_schema
    await client.upsert(other, [data.point(11)], wait=True)
    assert (await client.count(other)).count == 11
    await client.delete_collection(other)


async def test_snapshots_are_listed_and_deleted(client: AsyncQdrantClient, name: str) -> None:
    await data.fill(client, name)
    snapshot = await client.create_snapshot(name)
    assert snapshot is not None

    assert [each.name for each in await client.list_snapshots(name)] == [snapshot.name]
    assert snapshot.size > 0
    await client.delete_snapshot(name, snapshot.name, wait=True)
    assert await client.list_snapshots(name) == []


@pytest.mark.parametrize("content", [b"", b"not a snapshot", b"\0" * 10_240])
async def test_a_file_that_is_no_snapshot_is_refused_and_changes_nothing(
    endpoint: Endpoint, client: AsyncQdrantClient, name: str, content: bytes
) -> None:
    await data.fill(client, name)
    async with endpoint.http() as http:
        answer = await http.post(f"/collections/{name}/snapshots/upload", files={"snapshot": ("x.snapshot", content)})

    assert 400 <= answer.status_code < 600
    assert (await client.count(name)).count == 10


async def test_a_snapshot_name_cannot_leave_its_folder(
    endpoint: Endpoint, client: AsyncQdrantClient, name: str
) -> None:
    await data.fill(client, name)
    async with endpoint.http() as http:
        answer = await http.get(f"/collections/{name}/snapshots/..%2f..%2fcatalogue.json")

    assert answer.status_code in {400, 404}
