"""All that a connector imports (docs/connectors.md)."""

from services.shared.components.connectors.connector import Connector, ConnectorConfig, Surroundings
from services.shared.components.connectors.events import (
    Checkpoint,
    Delete,
    Deletes,
    Failure,
    SyncEvent,
    SyncTraits,
    Upsert,
)
from services.shared.components.connectors.failures import ConnectorError
from services.shared.components.connectors.http import HttpAnswer, HttpClient, HttpLimits, found
from services.shared.components.connectors.secrets import SecretRef, Secrets
from services.shared.components.connectors.tool import Tool, tool
from services.shared.contracts.tools import Effect, Material

__all__ = [
    "Checkpoint",
    "Connector",
    "ConnectorConfig",
    "ConnectorError",
    "Delete",
    "Deletes",
    "Effect",
    "Failure",
    "HttpAnswer",
    "HttpClient",
    "HttpLimits",
    "Material",
    "SecretRef",
    "Secrets",
    "Surroundings",
    "SyncEvent",
    "SyncTraits",
    "Tool",
    "Upsert",
    "found",
    "tool",
]
