"""Builds the embedding service's app."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI

from services.embedding.dependencies import Parts
from services.embedding.routes import embeddings, models, rerank
from services.embedding.settings import EmbeddingSettings
from services.shared.kit.app import create_app


def build_app(settings: EmbeddingSettings) -> FastAPI:
    """The app; its models load in the background once it starts."""
    parts = Parts.of(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        opening = asyncio.create_task(_open(parts))
        yield
        opening.cancel()
        with suppress(asyncio.CancelledError):
            await opening
        parts.model.close()
        parts.reranker.close()

    app = create_app(
        settings,
        title=settings.SERVICE,
        routers=[models.router],
        raw_routes=[*embeddings.ROUTES, *rerank.ROUTES],
        lifespan=lifespan,
        ready_checks={"model": parts.model.check},
        max_body_bytes=settings.embedding_max_body_bytes,
    )
    app.state.parts = parts
    return app


async def _open(parts: Parts) -> None:
    """The reranker last: searches need the embedding model, and go without a reranker."""
    await parts.model.open()
    await parts.reranker.open()
