"""Writes, as they travel (and as the journal keeps them), and as the engine's update operations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import qdrant_edge as edge

from services.vectordb.adapters.engine_errors import engine_call
from services.vectordb.adapters.filters import to_filter
from services.vectordb.adapters.payload_indexes import index_schema
from services.vectordb.adapters.selectors import refuse_sharding
from services.vectordb.domain.fields import (
    JsonObject,
    as_list,
    as_object,
    as_text,
    as_texts,
    optional_text,
    required,
)
from services.vectordb.domain.ids import PointId, point_id, point_ids
from services.vectordb.domain.vectors import Sparse, VectorSpaces
from services.vectordb.errors import FormatError, WrongInputError

_STEP_POINTS = 256  # the engine takes about 20 ms for so many points with text, and nothing else runs meanwhile

_UPDATE_MODES = {
    "upsert": edge.UpdateMode.Upsert,
    "insert_only": edge.UpdateMode.InsertOnly,
    "update_only": edge.UpdateMode.UpdateOnly,
}


@dataclass(frozen=True)
class Change:
    """One write: its kind (Qdrant's batch operation names, plus the two index operations) and its body."""

    kind: str
    body: JsonObject


@dataclass(frozen=True)
class Operation:
    """A checked write in short steps for the engine, and how many points it writes."""

    steps: list[edge.UpdateOperation]
    points: int = 0


def to_operation(change: Change, spaces: VectorSpaces) -> Operation:
    """Check a write against the collection and translate it.

    Everything is checked here, because an operation the engine refuses half-way has already entered its log.

    Raises:
        FormatError, ValidationError, WrongInputError, UnsupportedError: it must not be applied.
    """
    build = _BUILDERS.get(change.kind)
    if build is None:
        raise FormatError(f"unknown operation `{change.kind}`, expected one of {', '.join(_BUILDERS)}")
    refuse_sharding(change.body)
    with engine_call():
        return build(change.body, spaces)


def batch_changes(body: JsonObject) -> list[Change]:
    """The writes of a batch request, in order."""
    changes: list[Change] = []
    for item in as_list(required(body, "operations"), "operations"):
        operation = as_object(item, "operation")
        if len(operation) != 1:
            raise FormatError("operation: expected an object with exactly one operation")
        kind, content = next(iter(operation.items()))
        if kind not in BATCH_KINDS:
            raise FormatError(f"unknown operation `{kind}`, expected one of {', '.join(sorted(BATCH_KINDS))}")
        changes.append(Change(kind, as_object(content, kind)))
    return changes


def _upsert(body: JsonObject, spaces: VectorSpaces) -> Operation:
    rows = _rows_of_batch(body["batch"]) if body.get("batch") is not None else _rows_of_list(required(body, "points"))
    points = [
        edge.Point(id_, _edge_vectors(vector, spaces), None if payload is None else as_object(payload, "payload"))
        for id_, vector, payload in rows
    ]
    mode = optional_text(body, "update_mode")
    if mode is not None and mode not in _UPDATE_MODES:
        raise FormatError(f"update_mode: unknown mode `{mode}`, expected one of {', '.join(_UPDATE_MODES)}")
    condition = to_filter(body.get("update_filter"))
    slices = [points[start : start + _STEP_POINTS] for start in range(0, len(points), _STEP_POINTS)]
    how = None if mode is None else _UPDATE_MODES[mode]
    return Operation([edge.UpdateOperation.upsert_points(part, condition, how) for part in slices], len(points))


_Row = tuple[PointId, object, object]


def _rows_of_list(value: object) -> list[_Row]:
    points = [as_object(item, "point") for item in as_list(value, "points")]
    return [(point_id(point.get("id")), required(point, "vector"), point.get("payload")) for point in points]


def _rows_of_batch(value: object) -> list[_Row]:
    batch = as_object(value, "batch")
    ids = point_ids(required(batch, "ids"), "ids")
    vectors = required(batch, "vectors")
    payloads = as_list(batch.get("payloads") or [None] * len(ids), "payloads")
    columns = _columns(vectors, len(ids))
    if len(columns) != len(ids) or len(payloads) != len(ids):
        raise WrongInputError("batch: ids, vectors and payloads must be of the same length")
    return list(zip(ids, columns, payloads, strict=True))


def _columns(vectors: object, count: int) -> list[object]:
    if isinstance(vectors, list):
        return cast("list[object]", vectors)
    named = {name: as_list(column, name) for name, column in as_object(vectors, "vectors").items()}
    if any(len(column) != count for column in named.values()):
        raise WrongInputError("batch: ids and vectors must be of the same length")
    return [{name: column[row] for name, column in named.items() if column[row] is not None} for row in range(count)]


def _edge_vectors(value: object, spaces: VectorSpaces) -> edge.Vector:
    vectors = spaces.check_point(value)
    return {
        name: edge.SparseVector(vector.indices, vector.values) if isinstance(vector, Sparse) else vector
        for name, vector in vectors.items()
    }


def _delete(body: JsonObject, _: VectorSpaces) -> Operation:
    if body.get("points") is not None:
        ids = point_ids(body["points"])
        return Operation([edge.UpdateOperation.delete_points(ids)])
    return Operation([edge.UpdateOperation.delete_points_by_filter(_filter(body))])


def _update_vectors(body: JsonObject, spaces: VectorSpaces) -> Operation:
    points = [as_object(item, "point") for item in as_list(required(body, "points"), "points")]
    vectors = [
        edge.PointVectors(point_id(point.get("id")), _edge_vectors(required(point, "vector"), spaces))
        for point in points
    ]
    update = edge.UpdateOperation.update_vectors(vectors, to_filter(body.get("update_filter")))
    return Operation([update], len(vectors))


def _delete_vectors(body: JsonObject, spaces: VectorSpaces) -> Operation:
    names = as_texts(required(body, "vector"), "vector")
    for name in names:
        if name not in spaces.dense and name not in spaces.sparse:
            raise WrongInputError(f"Not existing vector name error: {name}")
    if body.get("points") is not None:
        return Operation([edge.UpdateOperation.delete_vectors(point_ids(body["points"]), names)])
    return Operation([edge.UpdateOperation.delete_vectors_by_filter(_filter(body), names)])


def _set_payload(body: JsonObject, _: VectorSpaces) -> Operation:
    payload, key = as_object(required(body, "payload"), "payload"), optional_text(body, "key")
    if body.get("points") is not None:
        return Operation([edge.UpdateOperation.set_payload(point_ids(body["points"]), payload, key)])
    return Operation([edge.UpdateOperation.set_payload_by_filter(_filter(body), payload, key)])


def _overwrite_payload(body: JsonObject, _: VectorSpaces) -> Operation:
    payload, key = as_object(required(body, "payload"), "payload"), optional_text(body, "key")
    if body.get("points") is not None:
        return Operation([edge.UpdateOperation.overwrite_payload(point_ids(body["points"]), payload, key)])
    return Operation([edge.UpdateOperation.overwrite_payload_by_filter(_filter(body), payload, key)])


def _delete_payload(body: JsonObject, _: VectorSpaces) -> Operation:
    keys = as_texts(required(body, "keys"), "keys")
    if body.get("points") is not None:
        return Operation([edge.UpdateOperation.delete_payload(point_ids(body["points"]), keys)])
    return Operation([edge.UpdateOperation.delete_payload_by_filter(_filter(body), keys)])


def _clear_payload(body: JsonObject, _: VectorSpaces) -> Operation:
    if body.get("points") is not None:
        return Operation([edge.UpdateOperation.clear_payload(point_ids(body["points"]))])
    return Operation([edge.UpdateOperation.clear_payload_by_filter(_filter(body))])


def _create_index(body: JsonObject, _: VectorSpaces) -> Operation:
    field_name = as_text(required(body, "field_name"), "field_name")
    return Operation(
        [edge.UpdateOperation.create_field_index(field_name, index_schema(required(body, "field_schema")))]
    )


def _delete_index(body: JsonObject, _: VectorSpaces) -> Operation:
    return Operation([edge.UpdateOperation.delete_field_index(as_text(required(body, "field_name"), "field_name"))])


def _filter(body: JsonObject) -> edge.Filter:
    if body.get("filter") is None:
        raise FormatError("either `points` or `filter` must be given")
    return cast("edge.Filter", to_filter(body["filter"]))


_BUILDERS: dict[str, Callable[[JsonObject, VectorSpaces], Operation]] = {
    "upsert": _upsert,
    "delete": _delete,
    "update_vectors": _update_vectors,
    "delete_vectors": _delete_vectors,
    "set_payload": _set_payload,
    "overwrite_payload": _overwrite_payload,
    "delete_payload": _delete_payload,
    "clear_payload": _clear_payload,
    "create_index": _create_index,
    "delete_index": _delete_index,
}

BATCH_KINDS = frozenset(_BUILDERS) - {"create_index", "delete_index"}
