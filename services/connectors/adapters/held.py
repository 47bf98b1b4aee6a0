"""An open connector with its tools, and what is known of their health."""

import asyncio
import time
from dataclasses import dataclass, replace
from typing import Any

from services.connectors.adapters.breakers import Breakers
from services.shared.components.connectors.connector import Connector
from services.shared.components.connectors.declaration import Declared
from services.shared.components.connectors.failures import ConnectorError
from services.shared.components.connectors.schemas import Checker
from services.shared.components.connectors.tool import Tool
from services.shared.contracts.tools import ConnectorView

_LIST_KEPT_S = 60.0
_CHECK_S = 5.0


@dataclass
class HeldTool:
    """A tool that can be called."""

    name: str
    tool: Tool
    arguments: Checker
    result: Checker | None
    breakers: Breakers


class HeldConnector:
    """One that was declared."""

    def __init__(self, declared: Declared, connector: Connector[Any]) -> None:
        self.declared = declared
        self._connector = connector
        self._tools: dict[str, HeldTool] = {}
        self._listed_at: float | None = None
        self._listing = asyncio.Lock()

    @property
    def outside_tools(self) -> bool:
        """Whether the outside system itself says which tools there are."""
        return self._connector.outside_tools

    def sees(self, principal: str | None) -> bool:
        """Whether the principal may use it for some collection, or for none."""
        return self.declared.sees(principal)

    def allows(self, principal: str | None, collection: str | None) -> bool:
        """Whether the principal may use it, for a question to this collection or, without one, by itself."""
        return self.declared.allows(principal, collection)

    async def tools(self) -> dict[str, HeldTool]:
        """The tools by their whole name; looked up again after a while where the outside system may change them.

        Raises:
            ConnectorError: the outside system does not say.
        """
        async with self._listing:
            if not self._is_fresh():
                listed = [self._held(each) for each in await self._connector.tools()]
                self._tools = {each.name: each for each in listed}
                self._listed_at = time.monotonic()
        return self._tools

    async def view(self) -> ConnectorView:
        """How it is, asked now."""
        try:
            async with asyncio.timeout(_CHECK_S):
                await self._connector.check()
                tools = await self.tools()
        except TimeoutError:
            return self._failing(f"It did not answer within {_CHECK_S:g} s.")
        except ConnectorError as error:
            return self._failing(error.message)
        resting = [each.name for each in tools.values() if each.breakers.is_open]
        state, reason = ("resting", f"left alone: {', '.join(resting)}") if resting else ("ready", None)
        return self._view(state, reason)

    async def close(self) -> None:
        """Let go of connections."""
        await self._connector.close()
        await self._connector.http.close()

    def _is_fresh(self) -> bool:
        if self._listed_at is None:
            return False
        return not self.outside_tools or time.monotonic() - self._listed_at < _LIST_KEPT_S

    def _held(self, tool: Tool) -> HeldTool:
        name = f"{self.declared.name}.{tool.name}"
        tool = replace(tool, cost=self.declared.costs.get(tool.name, tool.cost))
        known = self._tools.get(name)
        if known is not None and known.tool.digest == tool.digest:
            return HeldTool(name, tool, known.arguments, known.result, known.breakers)
        outside = self.outside_tools
        result = Checker(tool.result, outside=outside) if tool.result else None
        return HeldTool(name, tool, Checker(tool.arguments, outside=outside), result, Breakers(tool.apart_by))

    def _failing(self, reason: str) -> ConnectorView:
        return self._view("failing", reason)

    def _view(self, state: str, reason: str | None) -> ConnectorView:
        return ConnectorView(
            name=self.declared.name,
            kind=self.declared.kind,
            state=state,
            reason=reason,
            tools=len(self._tools),
            sync=self._connector.has_sync,
        )
