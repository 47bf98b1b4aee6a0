"""Connecting to the vector database: services/vectordb or any Qdrant server, by address."""

import warnings

import httpx
from qdrant_client import AsyncQdrantClient

from services.shared.kit.settings import PlatformSettings

_IDLE_CONNECTION_S = 30


def connect_index(settings: PlatformSettings) -> AsyncQdrantClient:
    """A client of the vector database; nothing is sent before its first call. Close it when done."""
    with warnings.catch_warnings():
        # Said for every plain-HTTP address, loopback included; operators choose the address.
        warnings.filterwarnings("ignore", message="Api key is used with an insecure connection")
        return AsyncQdrantClient(
            url=settings.vectordb_url,
            api_key=settings.secret("vectordb").get_secret_value(),
            timeout=max(1, round(settings.upstream_read_timeout_s)),
            prefer_grpc=False,
            check_compatibility=False,  # would ask the server from a thread before it may be up
            # The client opens a connection per request on loopback unless limits are given.
            limits=httpx.Limits(max_connections=100, keepalive_expiry=_IDLE_CONNECTION_S),
            trust_env=False,
            verify=settings.vectordb_url.startswith("https"),  # certificates are costly to load, and unused without
        )
