"""One call of a tool, from the policy to the audit log."""

import asyncio
import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex

import orjson

from services.connectors.adapters.approvals import Approvals
from services.connectors.adapters.audit import Audit
from services.connectors.adapters.breakers import REST_S
from services.connectors.adapters.budgets import Budgets
from services.connectors.adapters.held import HeldTool
from services.connectors.adapters.metrics import CALLS, SECONDS
from services.connectors.adapters.results import ResultCache
from services.connectors.adapters.toolbox import Asker, Toolbox
from services.connectors.domain.screening import material_of
from services.connectors.errors import approval_needed, as_platform_error, resting, wrong_approval
from services.shared.components.connectors.failures import ConnectorError
from services.shared.contracts.tools import CallRecord, CallRequest, CallResult, Effect
from services.shared.kit.context import request_id
from services.shared.kit.errors import InvalidRequestError, PlatformError, UpstreamError
from services.shared.kit.telemetry import tracer


@dataclass(frozen=True)
class CallLimits:
    """How much of a result is taken."""

    result_bytes: int
    material_chars: int


@dataclass
class _Call:
    """One under way."""

    id: str
    name: str
    request: CallRequest
    asker: Asker
    arguments_sha256: str
    started: float
    effect: str = "unknown"
    cached: bool = False


class Caller:
    """Makes calls. The caller asked for them; whether they are made is decided here."""

    def __init__(
        self,
        toolbox: Toolbox,
        approvals: Approvals,
        audit: Audit,
        cache: ResultCache,
        limits: CallLimits,
        *,
        budgets: Budgets,
    ) -> None:
        self._toolbox = toolbox
        self._approvals = approvals
        self._audit = audit
        self._cache = cache
        self._limits = limits
        self._budgets = budgets

    async def call(self, name: str, request: CallRequest, asker: Asker) -> CallResult:
        """The result of a call.

        Raises:
            PlatformError: it was refused, or the outside system failed; both are in the audit log.
        """
        digest = hashlib.sha256(orjson.dumps(request.arguments, option=orjson.OPT_SORT_KEYS)).hexdigest()
        call = _Call(f"call_{token_hex(8)}", name, request, asker, digest, time.perf_counter())
        outcome = "failed"
        try:
            with tracer.start_as_current_span("execute_tool"):
                result = await self._made(call)
            outcome = "cached" if call.cached else "ok"
        except PlatformError as error:
            outcome = error.code
            raise
        finally:
            CALLS.labels(name if call.effect != "unknown" else "unknown", outcome).inc()
            await self._audit.note(_record(call, outcome))
        material = material_of(name, result, most_chars=self._limits.material_chars)
        return CallResult(
            id=call.id, tool=name, result=result, material=material, cached=call.cached, ms=_ms(call.started)
        )

    async def _made(self, call: _Call) -> object:
        connector, held = await self._toolbox.find(call.name, call.asker)
        call.effect = held.tool.effect.value
        await self._toolbox.require_approved(connector, held)
        problem = held.arguments.problem(call.request.arguments)
        if problem:
            raise InvalidRequestError(f"arguments: {problem}", code="invalid_arguments", param="arguments")
        if held.tool.effect is not Effect.READ:
            await self._require_approval(call, held)
            return await self._run(call, held)
        key = (held.name, held.tool.digest, call.arguments_sha256, call.asker.principal)
        kept = self._cache.get(key)
        if kept is not None:
            call.cached = True
            return kept[0]
        result = await self._run(call, held)
        self._cache.put(key, result, seconds=held.tool.cache_s)
        return result

    async def _require_approval(self, call: _Call, held: HeldTool) -> None:
        principal = call.asker.principal or ""
        whole = hashlib.sha256(f"{held.name}\n{held.tool.digest}\n{call.arguments_sha256}".encode()).hexdigest()
        given = call.request.approval
        if await self._approvals.use(given, call_sha256=whole, principal=principal):
            await self._audit.note_now(_record(call, "started"))
            return
        if given is None:
            made = await self._approvals.ask(
                held.name,
                held.tool.effect,
                principal=principal,
                arguments=call.request.arguments,
                call_sha256=whole,
            )
            raise approval_needed(held.name, held.tool.effect, made, self._approvals.lasts.total_seconds() / 60)
        raise wrong_approval(given)

    async def _run(self, call: _Call, held: HeldTool) -> object:
        breaker = held.breakers.of(call.request.arguments)
        if not breaker.allows(time.monotonic()):
            raise resting(held.name, REST_S)
        self._budgets.take(call.asker.principal, request_id.get(), cost=held.tool.cost)
        breaker.sent(time.monotonic())
        try:
            async with asyncio.timeout(held.tool.timeout_s):
                with SECONDS.labels(held.name).time():
                    result = await held.tool.run(call.request.arguments)
        except TimeoutError as error:
            breaker.failed(time.monotonic())
            message = f"The tool '{held.name}' did not end within {held.tool.timeout_s:g} s."
            raise as_platform_error(ConnectorError("timeout", message)) from error
        except ConnectorError as error:
            if error.counts:
                breaker.failed(time.monotonic())
            else:
                breaker.answered()
            raise as_platform_error(error) from error
        breaker.answered()
        return self._accepted(held, result)

    def _accepted(self, held: HeldTool, result: object) -> object:
        size = len(orjson.dumps(result))
        if size > self._limits.result_bytes:
            raise UpstreamError(
                f"The result of '{held.name}' has {size:,} bytes; at most {self._limits.result_bytes:,} are taken.",
                code="result_too_large",
            )
        problem = held.result.problem(result) if held.result else None
        if problem:
            raise UpstreamError(
                f"The result of '{held.name}' is not what it declares: {problem}", code="result_invalid"
            )
        return result


def _record(call: _Call, outcome: str) -> CallRecord:
    return CallRecord(
        id=call.id,
        at=datetime.now(UTC),
        request_id=request_id.get(),
        principal=call.asker.principal,
        tool=call.name[:200],
        effect=call.effect,
        arguments_sha256=call.arguments_sha256,
        outcome=outcome[:60],
        ms=_ms(call.started),
    )


def _ms(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)
