"""Changing a collection's configuration after it was created."""

from typing import Literal

from pydantic import JsonValue

from services.vectordb.domain.configuration import (
    CollectionConfig,
    Configuration,
    DenseVectorParams,
    HnswConfig,
    OptimizersConfig,
    Quantization,
)
from services.vectordb.errors import UnsupportedError, WrongInputError

QuantizationChange = Quantization | Literal["Disabled"]


class VectorChange(Configuration):
    """What may change about one dense vector."""

    hnsw_config: HnswConfig | None = None
    quantization_config: QuantizationChange | None = None
    on_disk: bool | None = None


class CollectionChange(Configuration):
    """The body of PATCH /collections/{name}."""

    vectors: dict[str, VectorChange] | None = None
    sparse_vectors: dict[str, JsonValue] | None = None
    hnsw_config: HnswConfig | None = None
    optimizers_config: OptimizersConfig | None = None
    quantization_config: QuantizationChange | None = None
    params: dict[str, JsonValue] | None = None
    metadata: dict[str, JsonValue] | None = None


def changed(config: CollectionConfig, change: CollectionChange) -> CollectionConfig:
    """The configuration after the change. Index parameters take effect when the index is next built.

    Raises:
        UnsupportedError: the change would rewrite stored data.
        WrongInputError: it names a vector the collection does not have.
    """
    if change.sparse_vectors:
        raise UnsupportedError("Changing sparse vectors of an existing collection")
    if change.params and change.params.get("on_disk_payload") is not None:
        raise UnsupportedError("Moving the payload of an existing collection (`on_disk_payload`)")
    return config.model_copy(
        update={
            "vectors": _vectors(config, change.vectors or {}),
            "hnsw_config": _hnsw(config.hnsw_config, change.hnsw_config),
            "optimizers_config": _optimizers(config.optimizers_config, change.optimizers_config),
            "quantization_config": _quantization(config.quantization_config, change.quantization_config),
            "metadata": config.metadata if change.metadata is None else {**(config.metadata or {}), **change.metadata},
        }
    )


def _vectors(config: CollectionConfig, changes: dict[str, VectorChange]) -> object:
    unknown = sorted(changes.keys() - config.dense.keys())
    if unknown:
        raise WrongInputError(f"Not existing vector name error: {unknown[0]}")
    dense = {
        name: _vector(params, changes[name]) if name in changes else params for name, params in config.dense.items()
    }
    return dense[""] if isinstance(config.vectors, DenseVectorParams) else dense


def _vector(params: DenseVectorParams, change: VectorChange) -> DenseVectorParams:
    if change.on_disk is not None:
        raise UnsupportedError("Moving the vectors of an existing collection (`on_disk`)")
    return params.model_copy(
        update={
            "hnsw_config": _hnsw(params.hnsw_config, change.hnsw_config),
            "quantization_config": _quantization(params.quantization_config, change.quantization_config),
        }
    )


def _hnsw(before: HnswConfig | None, change: HnswConfig | None) -> HnswConfig | None:
    if before is None or change is None:
        return before or change
    return before.model_copy(update=change.model_dump(exclude_none=True))


def _optimizers(before: OptimizersConfig | None, change: OptimizersConfig | None) -> OptimizersConfig | None:
    if before is None or change is None:
        return before or change
    return before.model_copy(update=change.model_dump(exclude_none=True))


def _quantization(before: Quantization | None, change: QuantizationChange | None) -> Quantization | None:
    if change is None:
        return before
    return None if change == "Disabled" else change
