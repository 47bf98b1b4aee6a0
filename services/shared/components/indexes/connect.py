"""Connecting to the vector database: services/vectordb or any Qdrant server, by address."""

import warnings

import httpx
from httpx_aiohttp import AiohttpTransport
from qdrant_client import AsyncQdrantClient

from services.shared.kit.settings import PlatformSettings

_MOST_CONNECTIONS = 100
_IDLE_CONNECTION_S = 30


def connect_index(settings: PlatformSettings) -> AsyncQdrantClient:
    """A client of the vector database; nothing is sent before its first call. Close it when done.

    It goes through aiohttp, which takes two thirds of the time of httpx's own transport for a request on loopback.
    """
    transport = AiohttpTransport(
        limits=httpx.Limits(max_connections=_MOST_CONNECTIONS, keepalive_expiry=_IDLE_CONNECTION_S),
        trust_env=False,
        verify=settings.vectordb_url.startswith("https"),  # certificates are costly to load, and unused without
    )
    with warnings.catch_warnings():
        # Said for every plain-HTTP address, loopback included; operators choose the address.
        warnings.filterwarnings("ignore", message="Api key is used with an insecure connection")
        return AsyncQdrantClient(
            url=settings.vectordb_url,
            api_key=settings.secret("vectordb").get_secret_value(),
            timeout=max(1, round(settings.upstream_read_timeout_s)),
            prefer_grpc=False,
            check_compatibility=False,  # would ask the server from a thread before it may be up
            transport=transport,
            trust_env=False,
            verify=False,  # the transport's business
        )
