"""An OpenAI-compatible server that fails on demand: what a real engine does rarely.

The first message of a chat names what happens, see `_FAULTS`; anything else is answered at once.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from aiohttp import web

MODEL = "faulty"
_EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"word "}}]}\n\n'


class FaultyEngine:
    """The server's state: who asked, who left."""

    def __init__(self) -> None:
        self.requests = 0
        self.left = asyncio.Event()
        """Set when a client closed its request before the answer was complete."""

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """Answer or fail as the first message says."""
        self.requests += 1
        body = await request.json()
        fault = _FAULTS.get(body["messages"][0]["content"], _answer)
        try:
            return await fault(request)
        except asyncio.CancelledError:
            self.left.set()
            raise

    async def models(self, _: web.Request) -> web.Response:
        """One model."""
        return web.json_response({"data": [{"id": MODEL, "created": 1, "owned_by": "tests", "max_model_len": 64}]})


@asynccontextmanager
async def running_faulty_engine(port: int) -> AsyncGenerator[FaultyEngine]:
    """The server while the block runs."""
    engine = FaultyEngine()
    app = web.Application()
    app.add_routes([web.get("/v1/models", engine.models), web.post("/v1/chat/completions", engine.chat)])
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield engine
    finally:
        await runner.cleanup()


async def _answer(_: web.Request) -> web.StreamResponse:
    usage = {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}
    return web.json_response({"choices": [{"message": {"role": "assistant", "content": "fine"}}], "usage": usage})


async def _silent(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


async def _headers_then_cut(request: web.Request) -> web.StreamResponse:
    await _events(request, count=0)
    return _cut(request)


async def _words_then_cut(request: web.Request) -> web.StreamResponse:
    await _events(request, count=2)
    return _cut(request)


async def _words_then_silence(request: web.Request) -> web.StreamResponse:
    await _events(request, count=2)
    return await _silent(request)


async def _words_then_own_error(request: web.Request) -> web.StreamResponse:
    response = await _events(request, count=2)
    await asyncio.sleep(0.05)  # a chunk of its own
    await response.write(b'data: {"error":{"message":"out of pages","type":"InternalServerError","code":500}}\n\n')
    await response.write(b"data: [DONE]\n\n")
    return response


async def _internal_error(_: web.Request) -> web.StreamResponse:
    return web.json_response({"error": {"message": "boom", "type": "InternalServerError", "code": 500}}, status=500)


async def _dead_core(_: web.Request) -> web.StreamResponse:
    message = "EngineCore encountered an issue. See stack trace (above) for the root cause."
    return web.json_response({"error": {"message": message, "code": 500}}, status=500)


async def _not_json(_: web.Request) -> web.StreamResponse:
    return web.Response(status=500, text="<h1>Internal Server Error</h1>")


async def _events(request: web.Request, *, count: int) -> web.StreamResponse:
    response = web.StreamResponse(headers={"content-type": "text/event-stream; charset=utf-8"})
    await response.prepare(request)
    for _ in range(count):
        await response.write(_EVENT)
    return response


def _cut(request: web.Request) -> web.StreamResponse:
    transport = request.transport
    if transport is not None:
        with suppress(ConnectionError):
            transport.abort()
    raise asyncio.CancelledError


_FAULTS: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {
    "stay silent": _silent,
    "cut after the headers": _headers_then_cut,
    "cut after two words": _words_then_cut,
    "fall silent after two words": _words_then_silence,
    "report an error after two words": _words_then_own_error,
    "answer 500": _internal_error,
    "answer that the core is dead": _dead_core,
    "answer 500 without JSON": _not_json,
}
