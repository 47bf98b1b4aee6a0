"""Aliases: other names for collections, switched atomically."""

from starlette.requests import Request

from services.vectordb.dependencies import collection_of, store_of
from services.vectordb.domain.aliases import alias_actions
from services.vectordb.domain.fields import JsonObject, required
from services.vectordb.routes.endpoint import json_body, route


async def update_aliases(request: Request) -> object:
    body = await json_body(request)
    store_of(request).change_aliases(alias_actions(required(body, "actions")))
    return True


async def list_aliases(request: Request) -> object:
    return {"aliases": _described(store_of(request).aliases)}


async def list_collection_aliases(request: Request) -> object:
    name = collection_of(request).name
    own = {alias: target for alias, target in store_of(request).aliases.items() if target == name}
    return {"aliases": _described(own)}


def _described(aliases: dict[str, str]) -> list[JsonObject]:
    return [{"alias_name": alias, "collection_name": target} for alias, target in sorted(aliases.items())]


ROUTES = [
    route("/collections/aliases", update_aliases, methods=["POST"]),
    route("/collections/{name}/aliases", list_collection_aliases, methods=["GET"]),
    route("/aliases", list_aliases, methods=["GET"]),
]
