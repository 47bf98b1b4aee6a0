"""A remote embedding endpoint behind the API that the platform's own embedding service has."""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from prometheus_client import Counter
from pydantic import ValidationError
from starlette.types import Receive, Send

from services.inference.adapters.embedding_endpoint import EmbeddingEndpoint
from services.inference.adapters.endpoint_wire import Answered
from services.inference.adapters.metrics import CallMeter
from services.inference.domain.calls import ModelCall
from services.inference.domain.usage import TokenUsage
from services.inference.domain.vectors import VectorCheck, as_base64
from services.inference.errors import ModelNotFoundError
from services.shared.contracts.openai import EmbeddingRequest, Model
from services.shared.kit.asgi import parse_json_object, send_json
from services.shared.kit.errors import InvalidRequestError, PlatformError
from services.shared.kit.relay import until_client_leaves

_MOST_TEXTS = 2048
_CHECKED_FOR_S = 15.0
_TOKENS = Counter("ragworks_embedding_endpoint_tokens_total", "Tokens that the remote endpoint counted.", ["model"])
_COST = Counter("ragworks_embedding_endpoint_cost_total", "What those tokens cost at the price that is set.", ["model"])


class RemoteEmbeddings:
    """A remote endpoint under the name the platform gives its model."""

    def __init__(
        self, endpoint: EmbeddingEndpoint, model: str, check: VectorCheck, *, price_per_million: float | None
    ) -> None:
        self._endpoint = endpoint
        self._model = model
        self._check = check
        self._price_per_million = price_per_million or 0.0
        self._checked_at: float | None = None

    async def __aenter__(self) -> Self:
        await self._endpoint.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        await self._endpoint.__aexit__(kind, error, trace)

    async def check(self) -> None:
        """The endpoint is up and takes our key; it is asked again only after a while."""
        if self._checked_at is None or time.monotonic() - self._checked_at > _CHECKED_FOR_S:
            await self._endpoint.check()
            self._checked_at = time.monotonic()

    async def models(self) -> list[Model]:
        """The configured one, without asking."""
        return [Model(id=self._model, created=0, owned_by="embedding endpoint")]

    async def answer(self, call: ModelCall, body: bytes, *, receive: Receive, send: Send) -> None:
        """Embed the texts there, and answer in OpenAI's shape; a client that leaves ends the requests."""
        request = self._read(body)
        texts = [request.input] if isinstance(request.input, str) else request.input

        async def work() -> None:
            answered = await self._metered(call, texts)
            vectors = [self._check.unit(vector) for vector in answered.vectors]
            if request.dimensions not in {None, len(vectors[0])}:
                raise InvalidRequestError(
                    f"dimensions: {self._model} makes vectors of {len(vectors[0])} numbers; leave the field out.",
                    param="dimensions",
                )
            written = [as_base64(v) if request.encoding_format == "base64" else v.tolist() for v in vectors]
            await send_json(send, 200, _listing(written, self._model, answered.tokens))

        await until_client_leaves(receive, work)

    async def _metered(self, call: ModelCall, texts: Sequence[str]) -> Answered:
        meter, error_type = CallMeter(call), "client_left"
        try:
            answered = await self._endpoint.embed(texts)
            error_type = ""
            meter.saw_usage(TokenUsage(input=answered.tokens, output=0))
        except PlatformError as error:
            error_type = error.code
            raise
        finally:
            meter.end(error_type)
        self._count(answered.tokens)
        return answered

    def _count(self, tokens: int) -> None:
        _TOKENS.labels(self._model).inc(tokens)
        _COST.labels(self._model).inc(tokens * self._price_per_million / 1_000_000)

    def _read(self, body: bytes) -> EmbeddingRequest:
        try:
            request = EmbeddingRequest.model_validate(parse_json_object(body))
        except ValidationError as error:
            first = error.errors()[0]
            field = str(first["loc"][0]) if first["loc"] else "input"
            raise InvalidRequestError(f"{field}: {first['msg']}.", param=field) from error
        if request.model != self._model:
            raise ModelNotFoundError(
                f"The model '{request.model}' does not exist or does not do this; available here: {self._model}.",
                param="model",
            )
        _check_texts([request.input] if isinstance(request.input, str) else request.input)
        return request


def _check_texts(texts: Sequence[str]) -> None:
    if not 1 <= len(texts) <= _MOST_TEXTS:
        raise InvalidRequestError(f"input: give 1 to {_MOST_TEXTS:,} texts, not {len(texts):,}.", param="input")
    for position, text in enumerate(texts):
        if not text.strip():
            raise InvalidRequestError(
                f"input[{position}]: the text is empty; leave it out.", param="input", code="empty_input"
            )


def _listing(vectors: Sequence[str | list[float]], model: str, tokens: int) -> dict[str, object]:
    return {
        "object": "list",
        "data": [{"object": "embedding", "index": i, "embedding": vector} for i, vector in enumerate(vectors)],
        "model": model,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }
