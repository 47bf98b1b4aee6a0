"""The inference service as a process: before the real engine, and before one that fails on demand."""

from collections.abc import AsyncGenerator, Generator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from openai import AsyncOpenAI

from tests.engine import EngineEndpoint
from tests.processes import free_port, running
from tests.signed import INTERNAL_KEY, Signed


@dataclass(frozen=True)
class FaultyPlace:
    """The service before an engine that a test starts, or not, on its port."""

    url: str
    engine_port: int


@pytest.fixture(scope="session")
def inference(engine: EngineEndpoint, tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """Address of the service before the real engine."""
    home = tmp_path_factory.mktemp("inference")
    with _running_inference(home, engine_url=engine.url, engine_key=engine.key) as url:
        yield url


@pytest.fixture(scope="session")
def faulty_place(tmp_path_factory: pytest.TempPathFactory) -> Generator[FaultyPlace]:
    """The service with short deadlines before a port where an engine may or may not be."""
    port = free_port()
    short = {
        "RAGWORKS_INFERENCE_FIRST_TOKEN_TIMEOUT_S": "1",
        "RAGWORKS_INFERENCE_NEXT_TOKEN_TIMEOUT_S": "0.7",
        "RAGWORKS_INFERENCE_ANSWER_TIMEOUT_S": "1.2",
        "RAGWORKS_INFERENCE_MODELS_TTL_S": "0",
        "RAGWORKS_INFERENCE_MAX_BODY_BYTES": "65536",
    }
    home = tmp_path_factory.mktemp("inference-faulty")
    with _running_inference(home, engine_url=f"http://127.0.0.1:{port}", engine_key="k", **short) as url:
        yield FaultyPlace(url=url, engine_port=port)


@pytest.fixture
async def http(inference: str) -> AsyncGenerator[httpx2.AsyncClient]:
    """A client that signs, to the service before the real engine."""
    async with httpx2.AsyncClient(base_url=inference, auth=Signed("inference"), timeout=120) as client:
        yield client


@pytest.fixture
async def openai_client(inference: str) -> AsyncGenerator[AsyncOpenAI]:
    """The official client, its requests signed."""
    async with (
        httpx2.AsyncClient(auth=Signed("inference"), timeout=120) as http,
        AsyncOpenAI(base_url=f"{inference}/v1", api_key="unused", http_client=http, max_retries=0) as client,
    ):
        yield client


@pytest.fixture
async def faulty_http(faulty_place: FaultyPlace) -> AsyncGenerator[httpx2.AsyncClient]:
    """A client that signs, to the service before the engine that fails on demand."""
    async with httpx2.AsyncClient(base_url=faulty_place.url, auth=Signed("inference"), timeout=30) as client:
        yield client


def _running_inference(home: Path, *, engine_url: str, engine_key: str, **more: str) -> AbstractContextManager[str]:
    url = f"http://127.0.0.1:{free_port()}"
    env = {
        "RAGWORKS_HOME": str(home),
        "RAGWORKS_INTERNAL_KEY": INTERNAL_KEY,
        "RAGWORKS_ENGINE_KEY": engine_key,
        "RAGWORKS_ENGINE_URL": engine_url,
        "RAGWORKS_INFERENCE_URL": url,
        "RAGWORKS_EMBEDDING_URL": f"http://127.0.0.1:{free_port()}",
        **more,
    }
    return running("services.inference", env, ready=f"{url}/healthz")
