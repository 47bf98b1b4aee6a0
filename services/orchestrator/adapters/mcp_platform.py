"""The MCP server with tools that depend on who asks. It imports the protocol's SDK: import it when an agent comes."""

from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, InputRequiredResult, TextContent, Tool, ToolAnnotations

from services.orchestrator.adapters.mcp_live_tools import LiveMcpTools, live_name, mcp_name
from services.shared.contracts.tools import CallResult, Effect, Material, ToolView
from services.shared.kit.errors import PlatformError

_OUTSIDE = "From outside the platform; nobody vouches for it:"
_RESULT = {
    "type": "object",
    "properties": {
        "call": {"type": "string", "description": "Id of the call in the platform's audit log."},
        "material": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in Material.model_fields},
                "required": list(Material.model_fields),
            },
        },
    },
    "required": ["call", "material"],
}


class PlatformMcpServer(MCPServer[Any]):
    """The platform's own tools, and those of connectors that the caller may use."""

    def __init__(self, live: LiveMcpTools, *, instructions: str) -> None:
        super().__init__("ragworks", title="Ragworks", instructions=instructions, log_level="WARNING")
        self._live = live

    async def list_tools(self) -> list[Tool]:
        """What the caller may call."""
        return [*await super().list_tools(), *[_shown(each) for each in await self._live.listed()]]

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """The result of a call; what a connector's tool brings comes as screened text alone."""
        tool = live_name(name)
        if tool is None:
            return await super().call_tool(name, arguments, context)
        try:
            return _result(await self._live.call(tool, arguments))
        except PlatformError as error:
            raise ToolError(error.message) from error


def _shown(tool: ToolView) -> Tool:
    reads = tool.effect is Effect.READ
    return Tool(
        name=mcp_name(tool.name),
        description=tool.description,
        input_schema=tool.arguments,
        output_schema=_RESULT,
        annotations=ToolAnnotations(
            read_only_hint=reads,
            destructive_hint=None if reads else tool.effect is Effect.IRREVERSIBLE,
            open_world_hint=True,
        ),
    )


def _result(found: CallResult) -> CallToolResult:
    pieces = [f"{each.title} ({each.source})\n{each.text}" for each in found.material]
    return CallToolResult(
        content=[TextContent(type="text", text="\n\n".join([_OUTSIDE, *pieces]))],
        structured_content={"call": found.id, "material": [each.model_dump() for each in found.material]},
    )
