"""Embeddings, by the platform's own service or a remote endpoint."""

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from services.inference.dependencies import parts_of
from services.inference.domain.calls import Operation, read_call
from services.shared.kit.asgi import ClientGoneError, parse_json_object, read_body


class Embed:
    """A plain ASGI endpoint, as vectors are large."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts = parts_of(scope)
        try:
            body = await read_body(receive, max_bytes=parts.max_body_bytes)
        except ClientGoneError:
            return
        call = read_call(Operation.EMBEDDINGS, parse_json_object(body))
        await parts.embeddings.answer(call, body, receive=receive, send=send)


ROUTES = [Route(Operation.EMBEDDINGS.path, Embed(), methods=["POST"], name=Operation.EMBEDDINGS.label)]
