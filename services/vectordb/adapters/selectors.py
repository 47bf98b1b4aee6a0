"""Which parts of a point a request wants back, and how hard to search."""

from __future__ import annotations

from typing import cast

import qdrant_edge as edge

from services.vectordb.adapters.filters import to_filter
from services.vectordb.domain.fields import (
    JsonObject,
    as_object,
    as_texts,
    optional_count,
    optional_flag,
    optional_number,
    refuse,
)
from services.vectordb.errors import FormatError


def with_payload(body: JsonObject, *, default: bool) -> edge.WithPayloadType:
    """Payload selector: true, a list of paths, or include/exclude."""
    value = body.get("with_payload")
    if value is None or isinstance(value, bool):
        return default if value is None else value
    if isinstance(value, list):
        return edge.PayloadSelector.Include(as_texts(cast("object", value), "with_payload"))
    selector = as_object(value, "with_payload")
    if "include" in selector:
        return edge.PayloadSelector.Include(as_texts(selector["include"], "include"))
    if "exclude" in selector:
        return edge.PayloadSelector.Exclude(as_texts(selector["exclude"], "exclude"))
    raise FormatError("with_payload: expected a boolean, an array of paths, or an object with `include` or `exclude`")


def with_vector(body: JsonObject) -> edge.WithVectorType:
    """Vector selector: true, or a list of names."""
    value = body.get("with_vector", body.get("with_vectors"))
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, str):
        return [value]
    return as_texts(value, "with_vector")


def search_params(value: object) -> edge.SearchParams | None:
    """Search parameters: exactness, beam width, quantization."""
    if value is None:
        return None
    body = as_object(value, "params")
    return edge.SearchParams(
        hnsw_ef=optional_count(body, "hnsw_ef"),
        exact=optional_flag(body, "exact") or False,
        quantization=_quantization(body.get("quantization")),
        indexed_only=optional_flag(body, "indexed_only") or False,
        acorn=_acorn(body.get("acorn")),
        idf=_idf(body.get("idf")),
    )


def refuse_sharding(body: JsonObject) -> None:
    """Custom sharding needs a cluster."""
    refuse(body, shard_key="Custom sharding (`shard_key`)")


def _quantization(value: object) -> edge.QuantizationSearchParams | None:
    if value is None:
        return None
    body = as_object(value, "quantization")
    return edge.QuantizationSearchParams(
        ignore=optional_flag(body, "ignore") or False,
        rescore=optional_flag(body, "rescore"),
        oversampling=optional_number(body, "oversampling"),
    )


def _acorn(value: object) -> edge.AcornSearchParams | None:
    if value is None:
        return None
    body = as_object(value, "acorn")
    return edge.AcornSearchParams(
        enable=optional_flag(body, "enable") or False, max_selectivity=optional_number(body, "max_selectivity")
    )


def _idf(value: object) -> edge.IdfParams | None:
    if value is None:
        return None
    return edge.IdfParams(corpus=to_filter(as_object(value, "idf").get("corpus")))
