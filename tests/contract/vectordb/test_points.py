"""Writing points and reading them back."""

import pytest
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

from tests.contract.vectordb import data


async def test_points_come_back_with_the_payload_and_vectors_they_were_given(
    client: AsyncQdrantClient, name: str
) -> None:
    await data.create(client, name)
    written = models.PointStruct(
        id=data.UUID_POINT,
        vector={data.DENSE: [0.0, 3.0, 0.0, 4.0], data.SPARSE: models.SparseVector(indices=[7, 3], values=[1.0, 2.5])},
        payload={"text": "grüße 🦜", "deep": {"list": [1, 2.5, None, {"a": True}]}, "big": 2**53},
    )
    result = await client.upsert(name, [written], wait=True)

    assert result.status == models.UpdateStatus.COMPLETED
    (point,) = await client.retrieve(name, [data.UUID_POINT], with_payload=True, with_vectors=True)
    assert point.id == data.UUID_POINT
    assert point.payload == written.payload
    assert isinstance(point.vector, dict)
    assert point.vector[data.DENSE] == pytest.approx([0.0, 0.6, 0.0, 0.8])  # cosine vectors are kept normalised
    sparse = point.vector[data.SPARSE]
    assert isinstance(sparse, models.SparseVector)
    assert dict(zip(sparse.indices, sparse.values, strict=True)) == {7: 1.0, 3: 2.5}


async def test_an_unnamed_vector_travels_as_a_plain_list(client: AsyncQdrantClient, name: str) -> None:
    await client.create_collection(name, vectors_config=models.VectorParams(size=2, distance=models.Distance.DOT))
    await client.upsert(name, [models.PointStruct(id=1, vector=[1.0, 2.0], payload=None)], wait=True)

    (point,) = await client.retrieve(name, [1], with_vectors=True)
    assert point.vector == [1.0, 2.0]
    assert point.payload == {}
    hits = (await client.query_points(name, query=[1.0, 1.0], with_vectors=True)).points
    assert (hits[0].score, hits[0].vector) == (3.0, [1.0, 2.0])


async def test_points_arrive_in_batch_form_as_well(client: AsyncQdrantClient, name: str) -> None:
    await data.create(client, name)
    batch = models.Batch(
        ids=[1, 2],
        vectors={data.DENSE: [data.vector(1), data.vector(2)]},
        payloads=[{"n": 1}, {"n": 2}],
    )
    await client.upsert(name, batch, wait=True)

    assert [point.payload for point in await client.retrieve(name, [2, 1])] == [{"n": 2}, {"n": 1}]


async def test_upserting_an_id_again_replaces_the_point(client: AsyncQdrantClient, name: str) -> None:
    await data.fill(client, name)
    await client.upsert(
        name, [models.PointStruct(id=1, vector={data.DENSE: data.vector(9)}, payload={"new": True})], wait=True
    )

    (point,) = await client.retrieve(name, [1], with_vectors=True)
    assert point.payload == {"new": True}
    assert isinstance(point.vector, dict)
    assert set(point.vector) == {data.DENSE}
    assert (await client.count(name)).count == 10


async def test_unknown_ids_are_left_out_of_a_retrieval(client: AsyncQdrantClient, name: str) -> None:
    await data.fill(client, name)

    assert [point.id for point in await client.retrieve(name, [5, 4711])] == [5]


async def test_payload_and_vector_selectors_choose_what_comes_back(client: AsyncQdrantClient, name: str) -> None:
    await data.fill(client, name)

    (included,) = await client.retrieve(name, [1], with_payload=["city", "number"], with_vectors=[data.SPARSE])
    (excluded,) = await client.retrieve(name, [1], with_payload=models.PayloadSelectorExclude(exclude=["text"]))
    (bare,) = await client.retrieve(name, [1], with_payload=False)

    assert included.payload == {"city": "Paris", "number": 1}
    assert isinstance(included.vector, dict)
    assert set(included.vector) == {data.SPARSE}
    assert excluded.payload is not None
    assert "text" not in excluded.payload
    assert "city" in excluded.payload
    assert (bare.payload, bare.vector) == (None, None)


async def test_points_are_deleted_by_id_and_by_filter(client: AsyncQdrantClient, name: str) -> None:
    await data.fill(client, name)

    await client.delete(name, [0, 1, 4711], wait=True)
    await client.delete(name, models.FilterSelector(filter=_city("Rome")), wait=True)

    assert await data.ids(client, name) == [3, 4, 6, 7, 9]


async def test_payload_is_set_overwritten_deleted_and_cleared(client: AsyncQdrantClient, name: str) -> None:
    await data.create(client, name)
    start = [models.PointStruct(id=i, vector={data.DENSE: data.vector(i)}, payload={"a": 1, "b": 2}) for i in range(5)]
    await client.upsert(name, start, wait=True)

    await client.set_payload(name, {"c": 3}, points=[0], wait=True)
    await client.set_payload(name, {"x": 1}, points=[0], key="deep", wait=True)
    await client.overwrite_payload(name, {"only": True}, points=[1], wait=True)
    await client.delete_payload(name, ["a"], points=[2], wait=True)
    await client.clear_payload(name, [3], wait=True)
    only_four = models.Filter(must=[models.HasIdCondition(has_id=[4])])
    await client.set_payload(name, {"a": 9}, points=only_four, wait=True)

    payloads = [point.payload for point in await client.retrieve(name, list(range(5)))]
    assert payloads == [{"a": 1, "b": 2, "c": 3, "deep": {"x": 1}}, {"only": True}, {"b": 2}, {}, {"a": 9, "b": 2}]


async def test_vectors_are_updated_and_deleted_one_by_one(client: AsyncQdrantClient, name: str) -> None:
    await data.fill(client, name)

    await client.update_vectors(name, [models.PointVectors(id=1, vector={data.DENSE: [1.0, 0.0, 0.0, 0.0]})], wait=True)
    await client.delete_vectors(name, [data.SPARSE], [2], wait=True)

    first, second = await client.retrieve(name, [1, 2], with_vectors=True)
    assert isinstance(first.vector, dict)
    assert first.vector[data.DENSE] == pytest.approx([1.0, 0.0, 0.0, 0.0])
    assert data.SPARSE in first.vector
    assert isinstance(second.vector, dict)
    assert set(second.vector) == {data.DENSE}


async def test_a_batch_of_operations_is_done_in_order(client: AsyncQdrantClient, name: str) -> None:
    await data.create(client, name)

    results = await client.batch_update_points(
        name,
        [
            models.UpsertOperation(upsert=models.PointsList(points=[data.point(1), data.point(2)])),
            models.SetPayloadOperation(set_payload=models.SetPayload(payload={"seen": True}, points=[1])),
            models.DeleteOperation(delete=models.PointIdsList(points=[2])),
        ],
        wait=True,
    )

    assert [result.status for result in results] == [models.UpdateStatus.COMPLETED] * 3
    (point,) = (await client.scroll(name))[0]
    assert point.payload is not None
    assert (point.id, point.payload["seen"]) == (1, True)


async def test_conditional_upserts_keep_what_the_mode_protects(client: AsyncQdrantClient, name: str) -> None:
    await data.create(client, name)
    old = models.PointStruct(id=1, vector={data.DENSE: data.vector(1)}, payload={"v": "old"})
    await client.upsert(name, [old], wait=True)

    new = [old.model_copy(update={"id": id_, "payload": {"v": "new"}}) for id_ in (1, 2)]
    await client.upsert(name, new, wait=True, update_mode=models.UpdateMode.INSERT_ONLY)

    assert [point.payload for point in await client.retrieve(name, [1, 2])] == [{"v": "old"}, {"v": "new"}]


async def test_scrolling_visits_every_point_once_page_by_page(client: AsyncQdrantClient, name: str) -> None:
    await data.fill(client, name)
    seen: list[object] = []
    points, offset = await client.scroll(name, limit=4)
    seen += [point.id for point in points]
    while offset is not None:
        points, offset = await client.scroll(name, limit=4, offset=offset)
        seen += [point.id for point in points]

    assert seen == list(range(10))


async def test_scrolling_can_follow_a_payload_field(client: AsyncQdrantClient, name: str) -> None:
    await data.fill(client, name)
    await client.create_payload_index(name, "number", models.PayloadSchemaType.INTEGER, wait=True)

    points, offset = await client.scroll(
        name, limit=3, order_by=models.OrderBy(key="number", direction=models.Direction.DESC, start_from=7)
    )

    assert ([point.id for point in points], offset) == ([7, 6, 5], None)


async def test_ordering_by_a_field_without_an_index_says_so(client: AsyncQdrantClient, name: str) -> None:
    await data.fill(client, name)

    with pytest.raises(UnexpectedResponse, match="index") as caught:
        await client.scroll(name, order_by="number")
    assert caught.value.status_code == 400


async def test_counting_respects_the_filter(client: AsyncQdrantClient, name: str) -> None:
    await data.fill(client, name)

    assert (await client.count(name)).count == 10
    assert (await client.count(name, count_filter=_city("Berlin"), exact=True)).count == 4


async def test_facets_count_points_per_value(client: AsyncQdrantClient, name: str) -> None:
    await data.fill(client, name)
    await client.create_payload_index(name, "city", models.PayloadSchemaType.KEYWORD, wait=True)

    hits = (await client.facet(name, "city", exact=True)).hits
    assert {hit.value: hit.count for hit in hits} == {"Berlin": 4, "Paris": 3, "Rome": 3}


def _city(city: str) -> models.Filter:
    return models.Filter(must=[models.FieldCondition(key="city", match=models.MatchValue(value=city))])
