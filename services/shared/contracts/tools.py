"""Tools of outside systems, as services and clients speak of them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from services.shared.contracts.frozen import Frozen


class Effect(StrEnum):
    """What a call does to the outside system."""

    READ = "read"
    WRITE = "write"
    IRREVERSIBLE = "irreversible"


class ToolView(Frozen):
    """A tool as callers see it."""

    name: str = Field(description="connector.tool")
    description: str
    effect: Effect
    arguments: dict[str, Any] = Field(description="JSON Schema.")
    result: dict[str, Any] | None = Field(description="JSON Schema; null when the outside system declares none.")
    timeout_s: float
    cache_s: float
    cost: float = Field(default=0, description="Of a call, as the operator counts it.")
    digest: str = Field(description="SHA-256 of name, description, schemas and effect.")
    approved: bool = Field(description="False: an operator has to approve this definition before it can be called.")


class ConnectorView(Frozen):
    """A connector and how it is."""

    name: str
    kind: str
    state: str = Field(description="ready, failing, or resting after failures")
    reason: str | None = None
    tools: int
    sync: bool = Field(default=False, description="Whether it can be a source of a collection.")


class KindView(Frozen):
    """A kind of connector that can be declared."""

    kind: str
    about: str
    config: dict[str, Any] = Field(description="JSON Schema of its config; `secret-reference` names where a secret is.")
    problem: str | None = Field(default=None, description="Why it cannot be used here.")


class ToolCall(Frozen):
    """A call that a request asks for."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,39}\.[\w-]{1,120}$", description="connector.tool")
    arguments: dict[str, Any] = Field(default_factory=dict[str, Any])
    approval: str | None = Field(default=None, description="Of a call that changes something.")


class CallRequest(Frozen):
    """`POST /api/tools/{name}/call`."""

    arguments: dict[str, Any] = Field(default_factory=dict[str, Any])
    approval: str | None = Field(default=None, description="Id of an approved call with these very arguments.")
    collection: str | None = Field(default=None, description="The collection that is asked along with it, if any.")


class Material(Frozen):
    """A piece of a result as text that can be cited. It comes from outside: nobody vouches for it."""

    title: str
    source: str
    text: str


class CallResult(Frozen):
    """What a call brought."""

    id: str = Field(description="Id of the call in the audit log.")
    tool: str
    result: Any
    material: list[Material]
    cached: bool
    ms: float


class SelectRequest(Frozen):
    """Which calls a question leads to, by the patterns that connectors declare."""

    question: str
    connectors: list[str]
    collection: str | None = Field(default=None, description="The collection that is asked.")


class Selected(Frozen):
    """The calls."""

    calls: list[ToolCall]


class ApprovalView(Frozen):
    """A call that waits for an operator."""

    id: str
    tool: str
    effect: Effect
    arguments: dict[str, Any]
    principal: str
    expires_at: datetime
    approved: bool


class CallRecord(Frozen):
    """A line of the audit log. Arguments are told by their SHA-256 alone."""

    id: str
    at: datetime
    request_id: str | None
    principal: str | None
    tool: str
    effect: str
    arguments_sha256: str
    outcome: str = Field(description="started, ok, cached, or the code of the error")
    ms: float
