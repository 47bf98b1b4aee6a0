"""Who we are, and how we are."""

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from services.vectordb.dependencies import store_of
from services.vectordb.routes.endpoint import route

COMPATIBLE_VERSION = "1.20.0"
"""The Qdrant version whose API this is; clients compare it with their own."""


async def version(_: Request) -> Response:
    content = {"title": "ragworks vectordb - Qdrant's API over Qdrant Edge", "version": COMPATIBLE_VERSION}
    return Response(orjson.dumps(content), media_type="application/json")


async def healthz(_: Request) -> Response:
    return PlainTextResponse("healthz check passed")


async def livez(_: Request) -> Response:
    return PlainTextResponse("livez check passed")


async def readyz(_: Request) -> Response:
    return PlainTextResponse("all shards are ready")


async def metrics(request: Request) -> Response:
    """The process's metrics, and the points of each collection as they are now."""
    lines = ["# TYPE vectordb_points gauge"]
    lines += [
        f'vectordb_points{{collection="{_label(each.name)}"}} {each.shard.count()}'
        for each in store_of(request).opened()
    ]
    own = "\n".join(lines).encode() + b"\n"
    return Response(generate_latest() + own, headers={"content-type": CONTENT_TYPE_LATEST})


async def cluster(_: Request) -> object:
    return {"status": "disabled"}


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


ROUTES = [
    Route("/", version, methods=["GET"]),
    Route("/healthz", healthz, methods=["GET"]),
    Route("/livez", livez, methods=["GET"]),
    Route("/readyz", readyz, methods=["GET"]),
    Route("/metrics", metrics, methods=["GET"]),
    route("/cluster", cluster, methods=["GET"]),
]
