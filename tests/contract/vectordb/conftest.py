"""The endpoints the suite runs over, a client, and a collection name per test."""

import os
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from qdrant_client import AsyncQdrantClient

from tests.contract.vectordb.server import Endpoint, running_server

# Many small collections are made and dropped here, and each is synced to the disk; memory is quicker.
_FAST_DISK = "/dev/shm" if Path("/dev/shm").is_dir() else None
_REAL_SERVER = os.environ.get("QDRANT_URL")
_ENDPOINTS = ["embedded", "qdrant"] if _REAL_SERVER else ["embedded"]


@pytest.fixture(scope="session", params=_ENDPOINTS)
def endpoint(request: pytest.FixtureRequest) -> Generator[Endpoint]:
    """Our service as a process, or the real server that QDRANT_URL names."""
    if request.param == "qdrant":
        assert _REAL_SERVER is not None
        yield Endpoint(_REAL_SERVER, os.environ.get("QDRANT_API_KEY"))
        return
    with TemporaryDirectory(dir=_FAST_DISK) as home, running_server(Path(home)) as server:
        yield server.endpoint


@pytest.fixture
async def client(endpoint: Endpoint) -> AsyncGenerator[AsyncQdrantClient]:
    client = endpoint.client()
    yield client
    await client.close()


@pytest.fixture
async def name(client: AsyncQdrantClient) -> AsyncGenerator[str]:
    """A collection name of the test's own; the collection is deleted afterwards."""
    own = f"test-{uuid4().hex}"
    yield own
    await client.delete_collection(own)
