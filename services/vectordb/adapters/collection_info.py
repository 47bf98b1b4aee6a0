"""What GET /collections/{name} says."""

from typing import cast

from services.vectordb.adapters.collection import Collection
from services.vectordb.adapters.edge_config import DEFAULT_EF_CONSTRUCT, DEFAULT_FULL_SCAN_KB, DEFAULT_M
from services.vectordb.adapters.payload_indexes import type_name
from services.vectordb.domain.configuration import CollectionConfig
from services.vectordb.domain.fields import JsonObject

_HNSW_DEFAULTS: JsonObject = {
    "m": DEFAULT_M,
    "ef_construct": DEFAULT_EF_CONSTRUCT,
    "full_scan_threshold": DEFAULT_FULL_SCAN_KB,
    "max_indexing_threads": 0,
    "on_disk": False,
}
_OPTIMIZER_DEFAULTS: JsonObject = {
    "deleted_threshold": 0.2,
    "vacuum_min_vector_number": 1000,
    "default_segment_number": 0,
    "flush_interval_sec": 1,
}


def describe(collection: Collection) -> JsonObject:
    """Status, counts, configuration and payload schema, in Qdrant's shape.

    `points_count` is exact: the engine's own figure is too high after a recovery.
    """
    points = collection.shard.count()
    return {
        "status": "yellow" if collection.is_building else "green",
        "optimizer_status": "ok" if collection.build_error is None else {"error": collection.build_error},
        "indexed_vectors_count": _indexed_vectors(collection, points),
        "points_count": points,
        "segments_count": collection.shard.info().segments_count,
        "config": _config(collection.record.config),
        "payload_schema": _payload_schema(collection),
    }


def _indexed_vectors(collection: Collection, points: int) -> int:
    indexed_points = max(0, points - collection.written_since_build) if collection.record.indexed_points else 0
    return indexed_points * len(collection.spaces.dense)


def _config(config: CollectionConfig) -> JsonObject:
    said = cast("JsonObject", config.model_dump(mode="json", exclude_none=True))
    params: JsonObject = {
        "vectors": said.get("vectors", {}),
        "shard_number": 1,
        "replication_factor": 1,
        "write_consistency_factor": 1,
        "on_disk_payload": config.on_disk_payload is not False,
    }
    if config.sparse_vectors:
        params["sparse_vectors"] = said["sparse_vectors"]
    described: JsonObject = {
        "params": params,
        "hnsw_config": {**_HNSW_DEFAULTS, **cast("JsonObject", said.get("hnsw_config", {}))},
        "optimizer_config": {**_OPTIMIZER_DEFAULTS, **cast("JsonObject", said.get("optimizers_config", {}))},
        "wal_config": {"wal_capacity_mb": 8, "wal_segments_ahead": 0},
        "quantization_config": said.get("quantization_config"),
    }
    if config.metadata is not None:
        described["metadata"] = config.metadata
    return described


def _payload_schema(collection: Collection) -> JsonObject:
    kept = collection.record.payload_indexes
    schema: JsonObject = {}
    for name, info in collection.shard.info().payload_schema.items():
        entry: JsonObject = {"data_type": type_name(info.data_type), "points": info.points}
        params = kept.get(name, {})
        if len(params) > 1:
            entry["params"] = params
        schema[name] = entry
    return schema
