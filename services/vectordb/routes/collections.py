"""Collections and payload indexes."""

from starlette.requests import Request

from services.vectordb.adapters.collection_info import describe
from services.vectordb.dependencies import collection_of, store_of
from services.vectordb.domain.configuration import CollectionConfig
from services.vectordb.domain.fields import refuse
from services.vectordb.domain.reconfiguration import CollectionChange, changed
from services.vectordb.errors import UnsupportedError
from services.vectordb.routes.endpoint import json_body, parse_config, route, update_result, waits


async def list_collections(request: Request) -> object:
    return {"collections": [{"name": name} for name in store_of(request).names()]}


async def collection_exists(request: Request) -> object:
    return {"exists": store_of(request).exists(request.path_params["name"])}


async def get_collection(request: Request) -> object:
    return describe(collection_of(request))


async def create_collection(request: Request) -> object:
    body = await json_body(request)
    refuse(body, init_from="Copying another collection (`init_from`)")
    if body.get("sharding_method") == "custom":
        raise UnsupportedError("Custom sharding")
    store_of(request).create(request.path_params["name"], parse_config(CollectionConfig, body))
    return True


async def update_collection(request: Request) -> object:
    change = parse_config(CollectionChange, await json_body(request))
    store_of(request).reconfigure(request.path_params["name"], lambda config: changed(config, change))
    return True


async def delete_collection(request: Request) -> object:
    return await store_of(request).delete(request.path_params["name"])


async def create_index(request: Request) -> object:
    collection, body = collection_of(request), await json_body(request)
    operation = await store_of(request).create_index(collection, body, wait=waits(request))
    return update_result(operation, waited=waits(request))


async def delete_index(request: Request) -> object:
    collection, field = collection_of(request), request.path_params["field"]
    operation = await store_of(request).delete_index(collection, field, wait=waits(request))
    return update_result(operation, waited=waits(request))


ROUTES = [
    route("/collections", list_collections, methods=["GET"]),
    route("/collections/{name}", get_collection, methods=["GET"]),
    route("/collections/{name}", create_collection, methods=["PUT"]),
    route("/collections/{name}", update_collection, methods=["PATCH"]),
    route("/collections/{name}", delete_collection, methods=["DELETE"]),
    route("/collections/{name}/exists", collection_exists, methods=["GET"]),
    route("/collections/{name}/index", create_index, methods=["PUT"]),
    route("/collections/{name}/index/{field}", delete_index, methods=["DELETE"]),
]
