"""The inference service as a process: before the real engine, and before one that fails on demand."""

from collections.abc import AsyncGenerator, Generator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from openai import AsyncOpenAI

from tests.engine import EngineEndpoint
from tests.processes import eventually, free_port, free_ports, running
from tests.replica_engine import ReplicaEngine, running_replica
from tests.signed import INTERNAL_KEY, Signed

_CATALOGUE = """
[[models]]
name = "words"
aliases = ["default"]
replicas = ["http://127.0.0.1:{one}", "http://127.0.0.1:{two}/v1"]
price_in = 1.0
price_out = 2.0

[[models.adapters]]
name = "words-legal"
path = "/adapters/legal"

[slo.patient]
ttft_ms = 5000
queue = 2

[slo.urgent]
ttft_ms = 100
priority = 1

[[models]]
name = "narrow"
served_name = "words"
replicas = ["http://127.0.0.1:{one}"]
concurrency = 1
slo = "patient"

[[models]]
name = "wide"
served_name = "words"
replicas = ["http://127.0.0.1:{two}"]
concurrency = 1
slo = "urgent"
overflow = "outside"

[[models]]
name = "guarded"
served_name = "words"
replicas = ["http://127.0.0.1:{one}", "http://127.0.0.1:{two}"]
fallback = "outside"

[[models]]
name = "outside"
served_name = "words"
kind = "openai"
context = 4096
replicas = ["http://127.0.0.1:{spare}/v1"]
"""


@dataclass(frozen=True)
class FaultyPlace:
    """The service before an engine that a test starts, or not, on its port."""

    url: str
    engine_port: int


@pytest.fixture(scope="session")
def inference(engine: EngineEndpoint, tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """Address of the service before the real engine."""
    home = tmp_path_factory.mktemp("inference")
    with running_inference(home, engine_url=engine.url, engine_key=engine.key) as url:
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
    with running_inference(home, engine_url=f"http://127.0.0.1:{port}", engine_key="k", **short) as url:
        yield FaultyPlace(url=url, engine_port=port)


@dataclass(frozen=True)
class ReplicaPlace:
    """The service before two replicas of one model and a fallback, which a test starts on their ports, or not."""

    url: str
    one: int
    two: int
    spare: int


@pytest.fixture(scope="session")
def replica_place(tmp_path_factory: pytest.TempPathFactory) -> Generator[ReplicaPlace]:
    """The service with a catalogue: `words` has two replicas, `guarded` the same two and `spare` to fall back on."""
    one, two, spare = free_ports(3)
    home = tmp_path_factory.mktemp("inference-replicas")
    catalogue = home / "models.toml"
    catalogue.write_text(_CATALOGUE.format(one=one, two=two, spare=spare))
    settings = {
        "RAGWORKS_INFERENCE_MODELS": str(catalogue),
        "RAGWORKS_INFERENCE_PROBE_S": "0.1",
        "RAGWORKS_INFERENCE_REST_S": "0.3",
        "RAGWORKS_INFERENCE_FIRST_TOKEN_TIMEOUT_S": "3",
        "RAGWORKS_INFERENCE_NEXT_TOKEN_TIMEOUT_S": "0.7",
        "RAGWORKS_INFERENCE_ANSWER_TIMEOUT_S": "3",
    }
    with running_inference(home, engine_url="http://127.0.0.1:9", engine_key="k", **settings) as url:
        yield ReplicaPlace(url, one, two, spare)


@pytest.fixture
async def fleet(replica_place: ReplicaPlace) -> AsyncGenerator[httpx2.AsyncClient]:
    """A client that signs, to the service before the replicas."""
    async with httpx2.AsyncClient(base_url=replica_place.url, auth=Signed("inference"), timeout=30) as client:
        yield client


@pytest.fixture
async def replicas(
    replica_place: ReplicaPlace, fleet: httpx2.AsyncClient
) -> AsyncGenerator[tuple[ReplicaEngine, ReplicaEngine]]:
    """Both replicas, running and in use."""
    one, two = ReplicaEngine(replica_place.one), ReplicaEngine(replica_place.two)
    async with running_replica(one), running_replica(two):
        await until_up(fleet, "words", one.url, two.url)
        yield one, two


async def until_up(client: httpx2.AsyncClient, model: str, *urls: str) -> None:
    """Return when the service takes these replicas of the model into use."""

    async def are_up() -> bool:
        return all([await replica_state(client, model, url) == "up" for url in urls])

    await eventually(are_up, deadline_s=10, what=f"{', '.join(urls)} to be up")


async def replica_state(client: httpx2.AsyncClient, model: str, url: str) -> str:
    """What the service thinks of a replica."""
    for entry in (await client.get("/api/models")).json()["models"]:
        for replica in entry["replicas"]:
            if (entry["name"], replica["url"]) == (model, url):
                return str(replica["state"])
    raise AssertionError(f"no {url} of {model}")


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


def running_inference(home: Path, *, engine_url: str, engine_key: str, **more: str) -> AbstractContextManager[str]:
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
