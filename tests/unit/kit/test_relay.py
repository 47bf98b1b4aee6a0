"""Relaying between real sockets."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from starlette.datastructures import Headers
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.shared.kit.app import create_app
from services.shared.kit.asgi import read_body, send_json
from services.shared.kit.http import ServiceClient
from services.shared.kit.relay import StreamedBody, relay, until_client_leaves
from tests.unit.kit.conftest import AlphaSettings
from tests.unit.kit.servers import serving

MAX_BODY_BYTES = 500_000


@dataclass
class Upstream:
    """The relayed service: streams, breaks, hangs, and notices who leaves."""

    client_left: asyncio.Event = field(default_factory=asyncio.Event)
    upload_broke: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        match scope["path"]:
            case "/endless":
                await self._endless(receive, send)
            case "/held":
                await _start(send, b"text/event-stream")
                await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
                await self.release.wait()
                await send({"type": "http.response.body", "body": b"data: 2\n\n"})
            case "/breaks":
                await _start(send, dict(scope["headers"])[b"x-kind"])
                await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
            case "/upload":
                await self._upload(receive, send)
            case "/unauthorized":
                await send_json(send, 401, {"error": {"message": "bad token"}})
            case _:
                await asyncio.sleep(30)

    async def _endless(self, receive: Receive, send: Send) -> None:
        await read_body(receive, max_bytes=MAX_BODY_BYTES)
        await _start(send, b"text/event-stream")
        await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
        assert (await receive())["type"] == "http.disconnect"
        self.client_left.set()

    async def _upload(self, receive: Receive, send: Send) -> None:
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.upload_broke.set()
                return
            size += len(message["body"])
            more = message["more_body"]
        await send_json(send, 200, {"size": size})


async def _start(send: Send, kind: bytes) -> None:
    length = [] if kind == b"text/event-stream" else [(b"content-length", b"1000")]
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind), *length]})


@dataclass(frozen=True)
class Relay:
    """A relaying app in front of the upstream."""

    upstream: Upstream
    client: aiohttp.ClientSession


@asynccontextmanager
async def relaying(alpha: AlphaSettings, url: str | None = None) -> AsyncGenerator[Relay]:
    upstream = Upstream()
    async with (
        serving(upstream) as address,
        ServiceClient(url or address, audience="beta", settings=alpha) as service,
        serving(relaying_app(alpha, service)) as relay_address,
        aiohttp.ClientSession(relay_address) as client,
    ):
        yield Relay(upstream, client)


def relaying_app(alpha: AlphaSettings, service: ServiceClient) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        streamed = scope["path"] == "/upload"
        body = StreamedBody(receive) if streamed else await read_body(receive, max_bytes=MAX_BODY_BYTES)
        headers = {"x-kind": dict(scope["headers"]).get(b"x-kind", b"").decode()}
        await relay(
            receive, send, client=service, method=scope["method"], path=scope["path"], body=body, headers=headers
        )

    async def anyone(_: Scope, __: Headers) -> None:
        return None

    return create_app(
        alpha, title="alpha", raw_routes=[Mount("/", app)], authenticate=anyone, max_body_bytes=MAX_BODY_BYTES
    )


@pytest.fixture
def patient(alpha: AlphaSettings) -> AlphaSettings:
    """Waits longer for upstream than any test does, so that no timeout does a test's work."""
    return alpha.model_copy(update={"upstream_read_timeout_s": 60})


@pytest.fixture
async def road(patient: AlphaSettings) -> AsyncGenerator[Relay]:
    async with relaying(patient) as road:
        yield road


@pytest.fixture
async def hasty_road(alpha: AlphaSettings) -> AsyncGenerator[Relay]:
    """Gives up on a silent upstream after a second."""
    async with relaying(alpha) as road:
        yield road


async def test_each_event_passes_before_the_next_exists(road: Relay) -> None:
    async with road.client.post("/held") as response, asyncio.timeout(10):
        assert await response.content.readuntil(b"\n\n") == b"data: 1\n\n"
        road.upstream.release.set()
        assert await response.content.read() == b"data: 2\n\n"


async def test_a_client_that_leaves_closes_the_upstream_request(road: Relay) -> None:
    async with road.client.post("/endless", data=b"{}") as response:
        await response.content.readany()
        response.close()
    async with asyncio.timeout(10):
        await road.upstream.client_left.wait()


async def test_a_client_that_leaves_before_the_first_byte_closes_the_upstream_request(patient: AlphaSettings) -> None:
    left = asyncio.Event()

    async def never_answers(scope: Scope, receive: Receive, _: Send) -> None:
        if scope["type"] == "http":
            while (await receive())["type"] != "http.disconnect":
                pass
            left.set()

    async with serving(never_answers) as url, relaying(patient, url) as road:
        with pytest.raises(TimeoutError):
            await road.client.post("/x", data=b"{}", timeout=aiohttp.ClientTimeout(total=0.3))
        async with asyncio.timeout(10):
            await left.wait()


async def test_a_broken_event_stream_ends_with_an_error_event(road: Relay) -> None:
    async with road.client.post("/breaks", headers={"x-kind": "text/event-stream"}) as response:
        text = await response.text()
    assert text.startswith("data: 1\n\ndata: {")
    assert '"code":"stream_interrupted"' in text


async def test_any_other_broken_answer_breaks_for_the_client_too(road: Relay) -> None:
    async with road.client.post("/breaks", headers={"x-kind": "application/pdf"}) as response:
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()


async def pieces(number: int) -> AsyncGenerator[bytes]:
    for _ in range(number):
        yield b"x" * 50_000


async def test_a_streamed_body_passes_whole(road: Relay) -> None:
    async with road.client.post("/upload", data=pieces(10)) as response:
        assert await response.json() == {"size": MAX_BODY_BYTES}


async def test_a_streamed_body_over_the_limit_is_refused_with_its_reason(road: Relay) -> None:
    async with road.client.post("/upload", data=pieces(11)) as response:
        assert response.status == 413
        assert (await response.json())["error"]["code"] == "payload_too_large"
    async with asyncio.timeout(10):
        await road.upstream.upload_broke.wait()


async def test_a_client_that_leaves_in_mid_upload_breaks_it_upstream(road: Relay) -> None:
    async def stalls() -> AsyncGenerator[bytes]:
        yield b"x" * 1000
        await asyncio.sleep(30)

    with pytest.raises(TimeoutError):
        await road.client.post("/upload", data=stalls(), timeout=aiohttp.ClientTimeout(total=0.3))
    async with asyncio.timeout(10):
        await road.upstream.upload_broke.wait()


async def test_a_slow_upload_is_not_mistaken_for_a_silent_upstream(hasty_road: Relay) -> None:
    async def slow() -> AsyncGenerator[bytes]:
        for _ in range(4):
            yield b"x"
            await asyncio.sleep(0.4)  # together longer than the second the upstream has to answer

    async with hasty_road.client.post("/upload", data=slow()) as response:
        assert await response.json() == {"size": 4}


async def test_a_silent_upstream_is_a_timeout(hasty_road: Relay) -> None:
    async with hasty_road.client.post("/silent") as response:
        assert response.status == 504


async def test_a_refused_service_token_is_not_shown_as_the_users_fault(road: Relay) -> None:
    async with road.client.post("/unauthorized") as response:
        assert response.status == 502


async def test_a_stop_from_outside_is_not_taken_for_a_client_that_left() -> None:
    async def receive() -> Message:
        await asyncio.sleep(30)
        return {"type": "http.disconnect"}

    async def work() -> None:
        await asyncio.sleep(30)

    task = asyncio.ensure_future(until_client_leaves(receive, work))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_work_that_is_done_is_told_apart_from_work_that_was_cut_off() -> None:
    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def waits() -> Message:
        await asyncio.sleep(30)
        return {"type": "http.disconnect"}

    async def short() -> None:
        await asyncio.sleep(0)

    async def long() -> None:
        await asyncio.sleep(30)

    assert await until_client_leaves(waits, short) is True
    assert await until_client_leaves(gone, long) is False
