"""Generation: a replica's answer is passed on as it comes, its errors in our words; another takes over where it can.

The hot path. The answer's status is held back until the first piece is here, so a replica that dies before its first
token costs the client nothing: the next one is asked. A stream that breaks later goes on where it broke, or ends with
an error event. When the client leaves, the replica is told at once.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aiohttp
import orjson
from opentelemetry import trace
from starlette.types import Receive, Send

from services.inference.adapters.exchange import Attempt, Exchange
from services.inference.adapters.fleet import Fleet
from services.inference.adapters.metrics import CallMeter
from services.inference.adapters.outgoing import Outgoing
from services.inference.adapters.replica import Lease, Replica
from services.inference.adapters.request_log import RequestLog
from services.inference.domain.affinity import affinity_key
from services.inference.domain.calls import ModelCall
from services.inference.domain.ended_calls import EndedCall
from services.inference.domain.engine_errors import engine_error
from services.inference.domain.event_stream import DONE, END
from services.inference.domain.figures import CallFigures
from services.inference.domain.models import ServiceLevel
from services.inference.domain.resume import Complete, usage_event, written
from services.inference.errors import (
    EngineFailedError,
    EngineTimeoutError,
    EngineUnavailableError,
    ModelNotFoundError,
    OverloadedError,
    engine_unavailable,
    stream_interrupted,
)
from services.shared.contracts.answers import RecordLevel
from services.shared.kit.asgi import ClientGoneError
from services.shared.kit.context import principal, request_id
from services.shared.kit.errors import (
    PlatformError,
    RateLimitedError,
    UnavailableError,
    UpstreamError,
    UpstreamTimeoutError,
)
from services.shared.kit.relay import until_client_leaves
from services.shared.kit.telemetry import tracer

_EVENT_STREAM = "text/event-stream"
_MOST_ATTEMPTS = 3


@dataclass(frozen=True)
class Deadlines:
    """Seconds an answer may take: to its first chunk and between chunks when streamed, else as a whole."""

    first_chunk_s: float
    next_chunk_s: float
    answer_s: float


class Engine:
    """The models that generate, each an OpenAI-compatible server or several."""

    def __init__(self, fleet: Fleet, deadlines: Deadlines, log: RequestLog) -> None:
        self._fleet = fleet
        self._deadlines = deadlines
        self._log = log

    async def answer(
        self,
        call: ModelCall,
        body: Mapping[str, object],
        raw: bytes,
        *,
        level: RecordLevel,
        receive: Receive,
        send: Send,
    ) -> None:
        """Send the call to a replica and its answer to the client; `level` says how much of both may be kept.

        Raises:
            PlatformError: nothing was sent to the client yet; later failures end the stream with an event.
        """
        place = await self._fleet.find(call.model)

        async def work() -> None:
            with tracer.start_as_current_span(
                f"{call.operation.label} {call.model}",
                kind=trace.SpanKind.CLIENT,
                attributes=_attributes(call),
            ):
                await self._generate(
                    Exchange(call, body, raw, place), affinity_key(body), Outgoing(send, CallMeter(call)), level
                )

        await until_client_leaves(receive, work)

    async def _generate(self, exchange: Exchange, key: int, outgoing: Outgoing, level: RecordLevel) -> None:
        error_type = "client_left"
        try:
            await self._serve(exchange, key, outgoing)
            error_type = ""
        except PlatformError as error:
            error_type = error.code
            if not outgoing.has_started:
                raise
            await outgoing.end_with(error)
        finally:
            figures = outgoing.meter.end(error_type)
            if exchange.generates and level is not RecordLevel.OFF:
                self._log.keep(ended_call(exchange, outgoing, figures, level=level, error_code=error_type))

    async def _serve(self, exchange: Exchange, key: int, outgoing: Outgoing) -> None:
        limit_s = self._deadlines.first_chunk_s if exchange.call.streams else self._deadlines.answer_s
        until = asyncio.get_running_loop().time() + limit_s
        try:
            await self._in_turn(exchange, key, outgoing, until)
        except (EngineUnavailableError, EngineFailedError, OverloadedError) as error:
            is_full = isinstance(error, OverloadedError)
            other = self._fleet.instead_of(exchange.place, when_full=is_full)
            if outgoing.has_started or other is None:
                raise
            outgoing.meter.taken_over("overflow" if is_full else "fallback")
            try:
                await self._in_turn(exchange.at(other), key, outgoing, until)
            except PlatformError as second:
                raise (second if outgoing.has_started else error) from second

    async def _in_turn(self, exchange: Exchange, key: int, outgoing: Outgoing, until: float) -> None:
        spec, gate = exchange.place.spec, exchange.place.gate
        level = self._fleet.level(spec, exchange.service_tier)
        if gate is None or not exchange.generates:
            outgoing.meter.admitted(spec, level)
            await self._insist(exchange, key, outgoing, until)
            return
        tenant = principal.get() or ""
        async with gate.place(tenant, level[1] if level else ServiceLevel(), exchange.estimated_tokens):
            outgoing.meter.admitted(spec, level)
            await self._insist(exchange, key, outgoing, until)

    async def _insist(self, exchange: Exchange, key: int, outgoing: Outgoing, until: float) -> None:
        """Ask one replica after the other until one has answered to the end."""
        pool, tried = exchange.place.pool, list[Replica]()
        attempt: Attempt | Complete | None = None
        while True:
            replica = pool.choose(key, without=tried)
            outgoing.replica = replica.url
            try:
                await self._ask(replica, attempt or exchange.first_attempt(replica), outgoing, until)
            except PlatformError as error:
                tried.append(replica)
                attempt = _takeover(exchange, error, tried, has_started=outgoing.has_started)
            else:
                return
            if isinstance(attempt, Complete):
                await _complete(attempt, exchange, outgoing)
                return
            if attempt is not None:
                until = asyncio.get_running_loop().time() + self._deadlines.next_chunk_s
                outgoing.meter.goes_on(attempt.prompt_tokens, attempt.sent_tokens)
            outgoing.meter.taken_over("retried" if attempt is None else "resumed")

    async def _ask(self, replica: Replica, attempt: Attempt, outgoing: Outgoing, until: float) -> None:
        with replica.use() as lease:
            try:
                async with asyncio.timeout_at(until) as deadline:
                    lease.deadline = deadline
                    await self._pass_on(replica, attempt, outgoing, lease)
            except TimeoutError as error:
                if outgoing.is_sending:  # the client does not read; its connection is closed
                    raise ClientGoneError from error
                raise self._silent(replica, has_started=outgoing.has_started) from error
            except PlatformError as error:
                # These very classes are the connection's failures; the engine's own words are subclasses.
                if type(error) not in {UnavailableError, UpstreamError, UpstreamTimeoutError}:
                    raise
                raise (stream_interrupted() if outgoing.has_started else engine_unavailable()) from error

    async def _pass_on(self, replica: Replica, attempt: Attempt, outgoing: Outgoing, lease: Lease) -> None:
        async with replica.client.open("POST", attempt.path, body=attempt.body, any_status=True) as response:
            if response.status != 200:
                raise engine_error(response.status, _json_or_none(await response.read()))
            if response.content_type == _EVENT_STREAM:
                await self._pass_stream(response, attempt, outgoing, lease)
                if not attempt.stream.is_done and replica.is_vllm:
                    raise UpstreamError("The model engine closed the stream before its end.")
                await outgoing.end()
                return
            answer = await response.read()
            if not answer.startswith(b"{"):
                raise EngineFailedError("The model engine answered with something that is not JSON.")
            await outgoing.send_whole(answer)

    async def _pass_stream(
        self, response: aiohttp.ClientResponse, attempt: Attempt, outgoing: Outgoing, lease: Lease
    ) -> None:
        now = asyncio.get_running_loop().time
        stream, deadline, next_chunk_s = attempt.stream, lease.deadline, self._deadlines.next_chunk_s
        renew_at = 0.0
        async for chunk in response.content.iter_any():
            if now() >= renew_at and deadline is not None:  # not at every chunk: it costs a tenth of passing one on
                deadline.reschedule(now() + next_chunk_s)
                renew_at = now() + next_chunk_s / 10
            outgoing.meter.saw_chunk(chunk)
            events = stream.feed(chunk)
            if events:
                if not outgoing.has_started:
                    lease.has_answered()
                await outgoing.send_events(events)
            if stream.error is not None:
                raise engine_error(500, _json_or_none(stream.error))
        if not outgoing.has_started:
            raise UpstreamError("The model engine closed the answer before it began.")

    def _silent(self, replica: Replica, *, has_started: bool) -> PlatformError:
        if replica.answers is False:  # a probe found it gone and ended the wait
            return stream_interrupted() if has_started else engine_unavailable()
        if has_started:
            return EngineTimeoutError(
                f"The answer broke off: the model engine was silent for {self._deadlines.next_chunk_s:g} s."
            )
        return EngineTimeoutError("The model engine gave no answer in time; it may be overloaded, try again later.")


def _takeover(
    exchange: Exchange, error: PlatformError, tried: Sequence[Replica], *, has_started: bool
) -> Attempt | Complete | None:
    """What the next replica is asked, None for the request as it came; raises the error when none shall be asked."""
    following = exchange.next_attempt() if has_started else None
    if isinstance(following, Complete):
        return following
    pool = exchange.place.pool
    nobody_left = len(tried) >= _MOST_ATTEMPTS or all(each in tried or each.draining for each in pool.replicas)
    if nobody_left or (has_started and following is None) or not _is_for_another(error, tried, has_started=has_started):
        raise error
    return following


def _is_for_another(error: PlatformError, tried: Sequence[Replica], *, has_started: bool) -> bool:
    if isinstance(error, EngineFailedError):  # which may be the request's own fault: it is not shown to every replica
        return len(tried) == 1
    if isinstance(error, EngineTimeoutError):
        return has_started
    return isinstance(error, (EngineUnavailableError, RateLimitedError, ModelNotFoundError))


async def _complete(plan: Complete, exchange: Exchange, outgoing: Outgoing) -> None:
    """Send the end that a stream lacks whose last token was delivered."""
    outgoing.meter.goes_on(plan.prompt_tokens, plan.sent_tokens)
    if plan.reason is not None:
        await outgoing.send_events(written(plan.head, "", plan.reason))
    if exchange.wants_usage:
        await outgoing.send_events(usage_event(plan.head, plan.prompt_tokens, plan.sent_tokens))
    await outgoing.send_events(DONE + END)
    await outgoing.end()


def ended_call(
    exchange: Exchange, outgoing: Outgoing, figures: CallFigures, *, level: RecordLevel, error_code: str
) -> EndedCall:
    """What the request log takes of a call."""
    return EndedCall(
        call=exchange.call,
        body=exchange.body,
        sent=outgoing.sent,
        figures=figures,
        level=level,
        error_code=error_code,
        request_id=request_id.get(),
        principal=principal.get(),
        replica=outgoing.replica,
        window=exchange.place.window,
        takeovers=outgoing.meter.takeovers,
    )


def _attributes(call: ModelCall) -> dict[str, str]:
    return {"gen_ai.operation.name": call.operation.label, "gen_ai.request.model": call.model}


def _json_or_none(raw: bytes) -> object:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
