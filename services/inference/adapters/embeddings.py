"""Where embeddings come from: a protocol, and the platform's own embedding service."""

from types import TracebackType
from typing import Protocol, Self

from starlette.types import Receive, Send

from services.inference.adapters.model_source import ModelSource
from services.inference.domain.calls import ModelCall
from services.shared.contracts.openai import Model
from services.shared.kit.http import ServiceClient
from services.shared.kit.relay import relay


class Embeddings(Protocol):
    """One embedding model behind OpenAI's API. To be opened before use."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

    async def check(self) -> None:
        """Return when vectors can be had; raises PlatformError when not."""
        ...

    async def models(self) -> list[Model]:
        """The models that can be named; raises PlatformError when they are not known now."""
        ...

    async def answer(self, call: ModelCall, body: bytes, *, receive: Receive, send: Send) -> None:
        """Answer one request; raises PlatformError when nothing was sent to the client."""
        ...


class EmbeddingService:
    """The platform's own embedding service; requests pass as they come."""

    def __init__(self, client: ServiceClient, models: ModelSource) -> None:
        self._client = client
        self._models = models

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def check(self) -> None:
        """Its own readiness."""
        await self._client.check()

    async def models(self) -> list[Model]:
        """The one it serves."""
        return await self._models.models()

    async def answer(self, call: ModelCall, body: bytes, *, receive: Receive, send: Send) -> None:
        """Pass the request on and the answer back."""
        await self._models.require(call.model)
        await relay(receive, send, client=self._client, method="POST", path=call.operation.path, body=body)
