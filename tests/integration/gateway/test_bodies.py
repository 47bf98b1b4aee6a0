"""Bodies on their way through: streamed both ways, and within their limits."""

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator

import aiohttp
import pytest

from tests.integration.gateway.conftest import MAX_BODY_BYTES, MAX_UPLOAD_BYTES, Platform, inner_counts
from tests.integration.gateway.polling import eventually
from tests.integration.gateway.test_keys import error_of

_QUESTION = {"model": "rag/docs", "messages": [{"role": "user", "content": "What is it?"}]}


async def pieces(total: int, *, size: int = 64 * 1024) -> AsyncGenerator[bytes]:
    """A body of unknown length, so that only counting finds it too large."""
    for start in range(0, total, size):
        yield b"x" * min(size, total - start)


async def test_an_upload_passes_unchanged(door: aiohttp.ClientSession) -> None:
    content = bytes(range(256)) * 4096
    async with door.post(
        "/v1/files", data=content, headers={"content-type": "multipart/form-data; boundary=b"}
    ) as reply:
        seen = await reply.json()
    assert seen["body_bytes"] == len(content)
    assert seen["body_sha256"] == hashlib.sha256(content).hexdigest()
    assert seen["headers"]["content-type"] == "multipart/form-data; boundary=b"
    assert seen["headers"]["content-length"] == str(len(content))


async def test_an_upload_of_unknown_length_passes_unchanged(door: aiohttp.ClientSession) -> None:
    async with door.post("/v1/files", data=pieces(1_000_000)) as response:
        seen = await response.json()
    assert seen["body_bytes"] == 1_000_000
    assert "content-length" not in seen["headers"]


async def test_an_upload_declared_too_large_is_refused_before_it_is_sent(
    door: aiohttp.ClientSession, platform: Platform
) -> None:
    before = await inner_counts(platform)
    async with door.post("/v1/files", data=b"x" * (MAX_UPLOAD_BYTES + 1)) as response:
        assert response.status == 413
        error = error_of(await response.json())
    assert error["code"] == "payload_too_large"
    assert "3,000,000 bytes" in error["message"]
    assert (await inner_counts(platform))["calls"] == before["calls"]


async def test_an_upload_that_grows_too_large_is_refused_and_not_kept(
    door: aiohttp.ClientSession, platform: Platform
) -> None:
    before = await inner_counts(platform)
    async with door.post("/v1/files", data=pieces(MAX_UPLOAD_BYTES + 200_000)) as response:
        assert response.status == 413
        assert error_of(await response.json())["code"] == "payload_too_large"

    async def broken() -> bool:
        return (await inner_counts(platform))["broken_uploads"] == before["broken_uploads"] + 1

    await eventually(broken, what="the inner service to see its upload end early")


async def test_a_service_may_refuse_an_upload_before_it_is_complete(door: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(30):
        async with door.post("/v1/files?refuse=413", data=pieces(MAX_UPLOAD_BYTES - 1)) as response:
            assert response.status == 413
            assert (await response.json())["error"]["code"] == "inner_refusal"


async def test_a_client_that_leaves_in_mid_upload_ends_the_inner_request(platform: Platform) -> None:
    before = await inner_counts(platform)
    _, writer = await connect(platform)
    writer.write(head(platform, "POST", "/v1/files", "content-length: 1000000"))
    writer.write(b"x" * 200_000)
    await writer.drain()
    writer.close()

    async def broken() -> bool:
        return (await inner_counts(platform))["broken_uploads"] == before["broken_uploads"] + 1

    await eventually(broken, what="the inner service to see its upload end early")


@pytest.mark.parametrize("path", ["/v1/files", "/v1/chat/completions"])
async def test_a_body_that_stops_coming_is_given_up(platform: Platform, path: str) -> None:
    reader, writer = await connect(platform)
    writer.write(head(platform, "POST", path, "content-length: 1000") + b'{"model":')
    await writer.drain()
    status, body = await answer(reader)
    writer.close()
    assert status == 408
    assert b"request_timeout" in body


async def test_a_body_declared_too_large_is_refused(door: aiohttp.ClientSession) -> None:
    async with door.post("/v1/chat/completions", data=b"x" * (MAX_BODY_BYTES + 1)) as response:
        assert response.status == 413
        assert "100,000 bytes" in error_of(await response.json())["message"]


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/api/keys"])
async def test_a_body_of_unknown_length_is_refused_when_it_grows_too_large(
    door: aiohttp.ClientSession, path: str
) -> None:
    async with door.post(
        path, data=pieces(MAX_BODY_BYTES + 1), headers={"content-type": "application/json"}
    ) as response:
        assert response.status == 413
        assert error_of(await response.json())["code"] == "payload_too_large"


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/chat/completions"), ("GET", "/api/jobs/job-1/events")])
async def test_events_arrive_as_they_are_sent(door: aiohttp.ClientSession, method: str, path: str) -> None:
    question = _QUESTION if method == "POST" else None
    async with door.request(method, f"{path}?stream=4&gap=0.3", json=question) as response:
        assert response.headers["content-type"] == "text/event-stream"
        arrivals = [time.monotonic() async for line in response.content if line.startswith(b"data: {")]
    assert len(arrivals) == 4
    assert arrivals[-1] - arrivals[0] > 0.5  # held back, they would arrive together


async def test_a_client_that_leaves_in_mid_stream_ends_the_inner_request(
    door: aiohttp.ClientSession, platform: Platform
) -> None:
    before = await inner_counts(platform)
    async with door.post("/v1/chat/completions?stream=10000&gap=0.02", json=_QUESTION) as response:
        await response.content.readline()
        response.close()

    async def closed() -> bool:
        counts = await inner_counts(platform)
        return counts["closed_early"] == before["closed_early"] + 1 and counts["open_streams"] == 0

    await eventually(closed, what="the inner stream to be closed")


async def test_a_stream_that_breaks_ends_with_an_error_event(door: aiohttp.ClientSession) -> None:
    async with door.post("/v1/chat/completions?break=text/event-stream", json=_QUESTION) as response:
        assert response.status == 200
        text = await response.text()
    assert text.startswith("x")
    assert '"code":"stream_interrupted"' in text
    assert text.endswith("\n\n")


async def test_a_download_that_breaks_is_never_mistaken_for_whole(door: aiohttp.ClientSession) -> None:
    async with door.get("/v1/files/file-1/content?break=application/pdf") as response:
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()


async def test_a_service_that_refuses_the_gateways_own_token_is_not_the_users_fault(
    door: aiohttp.ClientSession,
) -> None:
    async with door.get("/v1/models?refuse=401") as response:
        assert response.status == 502
        assert error_of(await response.json())["code"] == "upstream_error"


async def test_an_error_of_a_service_passes_as_it_is(door: aiohttp.ClientSession) -> None:
    async with door.post("/v1/chat/completions?refuse=404", json=_QUESTION) as response:
        assert response.status == 404
        assert await response.json() == {"error": {"message": "refused", "code": "inner_refusal"}}


async def connect(platform: Platform) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, _, port = platform.url.removeprefix("http://").partition(":")
    return await asyncio.open_connection(host, int(port))


def head(platform: Platform, method: str, path: str, *headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "host: localhost", f"authorization: Bearer {platform.key}", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Status and body of the next answer."""
    async with asyncio.timeout(30):
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
        )
        return int(head.split()[1]), await reader.readexactly(length)
