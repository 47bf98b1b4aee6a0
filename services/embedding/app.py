"""Builds the embedding service's app."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI

from services.embedding.dependencies import Parts
from services.embedding.routes import embeddings, models
from services.embedding.settings import EmbeddingSettings
from services.shared.kit.app import create_app


def build_app(settings: EmbeddingSettings) -> FastAPI:
    """The app; its model loads in the background once it starts."""
    parts = Parts.of(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        opening = asyncio.create_task(parts.model.open())
        yield
        opening.cancel()
        with suppress(asyncio.CancelledError):
            await opening
        parts.model.close()

    app = create_app(
        settings,
        title=settings.SERVICE,
        routers=[models.router],
        raw_routes=embeddings.ROUTES,
        lifespan=lifespan,
        ready_checks={"model": parts.model.check},
        max_body_bytes=settings.embedding_max_body_bytes,
    )
    app.state.parts = parts
    return app
