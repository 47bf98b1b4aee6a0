"""Builds the retrieval service's app."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.retrieval.dependencies import Parts
from services.retrieval.routes import explain, search, vector_stores
from services.retrieval.settings import RetrievalSettings
from services.shared.components.indexes.failures import index_errors
from services.shared.kit.app import create_app


def build_app(settings: RetrievalSettings) -> FastAPI:
    """The app; its connections open when it starts."""
    parts = Parts.of(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        try:
            async with parts.inference, parts.corpus:
                yield
        finally:
            await parts.searcher.close()
            await parts.vectordb.close()

    async def check_vectordb() -> None:
        with index_errors("any"):
            await parts.vectordb.get_aliases()

    async def check_corpus() -> None:
        await parts.corpus.check("/healthz")

    async def check_inference() -> None:
        await parts.inference.check("/healthz")

    app = create_app(
        settings,
        title=settings.SERVICE,
        routers=[explain.router, vector_stores.router],
        raw_routes=search.ROUTES,
        lifespan=lifespan,
        ready_checks={"vectordb": check_vectordb, "corpus": check_corpus, "inference": check_inference},
    )
    app.state.parts = parts
    return app
