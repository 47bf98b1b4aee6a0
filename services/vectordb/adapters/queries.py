"""Qdrant's queries as the engine's requests.

A query may name points instead of vectors; those are looked up through `VectorLookup` and left out of the results, as
Qdrant does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, cast

import qdrant_edge as edge

from services.vectordb.adapters.expressions import to_expression
from services.vectordb.adapters.filters import to_filter
from services.vectordb.adapters.selectors import refuse_sharding, search_params, with_payload, with_vector
from services.vectordb.domain.fields import (
    JsonObject,
    as_list,
    as_number,
    as_object,
    as_text,
    limit_of,
    optional_count,
    optional_number,
    optional_text,
    refuse,
    required,
)
from services.vectordb.domain.ids import PointId, point_id
from services.vectordb.domain.vectors import Dense, Multi, Sparse, query_vector
from services.vectordb.errors import FormatError, UnsupportedError, WrongInputError

DEFAULT_LIMIT = 10
_DEFAULT_RRF_K = 2  # Qdrant's own
_MAX_DEPTH = 16

EdgeVector: TypeAlias = list[float] | list[list[float]] | edge.SparseVector


class VectorLookup(Protocol):
    """Finds the vector of a stored point."""

    def vector_of(self, id_: PointId, using: str) -> EdgeVector:
        """The vector; NotFoundError or WrongInputError when the point or its vector is not there."""
        ...


@dataclass
class _Stage:
    """One stage of a query while it is read: where vectors come from, and which points it named."""

    body: JsonObject
    lookup: VectorLookup
    using: str
    limit: int
    named: list[PointId] = field(default_factory=list["PointId"])

    def vector(self, value: object) -> EdgeVector:
        if isinstance(value, int | str):
            id_ = point_id(value)
            self.named.append(id_)
            return self.lookup.vector_of(id_, self.using)
        return to_edge_vector(query_vector(value))

    def vectors(self, value: object, what: str) -> list[EdgeVector]:
        if value is None:
            return []
        return [self.vector(item) for item in as_list(value, what)]


def query_request(body: JsonObject, lookup: VectorLookup) -> edge.QueryRequest:
    """The engine's request for a query, with its prefetches, filter, selectors and parameters."""
    refuse_sharding(body)
    stage = _stage(body, lookup)
    prefetches = to_prefetches(body, lookup)
    query = _scoring(stage, has_prefetch=bool(prefetches))
    return edge.QueryRequest(
        limit=stage.limit,
        offset=optional_count(body, "offset"),
        query=query,
        prefetches=prefetches,
        with_vector=with_vector(body),
        with_payload=with_payload(body, default=False),
        filter=_without_named(to_filter(body.get("filter")), stage.named),
        score_threshold=optional_number(body, "score_threshold"),
        params=search_params(body.get("params")),
    )


def to_prefetches(body: JsonObject, lookup: VectorLookup, *, depth: int = 0) -> list[edge.Prefetch] | None:
    """The prefetches of a query or of another prefetch."""
    value = body.get("prefetch")
    if value is None:
        return None
    if depth == _MAX_DEPTH:
        raise WrongInputError(f"prefetch: nested deeper than {_MAX_DEPTH} levels")
    many = cast("list[object]", value) if isinstance(value, list) else [value]
    return [_prefetch(as_object(item, "prefetch"), lookup, depth=depth) for item in many] or None


def to_edge_vector(vector: Dense | Multi | Sparse) -> EdgeVector:
    """A checked vector in the engine's form."""
    return edge.SparseVector(vector.indices, vector.values) if isinstance(vector, Sparse) else vector


def order_by(value: object) -> edge.OrderBy:
    """An order by a payload field: its path, or path, direction and start."""
    if isinstance(value, str):
        return edge.OrderBy(value)
    body = as_object(value, "order_by")
    start_from = body.get("start_from")
    if start_from is not None and (isinstance(start_from, bool) or not isinstance(start_from, int | float | str)):
        raise FormatError("order_by.start_from: expected a number or a datetime")
    return edge.OrderBy(as_text(required(body, "key"), "key"), _direction(body), start_from)


def _direction(body: JsonObject) -> edge.Direction:
    name = optional_text(body, "direction") or "asc"
    if name not in {"asc", "desc"}:
        raise FormatError(f"order_by.direction: expected `asc` or `desc`, got `{name}`")
    return edge.Direction.Desc if name == "desc" else edge.Direction.Asc


def _stage(body: JsonObject, lookup: VectorLookup) -> _Stage:
    refuse(body, lookup_from="Looking vectors up in another collection (`lookup_from`)")
    return _Stage(body, lookup, optional_text(body, "using") or "", limit_of(body, default=DEFAULT_LIMIT))


def _prefetch(body: JsonObject, lookup: VectorLookup, *, depth: int) -> edge.Prefetch:
    stage = _stage(body, lookup)
    inner = to_prefetches(body, lookup, depth=depth + 1)
    query = _scoring(stage, has_prefetch=bool(inner))
    return edge.Prefetch(
        limit=stage.limit,
        query=query,
        prefetches=inner,
        params=search_params(body.get("params")),
        filter=_without_named(to_filter(body.get("filter")), stage.named),
        score_threshold=optional_number(body, "score_threshold"),
    )


def _scoring(stage: _Stage, *, has_prefetch: bool) -> edge.ScoringQueryType | None:
    value = stage.body.get("query")
    if value is None:
        if has_prefetch:
            raise WrongInputError("A query is needed to merge the prefetches. Query is missing")
        return None
    if not isinstance(value, dict) or "indices" in value:
        return edge.Query.Nearest(stage.vector(cast("object", value)), using=stage.using)
    body = cast("JsonObject", value)
    for key, build in _QUERIES.items():
        if key in body:
            return build(body, stage)
    if "text" in body and "model" not in body:
        raise UnsupportedError("Ranking by a text index (`text` query)")
    query_vector(body)  # says what is wrong with it: inference, or no vector at all
    raise FormatError(f"query: expected a vector, a point id or one of {', '.join(_QUERIES)}")


def _without_named(condition: edge.Filter | None, named: Sequence[PointId]) -> edge.Filter | None:
    if not named:
        return condition
    return edge.Filter(must=None if condition is None else [condition], must_not=[edge.HasIdCondition(set(named))])


def _nearest(body: JsonObject, stage: _Stage) -> edge.ScoringQueryType:
    vector = stage.vector(required(body, "nearest"))
    if body.get("mmr") is None:
        return edge.Query.Nearest(vector, using=stage.using)
    mmr = as_object(body["mmr"], "mmr")
    diversity = optional_number(mmr, "diversity")
    return edge.Mmr(
        vector,
        1.0 - (0.5 if diversity is None else diversity),
        optional_count(mmr, "candidates_limit") or stage.limit,
        stage.using,
    )


def _recommend(body: JsonObject, stage: _Stage) -> edge.ScoringQueryType:
    recommend = as_object(body["recommend"], "recommend")
    positives = stage.vectors(recommend.get("positive"), "positive")
    negatives = stage.vectors(recommend.get("negative"), "negative")
    strategy = optional_text(recommend, "strategy") or "average_vector"
    if strategy == "average_vector":
        return edge.Query.Nearest(_average(positives, negatives), using=stage.using)
    query = edge.RecommendQuery(positives, negatives)
    if strategy == "best_score":
        return edge.Query.RecommendBestScore(query, using=stage.using)
    if strategy == "sum_scores":
        return edge.Query.RecommendSumScores(query, using=stage.using)
    raise FormatError(f"recommend.strategy: unknown strategy `{strategy}`")


def _average(positives: list[EdgeVector], negatives: list[EdgeVector]) -> list[float]:
    """Qdrant's average: mean of the positives, moved away from the mean of the negatives."""
    if not positives:
        raise WrongInputError("recommend: at least one positive is needed with the strategy `average_vector`")
    mean = _mean(positives)
    if not negatives:
        return mean
    return [2 * toward - away for toward, away in zip(mean, _mean(negatives), strict=True)]


def _mean(vectors: list[EdgeVector]) -> list[float]:
    if not all(isinstance(vector, list) and not isinstance(vector[0], list) for vector in vectors):
        raise UnsupportedError("The recommend strategy `average_vector` on sparse or multi vectors")
    rows = cast("list[list[float]]", vectors)
    if len({len(row) for row in rows}) > 1:
        raise WrongInputError("Vector dimension error: the examples differ in size")
    return [sum(column) / len(rows) for column in zip(*rows, strict=True)]


def _discover(body: JsonObject, stage: _Stage) -> edge.ScoringQueryType:
    discover = as_object(body["discover"], "discover")
    target = stage.vector(required(discover, "target"))
    return edge.Query.Discover(edge.DiscoverQuery(target, _pairs(discover.get("context"), stage)), using=stage.using)


def _context(body: JsonObject, stage: _Stage) -> edge.ScoringQueryType:
    return edge.Query.Context(edge.ContextQuery(_pairs(body["context"], stage)), using=stage.using)


def _pairs(value: object, stage: _Stage) -> list[edge.ContextPair]:
    if value is None:
        return []
    many = cast("list[object]", value) if isinstance(value, list) else [value]
    pairs = [as_object(item, "context") for item in many]
    return [
        edge.ContextPair(stage.vector(required(pair, "positive")), stage.vector(required(pair, "negative")))
        for pair in pairs
    ]


def _order_by(body: JsonObject, _: _Stage) -> edge.ScoringQueryType:
    return order_by(body["order_by"])


def _fusion(body: JsonObject, _: _Stage) -> edge.ScoringQueryType:
    name = body["fusion"]
    if name == "rrf":
        return cast("edge.Fusion", edge.Fusion.Rrf(k=_DEFAULT_RRF_K))
    if name == "dbsf":
        return cast("edge.Fusion", edge.Fusion.Dbsf())
    raise FormatError(f"fusion: expected `rrf` or `dbsf`, got {name!r}")


def _rrf(body: JsonObject, _: _Stage) -> edge.ScoringQueryType:
    rrf = as_object(body["rrf"], "rrf")
    k = limit_of(rrf, "k", default=_DEFAULT_RRF_K)
    weights = rrf.get("weights")
    numbers = None if weights is None else [float(as_number(item, "weights")) for item in as_list(weights, "weights")]
    return cast("edge.Fusion", edge.Fusion.Rrf(k=k, weights=numbers))


def _formula(body: JsonObject, _: _Stage) -> edge.ScoringQueryType:
    defaults = as_object(body.get("defaults") or {}, "defaults")
    return edge.Formula(to_expression(body["formula"]), defaults)


def _sample(body: JsonObject, _: _Stage) -> edge.ScoringQueryType:
    if body["sample"] != "random":
        raise FormatError(f"sample: expected `random`, got {body['sample']!r}")
    return edge.Sample.Random


def _relevance_feedback(body: JsonObject, stage: _Stage) -> edge.ScoringQueryType:
    feedback = as_object(body["relevance_feedback"], "relevance_feedback")
    examples = [as_object(item, "feedback") for item in as_list(required(feedback, "feedback"), "feedback")]
    items = [
        edge.FeedbackItem(stage.vector(required(item, "example")), as_number(required(item, "score"), "score"))
        for item in examples
    ]
    naive = as_object(as_object(required(feedback, "strategy"), "strategy").get("naive"), "naive")
    a, b, c = (as_number(required(naive, name), name) for name in ("a", "b", "c"))
    target = stage.vector(required(feedback, "target"))
    query = edge.FeedbackNaiveQuery(target, items, edge.NaiveFeedbackStrategy(a, b, c))
    return edge.Query.FeedbackNaive(query, using=stage.using)


_QUERIES: dict[str, Callable[[JsonObject, _Stage], edge.ScoringQueryType]] = {
    "nearest": _nearest,
    "fusion": _fusion,
    "rrf": _rrf,
    "formula": _formula,
    "order_by": _order_by,
    "recommend": _recommend,
    "discover": _discover,
    "context": _context,
    "sample": _sample,
    "relevance_feedback": _relevance_feedback,
}
