"""What the parts of the conformance kit share: findings, and how a connector is made for them."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from services.shared.components.connectors.connector import Connector
from services.shared.components.connectors.secrets import Secrets

Make = Callable[[Secrets], Connector[Any]]
"""Makes the connector anew, as after a restart."""

Change = Callable[[], Awaitable[str]]
"""Changes something in the outside system; the key of what it changed."""


@dataclass(frozen=True)
class Finding:
    """A rule, and what is wrong; nothing when it is kept."""

    rule: str
    problem: str | None = None


@dataclass(frozen=True)
class OutsideChanges:
    """What the author of a test can do to the outside system, in this order.

    `edit` changes a document, `readers` changes who may read one, `delete` deletes one.
    """

    edit: Change | None = None
    readers: Change | None = None
    delete: Change | None = None


def kept(rule: str) -> Finding:
    """The rule is kept."""
    return Finding(rule)


def broken(rule: str, problem: str) -> Finding:
    """It is not."""
    return Finding(rule, problem)


@asynccontextmanager
async def closing(connector: Connector[Any]) -> AsyncGenerator[Connector[Any]]:
    """The connector, closed at the end with its client."""
    http = connector.http
    try:
        yield connector
    finally:
        await connector.close()
        await http.close()
