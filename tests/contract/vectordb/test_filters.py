"""Every filter condition, with and without a payload index."""

from datetime import UTC, datetime

import pytest
from qdrant_client import AsyncQdrantClient, models

from tests.contract.vectordb import data


def _field(key: str, **condition: object) -> models.FieldCondition:
    return models.FieldCondition.model_validate({"key": key, **condition})


def _must(*conditions: models.Condition) -> models.Filter:
    return models.Filter(must=list(conditions))


_CASES: dict[str, tuple[models.Filter, list[int]]] = {
    "value": (_must(_field("city", match={"value": "Rome"})), [2, 5, 8]),
    "integer value": (_must(_field("number", match={"value": 4})), [4]),
    "boolean value": (_must(_field("even", match={"value": False})), [1, 3, 5, 7, 9]),
    "value inside a list": (_must(_field("tags", match={"value": "tag6"})), [6]),
    "any": (_must(_field("city", match={"any": ["Rome", "Paris"]})), [1, 2, 4, 5, 7, 8]),
    "any of integers": (_must(_field("number", match={"any": [1, 2]})), [1, 2]),
    "except": (_must(_field("city", match={"except": ["Rome", "Paris"]})), [0, 3, 6, 9]),
    "text": (_must(_field("text", match={"text": "fox"})), [1, 3, 5, 7, 9]),
    "range": (_must(_field("number", range={"gte": 3, "lt": 6})), [3, 4, 5]),
    "range of floats": (_must(_field("share", range={"gt": 0.65})), [7, 8, 9]),
    "datetime range": (
        _must(
            models.FieldCondition(
                key="when",
                range=models.DatetimeRange(gte=datetime(2024, 1, 8, tzinfo=UTC), lt=datetime(2024, 1, 10, tzinfo=UTC)),
            )
        ),
        [7, 8],
    ),
    "is empty": (
        models.Filter(must_not=[models.IsEmptyCondition(is_empty=models.PayloadField(key="rare"))]),
        [4, 5],
    ),
    "is null": (_must(models.IsNullCondition(is_null=models.PayloadField(key="nothing"))), [3]),
    "has id": (_must(models.HasIdCondition(has_id=[1, 9, 4711])), [1, 9]),
    "has vector": (_must(models.HasVectorCondition(has_vector=data.SPARSE)), list(range(10))),
    "values count": (_must(_field("tags", values_count={"gte": 3})), []),
    "nested": (
        _must(
            models.NestedCondition(
                nested=models.Nested(
                    key="offers",
                    filter=_must(_field("shop", match={"value": "a"}), _field("price", range={"gt": 7})),
                )
            )
        ),
        [8, 9],
    ),
    "geo radius": (_must(_field("place", geo_radius={"center": {"lon": 13.4, "lat": 52.5}, "radius": 1000})), [0]),
    "geo box": (
        _must(
            _field(
                "place",
                geo_bounding_box={"top_left": {"lon": 14, "lat": 53}, "bottom_right": {"lon": 16, "lat": 52}},
            )
        ),
        [1, 2],
    ),
    "uuid": (_must(_field("uuid", match={"value": "00000000-0000-0000-0000-000000000007"})), [7]),
    "should": (
        models.Filter(should=[_field("number", match={"value": 1}), _field("number", match={"value": 8})]),
        [1, 8],
    ),
    "must not": (models.Filter(must_not=[_field("number", range={"gte": 2})]), [0, 1]),
    "min should": (
        models.Filter(
            min_should=models.MinShould(
                conditions=[
                    _field("even", match={"value": True}),
                    _field("city", match={"value": "Rome"}),
                    _field("number", range={"gte": 8}),
                ],
                min_count=2,
            )
        ),
        [2, 8],
    ),
    "nested filters": (
        models.Filter(must=[models.Filter(should=[_field("number", match={"value": 1})])], must_not=[]),
        [1],
    ),
    "single condition instead of a list": (
        models.Filter(must=_field("number", match={"value": 5})),
        [5],
    ),
}

_INDEXES = {
    "city": models.PayloadSchemaType.KEYWORD,
    "number": models.PayloadSchemaType.INTEGER,
    "share": models.PayloadSchemaType.FLOAT,
    "even": models.PayloadSchemaType.BOOL,
    "when": models.PayloadSchemaType.DATETIME,
    "text": models.PayloadSchemaType.TEXT,
    "tags": models.PayloadSchemaType.KEYWORD,
    "place": models.PayloadSchemaType.GEO,
    "uuid": models.PayloadSchemaType.UUID,
}


@pytest.mark.parametrize("indexed", [False, True], ids=["without indexes", "with indexes"])
async def test_every_condition_selects_its_points(client: AsyncQdrantClient, name: str, indexed: bool) -> None:
    await data.fill(client, name)
    for field, schema in _INDEXES.items() if indexed else ():
        await client.create_payload_index(name, field, schema, wait=True)

    selected = {case: await data.ids(client, name, condition) for case, (condition, _) in _CASES.items()}

    assert selected == {case: expected for case, (_, expected) in _CASES.items()}


async def test_a_filter_narrows_a_search(client: AsyncQdrantClient, name: str) -> None:
    await data.fill(client, name)

    hits = await client.query_points(
        name, query=data.vector(0), using=data.DENSE, query_filter=_must(_field("city", match={"value": "Rome"}))
    )

    assert [hit.id for hit in hits.points] == [2, 5, 8]


async def test_a_phrase_matches_words_in_order(client: AsyncQdrantClient, name: str) -> None:
    await data.fill(client, name)
    params = models.TextIndexParams(type=models.TextIndexType.TEXT, phrase_matching=True, lowercase=True)
    await client.create_payload_index(name, "text", params, wait=True)

    assert await data.ids(client, name, _must(_field("text", match={"phrase": "green turtle"}))) == [0, 2, 4, 6, 8]
    assert await data.ids(client, name, _must(_field("text", match={"phrase": "turtle green"}))) == []
