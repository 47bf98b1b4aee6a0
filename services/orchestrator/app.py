"""Builds the orchestrator."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.routing import Route

from services.orchestrator.dependencies import open_parts
from services.orchestrator.routes import mcp
from services.orchestrator.routes.chat import ChatCompletions
from services.orchestrator.routes.conversations import router as conversations
from services.orchestrator.routes.models import router as models
from services.orchestrator.routes.records import router as records
from services.orchestrator.routes.references import router as references
from services.orchestrator.routes.responses import CreateResponse
from services.orchestrator.routes.responses import router as responses
from services.orchestrator.settings import OrchestratorSettings
from services.shared.kit.app import create_app


def build_app(settings: OrchestratorSettings) -> FastAPI:
    """The orchestrator's app."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with open_parts(settings) as parts, mcp.mcp_open(app, settings):
            app.state.parts = parts
            yield

    return create_app(
        settings,
        title="orchestrator",
        routers=[models, records, responses, conversations, references],
        raw_routes=[
            Route("/v1/chat/completions", ChatCompletions(), methods=["POST"]),
            Route("/v1/responses", CreateResponse(), methods=["POST"]),
            *mcp.ROUTES,
        ],
        lifespan=lifespan,
        max_body_bytes=settings.orchestrator_max_body_bytes,
    )
