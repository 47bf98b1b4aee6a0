"""Where rerankings come from: a protocol, and the platform's own embedding service."""

from types import TracebackType
from typing import Protocol, Self

from starlette.types import Receive, Send

from services.inference.domain.calls import Operation
from services.shared.kit.http import ServiceClient
from services.shared.kit.relay import relay


class Rerankings(Protocol):
    """One reranker behind Cohere's and Jina's API. To be opened before use."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

    async def answer(self, body: bytes, *, receive: Receive, send: Send) -> None:
        """Answer one request; raises PlatformError when nothing was sent to the client."""
        ...


class RerankService:
    """The platform's own embedding service, which has the reranker, too; requests pass as they come."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def answer(self, body: bytes, *, receive: Receive, send: Send) -> None:
        """Pass the request on and the answer back."""
        await relay(receive, send, client=self._client, method="POST", path=Operation.RERANK.path, body=body)
