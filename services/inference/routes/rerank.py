"""Reranking, by the platform's own service or a remote endpoint."""

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from services.inference.dependencies import parts_of
from services.inference.domain.calls import Operation
from services.shared.kit.asgi import ClientGoneError, read_body


class Rerank:
    """A plain ASGI endpoint: the body travels on as it came."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts = parts_of(scope)
        try:
            body = await read_body(receive, max_bytes=parts.max_body_bytes)
        except ClientGoneError:
            return
        await parts.rerankings.answer(body, receive=receive, send=send)


ROUTES = [Route(Operation.RERANK.path, Rerank(), methods=["POST"], name=Operation.RERANK.label)]
