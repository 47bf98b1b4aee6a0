"""An OpenAI-compatible server that answers what a test tells it to, a few characters at a time."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

MODEL = "scripted"
_PIECE = 5


@dataclass
class ScriptedEngine:
    """What it will say, and what it was asked."""

    says: str = ""
    stops_after: int | None = None
    """Characters after which it says nothing more, and does not end."""
    breaks_after: int | None = None
    """Characters after which it drops the connection."""
    ends: str = "stop"
    """Why it ends."""
    counts_words: bool = False
    """Whether it tells the tokens of a prompt by its words; else every prompt has 40."""
    asked: list[dict[str, object]] = field(default_factory=list[dict[str, object]])

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """The text that it is to say, as a stream."""
        self.asked.append(await request.json())
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        for start in range(0, len(self.says), _PIECE):
            if self.stops_after is not None and start >= self.stops_after:
                await asyncio.Event().wait()
            if self.breaks_after is not None and start >= self.breaks_after:
                raise ConnectionResetError("as told")
            delta = {"content": self.says[start : start + _PIECE]}
            await _event(response, {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
        await _event(response, {"choices": [{"index": 0, "delta": {}, "finish_reason": self.ends}]})
        await _event(response, {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 5}})
        await response.write(b"data: [DONE]\n\n")
        return response

    async def models(self, _: web.Request) -> web.Response:
        """One model."""
        model = {"id": MODEL, "created": 1, "owned_by": "tests", "max_model_len": 4096}
        return web.json_response({"object": "list", "data": [model]})

    async def tokenize(self, request: web.Request) -> web.Response:
        """Some number of tokens."""
        messages = (await request.json())["messages"]
        words = sum(len(message["content"].split()) for message in messages)
        return web.json_response({"count": words if self.counts_words else 40, "max_model_len": 4096, "tokens": []})


@asynccontextmanager
async def running_engine(port: int) -> AsyncGenerator[ScriptedEngine]:
    """The server while the block runs."""
    engine = ScriptedEngine()
    app = web.Application()
    app.add_routes(
        [
            web.get("/v1/models", engine.models),
            web.post("/tokenize", engine.tokenize),
            web.post("/v1/chat/completions", engine.chat),
        ]
    )
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield engine
    finally:
        await runner.cleanup()


async def _event(response: web.StreamResponse, event: object) -> None:
    await response.write(b"data: " + json.dumps(event).encode() + b"\n\n")
