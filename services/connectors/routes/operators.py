"""For the operator alone, as the gateway sees to: approvals and the audit log."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.connectors.dependencies import CurrentAsker, CurrentParts
from services.connectors.errors import no_such_approval
from services.shared.contracts.frozen import Frozen
from services.shared.contracts.tools import ApprovalView, CallRecord, ToolView

router = APIRouter()


class Definition(Frozen):
    """The definition that was looked at."""

    digest: str


class Waiting(Frozen):
    """Calls that wait for approval."""

    approvals: list[ApprovalView]


class Calls(Frozen):
    """The audit log, newest first."""

    calls: list[CallRecord]


class Approved(Frozen):
    """A call that may be made now."""

    id: str
    approved: bool = True


@router.post("/api/tools/{name}/approve")
async def approve_tool(name: str, definition: Definition, parts: CurrentParts, asker: CurrentAsker) -> ToolView:
    """Approve what a tool of an outside system says of itself."""
    return await parts.toolbox.approve(name, definition.digest, asker=asker)


@router.get("/api/tool-approvals")
async def list_waiting(parts: CurrentParts) -> Waiting:
    """The calls that wait."""
    return Waiting(approvals=await parts.approvals.waiting())


@router.post("/api/tool-approvals/{approval_id}")
async def approve_call(approval_id: str, parts: CurrentParts) -> Approved:
    """Let one call be made, once."""
    if not await parts.approvals.approve(approval_id):
        raise no_such_approval(approval_id)
    return Approved(id=approval_id)


@router.get("/api/tool-calls")
async def list_calls(parts: CurrentParts, limit: Annotated[int, Query(ge=1, le=1_000)] = 50) -> Calls:
    """Who called what, and what became of it."""
    return Calls(calls=await parts.audit.newest(limit))
