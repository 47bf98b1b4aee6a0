"""The embedding service as a process, with the packaged model."""

from collections.abc import AsyncGenerator, Generator

import httpx2
import pytest
from openai import AsyncOpenAI

from tests.processes import REPOSITORY, free_port, running
from tests.signed import INTERNAL_KEY, Signed


@pytest.fixture(scope="session")
def embedding_url(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """Address of the running service."""
    home = tmp_path_factory.mktemp("embedding")
    (home / "models").symlink_to(REPOSITORY / "var" / "models")
    url = f"http://127.0.0.1:{free_port()}"
    env = {
        "RAGWORKS_HOME": str(home),
        "RAGWORKS_INTERNAL_KEY": INTERNAL_KEY,
        "RAGWORKS_EMBEDDING_URL": url,
        "RAGWORKS_EMBEDDING_MODEL": "all-MiniLM-L6-v2",
        "RAGWORKS_EMBEDDING_MAX_INPUTS": "600",
        "RAGWORKS_EMBEDDING_MAX_BODY_BYTES": "2000000",
    }
    with running("services.embedding", env, ready=f"{url}/readyz", deadline_s=180) as running_url:
        yield running_url


@pytest.fixture
async def http(embedding_url: str) -> AsyncGenerator[httpx2.AsyncClient]:
    """A client that signs."""
    async with httpx2.AsyncClient(base_url=embedding_url, auth=Signed("embedding"), timeout=120) as client:
        yield client


@pytest.fixture
async def openai_client(http: httpx2.AsyncClient) -> AsyncOpenAI:
    """The official client over the signing one."""
    return AsyncOpenAI(base_url=f"{http.base_url}/v1".replace("//v1", "/v1"), api_key="unused", http_client=http)
