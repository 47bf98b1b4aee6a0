"""Builds the inference service's app."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.inference.dependencies import Parts
from services.inference.routes import embeddings, generation, models, replicas, requests, rerank
from services.inference.settings import InferenceSettings
from services.shared.kit.app import create_app


def build_app(settings: InferenceSettings) -> FastAPI:
    """The app; its connections open when it starts."""
    parts = Parts.of(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        with parts.request_log:
            async with parts.fleet, parts.embeddings, parts.rerankings:
                yield

    app = create_app(
        settings,
        title=settings.SERVICE,
        routers=[models.router, replicas.router, requests.router],
        raw_routes=[*generation.ROUTES, *embeddings.ROUTES, *rerank.ROUTES],
        lifespan=lifespan,
        ready_checks={"engine": parts.fleet.check, "embedding": parts.embeddings.check},
        max_body_bytes=settings.inference_max_body_bytes,
    )
    app.state.parts = parts
    return app
