"""The request log: what is kept of requests, what is flagged, and what never is."""

import sqlite3
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from tests.integration.inference.conftest import running_inference, until_up
from tests.processes import eventually, free_port, start_process, stop_process, wait_ready
from tests.replica_engine import MODEL, ReplicaEngine, running_replica, words
from tests.signed import INTERNAL_KEY, Signed

_CHAT = "/v1/chat/completions"
_LOG = "/api/inference/requests"
_CATALOGUE = """
[slo.hurried]
ttft_ms = 3000
itl_ms = 0.001

[[models]]
name = "words"
replicas = ["http://127.0.0.1:{port}"]
price_in = 1.0
price_out = 2.0

[[models]]
name = "hurried"
served_name = "words"
slo = "hurried"
replicas = ["http://127.0.0.1:{port}"]
"""


@dataclass(frozen=True)
class LogPlace:
    """The service with a request log, before an engine's port."""

    url: str
    port: int
    home: Path


def _catalogue(home: Path) -> tuple[Path, int]:
    port = free_port()
    path = home / "models.toml"
    path.write_text(_CATALOGUE.format(port=port))
    return path, port


@pytest.fixture(scope="module", params=["full", "metadata"])
def level(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def place(level: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[LogPlace]:
    home = tmp_path_factory.mktemp(f"request-log-{level}")
    catalogue, port = _catalogue(home)
    settings = {
        "RAGWORKS_INFERENCE_MODELS": str(catalogue),
        "RAGWORKS_INFERENCE_PROBE_S": "0.1",
        "RAGWORKS_INFERENCE_LOG": level,
        "RAGWORKS_INFERENCE_LOG_MAX_CONTENT_BYTES": "20000",
    }
    with running_inference(home, engine_url="http://127.0.0.1:9", engine_key="k", **settings) as url:
        yield LogPlace(url, port, home)


@pytest.fixture
async def client(place: LogPlace) -> AsyncGenerator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=place.url, auth=Signed("inference"), timeout=30) as made:
        yield made


@pytest.fixture
async def engine(place: LogPlace, client: httpx2.AsyncClient) -> AsyncGenerator[ReplicaEngine]:
    made = ReplicaEngine(place.port)
    async with running_replica(made):
        await until_up(client, MODEL, made.url)
        yield made


def _ask(**more: object) -> dict[str, object]:
    return {"model": MODEL, "messages": [{"role": "user", "content": "Which ferry?"}], "max_tokens": 8, **more}


async def _logged(client: httpx2.AsyncClient, answer: httpx2.Response) -> dict[str, object]:
    found = await client.get(f"{_LOG}/{answer.headers['x-request-id']}")
    assert found.status_code == 200, found.text
    return found.json()


async def test_a_streamed_request_is_kept_with_what_it_took_and_its_words_where_they_are_kept(
    client: httpx2.AsyncClient, engine: ReplicaEngine, level: str
) -> None:
    entry = await _logged(client, await client.post(_CHAT, json=_ask(stream=True, temperature=0.5)))
    assert (entry["model"], entry["served_model"], entry["replica"]) == (MODEL, MODEL, engine.url)
    assert (entry["principal"], entry["operation"], entry["streamed"]) == ("key:tester", "chat", True)
    assert entry["usage"] == {"prompt_tokens": 3, "cached_tokens": 2, "completion_tokens": 8}
    assert entry["cost"] == pytest.approx((3 + 16) / 1_000_000)
    timings = entry["timings"]
    assert isinstance(timings, dict)
    assert 0 < timings["ttft_ms"] < timings["e2e_ms"]
    assert entry["finish_reason"] == "length"
    assert entry["parameters"] == {"max_tokens": 8, "temperature": 0.5}
    assert entry["level"] == level
    if level == "full":
        assert entry["body"] == _ask(stream=True, temperature=0.5)
        outputs = entry["outputs"]
        assert isinstance(outputs, list)
        assert [each["content"] for each in outputs] == [words(8)]
    else:
        assert (entry["body"], entry["outputs"]) == (None, None)


async def test_equal_prompts_have_one_digest_and_others_another(
    client: httpx2.AsyncClient, engine: ReplicaEngine
) -> None:
    other = [{"role": "user", "content": "Which bus?"}]
    first, second, third = [
        await _logged(client, await client.post(_CHAT, json=body))
        for body in (_ask(), _ask(max_tokens=2), _ask(messages=other))
    ]
    assert first["prompt_digest"] == second["prompt_digest"] != third["prompt_digest"]


@pytest.mark.parametrize("less", [{"store": False}, {"ragworks": {"record": "metadata"}}], ids=str)
async def test_a_request_can_ask_that_no_words_are_kept(
    client: httpx2.AsyncClient, engine: ReplicaEngine, place: LogPlace, less: dict[str, object]
) -> None:
    marked = [{"role": "user", "content": "quokka-on-the-pier"}]
    entry = await _logged(client, await client.post(_CHAT, json=_ask(messages=marked, **less)))
    assert (entry["body"], entry["outputs"], entry["level"]) == (None, None, "metadata")
    assert b"quokka-on-the-pier" not in (await client.get(f"{_LOG}/export")).content


async def test_a_request_can_ask_that_nothing_is_kept_and_the_engine_never_hears_of_it(
    client: httpx2.AsyncClient, engine: ReplicaEngine
) -> None:
    answer = await client.post(_CHAT, json=_ask(ragworks={"record": "off"}))
    assert answer.status_code == 200
    assert (await client.get(f"{_LOG}/{answer.headers['x-request-id']}")).json()["error"]["code"] == "request_not_found"
    assert "ragworks" not in engine.requests[-1][1]


async def test_tools_and_schemas_reach_the_engine_as_they_were_sent(
    client: httpx2.AsyncClient, engine: ReplicaEngine
) -> None:
    sent: dict[str, object] = {
        "tools": [{"type": "function", "function": {"name": "ferry", "parameters": {"type": "object"}}}],
        "tool_choice": "auto",
        "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}},
        "stop": ["\n"],
        "seed": 7,
        "n": 2,
        "logprobs": True,
    }
    for stream in (False, True):
        await client.post(_CHAT, json=_ask(stream=stream, **sent))
        assert sent.items() <= engine.requests[-1][1].items()


async def test_a_level_that_there_is_not_is_refused_so_that_nobody_believes_to_have_opted_out(
    client: httpx2.AsyncClient, engine: ReplicaEngine
) -> None:
    answer = await client.post(_CHAT, json=_ask(ragworks={"record": "none"}))
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "ragworks.record"


async def test_secrets_in_a_prompt_are_never_kept(client: httpx2.AsyncClient, engine: ReplicaEngine) -> None:
    secret = "rw-" + "0123456789abcdef" * 4
    content = f"Call it with Authorization: Bearer {secret} or at https://joe:hunter2@example.com/, then tell me."
    entry = await _logged(client, await client.post(_CHAT, json=_ask(messages=[{"role": "user", "content": content}])))
    kept = orjson.dumps(entry)
    assert secret.encode() not in kept
    assert b"hunter2" not in kept


async def test_a_prompt_too_long_to_keep_leaves_its_figures(
    client: httpx2.AsyncClient, engine: ReplicaEngine, level: str
) -> None:
    long = [{"role": "user", "content": "word " * 5_000}]
    entry = await _logged(client, await client.post(_CHAT, json=_ask(messages=long)))
    assert entry["body"] is None
    assert entry["without"] == ("too_large" if level == "full" else None)
    assert entry["usage"] is not None


async def test_edge_cases_are_flagged_and_found_by_their_flags(
    client: httpx2.AsyncClient, engine: ReplicaEngine
) -> None:
    cut = await _logged(client, await client.post(_CHAT, json=_ask()))
    slow = await _logged(client, await client.post(_CHAT, json=_ask(model="hurried", stream=True)))
    engine.fault = "refuse"
    failed = await _logged(client, await client.post(_CHAT, json=_ask()))
    assert cut["flags"] == ["length"]
    assert slow["flags"] == ["length", "slow"]
    assert slow["slo_class"] == "hurried"
    assert failed["flags"] == ["error"]
    assert failed["error_code"] == "invalid_request"
    for flag, entry, others in (("error", failed, (cut, slow)), ("slow", slow, (cut, failed))):
        page = (await client.get(_LOG, params={"flag": flag, "limit": 100})).json()
        ids = [each["id"] for each in page["data"]]
        assert entry["id"] in ids
        assert not {other["id"] for other in others} & set(ids)


async def test_models_are_shown_with_what_their_latest_requests_took(
    client: httpx2.AsyncClient, engine: ReplicaEngine
) -> None:
    before = (await _shown(client))["recent"]
    kept = await _logged(client, await client.post(_CHAT, json=_ask(stream=True)))
    engine.fault = "refuse"
    await client.post(_CHAT, json=_ask())
    shown = await _shown(client)
    recent = shown["recent"]
    assert recent["requests"] == before["requests"] + 2
    assert recent["failed"] == before["failed"] + 1
    assert recent["output_tokens"] == before["output_tokens"] + 8
    assert 0 < recent["ttft_p50_ms"] <= recent["ttft_p95_ms"]
    timings = kept["timings"]
    assert isinstance(timings, dict)
    assert timings["ttft_ms"] <= recent["ttft_p95_ms"] or recent["requests"] > 20
    assert shown["waiting"] is None  # it declares no places to wait for


async def _shown(client: httpx2.AsyncClient) -> dict[str, Any]:
    return next(each for each in (await client.get("/api/models")).json()["models"] if each["name"] == MODEL)


async def test_a_client_that_leaves_is_kept_with_the_tokens_it_had(
    client: httpx2.AsyncClient, engine: ReplicaEngine
) -> None:
    engine.pace_s = 0.05
    headers = {"x-request-id": f"left-{engine.port}"}
    async with client.stream("POST", _CHAT, json=_ask(stream=True, max_tokens=200), headers=headers) as answer:
        async for _ in answer.aiter_bytes():
            break

    async def is_there() -> bool:
        return (await client.get(f"{_LOG}/{headers['x-request-id']}")).status_code == 200

    await eventually(is_there, deadline_s=10, what="the request to be logged")
    entry = await _logged(client, answer)
    flags, usage = entry["flags"], entry["usage"]
    assert isinstance(flags, list)
    assert isinstance(usage, dict)
    assert "client_left" in flags
    assert 0 <= usage["completion_tokens"] < 200


async def test_pages_and_exports_hold_every_request_once(client: httpx2.AsyncClient, engine: ReplicaEngine) -> None:
    for _ in range(3):
        await client.post(_CHAT, json=_ask())
    exported = [orjson.loads(line)["id"] for line in (await client.get(f"{_LOG}/export")).text.splitlines()]
    paged, after = list[str](), None
    while True:
        page = (await client.get(_LOG, params={"limit": 2, **({"after": after} if after else {})})).json()
        paged += [each["id"] for each in page["data"]]
        after = page["last_id"]
        if not page["has_more"]:
            break
    assert paged == exported[::-1]


async def test_a_request_is_forgotten_alone_or_with_all_of_its_principal(
    client: httpx2.AsyncClient, engine: ReplicaEngine, place: LogPlace
) -> None:
    kept = await _logged(client, await client.post(_CHAT, json=_ask()))
    assert (await client.delete(f"{_LOG}/{kept['id']}")).json()["deleted"] is True
    assert (await client.get(f"{_LOG}/{kept['id']}")).status_code == 404
    meant = {"principal": "key:leaver", "until": "2999-01-01T00:00:00Z", "document_ids": []}
    async with httpx2.AsyncClient(base_url=place.url, auth=Signed("inference", principal="key:leaver")) as leaver:
        await leaver.post(_CHAT, json=_ask())
        await leaver.post(_CHAT, json=_ask())
    assert (await client.post("/references", json=meant)).json()["records"] == 2
    assert (await client.post("/references/forget", json=meant)).json()["records"] == 2
    assert (await client.get(_LOG, params={"principal": "key:leaver"})).json()["data"] == []


async def test_what_was_written_survives_kill_9_and_the_file_stays_whole(tmp_path: Path) -> None:
    catalogue, port = _catalogue(tmp_path)
    url = f"http://127.0.0.1:{free_port()}"
    env = {
        "RAGWORKS_HOME": str(tmp_path),
        "RAGWORKS_INTERNAL_KEY": INTERNAL_KEY,
        "RAGWORKS_ENGINE_KEY": "k",
        "RAGWORKS_INFERENCE_URL": url,
        "RAGWORKS_INFERENCE_MODELS": str(catalogue),
        "RAGWORKS_INFERENCE_PROBE_S": "0.1",
        "RAGWORKS_INFERENCE_LOG_SAMPLE": "0",
    }
    engine = ReplicaEngine(port)
    async with running_replica(engine), httpx2.AsyncClient(base_url=url, auth=Signed("inference")) as client:
        process = start_process("services.inference", env)
        wait_ready(f"{url}/healthz", 60, process=process)
        await until_up(client, MODEL, engine.url)
        for _ in range(5):
            await client.post(_CHAT, json=_ask())  # cut by length: flagged, so the sample does not matter
        assert len((await client.get(_LOG)).json()["data"]) == 5
        await client.post(_CHAT, json=_ask())
        process.kill()
        process.wait()
        again = start_process("services.inference", env)
        try:
            wait_ready(f"{url}/healthz", 60, process=again)
            assert len((await client.get(_LOG)).json()["data"]) in {5, 6}
        finally:
            stop_process(again)
    with sqlite3.connect(tmp_path / "db" / "inference.sqlite") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
