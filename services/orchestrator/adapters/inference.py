"""The inference service as the answer graph's model."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp
import orjson

from services.orchestrator.domain.ports import Delta, ServedModel
from services.orchestrator.domain.templates import Messages
from services.shared.contracts.answers import RecordLevel
from services.shared.contracts.openai import ModelList, Usage
from services.shared.contracts.requests import RECORD_HEADER
from services.shared.kit.errors import NotFoundError, UnavailableError, UpstreamError, error_from_response
from services.shared.kit.http import ServiceClient

_MODELS_KEPT_S = 30.0
_TEMPLATES_KEPT = 256
_DATA = b"data: "
_DONE = b"[DONE]"
_RECORDED_HERE = {RECORD_HEADER: RecordLevel.METADATA.value}
"""Words of documents are kept in records of answers alone, where deletions find them."""


class InferenceService:
    """Asks for tokens over HTTP."""

    def __init__(self, client: ServiceClient, *, preferred: str | None) -> None:
        self._client = client
        self._preferred = preferred
        self._served: list[ServedModel] = []
        self._asked_at = 0.0
        self._template_tokens: dict[tuple[str, tuple[str, ...]], int] = {}

    async def served(self, name: str | None = None) -> ServedModel:
        """The model of this name, else the preferred, else the first that can chat.

        Raises:
            NotFoundError: no model of this name can chat.
            UnavailableError: the preferred one, or any, is not served yet.
        """
        wanted = name or self._preferred
        if not self._served or time.monotonic() - self._asked_at > _MODELS_KEPT_S:
            self._served = await self._ask()
            self._asked_at = time.monotonic()
        for model in self._served:
            if wanted in (None, model.name):
                return model
        if name is not None and self._served:
            raise NotFoundError(
                f"There is no model '{name}' that can chat; GET /v1/models lists them.",
                code="model_not_found",
                param="model",
            )
        self._served = []  # asked for anew by the next question
        raise UnavailableError(
            f"No model {wanted or 'that can chat'} is served yet; the engine is starting.", code="engine_unavailable"
        )

    async def count_tokens(self, model: str, messages: Messages) -> int:
        """Tokens of a conversation, counted by the engine that will read it."""
        answer = await self._client.post_json("/tokenize", {"model": model, "messages": messages})
        match answer:
            case {"count": int(count)}:
                return count
            case _:
                raise UpstreamError("inference counted no tokens; its engine is of another version.")

    async def most_tokens(self, model: str, messages: Messages) -> int:
        """A number of tokens that the conversation does not exceed.

        A byte-level tokenizer makes at most one token of each byte of UTF-8; what the model's template adds to each
        role is asked for once.
        """
        roles = tuple(message["role"] for message in messages)
        if (model, roles) not in self._template_tokens:
            if len(self._template_tokens) >= _TEMPLATES_KEPT:
                self._template_tokens.clear()
            empty = [{"role": role, "content": ""} for role in roles]
            self._template_tokens[model, roles] = await self.count_tokens(model, empty)
        content_bytes = sum(len(message["content"].encode()) for message in messages)
        return self._template_tokens[model, roles] + content_bytes

    @asynccontextmanager
    async def generate(
        self, model: str, messages: Messages, *, max_tokens: int, sampling: dict[str, object]
    ) -> AsyncGenerator[AsyncGenerator[Delta]]:
        """A running generation; leaving the context closes it, which stops the engine."""
        body = orjson.dumps(
            {
                "model": model,
                "messages": messages,
                "max_tokens": max_tokens,
                "stream": True,
                "stream_options": {"include_usage": True},
                **sampling,
            }
        )
        async with self._client.open("POST", "/v1/chat/completions", body=body, headers=_RECORDED_HERE) as response:
            deltas = _deltas(response)
            try:
                yield deltas
            finally:
                await deltas.aclose()

    async def _ask(self) -> list[ServedModel]:
        models = ModelList.model_validate(await self._client.get_json("/v1/models")).data
        return [ServedModel(each.id, each.max_model_len) for each in models if each.max_model_len is not None]


async def _deltas(response: aiohttp.ClientResponse) -> AsyncGenerator[Delta]:
    async for line in response.content:
        if not line.startswith(_DATA):
            continue
        payload = line[len(_DATA) :].strip()
        if payload == _DONE:
            return
        yield _delta(orjson.loads(payload))
    raise UpstreamError("The answer broke off: inference closed the stream early.", code="stream_interrupted")


def _delta(event: object) -> Delta:
    match event:
        case {"error": _}:
            raise error_from_response(502, event, service="inference")
        case {"choices": [{"delta": dict(delta), **choice}, *_]}:
            content, reason = delta.get("content"), choice.get("finish_reason")
            return Delta(text=content if isinstance(content, str) else "", finish_reason=reason)
        case {"usage": dict(usage)}:
            return Delta(usage=_usage(usage))
        case _:
            return Delta()


def _usage(usage: dict[str, object]) -> Usage:
    counts = {name: value for name in Usage.model_fields if isinstance(value := usage.get(name), int)}
    return Usage.model_validate(counts)
