"""Builds the connectors service's app."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.connectors.dependencies import declared_connectors, open_parts
from services.connectors.routes import calls, kinds, operators, tools
from services.connectors.settings import ConnectorsSettings
from services.shared.kit.app import create_app


def build_app(settings: ConnectorsSettings) -> FastAPI:
    """The app; its connectors are opened when it starts.

    Raises:
        ConnectorsFileError: the file that declares them is wrong.
    """
    declared = declared_connectors(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with open_parts(settings, declared) as parts:
            app.state.parts = parts
            yield

    return create_app(
        settings,
        title=settings.SERVICE,
        routers=[tools.router, kinds.router, operators.router],
        raw_routes=calls.ROUTES,
        lifespan=lifespan,
    )
