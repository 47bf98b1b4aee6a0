"""`POST /mcp`: the corpus and live tools as an MCP server."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from services.orchestrator.adapters.mcp_live_tools import LiveMcpTools
from services.orchestrator.adapters.mcp_server import McpServer
from services.orchestrator.adapters.mcp_tools import McpTools
from services.orchestrator.settings import OrchestratorSettings
from services.shared.kit.http import ServiceClient


@asynccontextmanager
async def mcp_open(app: FastAPI, settings: OrchestratorSettings) -> AsyncGenerator[None]:
    """The server while the app runs."""
    async with (
        ServiceClient(settings.corpus_url, audience="corpus", settings=settings) as corpus,
        ServiceClient(settings.retrieval_url, audience="retrieval", settings=settings) as retrieval,
        ServiceClient(settings.orchestrator_url, audience="orchestrator", settings=settings) as answers,
        ServiceClient(settings.connectors_url, audience="connectors", settings=settings) as connectors,
    ):
        tools = McpTools(corpus=corpus, retrieval=retrieval, answers=answers)
        app.state.mcp = server = McpServer(tools, LiveMcpTools(connectors))
        try:
            yield
        finally:
            await server.close()


class McpEndpoint:
    """A plain ASGI endpoint. What a client accepts need not be said: answers are JSON."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope = {**scope, "headers": list(scope["headers"])}
        MutableHeaders(scope=scope)["accept"] = "application/json, text/event-stream"
        await cast("McpServer", scope["app"].state.mcp).serve(scope, receive, send)


ROUTES = [Route("/mcp", McpEndpoint(), methods=["POST"], name="mcp")]
