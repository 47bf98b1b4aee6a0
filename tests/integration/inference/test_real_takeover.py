"""A stream that breaks at one replica goes on at a real engine, token for token."""

from collections.abc import AsyncGenerator
from pathlib import Path

import aiohttp
import httpx2
import orjson
import pytest
from aiohttp import web

from tests.engine import EngineEndpoint
from tests.integration.inference.conftest import running_inference, until_up
from tests.processes import free_port
from tests.signed import Signed

pytestmark = pytest.mark.engine

_CHAT = "/v1/chat/completions"


class ShortLivedReplica:
    """Passes on what the real engine says, and is gone after some events of its first stream."""

    def __init__(self, engine: EngineEndpoint, *, events: int) -> None:
        self._engine = engine
        self._events = events
        self.broke = 0

    async def models(self, _: web.Request) -> web.Response:
        """The engine's own list."""
        async with self._session() as session, session.get(self._engine.url + "/v1/models") as answer:
            return web.Response(body=await answer.read(), content_type="application/json")

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """A stream that breaks off."""
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        body = await request.read()
        async with (
            self._session() as session,
            session.post(self._engine.url + _CHAT, data=body) as answer,
        ):
            for _ in range(self._events):
                await response.write(await answer.content.readuntil(b"\n\n"))
        self.broke += 1
        if request.transport is not None:
            request.transport.abort()
        return response

    def _session(self) -> aiohttp.ClientSession:
        headers = {"authorization": f"Bearer {self._engine.key}", "content-type": "application/json"}
        return aiohttp.ClientSession(headers=headers)


@pytest.fixture
async def short_lived(engine: EngineEndpoint) -> AsyncGenerator[tuple[ShortLivedReplica, str]]:
    """The replica and its address."""
    replica, port = ShortLivedReplica(engine, events=9), free_port()
    app = web.Application()
    app.add_routes([web.get("/v1/models", replica.models), web.post(_CHAT, replica.chat)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield replica, f"http://127.0.0.1:{port}"
    await runner.cleanup()


async def test_a_real_engine_goes_on_with_the_very_tokens_that_would_have_come(
    engine: EngineEndpoint, short_lived: tuple[ShortLivedReplica, str], tmp_path: Path
) -> None:
    replica, address = short_lived
    catalogue = tmp_path / "models.toml"
    catalogue.write_text(f'[[models]]\nname = "{engine.model}"\nreplicas = ["{engine.url}", "{address}"]\n')
    more = {"RAGWORKS_INFERENCE_MODELS": str(catalogue), "RAGWORKS_INFERENCE_PROBE_S": "0.2"}
    key = {"authorization": f"Bearer {engine.key}"}
    with running_inference(tmp_path, engine_url=engine.url, engine_key=engine.key, **more) as url:
        async with (
            httpx2.AsyncClient(base_url=url, auth=Signed("inference"), timeout=120) as client,
            httpx2.AsyncClient(base_url=engine.url, headers=key, timeout=120) as direct,
        ):
            await until_up(client, engine.model, engine.url, address)
            for conversation in range(12):  # until one of them is at the replica that breaks
                told = await _tell(client, conversation, engine.model)
                assert told == await _tell(direct, conversation, engine.model)
                if replica.broke:
                    break
    assert replica.broke


async def _tell(client: httpx2.AsyncClient, number: int, model: str) -> str:
    messages = [{"role": "user", "content": f"Count from {number} in words, with 東京 between."}]
    body = {"model": model, "messages": messages, "max_tokens": 16, "temperature": 0, "stream": True}
    answer = await client.post(_CHAT, json=body)
    lines = [line.removeprefix("data: ") for line in answer.text.split("\n\n") if line]
    assert lines[-1] == "[DONE]", answer.text
    return "".join(orjson.loads(line)["choices"][0]["delta"].get("content", "") for line in lines[:-1])
