"""Tools of connectors as tools of the MCP server: those that the caller's key may use, under the same policy."""

from typing import Any

from pydantic import TypeAdapter

from services.shared.contracts.tools import CallRequest, CallResult, ToolView
from services.shared.kit.errors import PlatformError
from services.shared.kit.http import ServiceClient
from services.shared.kit.telemetry import get_logger

_BETWEEN = "__"
"""Stands for the dot of `connector.tool`: many agents' models take no dots in names. No connector's name has it."""

_TOOLS = TypeAdapter(dict[str, list[ToolView]])
_log = get_logger("mcp")


class LiveMcpTools:
    """Asks for calls in the name of the principal; whether they are made is the connectors service's decision."""

    def __init__(self, connectors: ServiceClient) -> None:
        self._connectors = connectors

    async def listed(self) -> list[ToolView]:
        """Those that can be called now; none when the service is away: the corpus can be asked without it."""
        try:
            found = _TOOLS.validate_python(await self._connectors.get_json("/api/tools"))
        except PlatformError as error:
            _log.warning("live_tools_not_listed", reason=error.message)
            return []
        return [each for each in found["tools"] if each.approved]

    async def call(self, name: str, arguments: dict[str, Any]) -> CallResult:
        """What a call brought.

        Raises:
            PlatformError: it was refused or failed.
        """
        request = CallRequest(arguments=arguments)
        answer = await self._connectors.post_json(f"/api/tools/{name}/call", request.model_dump(mode="json"))
        return CallResult.model_validate(answer)


def mcp_name(name: str) -> str:
    """A tool's name as agents see it."""
    return name.replace(".", _BETWEEN, 1)


def live_name(name: str) -> str | None:
    """The connector's tool that an agent means; None when it means none."""
    connector, between, tool = name.partition(_BETWEEN)
    return f"{connector}.{tool}" if between and connector and tool.replace("-", "").replace("_", "").isalnum() else None
