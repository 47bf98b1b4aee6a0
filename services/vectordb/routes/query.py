"""Searching points."""

from starlette.requests import Request

from services.vectordb.adapters import reads
from services.vectordb.adapters.groups import query_groups
from services.vectordb.dependencies import collection_of
from services.vectordb.routes.endpoint import json_body, route


async def query_points(request: Request) -> object:
    collection, body = collection_of(request), await json_body(request)
    return reads.query_points(collection.shard, body)


async def query_points_batch(request: Request) -> object:
    collection, body = collection_of(request), await json_body(request)
    return reads.query_points_batch(collection.shard, body)


async def query_points_groups(request: Request) -> object:
    collection, body = collection_of(request), await json_body(request)
    return query_groups(collection.shard, body)


ROUTES = [
    route("/collections/{name}/points/query", query_points, methods=["POST"]),
    route("/collections/{name}/points/query/batch", query_points_batch, methods=["POST"]),
    route("/collections/{name}/points/query/groups", query_points_groups, methods=["POST"]),
]
