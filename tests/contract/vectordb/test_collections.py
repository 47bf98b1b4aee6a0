"""Collections, aliases and payload indexes."""

import pytest
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

from tests.contract.vectordb import data
from tests.contract.vectordb.server import Endpoint

_UNNAMED = models.VectorParams(size=data.SIZE, distance=models.Distance.DOT)


async def test_a_created_collection_is_listed_exists_and_tells_its_configuration(
    client: AsyncQdrantClient, name: str
) -> None:
    await data.create(client, name)

    assert await client.collection_exists(name)
    assert name in [each.name for each in (await client.get_collections()).collections]
    info = await client.get_collection(name)
    assert info.status == models.CollectionStatus.GREEN
    assert info.points_count == 0
    vectors = info.config.params.vectors
    assert isinstance(vectors, dict)
    assert (vectors[data.DENSE].size, vectors[data.DENSE].distance) == (data.SIZE, models.Distance.COSINE)
    assert info.config.params.sparse_vectors is not None
    assert info.config.params.sparse_vectors[data.SPARSE].modifier == models.Modifier.IDF


async def test_points_count_is_exact_after_overwrites_and_deletes(client: AsyncQdrantClient, name: str) -> None:
    await data.fill(client, name)
    await client.upsert(name, [data.point(1), data.point(2)], wait=True)
    await client.delete(name, [3, 4], wait=True)

    assert (await client.get_collection(name)).points_count == 8


async def test_creating_a_collection_twice_is_a_conflict(client: AsyncQdrantClient, name: str) -> None:
    await data.create(client, name)

    with pytest.raises(UnexpectedResponse, match="already exists") as caught:
        await data.create(client, name)
    assert caught.value.status_code == 409


async def test_a_deleted_collection_is_gone_and_its_name_free(client: AsyncQdrantClient, name: str) -> None:
    await data.fill(client, name)

    assert await client.delete_collection(name)
    assert not await client.collection_exists(name)
    await client.create_collection(name, vectors_config=_UNNAMED)
    assert (await client.count(name)).count == 0


async def test_deleting_an_unknown_collection_answers_false(client: AsyncQdrantClient) -> None:
    assert not await client.delete_collection("never-created")


@pytest.mark.parametrize(
    "params", [{"size": 0, "distance": "Cosine"}, {"size": 4, "distance": "Sideways"}, {"size": 4}]
)
async def test_a_senseless_vector_configuration_is_refused(
    endpoint: Endpoint, name: str, params: dict[str, object]
) -> None:
    async with endpoint.http() as http:
        answer = await http.put(f"/collections/{name}", json={"vectors": params})

    assert answer.status_code in {400, 422}
    assert answer.json()["status"]["error"]


async def test_updating_a_collection_changes_its_index_parameters(client: AsyncQdrantClient, name: str) -> None:
    await data.create(client, name)

    assert await client.update_collection(
        name,
        hnsw_config=models.HnswConfigDiff(m=24, ef_construct=128),
        optimizers_config=models.OptimizersConfigDiff(indexing_threshold=5000),
        metadata={"owner": "tests"},
    )

    config = (await client.get_collection(name)).config
    assert (config.hnsw_config.m, config.hnsw_config.ef_construct) == (24, 128)
    assert config.optimizer_config.indexing_threshold == 5000
    assert config.metadata == {"owner": "tests"}


async def test_an_alias_works_wherever_a_collection_name_does(client: AsyncQdrantClient, name: str) -> None:
    await data.fill(client, name)
    alias = f"{name}-alias"
    await client.update_collection_aliases([_create_alias(alias, name)])

    assert (await client.count(alias)).count == 10
    assert (await client.get_collection(alias)).points_count == 10
    assert await client.collection_exists(alias)
    await client.delete(alias, [0], wait=True)
    assert (await client.count(name)).count == 9
    assert [each.alias_name for each in (await client.get_collection_aliases(name)).aliases] == [alias]
    assert (alias, name) in {(each.alias_name, each.collection_name) for each in (await client.get_aliases()).aliases}


async def test_an_alias_moves_to_another_collection_in_one_step(client: AsyncQdrantClient, name: str) -> None:
    other, alias = f"{name}-2", f"{name}-alias"
    await data.fill(client, name)
    await data.create(client, other)
    await client.update_collection_aliases([_create_alias(alias, name)])

    await client.update_collection_aliases([_delete_alias(alias), _create_alias(alias, other)])

    assert (await client.count(alias)).count == 0
    await client.delete_collection(other)
    assert not await client.collection_exists(alias)


async def test_an_alias_can_be_renamed(client: AsyncQdrantClient, name: str) -> None:
    await data.create(client, name)
    await client.update_collection_aliases([_create_alias(f"{name}-a", name)])

    rename = models.RenameAlias(old_alias_name=f"{name}-a", new_alias_name=f"{name}-b")
    await client.update_collection_aliases([models.RenameAliasOperation(rename_alias=rename)])

    assert [each.alias_name for each in (await client.get_collection_aliases(name)).aliases] == [f"{name}-b"]


async def test_alias_actions_apply_all_or_none(client: AsyncQdrantClient, name: str) -> None:
    await data.create(client, name)

    with pytest.raises(UnexpectedResponse) as caught:
        await client.update_collection_aliases(
            [_create_alias(f"{name}-a", name), _create_alias(f"{name}-b", "never-created")]
        )

    assert caught.value.status_code == 404
    assert (await client.get_collection_aliases(name)).aliases == []


@pytest.mark.parametrize(
    ("field", "schema", "expected"),
    [
        ("city", models.PayloadSchemaType.KEYWORD, "keyword"),
        ("number", models.PayloadSchemaType.INTEGER, "integer"),
        ("share", models.PayloadSchemaType.FLOAT, "float"),
        ("even", models.PayloadSchemaType.BOOL, "bool"),
        ("when", models.PayloadSchemaType.DATETIME, "datetime"),
        ("place", models.PayloadSchemaType.GEO, "geo"),
        ("uuid", models.PayloadSchemaType.UUID, "uuid"),
        ("city", models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True), "keyword"),
        (
            "text",
            models.TextIndexParams(
                type=models.TextIndexType.TEXT, tokenizer=models.TokenizerType.WORD, lowercase=True, min_token_len=2
            ),
            "text",
        ),
    ],
)
async def test_a_payload_index_is_created_shown_and_deleted(
    client: AsyncQdrantClient, name: str, field: str, schema: models.PayloadSchemaType, expected: str
) -> None:
    await data.fill(client, name)

    await client.create_payload_index(name, field, schema, wait=True)
    shown = (await client.get_collection(name)).payload_schema[field]
    assert (shown.data_type, shown.points) == (expected, 10)

    await client.delete_payload_index(name, field, wait=True)
    assert field not in (await client.get_collection(name)).payload_schema


async def test_an_unknown_index_type_is_refused(endpoint: Endpoint, client: AsyncQdrantClient, name: str) -> None:
    await data.create(client, name)
    async with endpoint.http() as http:
        answer = await http.put(f"/collections/{name}/index", json={"field_name": "city", "field_schema": "fancy"})

    assert answer.status_code == 400


def _create_alias(alias: str, collection: str) -> models.CreateAliasOperation:
    return models.CreateAliasOperation(create_alias=models.CreateAlias(collection_name=collection, alias_name=alias))


def _delete_alias(alias: str) -> models.DeleteAliasOperation:
    return models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=alias))
