"""Scoring formulas as the engine's expression trees."""

from collections.abc import Callable

import qdrant_edge as edge

from services.vectordb.adapters.filters import geo_point, to_condition
from services.vectordb.domain.fields import (
    JsonObject,
    as_list,
    as_number,
    as_object,
    as_text,
    optional_number,
    required,
)

_DECAYS = {
    "lin_decay": edge.DecayKind.Lin,
    "exp_decay": edge.DecayKind.Exp,
    "gauss_decay": edge.DecayKind.Gauss,
}


def to_expression(value: object) -> edge.Expression:
    """A number, a variable (`$score`, a payload path), a condition, or an operation on expressions."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return edge.Expression.Constant(float(value))
    if isinstance(value, str):
        return edge.Expression.Variable(value)
    body = as_object(value, "expression")
    for key, build in _OPERATIONS.items():
        if key in body:
            return build(body[key])
    for key, kind in _DECAYS.items():
        if key in body:
            return _decay(kind, as_object(body[key], key))
    return edge.Expression.Condition(to_condition(body))


def _many(value: object) -> list[edge.Expression]:
    return [to_expression(item) for item in as_list(value, "expression")]


def _divide(value: object) -> edge.Expression:
    body = as_object(value, "div")
    return edge.Expression.Div(
        to_expression(required(body, "left")),
        to_expression(required(body, "right")),
        optional_number(body, "by_zero_default"),
    )


def _power(value: object) -> edge.Expression:
    body = as_object(value, "pow")
    return edge.Expression.Pow(to_expression(required(body, "base")), to_expression(required(body, "exponent")))


def _geo_distance(value: object) -> edge.Expression:
    body = as_object(value, "geo_distance")
    return edge.Expression.GeoDistance(geo_point(required(body, "origin")), as_text(required(body, "to"), "to"))


def _decay(kind: edge.DecayKind, body: JsonObject) -> edge.Expression:
    target, midpoint, scale = body.get("target"), body.get("midpoint"), body.get("scale")
    return edge.Expression.Decay(
        kind,
        to_expression(required(body, "x")),
        None if target is None else to_expression(target),
        None if midpoint is None else as_number(midpoint, "midpoint"),
        None if scale is None else as_number(scale, "scale"),
    )


_OPERATIONS: dict[str, Callable[[object], edge.Expression]] = {
    "mult": lambda value: edge.Expression.Mult(_many(value)),
    "sum": lambda value: edge.Expression.Sum(_many(value)),
    "max": lambda value: edge.Expression.Max(_many(value)),
    "min": lambda value: edge.Expression.Min(_many(value)),
    "neg": lambda value: edge.Expression.Neg(to_expression(value)),
    "abs": lambda value: edge.Expression.Abs(to_expression(value)),
    "sqrt": lambda value: edge.Expression.Sqrt(to_expression(value)),
    "exp": lambda value: edge.Expression.Exp(to_expression(value)),
    "log10": lambda value: edge.Expression.Log10(to_expression(value)),
    "ln": lambda value: edge.Expression.Ln(to_expression(value)),
    "acosh": lambda value: edge.Expression.Acosh(to_expression(value)),
    "div": _divide,
    "pow": _power,
    "geo_distance": _geo_distance,
    "datetime": lambda value: edge.Expression.Datetime(as_text(value, "datetime")),
    "datetime_key": lambda value: edge.Expression.DatetimeKey(as_text(value, "datetime_key")),
}
