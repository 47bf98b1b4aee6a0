"""Builds the vector database's app."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from services.shared.kit.asgi import RequestMiddleware
from services.vectordb.adapters.snapshots import Snapshots
from services.vectordb.adapters.store import Store
from services.vectordb.dependencies import Parts, build_indexer
from services.vectordb.errors import NotFoundError
from services.vectordb.routes import aliases, collections, points, query, service, snapshots
from services.vectordb.routes.endpoint import error_response
from services.vectordb.settings import VectorDbSettings


def build_app(settings: VectorDbSettings, store: Store) -> ASGIApp:
    """The app over an opened store, with index builds in the background; it closes the store when it ends."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        indexing = asyncio.create_task(build_indexer(settings, store).run())
        try:
            yield
        finally:
            indexing.cancel()
            await asyncio.wait([indexing])
            store.close()

    routes = [*aliases.ROUTES, *query.ROUTES, *points.ROUTES, *collections.ROUTES, *snapshots.ROUTES, *service.ROUTES]
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers={404: _no_such_path, 405: _no_such_path})
    app.state.parts = Parts(
        store=store,
        snapshots=Snapshots(store),
        api_key=settings.secret("vectordb"),
        max_body_bytes=settings.vectordb_max_body_bytes,
    )
    return RequestMiddleware(app, authenticate=None, max_body_bytes=None)


async def _no_such_path(request: Request, _: Exception) -> Response:
    error = NotFoundError(
        f"{request.method} {request.url.path} is not offered by the embedded vector database. If it is a path of "
        "Qdrant's API, a Qdrant server has it: set RAGWORKS_VECTORDB_URL to the address of one"
    )
    return error_response(error, time.perf_counter())
