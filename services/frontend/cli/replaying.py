"""A logged request asked again: what is sent, and how the two answers differ."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher

from services.frontend.cli.gateway import Gateway, GatewayError
from services.shared.contracts.records import Record
from services.shared.contracts.requests import LoggedRequest

_PATHS = {"chat": "/v1/chat/completions", "text_completion": "/v1/completions"}
_NOT_SENT = frozenset({"stream", "stream_options", "store", "ragworks", "model"})
_UNRECORDED = {"ragworks": {"record": "off"}}
"""A replay leaves nothing behind that would be taken for a user's request."""


@dataclass(frozen=True)
class Request:
    """What is asked again, and what was answered then, where that is known."""

    path: str
    body: Mapping[str, object]
    answer: str | None


@dataclass(frozen=True)
class Answer:
    """What came this time."""

    model: str
    text: str
    tokens: int | None
    finish_reason: str | None
    ms: float
    error: str | None = None


@dataclass(frozen=True)
class Replayed:
    """Then and now. Times: then as the inference service saw it, now as this command does, for the whole answer."""

    id: str
    model_before: str
    model_after: str
    exact: bool | None
    similarity: float | None
    tokens_before: int | None
    tokens_after: int | None
    ms_before: float
    ms_after: float
    finish_reason: str | None
    error: str | None
    answer_before: str | None
    answer_after: str

    def as_json(self) -> dict[str, object]:
        """For a file."""
        return asdict(self)


def request_of(logged: LoggedRequest, record: Record | None) -> Request | None:
    """What to send; None when the words of the request are kept nowhere."""
    path = _PATHS[logged.operation]
    if logged.body is not None:
        body = {name: value for name, value in logged.body.items() if name not in _NOT_SENT}
        first = (logged.outputs or [None])[0]
        said = None if first is None else first.content or json.dumps(first.tool_calls)
        return Request(path, body, said)
    if record is None or record.messages is None:
        return None
    settings = {name: value for name, value in logged.parameters.items() if name not in _NOT_SENT}
    return Request(path, {"messages": record.messages, **settings}, None)


def asked_again(gateway: Gateway, request: Request, *, model: str) -> Answer:
    """The answer of a model, waited for as a whole; a refusal or failure is an answer, too."""
    started = time.perf_counter()
    try:
        raw = gateway.post(request.path, {**request.body, **_UNRECORDED, "model": model})
    except GatewayError as error:
        if error.status == 401:
            raise
        return Answer(model, "", None, None, _ms_since(started), error=error.code or str(error.status))
    ms, value = _ms_since(started), json.loads(raw)
    choice = value["choices"][0]
    message = choice.get("message") or choice
    text = message.get("content") or message.get("text") or json.dumps(message.get("tool_calls") or [])
    return Answer(model, text, (value.get("usage") or {}).get("completion_tokens"), choice.get("finish_reason"), ms)


def compare(logged: LoggedRequest, request: Request, now: Answer) -> Replayed:
    """Both answers side by side; similarity is that of their words in order (Ratcliff, Obershelp 1988)."""
    comparable = request.answer is not None and now.error is None
    before = request.answer or ""
    return Replayed(
        id=logged.id,
        model_before=logged.model,
        model_after=now.model,
        exact=before == now.text if comparable else None,
        similarity=_similarity(before, now.text) if comparable else None,
        tokens_before=logged.usage.completion_tokens if logged.usage else None,
        tokens_after=now.tokens,
        ms_before=logged.timings.e2e_ms,
        ms_after=round(now.ms, 1),
        finish_reason=now.finish_reason,
        error=now.error,
        answer_before=request.answer,
        answer_after=now.text,
    )


def _similarity(one: str, other: str) -> float:
    return round(SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio(), 4)


def _ms_since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
