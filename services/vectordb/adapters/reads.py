"""Read requests: from JSON to the engine and back."""

import qdrant_edge as edge

from services.vectordb.adapters.engine_errors import engine_call
from services.vectordb.adapters.filters import to_filter
from services.vectordb.adapters.queries import order_by, query_request
from services.vectordb.adapters.results import facet_hit, record, scored_point
from services.vectordb.adapters.selectors import refuse_sharding, with_payload, with_vector
from services.vectordb.adapters.shard import Shard
from services.vectordb.domain.fields import (
    JsonObject,
    as_list,
    as_object,
    as_text,
    limit_of,
    optional_flag,
    required,
)
from services.vectordb.domain.ids import PointId, id_to_json, point_id, point_ids
from services.vectordb.errors import NotFoundError, WrongInputError


def query_points(shard: Shard, body: JsonObject) -> JsonObject:
    """The hits of one query, best first."""
    with engine_call():
        request = query_request(body, shard)
    return {"points": [scored_point(point) for point in shard.query(request)]}


def query_points_batch(shard: Shard, body: JsonObject) -> list[JsonObject]:
    """The hits of several queries, run as one batch."""
    searches = as_list(required(body, "searches"), "searches")
    with engine_call():
        requests = [query_request(as_object(search, "search"), shard) for search in searches]
    if not requests:
        return []
    return [{"points": [scored_point(point) for point in hits]} for hits in shard.query_batch(requests)]


def scroll_points(shard: Shard, body: JsonObject) -> JsonObject:
    """A page of points in the order of their ids, or of a payload field."""
    refuse_sharding(body)
    offset, order = body.get("offset"), body.get("order_by")
    if offset is not None and order is not None:
        raise WrongInputError("Cannot use an `offset` when using `order_by`. Use `start_from` instead")
    with engine_call():
        request = edge.ScrollRequest(
            offset=None if offset is None else point_id(offset),
            limit=limit_of(body, default=10),
            filter=to_filter(body.get("filter")),
            with_payload=with_payload(body, default=True),
            with_vector=with_vector(body),
            order_by=None if order is None else order_by(order),
        )
    points, next_page = shard.scroll(request)
    after = None if next_page is None or order is not None else id_to_json(next_page)
    return {"points": [record(point) for point in points], "next_page_offset": after}


def count_points(shard: Shard, body: JsonObject) -> JsonObject:
    """How many points match."""
    refuse_sharding(body)
    exact = optional_flag(body, "exact")
    with engine_call():
        condition = to_filter(body.get("filter"))
    return {"count": shard.count(condition, exact=exact is not False)}


def facet_points(shard: Shard, body: JsonObject) -> JsonObject:
    """The values of a payload field with how many points have each."""
    refuse_sharding(body)
    with engine_call():
        request = edge.FacetRequest(
            key=as_text(required(body, "key"), "key"),
            limit=limit_of(body, default=10),
            exact=optional_flag(body, "exact") or False,
            filter=to_filter(body.get("filter")),
        )
    return {"hits": [facet_hit(hit) for hit in shard.facet(request)]}


def retrieve_points(shard: Shard, body: JsonObject) -> list[JsonObject]:
    """The points with these ids, in their order; unknown ids are left out."""
    refuse_sharding(body)
    ids = point_ids(required(body, "ids"), "ids")
    found = shard.retrieve(ids, with_payload=with_payload(body, default=True), with_vector=with_vector(body))
    return [record(point) for point in found]


def one_point(shard: Shard, id_: PointId) -> JsonObject:
    """One point with everything; NotFoundError when it is not there."""
    found = shard.retrieve([id_], with_payload=True, with_vector=True)
    if not found:
        raise NotFoundError(f"Point with id {id_} does not exists!")
    return record(found[0])
