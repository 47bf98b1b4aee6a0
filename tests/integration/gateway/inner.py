"""A small real ASGI server in the place of the inner services: it checks signed tokens as they do, says what
reached it, and streams, refuses or breaks off as a request's query asks.

`python -m tests.integration.gateway.inner PORT KEY`
"""

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator
from urllib.parse import parse_qs

import orjson
import uvicorn
from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from services.shared.kit.auth import TOKEN_HEADER, Caller, ServiceVerifier
from services.shared.kit.errors import AuthenticationError

SERVICES = ("orchestrator", "inference", "retrieval", "corpus", "connectors")
_HALF = 1000


class Inner:
    """All four services in one; the audience of the token says which was meant."""

    def __init__(self, key: str) -> None:
        self._verifiers = {service: ServiceVerifier(service, SecretStr(key)) for service in SERVICES}
        self._counts = {"open_streams": 0, "closed_early": 0, "broken_uploads": 0, "calls": 0}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path in {"/readyz", "/health"}:
            await _answer(send, 200, {"status": "ready"})
        elif path == "/state":
            await _answer(send, 200, self._counts)
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._counts["calls"] += 1
        query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
        if "refuse" in query:  # before the body is read, as a service does that knows its limit
            await _answer(send, int(query["refuse"]), {"error": {"message": "refused", "code": "inner_refusal"}})
        elif "break" in query:
            await _break_off(send, query["break"])
        elif "stream" in query:
            await self._stream(receive, send, chunks=int(query["stream"]), gap_s=float(query.get("gap", 0)))
        else:
            await self._describe(scope, receive, send)

    async def _describe(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        size, digest = 0, hashlib.sha256()
        try:
            async for piece in _body(receive):
                size += len(piece)
                digest.update(piece)
        except ConnectionError:
            self._counts["broken_uploads"] += 1
            return
        audience, caller = self._caller(scope, headers)
        seen = {
            "service": audience,
            "caller": caller and caller.service,
            "principal": caller and caller.principal,
            "method": scope["method"],
            "path": scope["path"],
            "query": scope["query_string"].decode(),
            "headers": dict(headers),
            "body_bytes": size,
            "body_sha256": digest.hexdigest(),
        }
        await _answer(send, 200, seen)

    def _caller(self, scope: Scope, headers: Headers) -> tuple[str | None, Caller | None]:
        for service, verifier in self._verifiers.items():
            try:
                token = headers.get(TOKEN_HEADER)
                return service, verifier.verify(token, method=scope["method"], path=scope["path"])
            except AuthenticationError:
                continue
        return None, None

    async def _stream(self, receive: Receive, send: Send, *, chunks: int, gap_s: float) -> None:
        """Events as an engine sends them: one write each."""
        async for _ in _body(receive):
            pass
        leaving = asyncio.ensure_future(_left(receive))
        self._counts["open_streams"] += 1
        await send(_start(200, "text/event-stream"))
        for number in range(chunks):
            if leaving.done():
                self._counts["closed_early"] += 1
                break
            event = b'data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":" %d"}}]}\n\n' % number
            await send({"type": "http.response.body", "body": event, "more_body": True})
            await asyncio.sleep(gap_s)
        else:
            await send({"type": "http.response.body", "body": b"data: [DONE]\n\n", "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        self._counts["open_streams"] -= 1
        leaving.cancel()


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        more = message.get("more_body", False)
        yield message.get("body", b"")


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _break_off(send: Send, media_type: str) -> None:
    """Half of an answer, then the end of the connection."""
    length = [] if media_type == "text/event-stream" else [(b"content-length", b"%d" % (2 * _HALF))]
    await send(_start(200, media_type, length))
    await send({"type": "http.response.body", "body": b"x" * _HALF, "more_body": True})


async def _answer(send: Send, status: int, content: object) -> None:
    body = orjson.dumps(content)
    await send(_start(status, "application/json", [(b"content-length", b"%d" % len(body))]))
    await send({"type": "http.response.body", "body": body})


def _start(status: int, media_type: str, extra: list[tuple[bytes, bytes]] | None = None) -> dict[str, object]:
    headers = [(b"content-type", media_type.encode()), *(extra or [])]
    return {"type": "http.response.start", "status": status, "headers": headers}


if __name__ == "__main__":
    uvicorn.run(Inner(sys.argv[2]), host="127.0.0.1", port=int(sys.argv[1]), log_level="error", loop="uvloop")
