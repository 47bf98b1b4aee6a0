"""What there is: connectors and tools, as far as the caller may use them."""

from fastapi import APIRouter

from services.connectors.adapters.toolbox import Asker
from services.connectors.dependencies import CurrentAsker, CurrentParts
from services.connectors.domain.patterns import calls_for
from services.shared.contracts.frozen import Frozen
from services.shared.contracts.tools import ConnectorView, Selected, SelectRequest, ToolView
from services.shared.kit.context import principal

router = APIRouter()


class Connectors(Frozen):
    """All connectors."""

    connectors: list[ConnectorView]


class Tools(Frozen):
    """All tools."""

    tools: list[ToolView]


@router.get("/api/connectors")
async def list_connectors(parts: CurrentParts, asker: CurrentAsker) -> Connectors:
    """The connectors and how they are, asked now."""
    return Connectors(connectors=await parts.toolbox.connectors(asker))


@router.get("/api/tools")
async def list_tools(parts: CurrentParts, asker: CurrentAsker) -> Tools:
    """The tools that the caller may use, for a question to a collection if one is named."""
    return Tools(tools=await parts.toolbox.tools(asker))


@router.get("/api/tools/{name}")
async def get_tool(name: str, parts: CurrentParts, asker: CurrentAsker) -> ToolView:
    """One tool, with its schemas."""
    connector, held = await parts.toolbox.find(name, asker)
    return await parts.toolbox.view(connector, held)


@router.post("/internal/tools/select")
async def select_tools(request: SelectRequest, parts: CurrentParts) -> Selected:
    """For the orchestrator: the calls that a question leads to by the patterns of these connectors."""
    asker = Asker(principal.get(), request.collection)
    wanted = [each.declared for each in parts.toolbox.visible(asker) if each.declared.name in request.connectors]
    return Selected(calls=calls_for(request.question, wanted))
