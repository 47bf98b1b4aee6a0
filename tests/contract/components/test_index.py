"""The chunk index, over the vector database as a process, or the real server that QDRANT_URL names."""

import os
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr, TypeAdapter
from qdrant_client import models

from services.shared.components.embedders.bm25 import Bm25Embedder
from services.shared.components.indexes.connect import connect_index
from services.shared.components.indexes.filters import within_reach
from services.shared.components.indexes.points import IndexedChunk
from services.shared.components.indexes.qdrant import ChunkIndex, Ranking
from services.shared.contracts.chunks import EVERYONE, ChunkPayload, chunk_id
from services.shared.contracts.search import SearchFilter
from services.shared.kit.errors import InvalidRequestError, NotFoundError, PlatformError, UnavailableError
from services.shared.kit.settings import PlatformSettings
from tests.contract.vectordb.server import running_server
from tests.processes import free_port

_BM25 = Bm25Embedder()
_FILTER: TypeAdapter[SearchFilter] = TypeAdapter(SearchFilter)
_EAST, _NORTH = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Generator[PlatformSettings]:
    real = os.environ.get("QDRANT_URL")
    if real:
        yield PlatformSettings(vectordb_url=real, vectordb_key=SecretStr(os.environ.get("QDRANT_API_KEY", "")))
        return
    home: Path = tmp_path_factory.mktemp("vectordb")
    with running_server(home) as server:
        key = SecretStr(server.endpoint.key or "")
        yield PlatformSettings(home=home, vectordb_url=server.endpoint.url, vectordb_key=key)


@pytest.fixture
async def index(settings: PlatformSettings) -> AsyncGenerator[ChunkIndex]:
    client = connect_index(settings)
    yield ChunkIndex(client)
    await client.close()


@pytest.fixture
async def name(index: ChunkIndex) -> AsyncGenerator[str]:
    """A collection of the test's own."""
    name = f"test-{uuid4().hex[:12]}"
    await index.ensure_collection(name, dimensions=3)
    yield name
    await index.delete_collection(name)


def _chunk(
    document: str,
    text: str = "the quick brown fox",
    *,
    dense: list[float] | None = None,
    version: str = "v1",
    hidden: bool = False,
    access: tuple[str, ...] = (EVERYONE,),
    page: int | None = None,
    attributes: dict[str, str | float | bool] | None = None,
) -> IndexedChunk:
    payload = ChunkPayload(
        collection="any",
        document_id=document,
        document_version=version,
        source=f"{document}.md",
        title=document.title(),
        text=text,
        index=0,
        char_start=0,
        char_end=len(text),
        page=page,
        content_hash="0" * 64,
        embedding_model="tiny",
        hidden=hidden,
        access=access,
        ingested_at=datetime(2026, 1, 2, tzinfo=UTC),
        attributes=attributes or {},
    )
    sparse = _BM25.embed_document(text)
    return IndexedChunk(chunk_id(document, version, 0), payload, dense=dense or _EAST, sparse=sparse)


@dataclass(frozen=True)
class Found:
    """Both rankings and what they found."""

    dense: Ranking
    sparse: Ranking
    chunks: dict[str, ChunkPayload]

    @property
    def by_meaning(self) -> list[str]:
        return [self.chunks[id_].document_id for id_ in self.dense]

    @property
    def by_words(self) -> list[str]:
        return [self.chunks[id_].document_id for id_ in self.sparse]


async def _find(
    index: ChunkIndex, name: str, query: str = "fox", *, principal: str | None = None, filters: object = None
) -> Found:
    reach = within_reach(principal, None if filters is None else _FILTER.validate_python(filters))
    dense = await index.by_meaning(name, _EAST, reach=reach, limit=10)
    sparse = await index.by_words(name, _BM25.embed_query(query), reach=reach, limit=10)
    return Found(dense, sparse, await index.chunks(name, [*dense, *sparse]))


def _documents(found: Found) -> set[str]:
    assert set(found.by_words) <= set(found.by_meaning)
    return set(found.by_meaning)


async def test_candidates_of_another_ranking_get_their_similarity_within_reach(index: ChunkIndex, name: str) -> None:
    near, far = _chunk("near"), _chunk("far", dense=_NORTH)
    secret = _chunk("secret", dense=_NORTH, access=("key:other",))
    await index.upsert(name, [near, far, secret])
    reach = within_reach("key:tester")
    near_id, far_id, secret_id = (str(each.id) for each in (near, far, secret))
    nearest = await index.by_meaning(name, _EAST, reach=reach, limit=1)
    with_others = await index.by_meaning(name, _EAST, reach=reach, limit=1, also=(far_id, secret_id))
    assert set(nearest) == {near_id}
    assert set(with_others) == {near_id, far_id}
    assert with_others[near_id] > with_others[far_id]


async def test_a_stored_chunk_comes_back_as_it_was(index: ChunkIndex, name: str) -> None:
    stored = _chunk("fox", page=3, attributes={"year": 2024.0, "draft": False, "lang": "en"})
    await index.upsert(name, [stored])
    found = await _find(index, name)
    assert found.chunks == {str(stored.id): stored.payload}
    assert found.dense == {str(stored.id): pytest.approx(1.0, abs=0.01)}
    assert found.sparse[str(stored.id)] > 0


async def test_each_ranking_has_its_own_order(index: ChunkIndex, name: str) -> None:
    await index.upsert(name, [_chunk("near", "nothing of note"), _chunk("far", "a fox and a hound", dense=_NORTH)])
    found = await _find(index, name)
    assert found.by_meaning == ["near", "far"]
    assert found.by_words == ["far"]


async def test_a_question_of_stop_words_has_no_sparse_ranking(index: ChunkIndex, name: str) -> None:
    await index.upsert(name, [_chunk("fox")])
    found = await _find(index, name, "the of and")
    assert len(found.dense) == 1
    assert found.sparse == {}


@pytest.mark.parametrize(
    ("principal", "readable"),
    [
        (None, {"open"}),
        (EVERYONE, {"open"}),
        ("key:anna", {"open", "annas", "shared"}),
        ("key:ben", {"open", "shared"}),
        ("key:an", {"open"}),
    ],
)
async def test_only_what_the_principal_may_read_is_found(
    index: ChunkIndex, name: str, principal: str | None, readable: set[str]
) -> None:
    await index.upsert(
        name,
        [
            _chunk("open"),
            _chunk("annas", access=("key:anna",)),
            _chunk("shared", access=("key:anna", "key:ben")),
            _chunk("nobodys", access=()),
        ],
    )
    found = await _find(index, name, principal=principal)
    assert _documents(found) == readable
    assert set(found.by_words) == readable


async def test_a_filter_cannot_widen_what_may_be_read(index: ChunkIndex, name: str) -> None:
    await index.upsert(name, [_chunk("open"), _chunk("secret", access=("key:anna",))])
    anything = {"type": "or", "filters": [{"type": "ne", "key": "source", "value": "x"}]}
    assert _documents(await _find(index, name, principal="key:ben", filters=anything)) == {"open"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"type": "eq", "key": "lang", "value": "en"}, {"a", "b"}),
        ({"type": "ne", "key": "lang", "value": "en"}, {"c"}),
        ({"type": "eq", "key": "year", "value": 2020}, {"b"}),
        ({"type": "ne", "key": "year", "value": 2020}, {"a", "c"}),
        ({"type": "gt", "key": "year", "value": 2020}, {"a"}),
        ({"type": "gte", "key": "year", "value": 2020}, {"a", "b"}),
        ({"type": "lt", "key": "year", "value": 2024.5}, {"a", "b"}),
        ({"type": "lte", "key": "year", "value": 2019.5}, set()),
        ({"type": "eq", "key": "draft", "value": True}, {"c"}),
        ({"type": "in", "key": "lang", "value": ["de", "fr"]}, {"c"}),
        ({"type": "in", "key": "year", "value": [2020, 2024]}, {"a", "b"}),
        ({"type": "nin", "key": "lang", "value": ["de"]}, {"a", "b"}),
        ({"type": "eq", "key": "a key with spaces", "value": "x"}, {"a"}),
        ({"type": "eq", "key": "dotted.key", "value": "x"}, {"b"}),
        ({"type": "eq", "key": "document_id", "value": "b"}, {"b"}),
        ({"type": "eq", "key": "source", "value": "c.md"}, {"c"}),
        ({"type": "eq", "key": "title", "value": "A"}, {"a"}),
        ({"type": "gte", "key": "page", "value": 2}, {"b", "c"}),
        ({"type": "eq", "key": "page", "value": 1}, {"a"}),
        ({"type": "eq", "key": "missing", "value": "x"}, set()),
        (
            {
                "type": "and",
                "filters": [
                    {"type": "eq", "key": "lang", "value": "en"},
                    {
                        "type": "or",
                        "filters": [
                            {"type": "eq", "key": "page", "value": 1},
                            {"type": "eq", "key": "page", "value": 3},
                        ],
                    },
                ],
            },
            {"a"},
        ),
    ],
)
async def test_filters_select_by_attributes_and_by_the_chunks_own_fields(
    index: ChunkIndex, name: str, given: object, expected: set[str]
) -> None:
    await index.upsert(
        name,
        [
            _chunk("a", page=1, attributes={"lang": "en", "year": 2024.0, "a key with spaces": "x"}),
            _chunk("b", page=2, attributes={"lang": "en", "year": 2020.0, "dotted.key": "x"}),
            _chunk("c", page=3, attributes={"lang": "de", "draft": True}),
        ],
    )
    found = await _find(index, name, filters=given)
    assert _documents(found) == expected
    assert set(found.by_words) == expected


@pytest.mark.parametrize(
    "given",
    [
        {"type": "gt", "key": "year", "value": "2020"},
        {"type": "eq", "key": "year", "value": [1]},
        {"type": "in", "key": "year", "value": 1},
        {"type": "in", "key": "year", "value": []},
        {"type": "eq", "key": 'quo"te', "value": 1},
        {"type": "and", "filters": []},
    ],
)
async def test_a_filter_that_makes_no_sense_is_refused(index: ChunkIndex, name: str, given: object) -> None:
    with pytest.raises(InvalidRequestError, match="filters"):
        await _find(index, name, filters=given)


async def test_writing_the_same_chunks_twice_changes_nothing(index: ChunkIndex, name: str) -> None:
    for _ in range(2):
        await index.upsert(name, [_chunk("a"), _chunk("b")])
    assert len((await _find(index, name)).dense) == 2
    assert await index.count_documents(name, {"a": "v1"}) == {"a": 1}


async def test_a_new_version_is_found_once_it_is_shown_and_the_old_one_goes_with_that(
    index: ChunkIndex, name: str
) -> None:
    old, new = _chunk("a", "an old fox"), _chunk("a", "a new fox", version="v2", hidden=True)
    await index.upsert(name, [old, new, _chunk("b")])
    before = await _find(index, name)
    await index.show_versions(name, {"a": "v2"})
    after = await _find(index, name)
    assert {chunk.text for chunk in before.chunks.values()} == {"an old fox", "the quick brown fox"}
    assert {chunk.text for chunk in after.chunks.values()} == {"a new fox", "the quick brown fox"}
    assert set(after.dense) == set(after.sparse)


async def test_an_old_version_goes_and_the_new_one_stays(index: ChunkIndex, name: str) -> None:
    await index.upsert(name, [_chunk("a"), _chunk("a", version="v2"), _chunk("b")])
    await index.show_versions(name, {"a": "v2"})
    assert await index.count_documents(name, {"a": "v1"}) == {"a": 0}
    assert await index.count_documents(name, {"a": "v2"}) == {"a": 1}
    assert _documents(await _find(index, name)) == {"a", "b"}
    await index.delete_document(name, "a")
    assert _documents(await _find(index, name)) == {"b"}


async def test_chunks_are_counted_for_many_documents_each_in_its_version(index: ChunkIndex, name: str) -> None:
    stored = [_chunk("a"), _chunk("a", version="v2"), _chunk("b"), _chunk("c", version="v2")]
    await index.upsert(name, stored)
    counted = await index.count_documents(name, {"a": "v2", "b": "v2", "c": "v2", "absent": "v1"})
    assert counted == {"a": 1, "b": 0, "c": 1, "absent": 0}
    assert await index.count_documents(name, {}) == {}


async def test_a_collection_can_be_ensured_again_and_deleted_again(index: ChunkIndex, name: str) -> None:
    await index.upsert(name, [_chunk("a")])
    await index.ensure_collection(name, dimensions=3)
    assert _documents(await _find(index, name)) == {"a"}
    await index.delete_collection(name)
    await index.delete_collection(name)
    with pytest.raises(NotFoundError, match=name):
        await _find(index, name)
    await index.ensure_collection(name, dimensions=3)
    assert _documents(await _find(index, name)) == set()


async def test_a_collection_whose_making_was_interrupted_is_completed(
    index: ChunkIndex, settings: PlatformSettings
) -> None:
    name = f"test-{uuid4().hex[:12]}"
    await index.ensure_collection(name, dimensions=3)
    client = connect_index(settings)
    await client.update_collection_aliases(
        [models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=name))]
    )  # as if killed before the alias was made
    await client.close()
    await index.ensure_collection(name, dimensions=3)
    await index.upsert(name, [_chunk("a")])
    assert _documents(await _find(index, name)) == {"a"}
    await index.delete_collection(name)


async def test_payload_indexes_an_older_release_did_not_make_are_added(
    index: ChunkIndex, settings: PlatformSettings, name: str
) -> None:
    client = connect_index(settings)
    try:
        before = set((await client.get_collection(name)).payload_schema)
        await client.delete_payload_index(name, "hidden", wait=True)
        assert set((await client.get_collection(name)).payload_schema) == before - {"hidden"}
        await index.index_fields(name)
        assert set((await client.get_collection(name)).payload_schema) == before
    finally:
        await client.close()
    with pytest.raises(NotFoundError):
        await index.index_fields("absent")


async def test_a_vector_of_another_size_is_refused(index: ChunkIndex, name: str) -> None:
    with pytest.raises(PlatformError, match="dim"):
        await index.upsert(name, [_chunk("a", dense=[1.0, 0.0])])


async def test_an_absent_database_is_unavailable_and_a_wrong_key_an_upstream_error(
    settings: PlatformSettings,
) -> None:
    nowhere = settings.model_copy(update={"vectordb_url": f"http://127.0.0.1:{free_port()}"})
    with pytest.raises(UnavailableError):
        await _count(nowhere)
    if not os.environ.get("QDRANT_URL"):
        stranger = settings.model_copy(update={"vectordb_key": SecretStr("wrong")})
        with pytest.raises(PlatformError, match="refused our key") as caught:
            await _count(stranger)
        assert caught.value.status == 502


async def _count(settings: PlatformSettings) -> dict[str, int]:
    client = connect_index(settings)
    try:
        return await ChunkIndex(client).count_documents("any", {"a": "v1"})
    finally:
        await client.close()
