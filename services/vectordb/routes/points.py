"""Writing points, and reading them by id or page by page."""

from starlette.requests import Request

from services.vectordb.adapters import reads
from services.vectordb.adapters.changes import Change, batch_changes
from services.vectordb.dependencies import collection_of
from services.vectordb.domain.ids import path_point_id
from services.vectordb.routes.endpoint import Handler, json_body, route, update_result, waits


def _writer(kind: str) -> Handler:
    async def write(request: Request) -> object:
        collection, wait = collection_of(request), waits(request)
        (operation,) = await collection.apply([Change(kind, await json_body(request))], wait=wait)
        return update_result(operation, waited=wait)

    write.__name__ = kind
    return write


async def write_batch(request: Request) -> object:
    collection, wait = collection_of(request), waits(request)
    operations = await collection.apply(batch_changes(await json_body(request)), wait=wait)
    return [update_result(operation, waited=wait) for operation in operations]


async def get_point(request: Request) -> object:
    return reads.one_point(collection_of(request).shard, path_point_id(request.path_params["id"]))


async def retrieve_points(request: Request) -> object:
    collection, body = collection_of(request), await json_body(request)
    return reads.retrieve_points(collection.shard, body)


async def scroll_points(request: Request) -> object:
    collection, body = collection_of(request), await json_body(request)
    return reads.scroll_points(collection.shard, body)


async def count_points(request: Request) -> object:
    collection, body = collection_of(request), await json_body(request)
    return reads.count_points(collection.shard, body)


async def facet(request: Request) -> object:
    collection, body = collection_of(request), await json_body(request)
    return reads.facet_points(collection.shard, body)


ROUTES = [
    route("/collections/{name}/points", _writer("upsert"), methods=["PUT"]),
    route("/collections/{name}/points", retrieve_points, methods=["POST"]),
    route("/collections/{name}/points/batch", write_batch, methods=["POST"]),
    route("/collections/{name}/points/delete", _writer("delete"), methods=["POST"]),
    route("/collections/{name}/points/vectors", _writer("update_vectors"), methods=["PUT"]),
    route("/collections/{name}/points/vectors/delete", _writer("delete_vectors"), methods=["POST"]),
    route("/collections/{name}/points/payload", _writer("set_payload"), methods=["POST"]),
    route("/collections/{name}/points/payload", _writer("overwrite_payload"), methods=["PUT"]),
    route("/collections/{name}/points/payload/delete", _writer("delete_payload"), methods=["POST"]),
    route("/collections/{name}/points/payload/clear", _writer("clear_payload"), methods=["POST"]),
    route("/collections/{name}/points/scroll", scroll_points, methods=["POST"]),
    route("/collections/{name}/points/count", count_points, methods=["POST"]),
    route("/collections/{name}/points/{id}", get_point, methods=["GET"]),
    route("/collections/{name}/facet", facet, methods=["POST"]),
]
