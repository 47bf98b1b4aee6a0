"""Qdrant's filters as the engine's objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
import qdrant_edge as edge

from services.vectordb.domain.fields import (
    JsonObject,
    as_count,
    as_list,
    as_number,
    as_object,
    as_text,
    as_texts,
    optional_count,
    optional_flag,
    optional_number,
    optional_text,
    required,
)
from services.vectordb.domain.ids import point_ids
from services.vectordb.errors import FormatError, UnsupportedError

_CLAUSES = frozenset({"must", "should", "must_not", "min_should"})
_BOUNDS = ("gte", "gt", "lte", "lt")


def to_filter(value: object) -> edge.Filter | None:
    """The filter in a request, or None when there is none.

    Raises:
        FormatError: it is not a filter.
        UnsupportedError: it uses a condition the engine does not have.
    """
    if value is None:
        return None
    body = as_object(value, "filter")
    unknown = sorted(body.keys() - _CLAUSES)
    if unknown:
        raise FormatError(f"filter: unknown field `{unknown[0]}`, expected one of {', '.join(sorted(_CLAUSES))}")
    return edge.Filter(
        must=_conditions(body.get("must")),
        should=_conditions(body.get("should")),
        must_not=_conditions(body.get("must_not")),
        min_should=_min_should(body.get("min_should")),
    )


def to_condition(value: object) -> edge.ConditionType:
    """One condition of a filter."""
    body = as_object(value, "condition")
    for key, build in _CONDITIONS.items():
        if key in body:
            return build(body)
    if body.keys() <= _CLAUSES:
        return cast("edge.Filter", to_filter(body))
    raise FormatError(f"condition: none of Qdrant's conditions has the fields {sorted(body)}")


def _conditions(value: object) -> list[edge.ConditionType] | None:
    if value is None:
        return None
    many = cast("list[object]", value) if isinstance(value, list) else [value]
    return [to_condition(item) for item in many]


def _min_should(value: object) -> edge.MinShould | None:
    if value is None:
        return None
    body = as_object(value, "min_should")
    conditions = _conditions(required(body, "conditions")) or []
    return edge.MinShould(conditions=conditions, min_count=as_count(required(body, "min_count"), "min_count"))


def _field(body: JsonObject) -> edge.FieldCondition:
    key = as_text(body["key"], "key")
    bounds = body.get("range")
    counts = body.get("values_count")
    condition = edge.FieldCondition(
        key=key,
        match=_match(body.get("match")),
        range=None if bounds is None else _range(as_object(bounds, "range")),
        geo_bounding_box=_geo_box(body.get("geo_bounding_box")),
        geo_radius=_geo_radius(body.get("geo_radius")),
        geo_polygon=_geo_polygon(body.get("geo_polygon")),
        values_count=None if counts is None else _values_count(as_object(counts, "values_count")),
        is_empty=optional_flag(body, "is_empty"),
        is_null=optional_flag(body, "is_null"),
    )
    if all(body.get(name) is None for name in body if name != "key"):
        raise FormatError(f"condition on `{key}`: at least one field condition must be specified")
    return condition


def _match(value: object) -> edge.MatchType | None:
    if value is None:
        return None
    body = as_object(value, "match")
    for key, build in _MATCHES.items():
        if key in body:
            return build(body[key])
    raise FormatError(f"match: expected one of {', '.join(_MATCHES)}, got {sorted(body)}")


def _match_value(value: object) -> edge.MatchValue:
    if not isinstance(value, str | int):
        raise FormatError(f"match.value: expected a string, an integer or a boolean, got {value!r}")
    # The engine's binding takes Python's booleans for the integers 0 and 1, which match no boolean; numpy's it reads.
    return edge.MatchValue(cast("bool", np.bool_(value)) if isinstance(value, bool) else value)


def _match_any(value: object) -> edge.MatchAny:
    return edge.MatchAny(_variants(value, "match.any"))


def _match_except(value: object) -> edge.MatchExcept:
    return edge.MatchExcept(_variants(value, "match.except"))


def _variants(value: object, what: str) -> list[str] | list[int]:
    items = as_list(value, what)
    if all(type(item) is int for item in items):
        return cast("list[int]", items)
    return as_texts(items, what)


def _range(body: JsonObject) -> edge.RangeType:
    if any(isinstance(body.get(bound), str) for bound in _BOUNDS):
        moments = {bound: optional_text(body, bound) for bound in _BOUNDS}
        return edge.RangeDateTime(**moments)
    numbers = {bound: optional_number(body, bound) for bound in _BOUNDS}
    return edge.RangeFloat(**numbers)


def _values_count(body: JsonObject) -> edge.ValuesCount:
    counts = {bound: optional_count(body, bound) for bound in _BOUNDS}
    return edge.ValuesCount(**counts)


def geo_point(value: object) -> edge.GeoPoint:
    """A place on earth."""
    body = as_object(value, "geo point")
    return edge.GeoPoint(as_number(required(body, "lon"), "lon"), as_number(required(body, "lat"), "lat"))


def _geo_box(value: object) -> edge.GeoBoundingBox | None:
    if value is None:
        return None
    body = as_object(value, "geo_bounding_box")
    return edge.GeoBoundingBox(geo_point(required(body, "top_left")), geo_point(required(body, "bottom_right")))


def _geo_radius(value: object) -> edge.GeoRadius | None:
    if value is None:
        return None
    body = as_object(value, "geo_radius")
    return edge.GeoRadius(geo_point(required(body, "center")), as_number(required(body, "radius"), "radius"))


def _geo_polygon(value: object) -> edge.GeoPolygon | None:
    if value is None:
        return None
    body = as_object(value, "geo_polygon")
    interiors = [_ring(ring) for ring in as_list(body.get("interiors") or [], "interiors")]
    return edge.GeoPolygon(_ring(required(body, "exterior")), interiors or None)


def _ring(value: object) -> list[edge.GeoPoint]:
    return [geo_point(point) for point in as_list(as_object(value, "ring").get("points"), "points")]


def _is_empty(body: JsonObject) -> edge.IsEmptyCondition:
    return edge.IsEmptyCondition(as_text(required(as_object(body["is_empty"], "is_empty"), "key"), "key"))


def _is_null(body: JsonObject) -> edge.IsNullCondition:
    return edge.IsNullCondition(as_text(required(as_object(body["is_null"], "is_null"), "key"), "key"))


def _has_id(body: JsonObject) -> edge.HasIdCondition:
    return edge.HasIdCondition(set(point_ids(body["has_id"], "has_id")))


def _has_vector(body: JsonObject) -> edge.HasVectorCondition:
    return edge.HasVectorCondition(as_text(body["has_vector"], "has_vector"))


def _nested(body: JsonObject) -> edge.NestedCondition:
    nested = as_object(body["nested"], "nested")
    inner = to_filter(required(nested, "filter"))
    return edge.NestedCondition(as_text(required(nested, "key"), "key"), cast("edge.Filter", inner))


def _slice(_: JsonObject) -> edge.Filter:
    raise UnsupportedError("The filter condition `slice`")


_CONDITIONS: dict[str, Callable[[JsonObject], edge.ConditionType]] = {
    "key": _field,
    "has_id": _has_id,
    "has_vector": _has_vector,
    "is_empty": _is_empty,
    "is_null": _is_null,
    "nested": _nested,
    "slice": _slice,
}

_MATCHES: dict[str, Callable[[object], edge.MatchType]] = {
    "value": _match_value,
    "any": _match_any,
    "except": _match_except,
    "text": lambda value: edge.MatchText(as_text(value, "match.text")),
    "text_any": lambda value: edge.MatchTextAny(as_text(value, "match.text_any")),
    "phrase": lambda value: edge.MatchPhrase(as_text(value, "match.phrase")),
    "prefix": lambda value: edge.MatchPrefix(as_text(value, "match.prefix")),
    "substring": lambda value: edge.MatchSubstring(as_text(value, "match.substring")),
}
