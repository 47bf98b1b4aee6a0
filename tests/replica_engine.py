"""A replica that speaks vLLM's dialect and fails on demand: a real HTTP server with a made-up language.

Token 1000 + n is the word `w<n> `, n counting the words of the answer so far: whoever goes on with an answer writes its
next word, so a token that is repeated or lost shows in the text.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

import orjson
from aiohttp import web

MODEL = "words"
WINDOW = 4096
_PROMPT = [7, 8, 9]
_FIRST = 1000

Fault = Literal["none", "refuse", "busy", "fail", "silent", "cut", "close", "hang", "dead core", "garbage", "flood"]


@dataclass
class ReplicaEngine:
    """What it does to requests, and what it saw of them."""

    port: int
    fault: Fault = "none"
    after: int = 0
    """Words before a streamed answer fails."""
    pace_s: float = 0.0
    once_with: "ReplicaEngine | None" = field(default=None, repr=False)
    """The fault happens to one request alone, here or there."""
    frozen: bool = False
    """Nothing is answered, not even the list of models."""
    models: list[str] = field(default_factory=lambda: [MODEL])
    requests: list[tuple[str, dict[str, object]]] = field(default_factory=list[tuple[str, dict[str, object]]])
    running: int = 0
    most_at_once: int = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    async def list_models(self, _: web.Request) -> web.Response:
        """As vLLM lists them."""
        if self.frozen:
            await asyncio.Event().wait()
        return web.json_response(
            {"data": [{"id": name, "created": 1, "owned_by": "vllm", "max_model_len": WINDOW} for name in self.models]}
        )

    async def load_adapter(self, request: web.Request) -> web.Response:
        """Serve one more name."""
        self.models.append((await request.json())["lora_name"])
        return web.Response(text="loaded")

    async def tokenize(self, _: web.Request) -> web.Response:
        """Every prompt has three tokens."""
        return web.json_response({"count": len(_PROMPT), "max_model_len": WINDOW, "tokens": _PROMPT})

    async def generate(self, request: web.Request) -> web.StreamResponse:
        """Answer, or fail as told."""
        body: dict[str, object] = await request.json()
        self.requests.append((request.path, body))
        fault = self.fault
        if self.once_with is not None:
            self.fault = self.once_with.fault = "none"
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            if body["model"] not in self.models:
                return _error(404, f"The model `{body['model']}` does not exist.")
            return await self._answer(request, body, fault)
        finally:
            self.running -= 1

    async def _answer(self, request: web.Request, body: dict[str, object], fault: Fault) -> web.StreamResponse:
        match fault:
            case "refuse":
                return _error(400, "max_tokens must be at least 1, got -3.", param="max_tokens")
            case "busy":
                return _error(429, "Too many requests.")
            case "fail":
                return _error(500, "boom")
            case "silent":
                await asyncio.Event().wait()
            case "garbage" if not body.get("stream"):
                return web.Response(text="<h1>It works!</h1>")
            case _:
                pass
        if not body.get("stream"):
            await asyncio.sleep(self.pace_s)
            return web.json_response(_whole(body))
        return await self._stream(request, body, fault)

    async def _stream(self, request: web.Request, body: dict[str, object], fault: Fault) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        for number, event in enumerate(_events(body)):
            if fault not in {"none", "refuse"} and number == self.after:
                await self._break(request, response, fault)
                return response
            await response.write(b"data: " + event + b"\n\n")
            await asyncio.sleep(self.pace_s)
        await response.write(b"data: [DONE]\n\n")
        return response

    async def _break(self, request: web.Request, response: web.StreamResponse, fault: Fault) -> None:
        match fault:
            case "cut":
                await response.write(b'data: {"id":"x","choices":[{"index":0,"del')  # in the middle of an event
                await asyncio.sleep(0.02)
                if request.transport is not None:
                    request.transport.abort()
            case "hang":
                await asyncio.Event().wait()
            case "dead core":
                await response.write(b'data: {"error":{"message":"EngineCore encountered an issue.","code":500}}\n\n')
                await response.write(b"data: [DONE]\n\n")
            case "garbage":
                await response.write(b"event: \xff\xfe\r\nd\x00ta: }{\n\n")
            case "flood":
                with suppress(ConnectionError):
                    for _ in range(64):
                        await response.write(b"x" * 1024 * 1024)
            case _:
                pass  # close: the stream ends without its last events


@asynccontextmanager
async def running_replica(engine: ReplicaEngine) -> AsyncGenerator[ReplicaEngine]:
    """The server while the block runs."""
    app = web.Application(client_max_size=32 * 1024 * 1024)
    app.add_routes(
        [
            web.get("/v1/models", engine.list_models),
            web.post("/v1/load_lora_adapter", engine.load_adapter),
            web.post("/tokenize", engine.tokenize),
            web.post("/v1/chat/completions", engine.generate),
            web.post("/v1/completions", engine.generate),
        ]
    )
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", engine.port).start()
    try:
        yield engine
    finally:
        await runner.cleanup()


def words(count: int, *, start: int = 0) -> str:
    """The text of an answer of so many words."""
    return "".join(f"w{number} " for number in range(start, start + count))


def _start(body: Mapping[str, object]) -> tuple[list[int], int]:
    prompt = body.get("prompt")
    ids = [int(token) for token in prompt] if isinstance(prompt, list) else _PROMPT
    return ids, sum(token >= _FIRST for token in ids)


def _usage(prompt: int, written: int) -> dict[str, object]:
    return {"prompt_tokens": prompt, "total_tokens": prompt + written, "completion_tokens": written}


def _whole(body: Mapping[str, object]) -> dict[str, object]:
    prompt, start = _start(body)
    count = int(str(body.get("max_tokens") or 8))
    message = {"role": "assistant", "content": words(count, start=start)}
    return {
        "id": "whole",
        "model": body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": "length"}],
        "usage": {**_usage(len(prompt), count), "prompt_tokens_details": {"cached_tokens": 2}},
    }


def _events(body: Mapping[str, object]) -> list[bytes]:
    is_chat = "messages" in body
    prompt, start = _start(body)
    count = int(str(body.get("max_tokens") or 8))
    options = body.get("stream_options")
    asks_usage = isinstance(options, dict) and options.get("include_usage")
    in_each = asks_usage and isinstance(options, dict) and options.get("continuous_usage_stats")
    head: dict[str, object] = {
        "id": f"of-{start}",
        "object": "chat.completion.chunk" if is_chat else "text_completion",
        "created": 1,
        "model": body["model"],
    }
    events = list[dict[str, object]]()
    if is_chat:
        first: dict[str, object] = {**head, "choices": [_choice({"delta": {"role": "assistant", "content": ""}}, None)]}
        if in_each:
            first["usage"] = _usage(len(prompt), 0)
        if body.get("return_token_ids"):
            first |= {"prompt_token_ids": prompt, "prompt_text": None}
        events.append(first)
    for number in range(count):
        text = f"w{start + number} "
        choice = _choice(
            {"delta": {"content": text}} if is_chat else {"text": text}, "length" if number == count - 1 else None
        )
        if body.get("return_token_ids"):
            if not is_chat:
                choice["prompt_token_ids"] = prompt if number == 0 else None
            choice["token_ids"] = [_FIRST + start + number]
        event: dict[str, object] = {**head, "choices": [choice]}
        if in_each:
            event["usage"] = {**_usage(len(prompt), number + 1), "completion_tokens_details": None}
        events.append(event)
    if asks_usage:
        usage = {**_usage(len(prompt), count), "prompt_tokens_details": {"cached_tokens": 2}}
        events.append({**head, "choices": [], "usage": usage})
    return [orjson.dumps(event) for event in events]


def _choice(part: dict[str, object], reason: str | None) -> dict[str, object]:
    return {"index": 0, **part, "logprobs": None, "finish_reason": reason}


def _error(status: int, message: str, *, param: str | None = None) -> web.Response:
    return web.json_response(
        {"error": {"message": message, "type": "Error", "code": status, "param": param}}, status=status
    )
