"""Embeddings, passed to the embedding server and back."""

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from services.inference.dependencies import parts_of
from services.inference.domain.calls import Operation, read_call
from services.shared.kit.asgi import ClientGoneError, parse_json_object, read_body
from services.shared.kit.relay import relay


class Embed:
    """A plain ASGI endpoint, as vectors are large."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts = parts_of(scope)
        try:
            body = await read_body(receive, max_bytes=parts.max_body_bytes)
        except ClientGoneError:
            return
        call = read_call(Operation.EMBEDDINGS, parse_json_object(body))
        await parts.embedding_models.require(call.model)
        await relay(
            receive,
            send,
            client=parts.embedding_client,
            method="POST",
            path=Operation.EMBEDDINGS.path,
            body=body,
        )


ROUTES = [Route(Operation.EMBEDDINGS.path, Embed(), methods=["POST"], name=Operation.EMBEDDINGS.label)]
