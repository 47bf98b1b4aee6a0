"""What the engine answers, as JSON."""

from typing import TypeAlias, cast

import qdrant_edge as edge

from services.vectordb.domain.fields import JsonObject
from services.vectordb.domain.ids import id_to_json

RawVector: TypeAlias = list[float] | list[list[float]] | edge.SparseVector


def scored_point(point: edge.ScoredPoint) -> JsonObject:
    """A search hit; absent parts are left out."""
    hit: JsonObject = {"id": id_to_json(point.id), "version": point.version, "score": point.score}
    return _with_parts(hit, point)


def record(point: edge.Record) -> JsonObject:
    """A stored point; absent parts are left out."""
    return _with_parts({"id": id_to_json(point.id)}, point)


def facet_hit(hit: edge.FacetHit) -> JsonObject:
    """A value and how many points have it."""
    return {"value": hit.value, "count": hit.count}


def _with_parts(hit: JsonObject, point: edge.ScoredPoint | edge.Record) -> JsonObject:
    payload, vector, order_value = point.payload, point.vector, point.order_value
    if payload is not None:
        hit["payload"] = payload
    if vector is not None:
        hit["vector"] = _vectors(vector)
    if order_value is not None:
        hit["order_value"] = order_value
    return hit


def _vectors(vector: object) -> object:
    if not isinstance(vector, dict):
        return vector
    named = {name: _vector(value) for name, value in cast("dict[str, RawVector]", vector).items()}
    return named[""] if named.keys() == {""} else named


def _vector(value: RawVector) -> object:
    if isinstance(value, edge.SparseVector):
        return {"indices": value.indices, "values": value.values}
    return value
