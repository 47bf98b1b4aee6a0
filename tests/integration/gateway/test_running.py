"""The gateway as a process: readiness, metrics, failures around it, and its end."""

import asyncio
import os
import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from services.shared.kit.server import EXIT_PORT_TAKEN
from tests.integration.gateway.conftest import START_S, Platform, client_of, inner_command
from tests.integration.gateway.polling import eventually
from tests.integration.gateway.test_bodies import connect, head
from tests.integration.gateway.test_keys import error_of
from tests.processes import (
    REPOSITORY,
    free_port,
    running,
    start_command,
    start_process,
    stop_process,
    wait_ready,
)

_QUESTION = {"model": "rag/docs", "messages": [{"role": "user", "content": "What is it?"}]}
_SERVICES = {"orchestrator", "inference", "retrieval", "corpus", "connectors", "ingest", "embedding", "vectordb"}
_PARTS = {*_SERVICES, "engine"}


async def test_readiness_names_every_part_and_needs_no_key(stranger: aiohttp.ClientSession) -> None:
    async with stranger.get("/readyz") as response:
        assert response.status == 200
        assert await response.json() == {"status": "ready", "checks": dict.fromkeys(_PARTS, "ready")}


async def test_a_missing_part_makes_the_platform_unready_and_is_named(own_platform: Platform) -> None:
    environment = own_platform.environment | {"RAGWORKS_ENGINE_URL": f"http://127.0.0.1:{free_port()}"}
    with running("services.gateway", environment, ready=f"{own_platform.url}/healthz", deadline_s=START_S):
        async with aiohttp.ClientSession() as client, client.get(f"{own_platform.url}/readyz") as response:
            assert response.status == 503
            assert response.headers["retry-after"]
            state = await response.json()
    assert state["status"] == "not_ready"
    assert state["checks"].pop("engine") == "is not up"
    assert set(state["checks"].values()) == {"ready"}


async def test_a_part_that_hangs_is_named_within_two_seconds(own_platform: Platform) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, never answers
        hanging = f"http://127.0.0.1:{silent.getsockname()[1]}"
        environment = own_platform.environment | {"RAGWORKS_ENGINE_URL": hanging, "RAGWORKS_VECTORDB_URL": hanging}
        with running("services.gateway", environment, ready=f"{own_platform.url}/healthz", deadline_s=START_S):
            async with (
                asyncio.timeout(3.5),
                aiohttp.ClientSession() as client,
                client.get(f"{own_platform.url}/readyz") as response,
            ):
                checks = (await response.json())["checks"]
    assert checks["engine"] == checks["vectordb"] == "did not answer within 1.8 seconds"
    assert checks["corpus"] == "ready"


async def test_metrics_are_open_to_this_machine_and_count_by_route(
    door: aiohttp.ClientSession, stranger: aiohttp.ClientSession
) -> None:
    async with door.get("/v1/files/file-with-a-name-of-its-own/content"):
        pass
    async with stranger.get("/metrics") as response:
        assert response.status == 200
        metrics = await response.text()
    assert 'route="/v1/files/{rest:path}",status="200"' in metrics
    assert "file-with-a-name-of-its-own" not in metrics


@pytest.mark.parametrize(
    "forwarded",
    [{"x-forwarded-for": "203.0.113.9"}, {"x-forwarded-for": "127.0.0.1"}, {"forwarded": "for=127.0.0.1"}],
    ids=["from elsewhere", "who claims to be here", "in the standard form"],
)
async def test_metrics_take_a_key_from_behind_a_proxy(
    door: aiohttp.ClientSession, stranger: aiohttp.ClientSession, forwarded: dict[str, str]
) -> None:
    async with stranger.get("/metrics", headers=forwarded) as response:
        assert response.status == 401
    async with door.get("/metrics", headers=forwarded) as response:
        assert response.status == 200


async def test_a_service_that_is_down_is_503_until_it_is_back(own_platform: Platform) -> None:
    port = free_port()
    alone = replace(own_platform, inner_url=f"http://127.0.0.1:{port}")
    with running("services.gateway", alone.environment, ready=f"{alone.url}/healthz", deadline_s=START_S):
        async with client_of(alone) as client:
            await _is_unavailable(client)
            for _ in range(2):  # also after a connection was in use
                inner = start_command(inner_command(port), {})
                try:
                    await asyncio.to_thread(wait_ready, f"{alone.inner_url}/readyz", START_S, process=inner)
                    async with client.post("/v1/chat/completions", json=_QUESTION) as response:
                        assert response.status == 200
                finally:
                    await asyncio.to_thread(stop_process, inner)
                await _is_unavailable(client)


async def _is_unavailable(client: aiohttp.ClientSession) -> None:
    async with client.post("/v1/chat/completions", json=_QUESTION) as response:
        assert response.status == 503
        assert int(response.headers["retry-after"]) > 0
        error = error_of(await response.json())
    assert error["code"] == "unavailable"
    assert "orchestrator is not up" in error["message"]


async def test_a_running_stream_ends_well_when_the_gateway_is_told_to_stop(own_platform: Platform) -> None:
    process = start_process("services.gateway", own_platform.environment)
    try:
        await asyncio.to_thread(wait_ready, f"{own_platform.url}/healthz", START_S, process=process)
        async with (
            client_of(own_platform) as client,
            client.post("/v1/chat/completions?stream=20&gap=0.1", json=_QUESTION) as response,
        ):
            await response.content.readline()
            os.kill(process.pid, signal.SIGTERM)
            await _refuses_connections(own_platform)
            rest = await response.text()
        assert rest.endswith("data: [DONE]\n\n")
        await asyncio.to_thread(process.wait, 15)
    finally:
        stop_process(process)


async def _refuses_connections(platform: Platform) -> None:
    async def refused() -> bool:
        try:
            _, writer = await connect(platform)
        except ConnectionRefusedError:
            return True
        writer.close()
        return False

    await eventually(refused, what="the gateway to stop listening", deadline_s=5)


async def test_a_connection_that_never_finishes_its_headers_is_closed(platform: Platform) -> None:
    half = head(platform, "GET", "/v1/models")[:-2]
    ends = await asyncio.gather(_silence(platform, b""), _silence(platform, b"GET"), _silence(platform, half))
    assert ends == [b"", b"", b""]


async def _silence(platform: Platform, beginning: bytes) -> bytes:
    """What comes until the gateway hangs up on a client that only sends this."""
    reader, writer = await connect(platform)
    writer.write(beginning)
    await writer.drain()
    async with asyncio.timeout(30):
        rest = await reader.read()
    writer.close()
    return rest


async def test_a_taken_port_is_named_and_ends_the_start(platform: Platform, tmp_path: Path) -> None:
    environment = platform.environment | {"RAGWORKS_HOME": str(tmp_path)}
    code, output = await _start_in_vain(environment)
    assert code == EXIT_PORT_TAKEN
    assert "port_taken" in output
    assert platform.url.removeprefix("http://") in output
    assert "Traceback" not in output


async def test_a_missing_internal_key_is_named_and_ends_the_start(own_platform: Platform) -> None:
    environment = {k: v for k, v in own_platform.environment.items() if k != "RAGWORKS_INTERNAL_KEY"}
    code, output = await _start_in_vain(environment)
    assert code == 78
    assert "RAGWORKS_INTERNAL_KEY" in output
    assert "Traceback" not in output


async def _start_in_vain(environment: dict[str, str]) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.gateway",
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(START_S):
        output, _ = await process.communicate()
    return process.returncode, output.decode()
