"""Generation by the model engine: its answer is passed on as it comes, its errors in our words.

The hot path. A chunk is never parsed; the answer's status is held back until the first chunk is here, so an
engine that dies before its first token is a clean 503. When the client leaves, the engine is told at once.
"""

import asyncio
from dataclasses import dataclass

import aiohttp
import orjson
from opentelemetry import trace
from starlette.types import Receive, Send

from services.inference.adapters.metrics import CallMeter
from services.inference.domain.calls import ModelCall
from services.inference.domain.engine_errors import engine_error
from services.inference.domain.usage import usage_in_answer
from services.inference.errors import EngineTimeoutError, engine_unavailable, stream_interrupted
from services.shared.kit.errors import PlatformError, UnavailableError, UpstreamError
from services.shared.kit.http import ServiceClient
from services.shared.kit.relay import error_event, until_client_leaves
from services.shared.kit.telemetry import tracer

_EVENT_STREAM = "text/event-stream"
_ENGINES_OWN_ERROR = b'data: {"error"'


@dataclass(frozen=True)
class Deadlines:
    """Seconds an answer may take: to its first chunk and between chunks when streamed, else as a whole."""

    first_chunk_s: float
    next_chunk_s: float
    answer_s: float


class Engine:
    """The model engine, an OpenAI-compatible server."""

    def __init__(self, client: ServiceClient, deadlines: Deadlines) -> None:
        self._client = client
        self._deadlines = deadlines

    async def answer(self, call: ModelCall, body: bytes, *, receive: Receive, send: Send) -> None:
        """Send the call to the engine and its answer to the client.

        Raises:
            PlatformError: nothing was sent to the client yet; later failures end the stream with an event.
        """

        async def work() -> None:
            with tracer.start_as_current_span(
                f"{call.operation.label} {call.model}",
                kind=trace.SpanKind.CLIENT,
                attributes=_attributes(call),
            ):
                await self._generate(call, body, _Outgoing(send, CallMeter(call)))

        await until_client_leaves(receive, work)

    async def _generate(self, call: ModelCall, body: bytes, outgoing: "_Outgoing") -> None:
        error_type = "client_left"
        try:
            await self._pass_on(call, body, outgoing)
            error_type = ""
        except PlatformError as error:
            failure = _explain(error, has_started=outgoing.has_started)
            error_type = failure.code
            if not outgoing.has_started:
                raise failure from error
            await outgoing.end_with(failure)
        finally:
            outgoing.meter.end(error_type)

    async def _pass_on(self, call: ModelCall, body: bytes, outgoing: "_Outgoing") -> None:
        limit_s = self._deadlines.first_chunk_s if call.streams else self._deadlines.answer_s
        try:
            async with (
                asyncio.timeout(limit_s) as deadline,
                self._client.open("POST", call.operation.path, body=body, any_status=True) as response,
            ):
                if response.status != 200:
                    raise engine_error(response.status, _json_or_none(await response.read()))
                if response.content_type == _EVENT_STREAM:
                    await self._pass_stream(response, outgoing, deadline)
                else:
                    await outgoing.send_whole(await response.read())
        except TimeoutError as error:
            raise _silent(limit_s, self._deadlines.next_chunk_s, has_started=outgoing.has_started) from error

    async def _pass_stream(
        self, response: aiohttp.ClientResponse, outgoing: "_Outgoing", deadline: asyncio.Timeout
    ) -> None:
        now = asyncio.get_running_loop().time
        next_chunk_s = self._deadlines.next_chunk_s
        renew_at = 0.0
        async for chunk in response.content.iter_any():
            if now() >= renew_at:  # not at every chunk: moving a timer costs a tenth of passing a chunk on
                deadline.reschedule(now() + next_chunk_s)
                renew_at = now() + next_chunk_s / 10
            await outgoing.send_chunk(chunk)
        await outgoing.end()


class _Outgoing:
    """The answer on its way to the client."""

    def __init__(self, send: Send, meter: CallMeter) -> None:
        self._send = send
        self.meter = meter
        self.has_started = False

    async def send_chunk(self, chunk: bytes) -> None:
        self.meter.saw_chunk(chunk)
        if not self.has_started:
            await self._start((b"content-type", b"text/event-stream; charset=utf-8"))
        if chunk.startswith(_ENGINES_OWN_ERROR):
            chunk = _in_our_words(chunk)
        await self._send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def send_whole(self, answer: bytes) -> None:
        self.meter.saw_usage(usage_in_answer(answer))
        await self._start((b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer)))
        await self._send({"type": "http.response.body", "body": answer})

    async def end(self) -> None:
        if not self.has_started:
            raise UpstreamError("The model engine closed the answer before it began.")
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def end_with(self, error: PlatformError) -> None:
        """End a stream that broke with an error event, which OpenAI's clients raise."""
        await self._send({"type": "http.response.body", "body": error_event(error), "more_body": False})

    async def _start(self, *headers: tuple[bytes, bytes]) -> None:
        self.has_started = True
        all_headers = [*headers, (b"cache-control", b"no-cache")]
        await self._send({"type": "http.response.start", "status": 200, "headers": all_headers})


def _explain(error: PlatformError, *, has_started: bool) -> PlatformError:
    # These very classes are the connection's failures; the engine's own words are subclasses.
    if type(error) not in {UnavailableError, UpstreamError}:
        return error
    return stream_interrupted() if has_started else engine_unavailable()


def _silent(limit_s: float, next_chunk_s: float, *, has_started: bool) -> EngineTimeoutError:
    if has_started:
        return EngineTimeoutError(f"The answer broke off: the model engine was silent for {next_chunk_s:g} s.")
    return EngineTimeoutError(
        f"The model engine gave no answer within {limit_s:g} s; it may be overloaded, try again later."
    )


def _in_our_words(chunk: bytes) -> bytes:
    first, separator, rest = chunk.partition(b"\n\n")
    error = engine_error(500, _json_or_none(first.removeprefix(b"data: ")))
    return error_event(error) + rest if separator else chunk


def _attributes(call: ModelCall) -> dict[str, str]:
    return {"gen_ai.operation.name": call.operation.label, "gen_ai.request.model": call.model}


def _json_or_none(raw: bytes) -> object:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
