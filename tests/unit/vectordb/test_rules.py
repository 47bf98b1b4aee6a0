"""Names, ids, vectors, aliases, configuration changes, and when an index is due."""

from uuid import UUID

import pytest

from services.vectordb.domain.aliases import CreateAlias, DeleteAlias, RenameAlias, apply_alias_actions
from services.vectordb.domain.configuration import CollectionConfig, DenseVectorParams, HnswConfig, OptimizersConfig
from services.vectordb.domain.ids import path_point_id, point_id
from services.vectordb.domain.indexing import same_index, wants_index
from services.vectordb.domain.names import check_name, check_snapshot_name
from services.vectordb.domain.reconfiguration import CollectionChange, VectorChange, changed
from services.vectordb.domain.vectors import Sparse, query_vector
from services.vectordb.errors import (
    ConflictError,
    FormatError,
    NotFoundError,
    UnsupportedError,
    ValidationError,
    VectorDbError,
    WrongInputError,
)

_CONFIG = CollectionConfig(vectors={"d": DenseVectorParams(size=256, distance="Cosine")})


@pytest.mark.parametrize("name", ["", "a/b", "a\0b", "x" * 256, 'quo"te'])
def test_names_that_could_not_be_folders_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        check_name(name)


@pytest.mark.parametrize("name", ["", "..", "../x", ".hidden", "a\\b"])
def test_snapshot_names_stay_in_their_folder(name: str) -> None:
    with pytest.raises(WrongInputError):
        check_snapshot_name(name)


def test_ids_are_unsigned_integers_or_uuids() -> None:
    text = "6f9619ff-8b86-d011-b42d-00cf4fc964ff"

    assert point_id(2**64 - 1) == 2**64 - 1
    assert point_id(text) == UUID(text)
    assert path_point_id("12") == 12


@pytest.mark.parametrize("value", [-1, 2**64, 1.0, True, None, "12", "x", []])
def test_anything_else_is_no_id(value: object) -> None:
    with pytest.raises(FormatError, match="not a valid point ID"):
        point_id(value)


@pytest.mark.parametrize(
    "vector",
    [
        [],
        [1.0, 2e39],
        [1.0, float("nan"), float("inf")],
        {"indices": [1], "values": [float("inf")]},
        {"indices": [1, 1], "values": [1.0, 2.0]},
        {"indices": [True], "values": [1.0]},
        {"values": [1.0]},
        [[1.0], []],
        "text",
    ],
)
def test_vectors_that_are_not_finite_or_not_well_formed_are_refused(vector: object) -> None:
    with pytest.raises(VectorDbError):
        query_vector(vector)


def test_an_empty_sparse_vector_is_allowed() -> None:
    assert query_vector({"indices": [], "values": []}) == Sparse([], [])


def test_alias_actions_see_what_earlier_ones_did() -> None:
    actions = [CreateAlias("new", "b"), DeleteAlias("old"), RenameAlias("new", "old")]

    assert apply_alias_actions(actions, aliases={"old": "a"}, collections={"a", "b"}) == {"old": "b"}


def test_an_alias_cannot_hide_a_collection_or_point_nowhere() -> None:
    with pytest.raises(ConflictError):
        apply_alias_actions([CreateAlias("a", "b")], aliases={}, collections={"a", "b"})
    with pytest.raises(NotFoundError):
        apply_alias_actions([CreateAlias("x", "c")], aliases={}, collections={"a"})
    with pytest.raises(NotFoundError):
        apply_alias_actions([DeleteAlias("x")], aliases={}, collections={"a"})


def test_an_index_is_due_above_the_threshold_of_points() -> None:
    assert wants_index(_CONFIG, unindexed_points=11, default_threshold=10)
    assert not wants_index(_CONFIG, unindexed_points=10, default_threshold=10)
    assert not wants_index(CollectionConfig(), unindexed_points=11, default_threshold=10)


def test_a_collections_own_threshold_counts_kilobytes_and_zero_turns_indexing_off() -> None:
    ten_kb = _CONFIG.model_copy(update={"optimizers_config": OptimizersConfig(indexing_threshold=10)})
    never = _CONFIG.model_copy(update={"optimizers_config": OptimizersConfig(indexing_threshold=0)})

    assert wants_index(ten_kb, unindexed_points=11, default_threshold=10**6)  # 256 floats are one kilobyte
    assert not wants_index(ten_kb, unindexed_points=10, default_threshold=0)
    assert not wants_index(never, unindexed_points=10**6, default_threshold=0)


def test_a_change_touches_only_what_it_names() -> None:
    first = changed(_CONFIG, CollectionChange(hnsw_config=HnswConfig(m=8)))
    second = changed(first, CollectionChange(vectors={"d": VectorChange(hnsw_config=HnswConfig(ef_construct=50))}))

    assert second.hnsw_config == HnswConfig(m=8)
    assert second.dense["d"].hnsw_config == HnswConfig(ef_construct=50)
    assert not same_index(_CONFIG, first)
    assert same_index(first, changed(first, CollectionChange(metadata={"a": 1})))


def test_a_change_of_stored_data_is_refused() -> None:
    with pytest.raises(UnsupportedError):
        changed(_CONFIG, CollectionChange(vectors={"d": VectorChange(on_disk=True)}))
    with pytest.raises(WrongInputError):
        changed(_CONFIG, CollectionChange(vectors={"other": VectorChange()}))
