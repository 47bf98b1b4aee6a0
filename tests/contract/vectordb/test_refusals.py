"""Bad input: the right status, a message that helps, nothing written."""

import pytest
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

from tests.contract.vectordb import data
from tests.contract.vectordb.server import Endpoint

_DENSE_OK = [1.0, 2.0, 3.0, 4.0]


def _point(vector: object, id_: object = 1) -> dict[str, object]:
    return {"points": [{"id": id_, "vector": vector}]}


@pytest.mark.parametrize(
    ("body", "statuses", "words"),
    [
        (_point({data.DENSE: [1.0, 2.0]}), {400}, "expected dim: 4, got 2"),
        (_point({data.DENSE: []}), {400, 422}, ""),
        (_point({data.DENSE: ["a", "b", "c", "d"]}), {400}, ""),
        (_point({data.DENSE: [1.0, None, 3.0, 4.0]}), {400}, ""),
        (_point({data.DENSE: {"indices": [1], "values": [1.0]}}), {400}, ""),
        (_point({"other": _DENSE_OK}), {400}, "other"),
        (_point(_DENSE_OK), {400}, ""),
        (_point({data.SPARSE: {"indices": [1, 2], "values": [1.0]}}), {400, 422}, "length"),
        (_point({data.SPARSE: {"indices": [2, 2], "values": [1.0, 1.0]}}), {400, 422}, "unique"),
        (_point({data.SPARSE: {"indices": [-1], "values": [1.0]}}), {400}, ""),
        (_point({data.SPARSE: _DENSE_OK}), {400}, ""),
        (_point({data.DENSE: _DENSE_OK}, id_="not-a-uuid"), {400}, "not a valid point ID"),
        (_point({data.DENSE: _DENSE_OK}, id_=-1), {400}, "not a valid point ID"),
        (_point({data.DENSE: _DENSE_OK}, id_=1.5), {400}, "not a valid point ID"),
        ({"points": [{"id": 1}]}, {400}, "vector"),
        ({"points": {"id": 1}}, {400}, ""),
        ({}, {400}, ""),
    ],
)
async def test_a_bad_point_is_refused_and_none_of_its_batch_is_written(
    endpoint: Endpoint, client: AsyncQdrantClient, name: str, body: dict[str, object], statuses: set[int], words: str
) -> None:
    await data.create(client, name)
    points = body.get("points")
    good = {"id": 99, "vector": {data.DENSE: _DENSE_OK}}
    batch = {"points": [good, *points]} if isinstance(points, list) else body

    async with endpoint.http() as http:
        answer = await http.put(f"/collections/{name}/points?wait=true", json=batch)

    assert answer.status_code in statuses, answer.text
    assert words in answer.json()["status"]["error"]
    assert (await client.count(name)).count == 0


@pytest.mark.parametrize(
    "vector", ["[1.0, NaN, 2.0, 3.0]", "[1e999, 1.0, 1.0, 1.0]", "[1e39, 1.0, 1.0, 1.0]"], ids=["NaN", "inf", "1e39"]
)
async def test_vectors_that_are_not_finite_are_refused(
    endpoint: Endpoint, client: AsyncQdrantClient, name: str, vector: str
) -> None:
    await data.create(client, name)
    body = f'{{"points": [{{"id": 1, "vector": {{"{data.DENSE}": {vector}}}}}]}}'

    async with endpoint.http() as http:
        answer = await http.put(f"/collections/{name}/points?wait=true", content=body)

    assert answer.status_code in {400, 422}
    assert (await client.count(name)).count == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("query", {"query": [1.0, 2.0], "using": data.DENSE}),
        ("query", {"query": _DENSE_OK, "using": "other"}),
        ("query", {"query": _DENSE_OK}),
        ("query", {"query": {"indices": [1], "values": [1.0]}, "using": data.DENSE}),
        ("query", {"query": _DENSE_OK, "using": data.DENSE, "limit": 0}),
        ("query", {"query": _DENSE_OK, "using": data.DENSE, "limit": -3}),
        ("query", {"query": _DENSE_OK, "using": data.DENSE, "filter": {"mst": []}}),
        ("query", {"query": _DENSE_OK, "using": data.DENSE, "filter": {"must": [{"wrong": 1}]}}),
        ("query", {"query": _DENSE_OK, "using": data.DENSE, "filter": {"must": [{"key": "city", "match": {"a": 1}}]}}),
        ("query", {"query": {"fusion": "magic"}, "prefetch": [{"query": _DENSE_OK, "using": data.DENSE}]}),
        ("query", {"prefetch": [{"query": _DENSE_OK, "using": data.DENSE}]}),
        ("query/batch", {"searches": [{"query": _DENSE_OK, "using": "other"}]}),
        ("scroll", {"limit": 0}),
        ("scroll", {"offset": "not-a-uuid"}),
        ("count", {"filter": {"must": [{"key": "n", "range": {"gte": "not a date"}}]}}),
        ("delete", {}),
    ],
)
async def test_a_bad_read_is_refused_with_a_reason(
    endpoint: Endpoint, client: AsyncQdrantClient, name: str, path: str, body: dict[str, object]
) -> None:
    await data.fill(client, name)

    async with endpoint.http() as http:
        answer = await http.post(f"/collections/{name}/points/{path}", json=body)

    assert answer.status_code in {400, 422}, answer.text
    assert answer.json()["status"]["error"]
    assert "time" in answer.json()


@pytest.mark.parametrize("path", ["points/query", "points/scroll", "points/count", "points/delete", "points"])
async def test_an_unknown_collection_is_not_found(endpoint: Endpoint, path: str) -> None:
    body = {"query": [1.0], "ids": [1], "points": [1]}
    async with endpoint.http() as http:
        answer = await http.post(f"/collections/never-created/{path}", json=body)

    assert answer.status_code == 404
    assert answer.json()["status"]["error"] == "Not found: Collection `never-created` doesn't exist!"


async def test_the_client_sees_an_unknown_collection_as_a_404(client: AsyncQdrantClient) -> None:
    with pytest.raises(UnexpectedResponse) as caught:
        await client.get_collection("never-created")
    assert caught.value.status_code == 404


@pytest.mark.parametrize("key", [None, "wrong"])
async def test_a_missing_or_wrong_key_is_refused(endpoint: Endpoint, key: str | None) -> None:
    if endpoint.key is None:
        pytest.skip("this server has no key")
    async with Endpoint(endpoint.url, key).http() as http:
        answer = await http.get("/collections")

    assert answer.status_code in {401, 403}


async def test_the_key_may_travel_as_a_bearer_token(endpoint: Endpoint) -> None:
    async with Endpoint(endpoint.url, None).http() as http:
        answer = await http.get("/collections", headers={"authorization": f"Bearer {endpoint.key}"})

    assert answer.status_code == 200


async def test_malformed_json_is_a_400(endpoint: Endpoint, client: AsyncQdrantClient, name: str) -> None:
    await data.create(client, name)
    async with endpoint.http() as http:
        answer = await http.post(f"/collections/{name}/points/query", content='{"query": [1,')

    assert answer.status_code == 400
    assert answer.json()["status"]["error"]


async def test_a_body_over_the_limit_is_a_413(endpoint: Endpoint, client: AsyncQdrantClient, name: str) -> None:
    await data.create(client, name)
    async with endpoint.http() as http:
        answer = await http.put(f"/collections/{name}/points", content=b" " * (33 * 1024 * 1024))

    assert answer.status_code == 413
    assert (await client.count(name)).count == 0


async def test_a_point_that_is_not_there_is_a_404(endpoint: Endpoint, client: AsyncQdrantClient, name: str) -> None:
    await data.fill(client, name)
    async with endpoint.http() as http:
        found = await http.get(f"/collections/{name}/points/3")
        missing = await http.get(f"/collections/{name}/points/4711")

    assert found.json()["result"]["payload"]["number"] == 3
    assert missing.status_code == 404


async def test_unsupported_features_are_refused_by_name(
    endpoint: Endpoint, client: AsyncQdrantClient, name: str, request: pytest.FixtureRequest
) -> None:
    if request.node.callspec.params["endpoint"] == "qdrant":
        pytest.skip("a Qdrant server has them")
    await data.fill(client, name)
    text = models.Document(text="hello", model="some/model")

    with pytest.raises(UnexpectedResponse, match=r"inference.*RAGWORKS_VECTORDB_URL"):
        await client.http.search_api.query_points(name, query_request=models.QueryRequest(query=text, using=data.DENSE))
    async with endpoint.http() as http:
        answer = await http.get(f"/collections/{name}/shards")
    assert answer.status_code == 404
    assert "Qdrant server" in answer.json()["status"]["error"]
