"""Every tool of every connector that was declared, and who sees which."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from services.connectors.adapters.approvals import Approvals
from services.connectors.adapters.held import HeldConnector, HeldTool
from services.connectors.errors import as_platform_error, digest_differs, no_such_tool, not_approved
from services.shared.components.connectors.failures import ConnectorError
from services.shared.contracts.tools import ConnectorView, ToolView
from services.shared.kit.telemetry import get_logger

_log = get_logger("tools")


@dataclass(frozen=True)
class Asker:
    """Who asks, and for a question to which collection, if any."""

    principal: str | None
    collection: str | None = None


class Toolbox:
    """Finds tools; what the asker may not use is not there."""

    def __init__(self, connectors: Sequence[HeldConnector], approvals: Approvals) -> None:
        self._connectors = {each.declared.name: each for each in connectors}
        self._approvals = approvals

    def visible(self, asker: Asker) -> list[HeldConnector]:
        """The connectors that the asker may use."""
        return [each for each in self._connectors.values() if each.allows(asker.principal, asker.collection)]

    async def connectors(self, asker: Asker) -> list[ConnectorView]:
        """How those are that the asker may use for some collection."""
        return [await each.view() for each in self._connectors.values() if each.sees(asker.principal)]

    async def tools(self, asker: Asker) -> list[ToolView]:
        """Their tools; those of a connector that fails are left out."""
        found: list[ToolView] = []
        for connector in self.visible(asker):
            try:
                tools = await connector.tools()
            except ConnectorError as error:
                _log.warning("tools_not_listed", connector=connector.declared.name, reason=error.message)
                continue
            found += [await self.view(connector, each) for each in tools.values()]
        return found

    async def find(self, name: str, asker: Asker) -> tuple[HeldConnector, HeldTool]:
        """A tool by its whole name.

        Raises:
            NotFoundError: it is not there for this asker.
            PlatformError: its connector does not say which tools it has.
        """
        connector = self._connectors.get(name.partition(".")[0])
        if connector is None or not connector.allows(asker.principal, asker.collection):
            raise no_such_tool(name)
        try:
            tool = (await connector.tools()).get(name)
        except ConnectorError as error:
            raise as_platform_error(error) from error
        if tool is None:
            raise no_such_tool(name)
        return connector, tool

    async def require_approved(self, connector: HeldConnector, held: HeldTool) -> None:
        """Return when the definition may be called.

        Raises:
            PermissionDeniedError: an operator has not approved it as it is now.
        """
        if not connector.outside_tools:
            return
        approved = await self._approvals.approved_digest(held.name)
        if approved != held.tool.digest:
            raise not_approved(held.name, held.tool.digest, changed=approved is not None)

    async def approve(self, name: str, digest: str, *, asker: Asker) -> ToolView:
        """Approve a definition; `digest` may be its first twelve characters or more.

        Raises:
            ConflictError: it is another one by now.
        """
        connector, held = await self.find(name, asker)
        if len(digest) < 12 or not held.tool.digest.startswith(digest):
            raise digest_differs(name, held.tool.digest)
        await self._approvals.approve_definition(name, held.tool.digest, by=asker.principal or "")
        _log.info("tool_approved", tool=name, digest=held.tool.digest, at=time.time())
        return await self.view(connector, held)

    async def view(self, connector: HeldConnector, held: HeldTool) -> ToolView:
        """A tool as callers see it."""
        tool = held.tool
        approved = not connector.outside_tools or await self._approvals.approved_digest(held.name) == tool.digest
        return ToolView(
            name=held.name,
            description=tool.description,
            effect=tool.effect,
            arguments=dict(tool.arguments),
            result=dict(tool.result) if tool.result else None,
            timeout_s=tool.timeout_s,
            cache_s=tool.cache_s,
            cost=tool.cost,
            digest=tool.digest,
            approved=approved,
        )

    async def close(self) -> None:
        """Close every connector."""
        for each in self._connectors.values():
            await each.close()
