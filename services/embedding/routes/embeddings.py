"""Texts in, vectors out."""

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from services.embedding.dependencies import parts_of
from services.embedding.domain.answers import embedding_list
from services.embedding.domain.requests import read_call
from services.embedding.routes.leaving import unless_gone
from services.shared.kit.asgi import parse_json_object, read_body, send_json


class Embed:
    """A plain ASGI endpoint: it watches the connection, and drops the work of a client that left."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts = parts_of(scope)
        body = await read_body(receive, max_bytes=parts.max_body_bytes)
        call = read_call(parse_json_object(body), max_inputs=parts.max_inputs)
        result = await unless_gone(receive, parts.model.embed(call))
        answer = embedding_list(result.vectors, model=call.model, tokens=result.tokens, encoding=call.encoding)
        await send_json(send, 200, answer)


ROUTES = [Route("/v1/embeddings", Embed(), methods=["POST"], name="embeddings")]
