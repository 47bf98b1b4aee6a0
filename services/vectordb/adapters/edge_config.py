"""A collection's configuration in the engine's terms."""

from __future__ import annotations

from typing import TypeVar

import qdrant_edge as edge

from services.vectordb.domain.configuration import (
    BinaryQuantization,
    CollectionConfig,
    DenseVectorParams,
    HnswConfig,
    ProductQuantization,
    Quantization,
    ScalarQuantization,
    SparseVectorParams,
)

DEFAULT_M = 16
DEFAULT_EF_CONSTRUCT = 100
DEFAULT_FULL_SCAN_KB = 10_000

_T = TypeVar("_T")

_DISTANCES = {
    "Cosine": edge.Distance.Cosine,
    "Euclid": edge.Distance.Euclid,
    "Dot": edge.Distance.Dot,
    "Manhattan": edge.Distance.Manhattan,
}
_DATATYPES = {
    "float32": edge.VectorStorageDatatype.Float32,
    "float16": edge.VectorStorageDatatype.Float16,
    "uint8": edge.VectorStorageDatatype.Uint8,
    "turbo8": edge.VectorStorageDatatype.Turbo8,
    "turbo16": edge.VectorStorageDatatype.Turbo16,
}
_COMPRESSIONS = {
    "x4": edge.CompressionRatio.X4,
    "x8": edge.CompressionRatio.X8,
    "x16": edge.CompressionRatio.X16,
    "x32": edge.CompressionRatio.X32,
    "x64": edge.CompressionRatio.X64,
}
_BINARY_ENCODINGS = {
    "one_bit": edge.BinaryQuantizationEncoding.OneBit,
    "two_bits": edge.BinaryQuantizationEncoding.TwoBits,
    "one_and_half_bits": edge.BinaryQuantizationEncoding.OneAndHalfBits,
}
_BINARY_QUERY_ENCODINGS = {
    "default": edge.BinaryQuantizationQueryEncoding.Default,
    "binary": edge.BinaryQuantizationQueryEncoding.Binary,
    "scalar4bits": edge.BinaryQuantizationQueryEncoding.Scalar4Bits,
    "scalar8bits": edge.BinaryQuantizationQueryEncoding.Scalar8Bits,
}
_TURBO_BITS = {
    "bits1": edge.TurboQuantBitSize.Bits1,
    "bits1_5": edge.TurboQuantBitSize.Bits1_5,
    "bits2": edge.TurboQuantBitSize.Bits2,
    "bits4": edge.TurboQuantBitSize.Bits4,
    "bits8": edge.TurboQuantBitSize.Bits8,
}


def edge_config(
    config: CollectionConfig,
    *,
    search_threads: int,
    indexing_threads: int = 1,
    indexing_threshold_kb: int | None = None,
) -> edge.EdgeConfig:
    """The engine's configuration of a shard; the index threshold matters to the builder only."""
    return edge.EdgeConfig(
        vectors={name: _dense(params, indexing_threads) for name, params in config.dense.items()} or None,
        sparse_vectors={name: _sparse(params) for name, params in (config.sparse_vectors or {}).items()} or None,
        on_disk_payload=config.on_disk_payload,
        hnsw_config=_hnsw(config.hnsw_config or HnswConfig(), indexing_threads),
        quantization_config=_quantization(config.quantization_config),
        optimizers=_optimizers(config, indexing_threshold_kb),
        max_search_threads=search_threads,
    )


def _dense(params: DenseVectorParams, indexing_threads: int) -> edge.EdgeVectorParams:
    multi = edge.MultiVectorConfig(edge.MultiVectorComparator.MaxSim) if params.multivector_config else None
    return edge.EdgeVectorParams(
        size=params.size,
        distance=_DISTANCES[params.distance],
        on_disk=params.on_disk,
        multivector_config=multi,
        datatype=_DATATYPES.get(params.datatype or ""),
        quantization_config=_quantization(params.quantization_config),
        hnsw_config=None if params.hnsw_config is None else _hnsw(params.hnsw_config, indexing_threads),
    )


def _sparse(params: SparseVectorParams) -> edge.EdgeSparseVectorParams:
    index = params.index
    return edge.EdgeSparseVectorParams(
        full_scan_threshold=index and index.full_scan_threshold,
        on_disk=index and index.on_disk,
        modifier=edge.Modifier.Idf if params.modifier == "idf" else None,
        datatype=_DATATYPES.get((index and index.datatype) or ""),
    )


def _hnsw(config: HnswConfig, indexing_threads: int) -> edge.HnswIndexConfig:
    return edge.HnswIndexConfig(
        m=_or(config.m, DEFAULT_M),
        ef_construct=_or(config.ef_construct, DEFAULT_EF_CONSTRUCT),
        full_scan_threshold=_or(config.full_scan_threshold, DEFAULT_FULL_SCAN_KB),
        max_indexing_threads=config.max_indexing_threads or indexing_threads,
        on_disk=config.on_disk,
        payload_m=config.payload_m,
        inline_storage=config.inline_storage,
    )


def _optimizers(config: CollectionConfig, indexing_threshold_kb: int | None) -> edge.EdgeOptimizersConfig | None:
    asked = config.optimizers_config
    if asked is None and indexing_threshold_kb is None:
        return None
    return edge.EdgeOptimizersConfig(
        deleted_threshold=asked and asked.deleted_threshold,
        vacuum_min_vector_number=asked and asked.vacuum_min_vector_number,
        default_segment_number=asked and asked.default_segment_number,
        max_segment_size=asked and asked.max_segment_size,
        indexing_threshold=indexing_threshold_kb,
    )


def _quantization(config: Quantization | None) -> edge.QuantizationConfigType | None:
    if config is None:
        return None
    if isinstance(config, ScalarQuantization):
        scalar = config.scalar
        return edge.ScalarQuantizationConfig(edge.ScalarType.Int8, scalar.quantile, scalar.always_ram)
    if isinstance(config, ProductQuantization):
        return edge.ProductQuantizationConfig(_COMPRESSIONS[config.product.compression], config.product.always_ram)
    if isinstance(config, BinaryQuantization):
        binary = config.binary
        return edge.BinaryQuantizationConfig(
            binary.always_ram,
            _BINARY_ENCODINGS.get(binary.encoding or ""),
            _BINARY_QUERY_ENCODINGS.get(binary.query_encoding or ""),
        )
    return edge.TurboQuantQuantizationConfig(config.turbo.always_ram, _TURBO_BITS.get(config.turbo.bits or ""))


def _or(value: _T | None, default: _T) -> _T:
    return default if value is None else value
