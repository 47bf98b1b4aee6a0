"""Tools of an outside MCP server (streamable HTTP), under the same policy as all others.

What the server says of its tools is a claim: an operator approves each definition, a change is refused, and a tool
counts as reading only if the operator says so.
"""

import itertools
from collections.abc import Mapping
from typing import Any, ClassVar

import orjson
from pydantic import ValidationError

from services.shared.components.connectors.connector import Connector, ConnectorConfig, Surroundings
from services.shared.components.connectors.failures import ConnectorError
from services.shared.components.connectors.http import HttpAnswer, found
from services.shared.components.connectors.secrets import SecretRef
from services.shared.components.connectors.tool import Arguments, Tool
from services.shared.contracts.frozen import Frozen
from services.shared.contracts.tools import Effect

_VERSION = "2025-06-18"
_MOST_PAGES = 20
_ACCEPT = "application/json, text/event-stream"


class McpConfig(ConnectorConfig):
    """Where the server is; `tools`: the only ones that are used; `reads`: those that change nothing."""

    url: str
    token: SecretRef | None = None
    tools: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    timeout_s: float = 20


class _Listed(Frozen):
    name: str
    description: str
    schema_in: dict[str, Any]
    schema_out: dict[str, Any] | None


class McpConnector(Connector[McpConfig]):
    """An outside MCP server."""

    outside_tools: ClassVar[bool] = True

    def __init__(self, config: McpConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        self._ids = itertools.count(1)
        self._session: str | None = None
        self._is_open = False

    async def tools(self) -> list[Tool]:
        """Those of the server that the config allows."""
        listed = [each for page in await self._pages() for each in page]
        allowed = set(self.config.tools)
        return [self._tool(each) for each in listed if not allowed or each.name in allowed]

    async def _pages(self) -> list[list[_Listed]]:
        pages, cursor = list[list[_Listed]](), None
        for _ in range(_MOST_PAGES):
            answer = await self._ask("tools/list", {"cursor": cursor} if cursor else {})
            pages.append([_listed(each) for each in answer.get("tools", [])])
            cursor = answer.get("nextCursor")
            if not isinstance(cursor, str):
                return pages
        raise ConnectorError("too_large", f"The server lists its tools on more than {_MOST_PAGES} pages.")

    def _tool(self, listed: _Listed) -> Tool:
        async def run(given: Arguments) -> object:
            return _result(await self._ask("tools/call", {"name": listed.name, "arguments": dict(given)}))

        return Tool(
            name=listed.name,
            description=listed.description,
            arguments=listed.schema_in,
            run=run,
            effect=Effect.READ if listed.name in self.config.reads else Effect.WRITE,
            timeout_s=self.config.timeout_s,
        )

    async def _ask(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        if not self._is_open:
            await self._open()
        return await self._exchange(method, params)

    async def _open(self) -> None:
        about = {"name": "ragworks", "version": "1"}
        await self._exchange("initialize", {"protocolVersion": _VERSION, "capabilities": {}, "clientInfo": about})
        await self._post({"jsonrpc": "2.0", "method": "notifications/initialized"})
        self._is_open = True

    async def _exchange(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        number = next(self._ids)
        answer = await self._post({"jsonrpc": "2.0", "id": number, "method": method, "params": dict(params)})
        if answer.status == 404 and self._session:
            self._session, self._is_open = None, False
            raise ConnectorError("session_ended", "The MCP server has ended the session; try again.")
        for message in _messages(found(answer)):
            match message:
                case {"id": given, "result": dict(result)} if given == number:
                    return result
                case {"id": given, "error": {"message": str(said)}} if given == number:
                    raise ConnectorError("tool_failed", f"The MCP server refused {method}: {said[:300]}")
                case _:
                    continue
        raise ConnectorError("invalid_answer", f"The MCP server did not answer {method}.")

    async def _post(self, message: Mapping[str, Any]) -> HttpAnswer:
        headers = {"accept": _ACCEPT, "mcp-protocol-version": _VERSION}
        if self._session:
            headers["mcp-session-id"] = self._session
        if self.config.token:
            headers["authorization"] = f"Bearer {self.secret(self.config.token).get_secret_value()}"
        answer = await self.http.request("POST", self.config.url, headers=headers, json=dict(message))
        self._session = answer.headers.get("mcp-session-id", self._session)
        return answer


def _messages(answer: HttpAnswer) -> list[object]:
    if answer.media_type != "text/event-stream":
        return [answer.json()]
    lines = answer.body.decode("utf-8", "replace").splitlines()
    try:
        return [orjson.loads(line.removeprefix("data:")) for line in lines if line.startswith("data:")]
    except orjson.JSONDecodeError as error:
        raise ConnectorError("not_json", "The MCP server sent an event that is not JSON.") from error


def _listed(given: object) -> _Listed:
    match given:
        case {"name": str(name), "inputSchema": dict(schema), **more}:
            out = more.get("outputSchema")
            try:
                return _Listed(
                    name=name, description=str(more.get("description", "")), schema_in=schema, schema_out=out
                )
            except ValidationError as error:
                raise ConnectorError("invalid_answer", f"The MCP server describes '{name[:80]}' wrongly.") from error
        case _:
            raise ConnectorError("invalid_answer", "The MCP server lists a tool without a name or an input schema.")


def _result(answer: Mapping[str, Any]) -> object:
    pieces = [each for each in answer.get("content", []) if isinstance(each, Mapping)]
    text = "\n".join(str(each.get("text", "")) for each in pieces if each.get("type") == "text")
    if answer.get("isError"):
        raise ConnectorError("tool_failed", f"The tool of the MCP server failed: {text[:300]}")
    return text or answer.get("structuredContent", text)
