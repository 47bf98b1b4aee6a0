"""Which connector is which kind. Connectors are named, not imported: each loads what it needs when it is used.

Packages add connectors under the entry point group `ragworks.connectors`: the name of the kind, and `module:Class`.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from services.shared.components.connectors.connector import Connector

ENTRY_POINTS = "ragworks.connectors"
_HERE = "services.shared.components.connectors"

BUILT_IN: Mapping[str, str] = {
    "graphql": f"{_HERE}.graphql:GraphQlConnector",
    "imap": f"{_HERE}.imap:ImapConnector",
    "mcp": f"{_HERE}.mcp:McpConnector",
    "openapi": f"{_HERE}.openapi:OpenApiConnector",
    "redis_stream": f"{_HERE}.redis_stream:RedisStreamConnector",
    "rss": f"{_HERE}.rss:RssConnector",
    "sql": f"{_HERE}.sql:SqlConnector",
    "web_page": f"{_HERE}.web_page:WebPageConnector",
}


class UnknownKindError(ValueError):
    """No connector of this kind is installed."""


@cache
def kinds() -> Mapping[str, str]:
    """Every kind, and where its class is; a package cannot take a built-in one's name."""
    return {each.name: each.value for each in entry_points(group=ENTRY_POINTS)} | dict(BUILT_IN)


def connector_class(kind: str) -> type[Connector[Any]]:
    """The class of a kind, which may also be `module:Class` of a file that is being written.

    Raises:
        UnknownKindError: there is none.
    """
    place = kinds().get(kind, kind)
    module, _, name = place.partition(":")
    try:
        made = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        known = ", ".join(sorted(kinds()))
        raise UnknownKindError(f"There is no connector of kind '{kind}' ({error}); installed: {known}.") from error
    return made
