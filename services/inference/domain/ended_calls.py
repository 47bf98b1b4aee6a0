"""A call that has ended, and what is kept of it."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import uuid4

import orjson

from services.inference.domain.calls import ModelCall
from services.inference.domain.edge_cases import flags_of
from services.inference.domain.figures import CallFigures
from services.inference.domain.redaction import Redactor, redacted, without_secrets
from services.inference.domain.transcript import read_answer
from services.shared.contracts.answers import RecordLevel
from services.shared.contracts.frozen import Frozen
from services.shared.contracts.requests import LoggedRequest, RequestOutput, RequestTimings, RequestUsage

_DIGEST_CHARS = 16
_NOT_PARAMETERS = frozenset({"model", "stream", "store"})
REDACTOR_ERRORS = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError, OSError)


@dataclass(frozen=True)
class EndedCall:
    """Everything about a call, unread: made on the hot path, looked at elsewhere."""

    call: ModelCall
    body: Mapping[str, object]
    sent: Sequence[bytes]
    figures: CallFigures
    level: RecordLevel
    error_code: str
    request_id: str | None
    principal: str | None
    replica: str | None
    window: int | None
    takeovers: int
    id: str = field(default_factory=lambda: f"req_{uuid4().hex}")


@dataclass(frozen=True)
class KeepingRules:
    """What of a call is kept, where its level allows it."""

    digest_key: bytes
    max_content_bytes: int
    redactor: Redactor | None = None
    """The operator's own, after secrets were taken out."""

    def entry(self, ended: EndedCall) -> LoggedRequest:
        """The call as it is kept."""
        outputs = read_answer(b"".join(ended.sent))
        content = self._content(ended, outputs)
        figures, call = ended.figures, ended.call
        return LoggedRequest(
            id=ended.id,
            request_id=ended.request_id,
            created_at=figures.started_at,
            principal=ended.principal,
            operation=call.operation.label,
            model=call.model,
            served_model=figures.served_model,
            replica=ended.replica,
            streamed=call.streams,
            slo_class=figures.slo_class,
            level=RecordLevel.METADATA if content.body is None else RecordLevel.FULL,
            finish_reason=next((each.finish_reason for each in outputs if each.finish_reason), None),
            error_code=ended.error_code or None,
            flags=flags_of(
                figures, outputs, error_code=ended.error_code, window=ended.window, takeovers=ended.takeovers
            ),
            usage=_usage(figures),
            timings=_timings(figures),
            cost=figures.cost,
            parameters=_parameters(ended.body),
            prompt_digest=self._digest(ended.body),
            body=content.body,
            outputs=content.outputs,
            without=content.without,
        )

    def _content(self, ended: EndedCall, outputs: list[RequestOutput]) -> "_Content":
        if ended.level is not RecordLevel.FULL:
            return _Content()
        written = [each.model_dump() for each in outputs]
        if len(orjson.dumps(ended.body)) + len(orjson.dumps(written)) > self.max_content_bytes:
            return _Content(without="too_large")
        try:
            clean = self._redacted({"body": dict(ended.body), "outputs": written})
        except REDACTOR_ERRORS:  # a redactor that fails keeps its text from being kept
            return _Content(without="redactor")
        return _Content.model_validate(clean)

    def _redacted(self, value: object) -> object:
        clean = redacted(value, without_secrets)
        return redacted(clean, self.redactor) if self.redactor else clean

    def _digest(self, body: Mapping[str, object]) -> str | None:
        prompt = body.get("messages") or body.get("prompt")
        if prompt is None:
            return None
        return hmac.new(self.digest_key, orjson.dumps(prompt), sha256).hexdigest()[:_DIGEST_CHARS]


class _Content(Frozen):
    body: dict[str, object] | None = None
    outputs: list[RequestOutput] | None = None
    without: str | None = None


def _parameters(body: Mapping[str, object]) -> dict[str, object]:
    """What no words can be in."""
    numbers = {name: value for name, value in body.items() if isinstance(value, (int, float)) or value is None}
    return {name: value for name, value in numbers.items() if name not in _NOT_PARAMETERS}


def _usage(figures: CallFigures) -> RequestUsage | None:
    usage = figures.usage
    if usage is None:
        return None
    return RequestUsage(prompt_tokens=usage.input, cached_tokens=usage.cached, completion_tokens=usage.output)


def _timings(figures: CallFigures) -> RequestTimings:
    return RequestTimings(
        queue_ms=_ms(figures.queue_s),
        ttft_ms=_ms(figures.ttft_s),
        itl_ms=_ms(figures.itl_s),
        e2e_ms=round(figures.e2e_s * 1000, 3),
    )


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
