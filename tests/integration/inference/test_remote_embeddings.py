"""Embeddings from elsewhere: another platform's OpenAI API, a TEI server, and an endpoint that fails on demand."""

import os
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from aiohttp import web

from tests.integration.inference.embedding_server import KEY
from tests.processes import REPOSITORY, free_port, logs, running, start_command, stop_process, wait_ready
from tests.signed import INTERNAL_KEY, Signed

MODEL = "all-MiniLM-L6-v2"
TEXTS = [f"Text number {number} is about {thing}." for number, thing in enumerate(["ships", "bread", "law"] * 7)]
FAULTY_KEY = "sk-a-key-that-nobody-may-see"
START_S = 180


@dataclass(frozen=True)
class Places:
    """Addresses: of the TEI server, and of the inference service before it and before another platform's gateway."""

    server: str
    tei: str
    openai: str


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Generator[Places]:
    """The TEI server; a platform whose inference asks it, and whose gateway is what another platform asks."""
    server = f"http://127.0.0.1:{(port := free_port())}"
    gateway = f"http://127.0.0.1:{free_port()}"
    there, here = _home(tmp_path_factory, "there"), _home(tmp_path_factory, "here")
    with ExitStack() as stack:
        command = [sys.executable, "-m", "tests.integration.inference.embedding_server", str(port)]
        process = start_command(command, {})
        stack.callback(stop_process, process)
        wait_ready(f"{server}/health", START_S, process=process)
        tei = stack.enter_context(_inference(there, server, "tei", EMBEDDING_ENDPOINT_KEY=KEY))
        env = _environment(there) | {"RAGWORKS_INFERENCE_URL": tei, "RAGWORKS_GATEWAY_URL": gateway}
        stack.enter_context(running("services.gateway", env, ready=f"{gateway}/healthz", deadline_s=START_S))
        key = (there / "secrets" / "api.key").read_text()
        (here / "secrets").mkdir(mode=0o700)
        (here / "secrets" / "embedding-endpoint.key").write_text(key)  # the file, not the variable
        yield Places(server, tei, stack.enter_context(_inference(here, f"{gateway}/v1", "openai")))


@pytest.mark.parametrize("kind", ["openai", "tei"])
async def test_vectors_are_those_of_the_model_there_in_order(places: Places, kind: str) -> None:
    vectors = await _embed(str(getattr(places, kind)), TEXTS)

    async with httpx2.AsyncClient(base_url=places.server, headers={"authorization": f"Bearer {KEY}"}) as http:
        alone = [(await http.post("/embed", json={"inputs": [text]})).json()[0] for text in TEXTS]
    assert len(vectors) == len(TEXTS)
    for left, right in zip(vectors, alone, strict=True):
        assert sum(a * b for a, b in zip(left, right, strict=True)) == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("kind", ["openai", "tei"])
async def test_the_tokens_are_counted_and_priced(places: Places, kind: str) -> None:
    url = str(getattr(places, kind))
    async with _client(url) as http:
        answer = await http.post("/v1/embeddings", json={"model": MODEL, "input": "hello"})
        metrics = (await http.get("/metrics")).text

    assert answer.json()["usage"]["prompt_tokens"] == 3
    counted = _metric(metrics, "ragworks_embedding_endpoint_tokens_total")
    assert counted > 0
    assert _metric(metrics, "ragworks_embedding_endpoint_cost_total") == pytest.approx(counted * 2 / 1_000_000)


@pytest.mark.parametrize("kind", ["openai", "tei"])
async def test_the_service_is_ready_with_the_endpoint_alone(places: Places, kind: str) -> None:
    async with _client(str(getattr(places, kind))) as http:
        checks = (await http.get("/readyz")).json()["checks"]
        models = (await http.get("/v1/models")).json()["data"]

    assert checks["embedding"] == "ready"
    assert [model["id"] for model in models] == [MODEL]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"model": "nothing", "input": "x"}, "available here: all-MiniLM-L6-v2"),
        ({"model": MODEL, "input": ["a", " "]}, "input[1]: the text is empty"),
        ({"model": MODEL, "input": []}, "give 1 to 2,048 texts"),
        ({"model": MODEL, "input": [1, 2]}, "input:"),
        ({"model": MODEL, "input": "x", "dimensions": 3}, "vectors of 384 numbers"),
    ],
)
async def test_a_request_that_cannot_be_served_says_why(places: Places, body: dict[str, object], message: str) -> None:
    async with _client(places.tei) as http:
        answer = await http.post("/v1/embeddings", json=body)

    assert answer.status_code in {400, 404}
    assert message in answer.json()["error"]["message"]


@dataclass
class FailingEndpoint:
    """An endpoint that answers each request with the next of its faults, and then with vectors of three numbers."""

    port: int
    faults: list[Callable[[], web.Response]] = field(default_factory=list[Callable[[], web.Response]])
    asked: list[int] = field(default_factory=list[int])
    vector: list[float] = field(default_factory=lambda: [3.0, 0.0, 4.0])

    async def embed(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.asked.append(len(body["input"]))
        if self.faults:
            return self.faults.pop(0)()
        items = [{"index": i, "embedding": self.vector} for i in range(len(body["input"]))]
        return web.json_response({"data": items[::-1], "usage": {"prompt_tokens": 1}})


@pytest.fixture(scope="module")
def faulty_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def faulty_inference(faulty_port: int, tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The service before the failing endpoint."""
    home = _home(tmp_path_factory, "faulty")
    limits = {
        "EMBEDDING_ENDPOINT_KEY": FAULTY_KEY,
        "EMBEDDING_ENDPOINT_ATTEMPTS": "3",
        "EMBEDDING_ENDPOINT_TIMEOUT_S": "1",
        "EMBEDDING_ENDPOINT_DIMENSIONS": "3",
        "EMBEDDING_ENDPOINT_BATCH_TEXTS": "4",
    }
    with _inference(home, f"http://127.0.0.1:{faulty_port}/v1", "openai", **limits) as url:
        yield url


@pytest.fixture
async def failing(faulty_port: int) -> AsyncGenerator[FailingEndpoint]:
    """The failing endpoint, while a test runs."""
    endpoint = FailingEndpoint(faulty_port)
    app = web.Application()
    app.add_routes([web.post("/v1/embeddings", endpoint.embed)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", faulty_port).start()
    yield endpoint
    await runner.cleanup()


def _error(status: int, message: str = "no", headers: dict[str, str] | None = None, **fields: str) -> web.Response:
    return web.json_response({"error": {"message": message, **fields}}, status=status, headers=headers)


async def test_a_vector_is_brought_to_unit_length(failing: FailingEndpoint, faulty_inference: str) -> None:
    assert await _embed(faulty_inference, ["x"]) == [pytest.approx([0.6, 0.0, 0.8])]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 408])
async def test_what_may_pass_is_repeated(failing: FailingEndpoint, faulty_inference: str, status: int) -> None:
    failing.faults = [lambda: _error(status, headers={"retry-after": "0"})] * 2

    assert len(await _embed(faulty_inference, ["x"])) == 1
    assert failing.asked == [1, 1, 1]


async def test_attempts_end(failing: FailingEndpoint, faulty_inference: str) -> None:
    failing.faults = [lambda: _error(500, headers={"retry-after": "0"})] * 5

    answer = await _post(faulty_inference, ["x"])

    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "embedding_endpoint_error")
    assert failing.asked == [1, 1, 1]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (lambda: _error(401, f"Incorrect API key provided: {FAULTY_KEY}"), 502, "embedding_key_refused"),
        (lambda: _error(404), 502, "embedding_endpoint_setup"),
        (lambda: _error(400, "unknown dimensions", param="dimensions"), 502, "embedding_endpoint_setup"),
        (lambda: _error(400, "too long"), 400, "embedding_refused"),
        (lambda: _error(429, "pay", code="insufficient_quota"), 429, "embedding_endpoint_quota"),
        (lambda: _error(429, "later", headers={"retry-after": "600"}), 429, "rate_limited"),
        (lambda: web.Response(status=302, headers={"location": "http://127.0.0.1:9"}), 502, "embedding_endpoint_setup"),
    ],
)
async def test_what_will_not_pass_is_not_repeated(
    failing: FailingEndpoint, faulty_inference: str, fault: Callable[[], web.Response], status: int, code: str
) -> None:
    failing.faults = [fault]

    answer = await _post(faulty_inference, ["x"])

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert failing.asked == [1]
    assert FAULTY_KEY not in answer.text
    if "600" in str(answer.headers.get("retry-after", "")):
        assert code == "rate_limited"


async def test_a_batch_that_is_too_large_is_halved_and_stays_in_order(
    failing: FailingEndpoint, faulty_inference: str
) -> None:
    failing.faults = [lambda: _error(413)]

    assert len(await _embed(faulty_inference, ["a", "b", "c", "d"])) == 4
    assert failing.asked == [4, 2, 2]


@pytest.mark.parametrize(
    ("vector", "code"),
    [([1.0, 2.0], "embedding_dimensions"), ([0.0, 0.0, 0.0], "embedding_endpoint_error")],
)
async def test_a_vector_that_cannot_be_used_is_refused(
    failing: FailingEndpoint, faulty_inference: str, vector: list[float], code: str
) -> None:
    failing.vector = vector

    answer = await _post(faulty_inference, ["x"])

    assert (answer.status_code, answer.json()["error"]["code"]) == (502, code)


async def test_an_endpoint_that_is_away_is_said_to_be_away(faulty_inference: str) -> None:
    answer = await _post(faulty_inference, ["x"])

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
    assert "cannot be reached" in answer.json()["error"]["message"]


async def test_the_key_is_in_no_log(failing: FailingEndpoint, faulty_inference: str) -> None:
    failing.faults = [lambda: _error(500, f"bad key {FAULTY_KEY}", headers={"retry-after": "0"})]
    await _embed(faulty_inference, ["a text that nobody may see"])

    assert logs.folder is not None
    written = "".join(path.read_text(errors="replace") for path in logs.folder.glob("*inference*.log"))
    assert "embedding_repeated" in written
    assert FAULTY_KEY not in written
    assert "a text that nobody may see" not in written


async def _embed(url: str, texts: list[str]) -> list[list[float]]:
    answer = await _post(url, texts)
    assert answer.status_code == 200, answer.text
    return [item["embedding"] for item in answer.json()["data"]]


async def _post(url: str, texts: list[str]) -> httpx2.Response:
    async with _client(url) as http:
        return await http.post("/v1/embeddings", json={"model": MODEL, "input": texts})


def _client(url: str) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(base_url=url, auth=Signed("inference"), timeout=60)


def _metric(text: str, name: str) -> float:
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))


@contextmanager
def _inference(home: Path, address: str, api: str, **settings: str) -> Generator[str]:
    url = f"http://127.0.0.1:{free_port()}"
    env = {
        **_environment(home),
        "RAGWORKS_INFERENCE_URL": url,
        "RAGWORKS_EMBEDDING_ENDPOINT": address,
        "RAGWORKS_EMBEDDING_ENDPOINT_API": api,
        "RAGWORKS_EMBEDDING_PRICE_PER_MILLION_TOKENS": "2",
        **{f"RAGWORKS_{name}": value for name, value in settings.items()},
    }
    with running("services.inference", env, ready=f"{url}/healthz"):
        yield url


def _environment(home: Path) -> dict[str, str]:
    return {
        "RAGWORKS_HOME": str(home),
        "RAGWORKS_INTERNAL_KEY": INTERNAL_KEY,
        "RAGWORKS_ENGINE_KEY": "no engine here",
        "RAGWORKS_ENGINE_URL": "http://127.0.0.1:9",
        "RAGWORKS_API_KEY": "",
        "NO_PROXY": os.environ.get("NO_PROXY", "") + ",127.0.0.1",
    }


def _home(factory: pytest.TempPathFactory, name: str) -> Path:
    home = factory.mktemp(name)
    (home / "models").symlink_to(REPOSITORY / "var" / "models")
    return home
