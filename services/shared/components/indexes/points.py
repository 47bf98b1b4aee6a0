"""Chunks as points of the index: how they are stored and selected."""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import cast
from uuid import UUID

from qdrant_client import models

from services.shared.components.embedders.sparse import SparseVector
from services.shared.contracts.chunks import ChunkPayload

DENSE = "dense"
BM25 = "bm25"


@dataclass(frozen=True)
class IndexedChunk:
    """A chunk with its vectors, ready to be stored."""

    id: UUID
    payload: ChunkPayload
    dense: Sequence[float]
    sparse: SparseVector


@dataclass(frozen=True)
class ChunkOwner:
    """The document that copied chunks are to belong to; `point_id` tells the id of its chunk at a position."""

    document_id: str
    document_version: str
    source: str
    title: str
    file_id: str
    ingested_at: datetime
    point_id: Callable[[int], UUID]


def with_alias(name: str, physical: str) -> models.CreateAliasOperation:
    """Let a name stand for a physical index."""
    return models.CreateAliasOperation(create_alias=models.CreateAlias(collection_name=physical, alias_name=name))


def without_aliases(names: Sequence[str]) -> list[models.DeleteAliasOperation]:
    """Take names away."""
    return [models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=name)) for name in names]


def to_point(chunk: IndexedChunk) -> models.PointStruct:
    """A chunk as it is stored."""
    vectors: dict[str, models.Vector] = {DENSE: list(chunk.dense), BM25: to_sparse(chunk.sparse)}
    return models.PointStruct(id=str(chunk.id), vector=vectors, payload=chunk.payload.model_dump(mode="json"))


def to_copy(record: models.Record, owner: ChunkOwner) -> models.PointStruct:
    """A stored chunk as another document's, and to be found."""
    chunk = ChunkPayload.model_validate(record.payload)
    own = {field.name: getattr(owner, field.name) for field in fields(owner) if field.name != "point_id"}
    payload = chunk.model_copy(update={**own, "hidden": False}).model_dump(mode="json")
    vectors = cast("dict[str, models.Vector]", record.vector)
    return models.PointStruct(id=str(owner.point_id(chunk.index)), vector=vectors, payload=payload)


def to_indexed(record: models.Record) -> IndexedChunk:
    """A stored chunk, with its vectors."""
    vectors = cast("dict[str, list[float]]", record.vector)
    sparse = cast("dict[str, models.SparseVector]", record.vector)[BM25]
    return IndexedChunk(
        id=UUID(str(record.id)),
        payload=ChunkPayload.model_validate(record.payload),
        dense=vectors[DENSE],
        sparse=SparseVector(sparse.indices, sparse.values),
    )


def dense_of(record: models.Record) -> "array[float]":
    """The dense vector of a stored chunk."""
    vectors = cast("dict[str, list[float]]", record.vector)
    return array("f", vectors[DENSE])


def to_sparse(vector: SparseVector) -> models.SparseVector:
    """A sparse vector as it is stored and asked for."""
    return models.SparseVector(indices=list(vector.indices), values=list(vector.values))


def of_version(document: str, version: str) -> models.Filter:
    """The chunks of one version of a document."""
    return models.Filter(must=[is_value("document_id", document), is_value("document_version", version)])


def any_of(values: Sequence[str]) -> models.MatchAny:
    """One of these values."""
    return models.MatchAny(any=list(values))


def is_value(key: str, value: str) -> models.FieldCondition:
    """A field with exactly this value."""
    return models.FieldCondition(key=key, match=models.MatchValue(value=value))
